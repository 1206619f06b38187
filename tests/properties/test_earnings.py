"""Random histories of what streamers earn and lose: they sum, and come to the same batched or one by one."""

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.audits import all_audits
from ledger.audits.verify import verify
from ledger.database import Database
from ledger.journal.commands import Command
from settlement.accruals.commands import (
    Adjust,
    AssignTask,
    Enrol,
    EvaluateActivity,
    EvaluateTask,
    GiveCommission,
    OpenCase,
    Promote,
    PublishActivity,
    ReceiveProceeds,
    RecordCost,
    RecordSale,
    ReturnGoods,
    WithdrawAward,
)
from settlement.commands import Reward
from settlement.sessions.commands import CloseSession, OpenSession, RecordFact
from tests.ledger.asked import EVENING, streamer
from tests.settlement.earning import HOUR, House, at

#: One step: in whose name and by which ids it is told is up to the world it happens in.
Step = Callable[["World"], Command]


class World:
    """The names and ids of one telling of a history, so that it can be told twice in the same books."""

    def __init__(self) -> None:
        self.party = f"streamer-{uuid4()}"
        self.minute = 0
        self._ids: dict[str, UUID] = {}

    def name(self, what: object) -> str:
        """A number of its own: of an order, a case, an activity."""
        return f"{what} of {self.party}"

    def id(self, what: str) -> UUID:
        """The id of a thing that is told of more than once."""
        return self._ids.setdefault(what, uuid4())

    def now(self, id: UUID | None = None) -> tuple[UUID, str, int, int | None]:
        """Each step a minute later."""
        self.minute += 1
        return at(self.minute, id=id)


_few = st.integers(0, 1)
_fen = st.integers(1, 3_000)
_metric = st.sampled_from(["minutes", "interactions", "viewers"])


