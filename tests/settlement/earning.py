"""Sessions and accruals as short as a sentence: a journal, and what tests ask of it."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import text

from api.wiring import desks
from ledger.database import Database
from ledger.journal.commands import Command, Outcome
from ledger.journal.journal import Journal
from settlement.accruals.commands import (
    AssignTask,
    Enrol,
    EvaluateActivity,
    EvaluateTask,
    GiveCommission,
    OpenCase,
    PublishActivity,
    ReceiveProceeds,
    RecordCost,
    RecordSale,
    ReturnGoods,
)
from settlement.commands import Settle
from settlement.policies.publishing import PublishPolicy
from settlement.runs import finish
from settlement.sessions.commands import CloseSession, OpenSession, RecordFact
from tests.ledger.asked import EVENING, Head, streamer
from tests.settlement.policies.writing import sample_policy

MINUTE = 60_000_000
HOUR = 60 * MINUTE


def at(minutes: int = 0, *, id: UUID | None = None, actor: str = "gateway:file") -> Head:
    """Who asks, so many minutes after 20:00 (+08:00) of 2026-10-20."""
    moment = EVENING + minutes * MINUTE
    return id or uuid4(), actor, moment, moment


class Minors(NamedTuple):
    """What a streamer's accounts hold, fen."""

    accruals: int
    earnings: int
    debt: int


class House:
    """A journal of the test's own, with one streamer: mei."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.journal = Journal(database.app, desks())
        self.done(streamer("mei"))

    def decided(self, *commands: Command) -> Sequence[Outcome]:
        """One batch."""
        return self.journal.decide(commands)

    def done(self, *commands: Command) -> Sequence[Outcome]:
        """One batch, all of it accepted."""
        outcomes = self.decided(*commands)
        assert [outcome.refusal for outcome in outcomes] == [None] * len(commands)
        return outcomes

    def one_by_one(self, *commands: Command) -> list[Outcome]:
        """The same, a batch each."""
        return [self.decided(command)[0] for command in commands]

    def refusal(self, command: Command) -> str | None:
        """The code of what it is refused with."""
        refusal = self.decided(command)[0].refusal
        return refusal.code if refusal else None

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """What the application sees."""
        with self.database.app.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def minors(self, party: str = "mei") -> Minors:
        """What the books say the party has and owes, fen."""
        found = dict(
            self.rows(
                "SELECT kind, CASE normal_side WHEN 'credit' THEN credits_minor - debits_minor "
                "ELSE debits_minor - credits_minor END FROM ledger.accounts WHERE owner = :party",
                party=party,
            )
        )
        return Minors(found["accruals"], found["earnings"], found["debt"])

    def platform(self, kind: str) -> int:
        """What an account of the platform comes to on its normal side, fen."""
        query = (
            "SELECT CASE normal_side WHEN 'credit' THEN credits_minor - debits_minor "
            "ELSE debits_minor - credits_minor END "
            "FROM ledger.accounts WHERE owner = 'platform' AND kind = :kind"
        )
        return int(self.rows(query, kind=kind)[0][0])

    def settle(self, through: date = date(2026, 10, 31)) -> None:
        """A run at a flat share of one half, to its end."""
        run = Settle(*at(60 * 24, actor="finance:f1"), through, 5_000)
        self.done(run)
        finish(self.journal, run.id)

    def publish(self, *disabled: str) -> None:
        """The sample policy from the first of October on, without some kinds."""
        changed = ((f"{kind} = {{ enabled = true", f"{kind} = {{ enabled = false") for kind in disabled)
        self.done(PublishPolicy(*at(actor="finance:f1"), sample_policy(None, None, *changed)))

    def live(self, on_air: tuple[int, int], *tags: str, **measured: int) -> UUID:
        """A session of mei's between two minutes, measured and closed, in one batch."""
        return self.live_as("mei", on_air, *tags, **measured)

    def live_as(self, streamer: str, on_air: tuple[int, int], *tags: str, **measured: int) -> UUID:
        """The same, of another streamer."""
        opened, closed = on_air
        session = uuid4()
        self.done(
            OpenSession(*at(opened, id=session), streamer, "room", "scope", tags),
            *(RecordFact(*at(closed), session, metric, value) for metric, value in measured.items()),
            CloseSession(*at(closed), session),
        )
        return session

    def measure(self, session: UUID, metric: str, value: int) -> int:
        """A fact, or its correction; the number of its entry."""
        return self.done(RecordFact(*at(1_000), session, metric, value))[0].seq


def task(
    target: int = 600,
    metric: str = "minutes",
    *,
    until: int = 10_000,
    party: str = "mei",
    reward: int = 2_000,
) -> AssignTask:
    """A task from now on: reach the target for 20.00 元."""
    return AssignTask(*at(), party, metric, target, EVENING, EVENING + until * MINUTE, reward, "tasks-1")


def evaluate(task: AssignTask, minutes: int = 10_000) -> EvaluateTask:
    """Is it done?"""
    return EvaluateTask(*at(minutes), task.id)


def activity(
    version: str = "v1", *, award: int = 50_000, interactions: int = 100, face: bool = True
) -> PublishActivity:
    """The gala: from 20:00 to 22:00, face shown, 100 interactions, 500.00 元."""
    window = EVENING, EVENING + 2 * HOUR
    return PublishActivity(*at(-600), "gala", version, *window, "gala", interactions, face, award)


def enrol(party: str = "mei", minutes: int = -300) -> Enrol:
    """Signs up for the gala."""
    return Enrol(*at(minutes), "gala", party)


def judged(party: str = "mei") -> EvaluateActivity:
    """What did the gala come to?"""
    return EvaluateActivity(*at(2_000), "gala", party)


def commission(number: str = "C-1", rate_bps: int = 1_000, party: str = "mei") -> GiveCommission:
    """Tea to sell, for a tenth."""
    return GiveCommission(*at(), number, party, "tea", rate_bps)


def sale(order: str = "O-1", price: int = 10_000, number: str = "C-1", party: str = "mei") -> RecordSale:
    """Tea for 100.00 元."""
    return RecordSale(*at(5), order, number, party, None, price)


def returned(order: str = "O-1", price: int = 10_000) -> ReturnGoods:
    """The tea came back."""
    return ReturnGoods(*at(2_000), order, price)


def case(number: str = "K-1", party: str = "mei") -> OpenCase:
    """Somebody copied mei's stream."""
    return OpenCase(*at(), number, party, "stream of 2026-10-01")


def cost(amount: int, voucher: str | None, number: str = "K-1") -> RecordCost:
    """The lawyer's bill."""
    return RecordCost(*at(10), number, amount, voucher)


def proceeds(amount: int, number: str = "K-1") -> ReceiveProceeds:
    """The court's award came in."""
    return ReceiveProceeds(*at(20), number, amount)
