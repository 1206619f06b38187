"""What was taken of gifts and accruals, and is received again: in parts, each as of when it first was.

Settlement prices what is received by the policy of its time, and knows which receipts a capture took.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.journal.commands import derived_id
from ledger.kernel.entries import Entry
from moderation.appeals.answering import Answer
from moderation.appeals.commands import DecideAppeal, ReceiveAgain, Verdict
from moderation.cases.records import Decision
from moderation.measures.kinds import MeasureKind
from moderation.takings.acts import given_back_acts
from moderation.takings.shown import RECEIVED

_ACTOR = "platform:appeals"


class Piece(NamedTuple):
    """A part of what a capture took: when it was received, and settlement's numbers for what it was."""

    at: int
    minor: int
    receipt: int
    accrual: int | None


class Receipts(Protocol):
    """Settlement's receipts, as far as giving some of them back has to know."""

    def pieces(
        self, connection: Connection, holds: Collection[UUID]
    ) -> Mapping[UUID, tuple[AccountRef, Sequence[tuple[int, int, int, int | None]]]]:
        """What the captures of these holds took of gifts and accruals, oldest first: see :class:`Piece`."""
        ...

    def write(self, connection: Connection, rows: Iterable[tuple[int, UUID, int, int | None, int]]) -> None:
        """Keep what was received again: entry, hold, receipt, accrual, and minor units."""
        ...


class _Given(NamedTuple):
    """What an answer gives back of what a capture took: all from one minor unit of it up to another."""

    kind: MeasureKind
    begin: int
    end: int
    cause: str


class Again:
    """What the answers of a batch have received again."""

    def __init__(
        self, connection: Connection, receipts: Receipts, answers: Sequence[tuple[DecideAppeal, Decision]]
    ) -> None:
        self._receipts = receipts
        self._given: dict[tuple[UUID, UUID], _Given] = {}
        self._rows: list[tuple[int, UUID, int, int | None, int]] = []
        self._minor: dict[UUID, int] = {}
        changing = [(command, decision) for command, decision in answers if command.verdict != Verdict.UPHELD]
        holds = {
            placed.hold
            for _, decision in changing
            for placed in decision.holds
            if placed.account.kind in RECEIVED
        }
        self._pieces = {
            hold: (ref, [Piece(*piece) for piece in pieces])
            for hold, (ref, pieces) in receipts.pieces(connection, holds).items()
        }
        self.following = {
            command.id: [one for placed in decision.holds for one in self._asked(command, placed.hold)]
            for command, decision in changing
        }

    def _asked(self, command: DecideAppeal, hold: UUID) -> Iterable[ReceiveAgain]:
        for n, piece in enumerate(self._pieces[hold][1] if hold in self._pieces else ()):
            id = derived_id(command.id, f"again:{hold}:{n}")
            yield ReceiveAgain(id, _ACTOR, piece.at, None, command.id, hold, n)

    def answered(self, command: DecideAppeal, decision: Decision, answer: Answer, cause: str) -> None:
        """An answer was accepted: what it gives back is the last of what was taken."""
        for one in answer.remitted:
            for n, taking in one.preview.takings:
                for placed in decision.holds:
                    is_its = (placed.measure, placed.account) == (one.measure.measure, taking.ref)
                    if is_its and placed.hold in self._pieces:
                        self._given[command.id, placed.hold] = _Given(
                            one.preview.kind, one.stays.get(n, 0), taking.amount_minor, cause
                        )

    def plan(self, command: ReceiveAgain) -> Entry | None:
        """What of the part is given back; nothing, if the appeal is answered otherwise."""
        given = self._given.get((command.of, command.hold))
        if given is None:
            return None
        ref, pieces = self._pieces[command.hold]
        end = list(accumulate(piece.minor for piece in pieces))[command.n]
        begin = end - pieces[command.n].minor
        minor = min(end, given.end) - max(begin, given.begin)
        if minor <= 0:
            return None
        self._minor[command.id] = minor
        return Entry(command.kind, given.cause, given_back_acts(given.kind, ref, minor))

    def accepted(self, command: ReceiveAgain, entry: int) -> None:
        """It was received again."""
        piece = self._pieces[command.hold][1][command.n]
        minor = self._minor.pop(command.id)
        self._rows.append((entry, command.hold, piece.receipt, piece.accrual, minor))

    def write(self, connection: Connection) -> None:
        """What was received again."""
        self._receipts.write(connection, self._rows)
