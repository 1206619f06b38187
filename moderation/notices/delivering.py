"""Delivering notices: into the inbox of whoever is told, again and again until it works. Rule: LIVE-MOD-3.

What a notice tells of was committed with it and waits for nothing here: a delivery that fails is written
down, tried again later, and keeps no other from arriving.
"""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from ledger.instants import datetime_of
from ledger.journal.journal import Journal
from moderation.notices.tables import deliveries, due_notices, notices

#: Notices a commit.
BATCH = 100
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 30, 3600
_MICROSECONDS = 1_000_000

_DUE = (
    select(notices.c.notice, notices.c.party, notices.c.kind, notices.c.text, due_notices.c.attempts)
    .join(due_notices, due_notices.c.notice == notices.c.notice)
    .order_by(due_notices.c.due_at, notices.c.number)
    .limit(BATCH)
    .with_for_update(of=due_notices, skip_locked=True)
)


class DueNotice(NamedTuple):
    """A notice that has not arrived. ``attempts`` were made before."""

    notice: UUID
    party: str
    kind: str
    text: str
    attempts: int


class Delivered(NamedTuple):
    """How many arrived, and how many did not and are tried again."""

    arrived: int
    failed: int


#: How a notice is brought to a party, besides that it shows in the inbox. Raises when it cannot.
Carrier = Callable[[Connection, DueNotice], None]


def inbox_only(_connection: Connection, _notice: DueNotice) -> None:
    """Nothing more: a notice that is delivered shows in the inbox."""


def deliver_due(journal: Journal, at: int, carrier: Carrier = inbox_only) -> Delivered:
    """Deliver what is due at an instant; two at once share the work."""
    arrived = failed = 0
    while True:
        batch = journal.transact(lambda connection: _deliver_batch(connection, at, carrier))
        arrived, failed = arrived + batch.arrived, failed + batch.failed
        if batch == (0, 0):
            return Delivered(arrived, failed)


def pause_after(attempts: int) -> int:
    """How many microseconds to wait after so many failed attempts."""
    # Doubled each time; 2**12 is far above the longest already.
    return min(_PAUSE_SECONDS << min(attempts - 1, 12), _LONGEST_PAUSE_SECONDS) * _MICROSECONDS


def _deliver_batch(connection: Connection, at: int, carrier: Carrier) -> Delivered:
    now = datetime_of(at)
    tries: list[dict[str, object]] = []
    arrived: list[UUID] = []
    for row in connection.execute(_DUE.where(due_notices.c.due_at <= now)).all():
        notice = DueNotice(*row)
        failure = _failure_of(connection, carrier, notice)
        attempt = notice.attempts + 1
        tries.append({"notice": notice.notice, "attempt": attempt, "at": now, "failure": failure})
        if failure is None:
            arrived.append(notice.notice)
        else:
            connection.execute(
                update(due_notices)
                .where(due_notices.c.notice == notice.notice)
                .values(attempts=attempt, due_at=datetime_of(at + pause_after(attempt)))
            )
    if tries:
        connection.execute(insert(deliveries), tries)
        connection.execute(delete(due_notices).where(due_notices.c.notice.in_(arrived)))
    return Delivered(len(arrived), len(tries) - len(arrived))


def _failure_of(connection: Connection, carrier: Carrier, notice: DueNotice) -> str | None:
    """Why a notice does not arrive: the kind of failure only, for what it says may name people."""
    try:
        with connection.begin_nested():
            carrier(connection, notice)
    except Exception as failure:  # noqa: BLE001 (whatever it is, the others are delivered)
        return type(failure).__name__
    return None