@st.composite
def a_step(draw: st.DrawFn) -> Step:
    """Something that happens; the numbers are few, so that steps refer to each other."""
    n, m, fen = draw(_few), draw(_few), draw(_fen)
    metric, yes, value = draw(_metric), draw(st.booleans()), draw(st.integers(0, 20))
    window = EVENING, EVENING + draw(st.integers(1, 3)) * HOUR
    voucher = draw(st.none() | st.integers(0, 5))
    steps: list[Step] = [
        lambda w: OpenSession(*w.now(w.id(f"s{n}")), w.party, "room", "scope", ("gala",) if yes else ()),
        lambda w: CloseSession(*w.now(), w.id(f"s{n}")),
        lambda w: RecordFact(*w.now(), w.id(f"s{n}"), metric, value),
        lambda w: RecordFact(*w.now(), w.id(f"s{n}"), "face_shown", int(yes)),
        lambda w: AssignTask(*w.now(w.id(f"t{n}")), w.party, metric, value + 1, *window, fen, "v"),
        lambda w: EvaluateTask(*w.now(), w.id(f"t{n}")),
        lambda w: PublishActivity(*w.now(), w.name("a"), str(n), *window, "gala", value, yes, fen),
        lambda w: Enrol(*w.now(), w.name("a"), w.party),
        lambda w: EvaluateActivity(*w.now(), w.name("a"), w.party),
        lambda w: WithdrawAward(*w.now(), w.name("a"), w.party, "reason"),
        lambda w: Reward(*w.now(), w.party, "task", fen),
        lambda w: Promote(*w.now(), w.party, w.id(f"s{n}") if yes else None, "P" if value else None, fen),
        lambda w: GiveCommission(*w.now(), w.name(f"c{n}"), w.party, "tea", 1 + fen),
        lambda w: RecordSale(*w.now(), w.name(f"o{m}"), w.name(f"c{n}"), w.party, None, fen),
        lambda w: ReturnGoods(*w.now(), w.name(f"o{m}"), 1 + fen // 4),
        lambda w: OpenCase(*w.now(), w.name(f"k{n}"), w.party, "work"),
        lambda w: RecordCost(*w.now(), w.name(f"k{n}"), fen, None if voucher is None else w.name(voucher)),
        lambda w: ReceiveProceeds(*w.now(), w.name(f"k{n}"), fen),
        lambda w: Adjust(*w.now(), w.party, fen if yes else -fen, "reason"),
    ]
    return draw(st.sampled_from(steps))


#: How every history begins, so that there is something to evaluate, take back, and get wrong.
_BEGINNING: list[Step] = [
    lambda w: PublishActivity(
        *w.now(), w.name("a"), "first", EVENING, EVENING + HOUR, "gala", 10, True, 2_001
    ),
    lambda w: Enrol(*w.now(), w.name("a"), w.party),
    lambda w: AssignTask(
        *w.now(w.id("t0")), w.party, "interactions", 15, EVENING, EVENING + HOUR, 1_003, "v"
    ),
    lambda w: OpenSession(*w.now(w.id("s0")), w.party, "room", "scope", ("gala",)),
    lambda w: RecordFact(*w.now(), w.id("s0"), "interactions", 15),
    lambda w: RecordFact(*w.now(), w.id("s0"), "face_shown", 1),
    lambda w: EvaluateActivity(*w.now(), w.name("a"), w.party),
    lambda w: GiveCommission(*w.now(), w.name("c0"), w.party, "tea", 1_250),
    lambda w: RecordSale(*w.now(), w.name("o0"), w.name("c0"), w.party, None, 2_999),
    lambda w: OpenCase(*w.now(), w.name("k0"), w.party, "work"),
]


@pytest.fixture(scope="module")
def books(server: Database, _migrated: str) -> Iterator[House]:
    """Books that the examples of this module share, each with parties of its own."""
    with server.scratch(copy_of=_migrated) as database:
        yield House(database)


def _net(house: House, party: str) -> int:
    minors = house.minors(party)
    return minors.accruals + minors.earnings - minors.debt


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(a_step(), min_size=5, max_size=45), st.integers(0, 10), st.booleans())
def test_a_history_comes_to_the_same_batched_or_one_by_one(
    books: House, steps: list[Step], cut: int, settles: bool
) -> None:
    told, cut = [], len(_BEGINNING) + cut
    for is_batched in (False, True):
        world = World()
        books.done(streamer(world.party))
        commands = [step(world) for step in (*_BEGINNING, *steps)]
        codes: list[str | None] = []
        for is_second, part in enumerate((commands[:cut], commands[cut:])):
            outcomes = books.decided(*part) if is_batched and part else books.one_by_one(*part)
            codes += [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]
            if settles and not is_second:
                books.settle(date(2026, 10, 31))
        told.append((codes, books.minors(world.party)))
        _sums(books, world.party)
    assert told[0] == told[1]


def _sums(house: House, party: str) -> None:
    """What was earned, less what was taken back or away, is what the party has and owes."""
    (row,) = house.rows(
        "SELECT (SELECT coalesce(sum(amount_minor), 0) FROM settlement.accruals WHERE streamer = :party)"
        " - (SELECT coalesce(sum(amount_minor + earnings_minor + debt_minor), 0)"
        "    FROM settlement.withdrawals WHERE streamer = :party)"
        " - (SELECT coalesce(sum(accruals_minor + earnings_minor + debt_minor), 0)"
        "    FROM settlement.deductions WHERE streamer = :party)",
        party=party,
    )
    assert int(row[0]) == _net(house, party)


def test_and_every_check_of_the_books_holds_afterwards(books: House) -> None:
    mine = ("accrual", "taking", "task", "award", "sale", "proceeds", "sessions", "settlement")
    audits = [audit for audit in all_audits() if audit.name.split("_")[1] in mine or audit.invariant == "I5"]
    assert [str(breach) for breach in verify(books.database.app, audits)] == []
