"""Making a statement again from the journal: the same bytes, whatever was posted since. Invariant I7."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.instants import datetime_of
from ledger.kernel.posted import posted_instant
from settlement.statements.document import Heading, document
from settlement.statements.gathering import Ask, Pair, Standing, gathered
from settlement.statements.reading import StoredStatement, statement
from settlement.statements.resting import Run, run_of, timelines
from settlement.statements.returned import returned_since
from settlement.statements.settling import Settled, settled
from settlement.statements.timeline import Timeline

# An account as it stood just below a number: what was posted, what was held, and what stopped it.
_STANDING = text("""
SELECT a.kind, a.id,
       coalesce((SELECT balance_minor FROM (
           (SELECT seq, debit_balance_minor AS balance_minor FROM ledger.transfers
            WHERE debit_account = a.id AND seq < :entry ORDER BY debit_account DESC, seq DESC LIMIT 1)
           UNION ALL
           (SELECT seq, credit_balance_minor FROM ledger.transfers
            WHERE credit_account = a.id AND seq < :entry ORDER BY credit_account DESC, seq DESC LIMIT 1)
       ) AS newest ORDER BY seq DESC LIMIT 1), 0) AS posted_minor,
       coalesce(open.held_minor, 0)::bigint AS held_minor,
       CASE WHEN open.whole THEN 'frozen' WHEN bar.until > :at THEN 'barred' END AS stopped
FROM ledger.accounts AS a
LEFT JOIN LATERAL (
    SELECT sum(placed.amount_minor) AS held_minor, bool_or(placed.amount_minor IS NULL) AS whole
    FROM ledger.hold_acts AS placed
    WHERE placed.account = a.id AND placed.act = 'placed' AND placed.seq < :entry
      AND NOT EXISTS (SELECT FROM ledger.hold_acts AS ended
                      WHERE ended.hold = placed.hold AND ended.act <> 'placed' AND ended.seq < :entry)
) AS open ON true
LEFT JOIN LATERAL (
    SELECT until FROM ledger.account_events
    WHERE account = a.id AND event = 'outgoing_barred' AND seq < :entry ORDER BY seq DESC LIMIT 1
) AS bar ON true
WHERE a.owner = :streamer AND a.kind IN ('gifts', 'accruals', 'earnings')
""")


class Rebuilt(NamedTuple):
    """A statement computed anew: what it rests on, and what it comes to."""

    stored: StoredStatement
    run: Run
    timeline: Timeline
    settled: Settled
    earnings_minor: int


def rebuilt(connection: Connection, id: UUID) -> Rebuilt:
    """What a statement settled, from the journal below its entry. Raises ``NoSuchStatement``."""
    stored = statement(connection, id)
    run = run_of(connection, stored.run)
    timeline = timelines(connection, run, [stored.streamer])[stored.streamer]
    arguments = {
        "streamer": stored.streamer,
        "entry": stored.entry,
        "at": datetime_of(posted_instant(stored.entry)),
    }
    rows = {row.kind: row for row in connection.execute(_STANDING, arguments)}
    asks = [
        Ask(
            row.id,
            Standing(row.posted_minor, row.held_minor, row.stopped),
            stored.entry - 1,
            timeline.bounds,
        )
        for row in (rows["gifts"], rows["accruals"])
    ]
    pairs = {stored.streamer: Pair(*asks)}
    [(_, *sides)] = gathered(connection, pairs, cutoff=run.cutoff, below=stored.entry)
    return Rebuilt(
        stored,
        run,
        timeline,
        settled(stored.streamer, timeline, *sides, issued_on=run.issued_on),
        rows["earnings"].posted_minor,
    )


def recompute(connection: Connection, id: UUID) -> bytes:
    """A statement's document, made again. Raises ``NoSuchStatement``."""
    found = rebuilt(connection, id)
    stored, run, gifts = found.stored, found.run, found.settled.gifts.account
    heading = Heading(
        stored.statement,
        run.run,
        stored.streamer,
        run.period,
        run.first,
        run.through,
        run.entry,
        run.cutoff,
        run.versions,
        found.earnings_minor,
        returned_since(connection, [gifts], stored.entry).get(gifts, ()),
    )
    return document(heading, found.settled, entry=stored.entry, issued_at=posted_instant(stored.entry))
