"""Tips that go back in the busy book: settled and not, a minor's, one too late, and some that stand again."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import text

from ledger.gifts.commands import Tip
from ledger.journal.commands import derived_id
from ledger.journal.journal import Journal
from settlement.returns.selections import ListedTips, StreamerTips
from tests.settlement.returns.playing import ALWAYS, carried_out, planned

Head = Callable[..., tuple[UUID, str, int, int]]

_NUMBER = text("SELECT seq FROM ledger.decisions WHERE id = :id")


def play_returns(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """All that b:o was given goes back, twice; half of a gift of cai's to -; and ﷺ keeps hers after all."""
    journal.decide(
        [
            Tip(*head("viewer:ben", 2, "tip_sent_back"), "ben", "b:o", "room", "rose", 2),
            Tip(*head("viewer:cai", 2, "minors_tip"), "cai", "-", "room", "rose", 3),
            Tip(*head("viewer:ben", 2, "tip_again"), "ben", "ﷺ", "room", "rose", 2),
        ]
    )
    unlawful = [planned(journal, StreamerTips("b:o", *ALWAYS)) for _ in range(2)]
    ids["plan"], ids["late_plan"] = unlawful
    ids["minors_plan"] = planned(journal, ListedTips("cai", (ids["minors_tip"],)), "minor", 5_000)
    ids["plan_restored"] = planned(journal, StreamerTips("ﷺ", *ALWAYS))
    for plan in (*unlawful, ids["minors_plan"], ids["plan_restored"]):
        carried_out(journal, plan)
    carried_out(journal, ids["plan_restored"], "restore")
    with journal.engine.connect() as connection:
        sent_back, again, minors = (
            connection.scalar(_NUMBER, {"id": ids[name]})
            for name in ("tip_sent_back", "tip_again", "minors_tip")
        )
    ids["tip_return"] = derived_id(ids["plan"], f"return:{sent_back}")
    ids["minors_return"] = derived_id(ids["minors_plan"], f"return:{minors}")
    ids["tip_restoration"] = derived_id(ids["plan_restored"], f"restore:{again}")
