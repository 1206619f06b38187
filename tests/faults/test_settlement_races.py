"""Others are at work while a run settles: all is settled once, and nobody is shut out of it.

Every run here is carried out by two processes at once.
"""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import text

from api.audits import all_audits
from api.wiring import desks
from ledger.audits.verify import verify
from ledger.database import Database
from ledger.gifts.commands import Tip
from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from moderation.commands import Freeze, Lift
from settlement.commands import Reward, SettlePeriod
from settlement.policies.publishing import PublishPolicy
from settlement.run_refusals import PeriodOverlaps
from settlement.runs import finish, unfinished_runs
from settlement.statements.gifts import gifts_of_line
from settlement.statements.proving import proofs
from tests.api.playing import balances_in
from tests.faults.posters import PROCESSES, Posters
from tests.faults.settlers import Settlers
from tests.ledger.asked import head, price, streamer, top_up, viewer
from tests.settlement.policies.writing import sample_policy

STREAMERS = [f"s{number:03}" for number in range(120)]
VIEWERS = ["v0", "v1", "v2"]
#: What is settled stays held beyond the end of these tests, so every statement places a hold, too.
_HELD_LONG = ("hold_days = 7 # 延时", "hold_days = 300 # 延时")

Given = dict[UUID, tuple[str, int]]


class Issued(NamedTuple):
    """A statement as it was issued."""

    statement: UUID
    run: UUID
    streamer: str
    entry: int
    coins: int
    accruals_minor: int
    document: dict[str, Any]


@dataclass
class Measure:
    """A freeze of all (None) or some of an account: between which numbers it stood."""

    freeze: UUID
    streamer: str
    account: str
    amount_minor: int | None
    placed: int
    lifted: int | None = None

    def stood_at(self, entry: int) -> bool:
        return self.placed < entry and (self.lifted is None or self.lifted > entry)


