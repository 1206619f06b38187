"""Books with a run to carry out, and what a test asks about them and about the jobs."""

import time
from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlalchemy import Engine, select, text

from api.wiring import desks
from ledger.database import Database
from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from settlement.commands import Reward, Settle
from settlement.runs import unfinished_runs
from settlement.tables import runs
from tests.ledger.asked import head, streamer

PATIENCE_SECONDS = 60


def journal_of(database: Database) -> Journal:
    """The journal of a database."""
    return Journal(database.app, desks())


def settle(through: date = date(2026, 12, 31)) -> Settle:
    """A run at half and half."""
    return Settle(*head("finance:f1"), through, 5_000)


def with_streamers(journal: Journal, count: int) -> None:
    """So many streamers, each with a reward to settle."""
    names = [f"s{number:03}" for number in range(count)]
    commands: list[Command] = [*map(streamer, names)]
    commands += [Reward(*head(), name, "task", 100) for name in names]
    assert all(outcome.refusal is None for outcome in journal.decide(commands))


def accepted(journal: Journal, *settles: Settle) -> list[UUID]:
    """The runs, accepted."""
    assert all(outcome.refusal is None for outcome in journal.decide(settles))
    return [settle.id for settle in settles]


def jobs(engine: Engine) -> list[tuple[str, str]]:
    """The settlement jobs there are: of which run, and how it stands."""
    rows = "SELECT args ->> 'run', status FROM work.procrastinate_jobs WHERE task_name = 'settle' ORDER BY id"
    with engine.connect() as connection:
        return [(run, status) for run, status in connection.execute(text(rows))]


def are_finished(journal: Journal) -> bool:
    """Whether every run is."""
    with journal.engine.connect() as connection:
        return not unfinished_runs(connection)


def done_to(journal: Journal, run: UUID) -> str | None:
    """The last streamer a run has settled."""
    with journal.engine.connect() as connection:
        streamer: str | None = connection.execute(
            select(runs.c.settled_to).where(runs.c.run == run)
        ).scalar_one()
        return streamer


def settled(database: Database) -> list[tuple[str, int, int]]:
    """Every streamer's earnings, and how often each streamer was settled."""
    rows = """
        SELECT a.owner, a.credits_minor - a.debits_minor,
               (SELECT count(*) FROM settlement.statements AS s WHERE s.streamer = a.owner)
        FROM ledger.accounts AS a WHERE a.kind = 'earnings' ORDER BY a.owner
    """
    with database.app.connect() as connection:
        return [(owner, minor, times) for owner, minor, times in connection.execute(text(rows))]


def until(is_so: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until it is so."""
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at, f"not within {seconds} s: {what}"
        time.sleep(0.02)
