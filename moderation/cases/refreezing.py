"""Freezes that a decision used up, placed again when nothing comes of it: they were there before it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.chart import AccountRef
from ledger.journal.commands import derived_id
from ledger.kernel.books import Books
from ledger.kernel.entries import Hold, Release
from moderation.cases.records import Decision
from moderation.measures.standing import Measure
from moderation.measures.tables import measure_holds
from moderation.tables import freezes


class Ground(NamedTuple):
    """What a freeze rests on: the rule it names, or the measure it is of."""

    rule: str | None = None
    measure: UUID | None = None


class Refrozen(NamedTuple):
    """A freeze that is placed again, and what it rests on, as before."""

    hold: Hold
    ground: Ground


def grounds(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Ground]:
    """What these freezes rest on: that never changes."""
    if not ids:
        return {}
    raw = select(freezes.c.freeze, freezes.c.rule).where(freezes.c.freeze.in_(ids))
    measured = select(measure_holds.c.hold, measure_holds.c.measure).where(measure_holds.c.hold.in_(ids))
    return {
        **{row.freeze: Ground(rule=row.rule) for row in connection.execute(raw)},
        **{row.hold: Ground(measure=row.measure) for row in connection.execute(measured)},
    }


def refrozen(
    decision: Decision,
    ends: Iterable[Measure],
    released: Sequence[Release],
    known: Mapping[UUID, Ground],
    books: Books,
) -> tuple[Refrozen, ...]:
    """The freezes that a decision used up and that are wanted again, its last measure on money having ended.

    Each holds what it held before, or as much of it as is there once ``released`` are; not if its time is
    over, and not if the measure it is of has ended meanwhile.
    """
    ended = {one.measure for one in ends}
    left = [one for one in decision.in_force if one.preview and one.measure not in ended]
    if left or not any(one.preview for one in ends):
        return ()
    free: dict[AccountRef, int] = {}
    for act in released:
        hold = books.holds[act.hold]
        free[hold.account] = free.get(hold.account, books.accounts[hold.account].available_minor) + (
            hold.amount_minor or 0
        )
    found = []
    for freeze, ground in known.items():
        hold = books.holds[freeze]
        if not _was_used_up(freeze, decision, books) or hold.account not in free:
            continue
        amount = min(hold.amount_minor or 0, free[hold.account])
        is_over = hold.expires_at is not None and hold.expires_at <= books.now
        if amount > 0 and not is_over:
            free[hold.account] -= amount
            id = derived_id(freeze, f"again:{decision.decision}")
            found.append(Refrozen(Hold(id, hold.account, amount, hold.expires_at), ground))
    return tuple(found)


def _was_used_up(freeze: UUID, decision: Decision, books: Books) -> bool:
    """Whether it was the decision's own entry that ended it: its acts are numbered in a row, holds last."""
    ended = books.holds[freeze].ended_seq
    last = max((books.holds[placed.hold].placed_seq for placed in decision.holds), default=decision.entry)
    return ended is not None and decision.entry <= ended <= last
