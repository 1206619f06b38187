"""Rule books and switches, for the busy book."""

from collections.abc import Callable
from uuid import UUID

from ledger.journal.journal import Journal
from moderation.rules.publishing import PublishRules, SwitchRule
from tests.moderation.rules.writing import rule_book

Head = Callable[..., tuple[UUID, str, int, int]]


def play_rules(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """Two rule books to come, one refused; a rule off and on again, and one that stays off."""
    moderator = "moderator:m1"
    outcomes = journal.decide(
        [
            PublishRules(*head(moderator, 0, "rules"), rule_book("rules-1", "2198-01-01T00:00:00+08:00")),
            PublishRules(*head(moderator), rule_book("rules-1", "2198-06-01T00:00:00+08:00")),
            PublishRules(
                *head(moderator, 0, "next_rules"), rule_book("rules-2", "2199-01-01T00:00:00+08:00")
            ),
            SwitchRule(*head(moderator, 0, "switched_off"), "LIVE-MOD-7/coins", False, "a court said so"),
            SwitchRule(*head(moderator), "LIVE-MOD-7/coins", False, "once more"),
            SwitchRule(
                *head(moderator, 0, "switched_on"), "LIVE-MOD-7/coins", True, "a higher court said so"
            ),
            SwitchRule(*head(moderator), "unfriendly_smoking", False, "not worth it"),
        ]
    )
    refused = [outcome.refusal.code for outcome in outcomes if outcome.refusal]
    assert refused == ["rule_book_exists", "rule_already_switched"]
