"""What is refused about the rule book. Moments are texts, in UTC."""

from ledger.kernel.refusals import Refusal


class RuleBookExists(Refusal, frozen=True):
    """A version of that name is there; what is published is never changed. Rule: LIVE-RULE-1."""

    code = "rule_book_exists"
    version: str

    def __str__(self) -> str:
        return f"rule book {self.version!r} was published before; a change is a new version"


class RuleBookInThePast(Refusal, frozen=True):
    """It would judge what was done before anybody could read it."""

    code = "rule_book_in_the_past"
    version: str
    effective_at: str
    now: str

    def __str__(self) -> str:
        return (
            f"rule book {self.version!r} would be in force from {self.effective_at}, and it is {self.now} now"
        )


class RuleBookNotLater(Refusal, frozen=True):
    """A version published before would be in force at the same time, or later."""

    code = "rule_book_not_later"
    version: str
    effective_at: str
    published_version: str
    published_effective_at: str

    def __str__(self) -> str:
        return (
            f"rule book {self.version!r} would be in force from {self.effective_at}, not after "
            f"{self.published_version!r}, which is from {self.published_effective_at}"
        )


class RuleNotFound(Refusal, frozen=True):
    """No rule book names that clause, group or item, and no part of the software goes by that name."""

    code = "rule_not_found"
    rule: str

    def __str__(self) -> str:
        return f"no rule {self.rule!r} is in the rule books"


class RuleAlreadySwitched(Refusal, frozen=True):
    """The rule is off, or on, as asked."""

    code = "rule_already_switched"
    rule: str
    state: str

    def __str__(self) -> str:
        return f"rule {self.rule!r} is {self.state} already"


RULES_REFUSALS: tuple[type[Refusal], ...] = (
    RuleBookExists,
    RuleBookInThePast,
    RuleBookNotLater,
    RuleNotFound,
    RuleAlreadySwitched,
)