class Books:
    """Books in which every streamer has gifts and accruals of October, and what was given to whom."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.journal = Journal(database.app, desks())
        self.tips: Given = {}
        self.rewards: Counter[str] = Counter()
        random = Random(7)
        commands: list[Command] = [
            *map(viewer, VIEWERS),
            *map(streamer, STREAMERS),
            price("rose", 1),
            *(top_up(who, 1_000_000) for who in VIEWERS),
            PublishPolicy(*head("finance:f1"), sample_policy(None, None, _HELD_LONG)),
        ]
        for name in STREAMERS:
            commands += [self.new_tip(random, "v0", name, day) for day in (-9, 0, 3)]
            for _ in range(2):
                amount = random.randint(100, 9_999)
                self.rewards[name] += amount
                commands.append(Reward(*head(), name, "task", amount))
        assert refusals(self.journal, commands) == set()

    def new_tip(self, random: Random, who: str, whom: str, day: int) -> Tip:
        """Roses, remembered as given."""
        tip = Tip(*head(f"viewer:{who}", day=day), who, whom, "room", "rose", random.randint(60, 999))
        self.tips[tip.id] = whom, tip.quantity
        return tip

    def given(self, name: str) -> int:
        """All coins the streamer was given."""
        return sum(coins for whom, coins in self.tips.values() if whom == name)

    def accept(self, period: str) -> UUID:
        """A run for a period."""
        run = SettlePeriod(*head("finance:f1", day=20), period)
        assert refusals(self.journal, [run]) == set()
        return run.id

    def issued(self, run: UUID) -> dict[str, Issued]:
        """A run's statements, by streamer."""
        asked = text(
            "SELECT statement, run, streamer, entry, coins, accruals_minor, document "
            "FROM settlement.statements WHERE run = :run"
        )
        with self.database.app.connect() as connection:
            rows = connection.execute(asked, {"run": run}).all()
        found = {
            row.streamer: Issued(**{**row._mapping, "document": json.loads(row.document)}) for row in rows
        }
        assert len(found) == len(rows), "somebody has two statements of one run"
        return found

    def settled_in(self, *runs: UUID) -> dict[UUID, dict[UUID, int]]:
        """Of each tip, how many coins each of these runs settled, by the gifts behind the lines."""
        found: dict[UUID, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
        with self.database.app.connect() as connection:
            for run in runs:
                for issued in self.issued(run).values():
                    lines = [line for line in issued.document["lines"] if line["kind"] == "gift"]
                    for number in range(len(lines)):
                        for gift in gifts_of_line(connection, issued.statement, number):
                            found[gift.entry][run] += gift.coins
        return found


def refusals(journal: Journal, commands: Sequence[Command]) -> set[str]:
    return {outcome.refusal.code for outcome in journal.decide(commands) if outcome.refusal}


def assert_in_order(books: Books) -> None:
    """Nothing is left half-way, every promise holds, and every statement is made again byte for byte."""
    with books.database.app.connect() as connection:
        assert unfinished_runs(connection) == []
        made_again = list(proofs(connection))
    assert made_again, "there is no statement to make again"
    assert [proof for proof in made_again if not proof.is_same] == []
    assert [str(breach) for breach in verify(books.database.app, all_audits())] == []


def assert_all_settled_once(books: Books, *runs: UUID) -> None:
    """Over these runs, every coin of every tip and every fen of every reward."""
    settled = {tip: sum(parts.values()) for tip, parts in books.settled_in(*runs).items()}
    assert settled == {tip: coins for tip, (_, coins) in books.tips.items()}
    issued = [books.issued(run) for run in runs]
    for name in STREAMERS:
        theirs = [statements[name] for statements in issued if name in statements]
        assert sum(one.coins for one in theirs) == books.given(name), f"coins of {name}"
        assert sum(one.accruals_minor for one in theirs) == books.rewards[name], f"accruals of {name}"


@contextmanager
def others(*ways: Callable[[threading.Event], None]) -> Iterator[None]:
    """Others at work, each in a thread of its own, until the block is left."""
    is_over = threading.Event()
    with ThreadPoolExecutor(len(ways)) as pool:
        working = [pool.submit(way, is_over) for way in ways]
        try:
            yield
        finally:
            is_over.set()
        for one in working:
            one.result()


@pytest.fixture(scope="module")
def settlers() -> Iterator[Settlers]:
    with Settlers() as settlers:
        yield settlers


@pytest.fixture
def books(empty_database: Database) -> Books:
    return Books(empty_database)


class Moderator:
    """Freezes and lifts, with a journal of its own, and remembers what stood when."""

    def __init__(self, database: Database, seed: int) -> None:
        self.measures: list[Measure] = []
        self._journal = Journal(database.app, desks())
        self._random = Random(seed)
        self._actor = f"moderator:m{seed}"

    def freeze(self, name: str, account: str, amount_minor: int | None) -> None:
        command = Freeze(*head(self._actor), name, account, amount_minor, "c", "r")
        (outcome,) = self._journal.decide([command])
        if outcome.refusal is None:
            self.measures.append(Measure(command.id, name, account, amount_minor, outcome.seq))
        else:
            # There is no such amount, or not any more.
            assert outcome.refusal.code == "insufficient_funds"

    def lift(self, measure: Measure) -> None:
        (outcome,) = self._journal.decide([Lift(*head(self._actor), measure.freeze, "c")])
        assert outcome.refusal is None
        measure.lifted = outcome.seq

    def lift_what_stands(self) -> None:
        for measure in self.measures:
            if measure.lifted is None:
                self.lift(measure)

    def is_at_work(self, is_over: threading.Event) -> None:
        """Anything, anywhere, as fast as it goes."""
        while not is_over.is_set():
            standing = [measure for measure in self.measures if measure.lifted is None]
            if standing and self._random.random() < 0.45:
                self.lift(self._random.choice(standing))
            else:
                account = self._random.choice(("gifts", "gifts", "accruals", "earnings"))
                amount = self._random.choice((None, None, 1, 50, 700))
                self.freeze(self._random.choice(STREAMERS), account, amount)


def test_streamers_frozen_and_freed_while_a_run_settles_are_told_so_and_settled_by_the_next(
    books: Books, settlers: Settlers
) -> None:
    stubborn = Moderator(books.database, 0)
    for number in range(0, len(STREAMERS), 10):
        stubborn.freeze(STREAMERS[number], "gifts", None)
        stubborn.freeze(STREAMERS[number + 1], "accruals", None)
        stubborn.freeze(STREAMERS[number + 2], "earnings", None)
        stubborn.freeze(STREAMERS[number + 3], "gifts", 10)
        for account in ("gifts", "accruals", "earnings"):
            stubborn.freeze(STREAMERS[number + 4], account, None)
    moderators = [Moderator(books.database, seed) for seed in (1, 2)]
    first = books.accept("2026-10")
    with others(*(one.is_at_work for one in moderators)), settlers.settling(books.database, first):
        pass
    measures = [measure for moderator in (stubborn, *moderators) for measure in moderator.measures]
    issued = books.issued(first)
    assert set(issued) == set(STREAMERS), "somebody was shut out of the run"
    for one in issued.values():
        assert_says_what_stood(books, one, measures)
    entries = [one.entry for one in issued.values()]
    acts = [number for measure in measures for number in (measure.placed, measure.lifted) if number]
    assert any(min(entries) < act < max(entries) for act in acts), "nobody was frozen meanwhile: no race"
    for moderator in (stubborn, *moderators):
        moderator.lift_what_stands()
    second = books.accept("2026-11-01")
    settlers.settle(books.database, second)
    assert_all_settled_once(books, first, second)
    assert_in_order(books)


def assert_says_what_stood(books: Books, issued: Issued, measures: Sequence[Measure]) -> None:
    """What a statement took, left, and why, by the freezes that stood at its own number."""
    name = issued.streamer
    left = {part["account"]: (part["minor"], part["reason"]) for part in issued.document["not_settled"]}
    there = {"gifts": (books.given(name), issued.coins)}
    there["accruals"] = books.rewards[name], issued.accruals_minor
    for account, (received, taken) in there.items():
        standing = [
            measure.amount_minor
            for measure in measures
            if (measure.streamer, measure.account) == (name, account) and measure.stood_at(issued.entry)
        ]
        if None in standing:
            expected: tuple[int, tuple[int, str] | None] = 0, (received, "frozen")
        else:
            held = sum(amount or 0 for amount in standing)
            expected = received - held, (held, "held") if held else None
        assert (taken, left.get(account)) == expected, f"{account} of {name}, under {standing}"


def test_tips_that_arrive_while_a_run_settles_fall_into_it_or_into_the_next_once(
    books: Books, settlers: Settlers
) -> None:
    numbers: dict[UUID, int] = {}

    def tipping(who: str) -> Callable[[threading.Event], None]:
        journal, random = Journal(books.database.app, desks()), Random(who)

        def tip(is_over: threading.Event) -> None:
            while not is_over.is_set():
                # Within October, often before gifts that are there already.
                given = books.new_tip(random, who, random.choice(STREAMERS), random.randint(-19, 10))
                (outcome,) = journal.decide([given])
                assert outcome.refusal is None
                numbers[given.id] = outcome.seq

        return tip

    first = books.accept("2026-10")
    with others(*map(tipping, VIEWERS)), settlers.settling(books.database, first):
        pass
    second = books.accept("2026-11-01")
    settlers.settle(books.database, second)
    issued = books.issued(first)
    assert set(issued) == set(STREAMERS)
    expected = {
        tip: {first if numbers.get(tip, 0) < issued[whom].entry else second: coins}
        for tip, (whom, coins) in books.tips.items()
    }
    assert books.settled_in(first, second) == expected
    met = Counter(run for tip in numbers for run in expected[tip])
    assert met[first] > 0 < met[second], "no tip met the run: this was no race"
    assert_all_settled_once(books, first, second)
    assert_in_order(books)


def test_one_run_carried_out_by_two_processes_comes_to_what_one_alone_comes_to(
    books: Books, server: Database, settlers: Settlers
) -> None:
    run = books.accept("2026-10")
    books.database.dispose()
    with server.scratch(copy_of=books.database.name) as other:
        finish(Journal(other.app, desks()), run)
        alone = content(other), balances_in(other)
    overtaken = settlers.settle(books.database, run)
    assert any(overtaken), "nobody met anybody"
    together = content(books.database), balances_in(books.database)
    assert together == alone
    assert_all_settled_once(books, run)
    assert_in_order(books)


def content(database: Database) -> list[Any]:
    """Every statement but for when, and as which entry, it was issued."""
    asked = text("""
        SELECT streamer, statement, coins, gift_share_minor, platform_share_minor, accruals_minor, held_minor,
               convert_from(document, 'UTF8')::jsonb - 'entry' - 'issued_at' - 'inputs' AS content
        FROM settlement.statements ORDER BY streamer
    """)
    with database.app.connect() as connection:
        return [tuple(row) for row in connection.execute(asked)]


@pytest.mark.parametrize(
    "periods",
    [("2026-10",) * PROCESSES, ("2026-10", "2026-10-20", "2026-W43", "2026-10", "2026-10-20")],
    ids=["the same period", "overlapping periods"],
)
def test_finance_people_who_start_one_period_at_once_start_one_run(
    books: Books, settlers: Settlers, periods: Sequence[str]
) -> None:
    """The 20th of October is in the 43rd week, and this in October: each overlaps each."""
    asked = [SettlePeriod(*head(f"finance:f{number}"), name) for number, name in enumerate(periods)]
    with Posters() as posters:
        told = posters.post(books.database, [[[run]] for run in asked])
    outcomes = [process.outcomes[0] for process in told]
    (accepted,) = [run for run, outcome in zip(asked, outcomes, strict=True) if outcome.refusal is None]
    for run, outcome in zip(asked, outcomes, strict=True):
        if run is not accepted:
            assert outcome.refusal == PeriodOverlaps(run.period, accepted.period, str(accepted.id))
    counts = text(
        "SELECT (SELECT count(*) FROM settlement.runs), (SELECT count(*) FROM work.procrastinate_jobs)"
    )
    with books.database.owner.connect() as connection:
        assert tuple(connection.execute(counts).one()) == (1, 1), "as many runs and jobs for them"
    settlers.settle(books.database, accepted.id)
    assert set(books.issued(accepted.id)) == set(STREAMERS)
    assert_in_order(books)
