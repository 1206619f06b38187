"""The journal: a batch of commands in, one commit, an outcome each.

One call is one transaction, whatever the batch mixes: pages opened, accounts locked, decisions read,
commands planned and posted in order, rows written. A command of one is a batch of one.
"""

from collections.abc import Callable, Iterator, Sequence
from time import sleep
from typing import Any, NamedTuple, TypeVar

import msgspec
import psycopg
from psycopg import errors
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.chart import AccountRef
from ledger.database.errors import DatabaseUnavailable
from ledger.journal.commands import Command, Moved, Outcome, TryAgain, content_hash, may_hear
from ledger.journal.copying import Copying
from ledger.journal.desks import Desk, Page
from ledger.journal.locking import Decided, lock, moved_by, read_holds, read_past_days
from ledger.journal.rows import driver_of
from ledger.journal.writing import DecisionRow, Writing
from ledger.kernel.books import Books
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import IdConflict, Refusal

ATTEMPTS = 8
PAUSE_SECONDS = 0.02
#: After how many commands their acts are handed over, to be inserted while the next are decided.
WRITTEN_AHEAD = 200
_ACCOUNT_IDS = "SELECT nextval('ledger.accounts_id_seq') FROM generate_series(1, %s)"
#: The number of an outcome that decided nothing: a command of our own that came to nothing.
NOT_DECIDED = 0

#: What another writer, or the loss of the connection, can do to a transaction. It runs again with the same
#: ids: whatever was committed after all is found decided. A unique key that is met is such a race too.
_RACES = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.UniqueViolation,
    errors.ExclusionViolation,
    errors.LockNotAvailable,
    errors.OperationalError,
)

T = TypeVar("T")


class Opened(NamedTuple):
    """Commands, and by their kinds the pages that were opened for them."""

    commands: Sequence[Command]
    pages: dict[type[Command], Page]


class Journal:
    """Decides commands in one database, with the desks that plan them."""

    def __init__(self, engine: Engine, desks: Sequence[Desk]) -> None:
        self.engine = engine
        self._desk_of = {command: desk for desk in desks for command in desk.commands}

    def decide(self, commands: Sequence[Command]) -> list[Outcome]:
        """Decide commands in order, in one durable commit, and answer each.

        Raises :class:`TryAgain` when other writers or a lost connection got in the way too often;
        nothing was decided then, or what was decided will be found so by whoever sends it again.
        """
        return self.transact(lambda connection: self.decide_in(connection, commands))

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction, again from the start after a lost race. The one place that retries."""
        for attempt in range(ATTEMPTS):
            try:
                with self.engine.begin() as connection:
                    return work(connection)
            except DatabaseUnavailable as gone:
                raise TryAgain(str(gone)) from gone
            except (psycopg.Error, DBAPIError) as failure:
                cause = failure.orig if isinstance(failure, DBAPIError) else failure
                if not isinstance(cause, _RACES) or isinstance(cause, errors.DiskFull):
                    raise
                lost = cause
                sleep(PAUSE_SECONDS * attempt)
        raise TryAgain(f"gave up after {attempt + 1} tries: {type(lost).__name__}") from lost

    def decide_in(self, connection: Connection, commands: Sequence[Command]) -> list[Outcome]:
        """The same within a transaction that is open already; business rows of the caller join it."""
        return self.decide_opened(connection, self.open(connection, commands))

    def open(self, connection: Connection, commands: Sequence[Command]) -> Opened:
        """The first half of :meth:`decide_in`: read what the commands refer to. It locks no account."""
        of_desk: dict[int, tuple[Desk, list[Command]]] = {}
        for command in commands:
            desk = self._desk_of[type(command)]
            of_desk.setdefault(id(desk), (desk, []))[1].append(command)
        pages: dict[type[Command], Page] = {}
        for desk, theirs in of_desk.values():
            page = desk.open(connection, theirs)
            pages |= dict.fromkeys(desk.commands, page)
        return Opened(commands, pages)

    def decide_opened(self, connection: Connection, opened: Opened) -> list[Outcome]:
        """The second half, in the same transaction: lock, decide, write."""
        commands, page_of = opened
        driver = driver_of(connection)
        pages = list(dict.fromkeys(page_of.values()))
        asked, commands = commands, _with_following(commands, pages)
        refs: set[AccountRef] = set()
        contested: set[AccountRef] = set()
        for page in pages:
            theirs = set(page.accounts())
            contested |= refs & theirs
            refs |= theirs
        digests: list[bytes] = []

        def meanwhile() -> None:
            for page in pages:
                page.ask(driver)
            digests.extend(map(content_hash, commands))

        locked = lock(driver, refs, {command.id.int for command in commands}, meanwhile)
        unknown = len(refs) - len(locked.accounts)
        fresh = _fresh_account_ids(driver, unknown)
        books = Books(locked.accounts, {}, now=locked.now, account_ids=fresh, contested=contested)
        for command, digest in zip(commands, digests, strict=True) if locked.decided else ():
            first = locked.decided.get(command.id.int)
            is_accepted = first is not None and first.refusal is None and first.content_hash == digest
            if is_accepted and page_of[type(command)].is_behind(command, books):
                raise errors.SerializationFailure(f"{command.kind} {command.id} was decided meanwhile")
        holds = [hold for page in pages for hold in page.holds()]
        if holds:
            books.holds.update(read_holds(driver, holds))
        late = [spent for page in pages for spent in page.late_spending(books)]
        if late:
            read_past_days(driver, late)
        for page in pages:
            page.after_locks(connection, books)
        batch = _Batch(books, page_of, _first_answers(driver, locked.decided))
        outcomes: list[Outcome] = []
        with Copying(driver) as copying:
            writing = Writing(copying, books, pages)
            for start in range(0, len(commands), WRITTEN_AHEAD):
                if start:
                    writing.write_ahead()
                part = slice(start, start + WRITTEN_AHEAD)
                outcomes += map(batch.decide, commands[part], digests[part])
            if batch.rows:
                writing.write(driver, batch.rows)
        for page in pages if batch.rows else ():
            page.write(connection)
        return outcomes if len(outcomes) == len(asked) else _of(asked, commands, outcomes)


def _with_following(commands: Sequence[Command], pages: Sequence[Page]) -> Sequence[Command]:
    """The same commands, and behind each what follows it."""
    following = {id: theirs for page in pages for id, theirs in page.following().items()}
    if not following:
        return commands
    return [one for command in commands for one in (command, *following.get(command.id, ()))]


def _of(asked: Sequence[Command], commands: Sequence[Command], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes of what was asked, without those of what follows."""
    ids = {command.id for command in asked}
    return [outcome for command, outcome in zip(commands, outcomes, strict=True) if command.id in ids]


