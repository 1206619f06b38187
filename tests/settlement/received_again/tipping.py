"""Books in which ana and kim tip bo, and what was tipped is taken, given back, settled and sent back."""

from typing import Any, NamedTuple
from uuid import UUID, uuid4

from msgspec.structs import replace

from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import PriceGift
from ledger.instants import business_day, date_of, datetime_of
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import SettlePeriod
from settlement.policies.classes import Classify
from settlement.policies.publishing import PublishPolicy
from settlement.returns.plans import PlannedReturn
from settlement.returns.selections import ListedTips, Selection, ViewerTips
from settlement.runs import finish
from tests.moderation.lately import EVENING, head, tip, top_up, viewer
from tests.moderation.takings.court import Court
from tests.settlement.policies.writing import sample_policy
from tests.settlement.returns.playing import ALWAYS, carried_out, planned, summary, tips_of

_STANDARD = """[classes.standard]
hold_days = 7 # 延时到账: days from the one (China) on which it came in until it is free, once settled
tiers = [{ from_coins = 0, share_bps = 5000 }]"""
_STEPPED = """[classes.standard]
hold_days = 60
tiers = [{ from_coins = 0, below_coins = 50, share_bps = 5003 }, { from_coins = 50, share_bps = 5337 }]"""
_FIRST_RUN = 8


class Coins(NamedTuple):
    """What bo has of gifts, what kim is owed, in fen, and what is settled of everybody's coins."""

    gifts: int
    refund: int
    redeemed: int


class Going(NamedTuple):
    """A tip of a plan: its coins, and those of them that are not settled."""

    coins: int
    unsettled: int


class Room:
    """A court where tips are given. Kim, a minor, bought 1,000 coins for 90.00."""

    def __init__(self, database: Database) -> None:
        self.court = Court(database)
        self._runs = 0
        self.court.done(
            viewer("kim"),
            TopUp(*head(), "kim", 1_000, 9_000, "wechat", str(uuid4())),
            PriceGift(*head(), "bean", 1),
            top_up("ana", 100_000),
        )

    def under_a_policy(self) -> None:
        """Bo is of a guild, a tier ends at 50 coins, and what is settled is held for long."""
        policy = sample_policy("v1", datetime_of(EVENING).isoformat(), (_STANDARD, _STEPPED))
        self.court.done(
            PublishPolicy(*head("finance:f1"), policy),
            Register(*head(), "公会", ("guild",)),
            Classify(*head(), "bo", "standard", "公会"),
        )

    def tipped(self, who: str, coins: int, *, day: int = 0, later: int = 0) -> UUID:
        """Beans, so many microseconds after 20:00."""
        given = self.maybe_tipped(who, coins, day=day, later=later)
        assert given is not None, "bo may receive tips"
        return given

    def maybe_tipped(self, who: str, coins: int, *, day: int, later: int) -> UUID | None:
        """The same; None if bo may receive none."""
        given = tip(who, "bo", "bean", coins, day=day)
        at = given.occurred_at + later
        refusal = self.court.refusal(replace(given, occurred_at=at, said_at=at))
        assert refusal is None or refusal.code == "not_permitted"
        return None if refusal else given.id

    def punished(self, coins: int) -> UUID:
        """A penalty that was taken: the oldest gifts, while there is nothing else."""
        [(cases,)] = self.court.rows("SELECT count(*) FROM moderation.cases")
        decision = self.court.penalty(10 * coins, case=self.court.case(f"k{cases}"), day=4)
        assert self.court.execute(decision, day=12)
        return decision

    def overturned(self, decision: UUID, *, stays: int | None = None) -> None:
        """It is given back: all, or all but so many coins."""
        changes: dict[str, Any] = {} if stays is None else {"lowered": ((0, 10 * stays),)}
        verdict = "overturned" if stays is None else "changed"
        self.court.answer(self.court.appeal(decision, day=5), verdict, day=6, **changes)

    def held(self, coins: int) -> UUID:
        """So many gifts are held, the oldest."""
        freeze = Freeze(*head("moderator:mo"), "bo", "gifts", coins, "c", "r")
        self.court.done(freeze)
        return freeze.id

    def free(self, freeze: UUID) -> None:
        """They are held no more."""
        self.court.done(Lift(*head("moderator:mo"), freeze, "c"))

    def forfeited(self, coins: int) -> None:
        """So many gifts are gone for good, the oldest."""
        self.court.done(Forfeit(*head("moderator:mo"), self.held(coins), None, None, "c", "r"))

    def settled(self, *, flat: bool = True) -> None:
        """A run of all that is there: at a flat share, or of one more day, under the policy."""
        if flat:
            self.court.settle(5_000)
            return
        day = date_of(business_day(EVENING) + _FIRST_RUN + self._runs).isoformat()
        self._runs += 1
        run = SettlePeriod(*head("finance:f1", day=31), day)
        self.court.done(run)
        finish(self.court.journal, run.id)

    def planned(self, selection: Selection | None = None) -> UUID:
        """A plan: of all that kim, a minor, tipped if nothing else is said."""
        return planned(self.court.journal, selection or ViewerTips("kim", *ALWAYS), "minor")

    def back(self, *tips: UUID) -> UUID:
        """Tips of kim's go back, all of them if none is named."""
        plan = self.planned(ListedTips("kim", tips) if tips else None)
        carried_out(self.court.journal, plan)
        return plan

    def restored(self, plan: UUID) -> None:
        """What went back stands again."""
        carried_out(self.court.journal, plan, "restore")

    def going(self, plan: UUID) -> list[Going]:
        """The tips of a plan, in the order in which they were given."""
        return [Going(row.coins, row.unsettled_coins) for row in tips_of(self.court.database, plan)]

    def left_out(self, plan: UUID) -> tuple[int, int, int]:
        """How many tips went back before, were taken, are held."""
        found = summary(self.court.database, plan)
        return found.undone_before, found.taken_before, found.held_before

    def coins(self) -> Coins:
        """The balances."""
        balance = self.court.balance
        return Coins(
            balance("gifts"), balance("refunds_payable", "kim"), balance("coins_redeemed", "platform")
        )

    def earned(self, payee: str = "bo") -> int:
        """What a payee has less what is owed, fen."""
        return self.court.balance("earnings", payee) - self.court.balance("debt", payee)

    def rows_of(self, plan: UUID) -> list[PlannedReturn]:
        """The tips of a plan."""
        return tips_of(self.court.database, plan)

    def entry_of(self, tip: UUID) -> int:
        """A tip's entry."""
        [(seq,)] = self.court.rows("SELECT seq FROM ledger.decisions WHERE id = :tip", tip=tip)
        return int(seq)
