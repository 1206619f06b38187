"""A small book in which everything happened at least once: for tests that read, audit or export books."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from api.wiring import desks
from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.instants import MICROSECONDS_PER_DAY, instant_of
from ledger.journal.commands import Command, Outcome
from ledger.journal.expiry import expire
from ledger.journal.journal import Journal
from ledger.journal.reversals import Reverse
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import Reward, Settle
from settlement.policies.classes import Classify
from settlement.policies.publishing import PublishPolicy
from settlement.runs import finish
from tests.busy_earnings import play_earnings
from tests.moderation.cases.busy import play_cases
from tests.moderation.registers.busy import play_registers
from tests.moderation.reports.busy import play_reports
from tests.moderation.rules.busy import play_rules
from tests.moderation.takings.busy import play_takings
from tests.settlement.objections.busy import play_objections
from tests.settlement.payees.busy import REWARDS as PAYEE_REWARDS
from tests.settlement.payees.busy import play_payees
from tests.settlement.payouts.busy import REWARDS, play_payouts
from tests.settlement.policies.writing import sample_policy
from tests.settlement.returns.busy import play_returns
from tests.settlement.treasury.busy import play_treasury

#: 2026-10-30, 20:00 in China: the evenings of the book lie on both sides of a month's end.
EVENING = instant_of(datetime(2026, 10, 30, 12, tzinfo=UTC))
THROUGH = date(2026, 11, 1)

#: Names that are legal for a party and awkward elsewhere: alike but for case, or for what cannot be printed.
ODD_NAMES = ("主播 小红", "Bo", "bo", "b:o", 'q"u\\o', "é", "e\u0301", "-", "ﷺ", "platform", "x" * 200)


class BusyBook(NamedTuple):
    """The journal, and the ids of what happened in it that a test may ask for."""

    journal: Journal
    ids: dict[str, UUID]


def play(database: Database) -> BusyBook:
    """Fill an empty migrated database through the real journal, by every kind of command there is."""
    journal = Journal(database.app, desks())
    ids: dict[str, UUID] = {}

    def head(actor: str, day: int = 0, name: str | None = None) -> tuple[UUID, str, int, int]:
        id = uuid4()
        if name:
            ids[name] = id
        at = EVENING + day * MICROSECONDS_PER_DAY + len(ids)
        return id, actor, at, at

    def decide(*commands: Command) -> Sequence[Outcome]:
        return journal.decide(commands)

    viewers, streamers = ("ana", "ben", "cai"), ("bo", "mei", *ODD_NAMES)
    gateway, viewer, moderator, finance = "gateway:file", "viewer:ana", "moderator:m1", "finance:f1"
    decide(
        *(Register(*head(gateway), party, ("viewer",)) for party in viewers),
        *(Register(*head(gateway), party, ("streamer",)) for party in dict.fromkeys(streamers)),
        Register(*head(gateway), "both", ("viewer", "streamer")),
        Register(*head(gateway), "guild", ("guild",)),
        PriceGift(*head(gateway, name="price"), "rose", 5),
        PriceGift(*head(gateway), "rocket", 1_000),
        PriceGift(*head(gateway), "rose", 6),
        SetLimits(*head(gateway, name="limit"), per_tip=5_000, per_day=9_000, tips_per_month=500),
    )
    decide(
        *(TopUp(*head(gateway), party, 20_000, 190_000, "wechat", f"w-{party}") for party in viewers),
        TopUp(*head(gateway, name="top_up"), "ana", 1_050, 10_500, "alipay", "a-1"),
        TopUp(*head(gateway, name="topped_up_by_both"), "both", 2_000, 19_000, "alipay", "a-2"),
        TopUp(*head(gateway, name="refused_top_up"), "ben", 10, 100, "alipay", "a-1"),
    )
    for day in range(3):
        decide(
            *(Tip(*head(viewer, day), v, s, "room", "rose", 7) for v in viewers for s in streamers),
            Tip(*head("viewer:both", day, "self_tip"), "both", "both", "room", "rose", 2),
            Tip(*head(viewer, day), "ana", "mei", "room", "rocket", 2),
            Tip(*head(viewer, day, "refused_tip"), "ana", "mei", "room", "rocket", 6),
            Tip(*head(viewer, day), "ana", "nobody", "room", "rose", 1),
        )
    # The same day again, after later ones: a late tip.
    decide(Tip(*head("viewer:ben", 0, "late_tip"), "ben", "mei", "room", "rose", 3))
    decide(
        Tip(*head("viewer:cai", name="tip"), "cai", "mei", "room", "rose", 4),
        Tip(*head("viewer:cai", name="reversed_tip"), "cai", "mei", "room", "rocket", 1),
        *(Reward(*head(gateway), s, "evening", 2_000) for s in ("bo", "mei")),
        *(Reward(*head(gateway), party, "paid out", amount) for party, amount in (*REWARDS, *PAYEE_REWARDS)),
        Reward(*head(gateway, name="reward"), "both", "task", 1_001),
    )
    decide(
        Reverse(*head(finance, name="reversal"), ids["reversed_tip"], "by mistake"),
        Reverse(*head(finance), ids["topped_up_by_both"], "refused for lack of funds"),
    )
    long_ago = EVENING - 10 * MICROSECONDS_PER_DAY
    decide(
        Freeze(*head(moderator, name="held"), "ana", "wallet", 30, "c1", "R-1"),
        Freeze(*head(moderator, name="to_forfeit"), "mei", "gifts", 100, "c2", "R-2"),
        Freeze(*head(moderator, name="to_lift"), "bo", "gifts", None, "c3", "R-2"),
        Freeze(*head(moderator, name="frozen"), "é", "gifts", None, "c4", "R-2"),
        Freeze(*head(moderator), "é", "gifts", 5, "c4", "R-2"),
        Freeze(*head(moderator, name="accrued"), "mei", "accruals", 500, "c5", "R-3"),
        Freeze(*head(moderator, name="overdue"), "ben", "wallet", 40, "c6", "R-1", long_ago),
        Freeze(*head(moderator), "ben", "wallet", 10**9, "c6", "R-1"),
    )
    expire(journal)
    decide(
        Forfeit(*head(moderator, name="forfeit"), ids["to_forfeit"], 60, "ZLB", "c2", "R-2"),
        Lift(*head(moderator, name="lift"), ids["to_lift"], "c3"),
        Lift(*head(moderator), ids["to_lift"], "c3"),
        Forfeit(*head(moderator, name="forfeit_of_accruals"), ids["accrued"], None, None, "c5", "R-3"),
    )
    decide(
        PublishPolicy(*head(finance, name="policy"), sample_policy()),
        PublishPolicy(*head(finance), sample_policy()),
        PublishPolicy(*head(finance, name="next_policy"), sample_policy("next", "2199-01-01T00:00:00+08:00")),
    )
    decide(
        Classify(*head(gateway, name="class"), "mei", "new", "guild"),
        Classify(*head(gateway), "mei", "nowhere", None),
        Classify(*head(gateway), "bo", "standard", "no-guild"),
    )
    play_rules(journal, head, ids)
    play_reports(journal, head, ids)
    play_earnings(journal, head, ids)
    for name, through in (("settle", THROUGH), ("settle_again", date(2026, 12, 31))):
        decide(Settle(*head(finance, 1, name), through, 5_003))
        finish(journal, ids[name])
        decide(Tip(*head("viewer:cai", 2), "cai", "mei", "room", "rose", 4))
    play_payees(journal, head, ids)
    play_payouts(journal, head, ids)
    play_treasury(journal, head, ids)
    play_objections(journal, head, ids)
    play_registers(journal, head, ids)
    play_takings(journal, head, ids)
    play_cases(journal, head, ids)
    play_returns(journal, head, ids)
    return BusyBook(journal, ids)