class _Batch:
    """One batch being decided: each command sees the ones before it."""

    def __init__(
        self, books: Books, pages: dict[type[Command], Page], answers: dict[int, "_FirstAnswer"]
    ) -> None:
        self._books = books
        self._pages = pages
        self._answers = answers
        self.rows: list[DecisionRow] = []

    def decide(self, command: Command, digest: bytes) -> Outcome:
        first = self._answers.get(command.id.int)
        if first is not None:
            return first.again(command, digest)
        page = self._pages[type(command)]
        plan = page.plan(command, self._books)
        if plan is None:
            return Outcome(command.id, NOT_DECIDED, command.occurred_at)
        cause = ""
        result: Posted | Refusal
        if isinstance(plan, Refusal):
            result = plan
        else:
            cause = plan.cause
            result = self._books.post(plan, command.occurred_at)
        if isinstance(result, Refusal):
            seq = self._books.take_seq()
            outcome = Outcome(command.id, seq, command.occurred_at, refusal=result)
            self.rows.append(DecisionRow(seq, command, digest, cause, result))
        else:
            page.accepted(command, result)
            moved = tuple(
                [
                    Moved(row.amount_minor, row.debit_balance_minor, row.credit_balance_minor)
                    for row in result.transfers
                ]
            )
            outcome = Outcome(command.id, result.seq, command.occurred_at, None, moved)
            self.rows.append(DecisionRow(result.seq, command, digest, cause, None))
        self._answers[command.id.int] = _FirstAnswer(command.actor, digest, outcome)
        return outcome


class _FirstAnswer(msgspec.Struct, frozen=True, gc=False):
    """What was answered when an id was decided, to whom, for what content."""

    actor: str
    content_hash: bytes
    outcome: Outcome

    def again(self, command: Command, digest: bytes) -> Outcome:
        first = self.outcome
        if digest != self.content_hash or not may_hear(command.actor, self.actor):
            return Outcome(first.id, first.seq, first.occurred_at, refusal=IdConflict())
        return Outcome(first.id, first.seq, first.occurred_at, first.refusal, first.moved, replayed=True)


def _first_answers(driver: psycopg.Connection[Any], decided: dict[int, Decided]) -> dict[int, _FirstAnswer]:
    entries = [decision.seq for decision in decided.values() if decision.refusal is None]
    moved = moved_by(driver, entries) if entries else {}
    return {
        number: _FirstAnswer(
            decision.actor,
            decision.content_hash,
            Outcome(
                decision.id,
                decision.seq,
                decision.occurred_at,
                decision.refusal,
                tuple(Moved(*amounts) for amounts in moved.get(decision.seq, ())),
            ),
        )
        for number, decision in decided.items()
    }


def _fresh_account_ids(driver: psycopg.Connection[Any], accounts: int) -> Iterator[int]:
    """Ids for as many accounts as may be opened. Drawn in one statement."""
    return iter([id for (id,) in driver.execute(_ACCOUNT_IDS, (accounts,))] if accounts else ())
