"""What a run rests on: its period, and the policies, classes and sessions up to its own number.

What is published, classified or measured after a run was accepted is not seen by it, so a statement can be
made again at any later time.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.instants import business_day, end_of_day, instant_of
from ledger.kernel.posted import posted_instant
from settlement.policies.classes import classes_of
from settlement.policies.versions import Version, versions
from settlement.sessions.reading import sessions_of
from settlement.statements.timeline import Timeline, flat, under_policies
from settlement.tables import runs


class Run(NamedTuple):
    """A settlement run as it was accepted. ``share_bps`` is None when it follows the policies."""

    run: UUID
    entry: int
    period: str
    first: date | None
    through: date
    share_bps: int | None
    actor: str
    occurred_at: int
    versions: tuple[Version, ...]

    @property
    def cutoff(self) -> int:
        """The instant from which on nothing is settled."""
        return end_of_day(self.through)

    @property
    def issued_on(self) -> int:
        """The day number of its statements, whenever they are carried out."""
        return business_day(posted_instant(self.entry))

    @property
    def is_flat(self) -> bool:
        """Whether it settles at one share for all, at once free, and passes by who is stopped."""
        return self.share_bps is not None


def run_of(connection: Connection, run: UUID) -> Run:
    """A run that was accepted."""
    row = connection.execute(select(runs).where(runs.c.run == run)).one()
    return Run(
        row.run,
        row.entry,
        row.period,
        row.first,
        row.through,
        row.share_bps,
        row.actor,
        instant_of(row.occurred_at),
        tuple(versions(connection, row.entry)) if row.share_bps is None else (),
    )


def timelines(connection: Connection, run: Run, streamers: Sequence[str]) -> dict[str, Timeline]:
    """Each streamer's timeline in a run. Those of whom nothing is known share one."""
    sessions = sessions_of(connection, streamers, run.entry)
    if run.share_bps is not None:
        label, share_bps = f"flat:{run.share_bps}", run.share_bps
        plain = flat(label, share_bps, ())
        return {
            streamer: flat(label, share_bps, sessions[streamer]) if streamer in sessions else plain
            for streamer in streamers
        }
    classes = classes_of(connection, streamers, run.entry)
    plain = under_policies(run.versions, (), (), issued_on=run.issued_on, cutoff=run.cutoff)
    return {
        streamer: under_policies(
            run.versions,
            classes.get(streamer, ()),
            sessions.get(streamer, ()),
            issued_on=run.issued_on,
            cutoff=run.cutoff,
        )
        if streamer in sessions or streamer in classes
        else plain
        for streamer in streamers
    }
