"""What settlement says no to about policies. Moments are texts, in UTC."""

from ledger.kernel.refusals import Refusal


class PolicyExists(Refusal, frozen=True):
    """A version of that name was published; what is published is never changed. Rule: LIVE-EARN-4."""

    code = "policy_exists"
    version: str

    def __str__(self) -> str:
        return f"policy {self.version!r} was published before; a change is a new version"


class PolicyInThePast(Refusal, frozen=True):
    """It would be in force for what was received already."""

    code = "policy_in_the_past"
    version: str
    effective_at: str
    now: str

    def __str__(self) -> str:
        return f"policy {self.version!r} would be in force from {self.effective_at}, and it is {self.now} now"


class PolicyNotLater(Refusal, frozen=True):
    """A version published before would be in force at the same time, or later."""

    code = "policy_not_later"
    version: str
    effective_at: str
    published_version: str
    published_effective_at: str

    def __str__(self) -> str:
        return (
            f"policy {self.version!r} would be in force from {self.effective_at}, not after "
            f"{self.published_version!r}, which is from {self.published_effective_at}"
        )


class PolicyNoticeTooShort(Refusal, frozen=True):
    """A major change comes sooner than the policy in force promises. Gap G9."""

    code = "policy_notice_too_short"
    version: str
    effective_at: str
    notice_days: int
    earliest_at: str

    def __str__(self) -> str:
        return (
            f"policy {self.version!r} is a major change: with {self.notice_days} days of notice it can be "
            f"in force from {self.earliest_at}, not from {self.effective_at}"
        )


class ClassNotFound(Refusal, frozen=True):
    """No published version of the policy has a class of that name."""

    code = "class_not_found"
    streamer_class: str

    def __str__(self) -> str:
        return f"no published policy has a class {self.streamer_class!r}"


class NoPolicy(Refusal, frozen=True):
    """No settlement policy was ever published: nothing says how to settle or pay."""

    code = "no_policy"

    def __str__(self) -> str:
        return "no settlement policy is published"
