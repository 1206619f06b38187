"""What is shown of a money measure, as plain frozen values: what is decided is exactly this, or nothing."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import rfc8785

from ledger.chart import CHART, AccountRef
from ledger.money import face_value
from moderation.measures.kinds import MeasureKind

#: Those a plan of settlement carries out, tip by tip.
RETURNS = frozenset({MeasureKind.RETURN_TIPS, MeasureKind.RETURN_MINORS_TIPS})
#: The accounts that a decision sets aside beforehand; the others are only written to when it is executed.
HELD = frozenset({"accruals", "earnings", "gifts", "wallet"})
#: Of these, those whose receipts settlement prices one by one: what is given back is received again.
RECEIVED = frozenset({"accruals", "gifts"})


class Head(StrEnum):
    """What a loss consists of (LIVE-MOD-8). Those that are not :data:`DIRECT` nobody owes (LIVE-LIAB-4)."""

    PROPERTY = "property"
    REPUTATION = "reputation"
    LAWYER_FEE = "lawyer_fee"
    TRAVEL = "travel"
    EVIDENCE = "evidence"
    THIRD_PARTY_CLAIM = "third_party_claim"
    LOST_PROFIT = "lost_profit"
    INDIRECT = "indirect"
    CONSEQUENTIAL = "consequential"
    INCIDENTAL = "incidental"
    SPECIAL = "special"
    PUNITIVE = "punitive"


DIRECT = frozenset(
    {
        Head.PROPERTY,
        Head.REPUTATION,
        Head.LAWYER_FEE,
        Head.TRAVEL,
        Head.EVIDENCE,
        Head.THIRD_PARTY_CLAIM,
    }
)


class Loss(msgspec.Struct, frozen=True):
    """One item of a claim, in fen, and what it was."""

    head: Head
    amount_minor: int
    what: str


class Taking(msgspec.Struct, frozen=True):
    """What a measure takes from one account, in its minor units; from ``debt``: what will be owed.

    On ``refunds_payable`` it is what the party is given.
    """

    account: str
    owner: str
    amount_minor: int

    @property
    def ref(self) -> AccountRef:
        """The account."""
        return AccountRef(self.account, self.owner)

    @property
    def fen(self) -> int:
        """What it is worth: coins at face value."""
        is_coins = CHART[self.account].currency == "ZLB"
        return face_value(self.amount_minor) if is_coins else self.amount_minor


class Giving(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a streamer gives of the tips that go back: coins not settled yet, and fen of what was.

    ``kept_minor`` is what of the latter late arrivals (延时到账) keep back, which goes first.
    """

    streamer: str
    coins: int
    earnings_minor: int
    kept_minor: int = 0

    @property
    def fen(self) -> int:
        """What it is worth, coins at face value."""
        return face_value(self.coins) + self.earnings_minor

    @property
    def wanted(self) -> tuple[tuple[AccountRef, int], ...]:
        """What has to be free for it, in minor units."""
        return (
            (AccountRef("gifts", self.streamer), self.coins),
            (AccountRef("earnings", self.streamer), self.earnings_minor - self.kept_minor),
        )


class LeftOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many tips were asked for and do not go back, by why.

    They were undone before; something of them was taken before; or another measure holds coins of theirs,
    or has them go back.
    """

    undone: int = 0
    taken: int = 0
    held: int = 0


class PlanShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which tips go back: settlement's plan, its hash, how many tips and coins, what they are worth in fen,
    and what of it each streamer gives, whose gifts and earnings stand still until it is done.

    ``left_out`` tells of those that were asked for, too, and cannot go back; ``refund_minor`` is what whoever
    paid for a minor's gets, in fen.
    """

    plan: UUID
    sha256: str
    count: int
    coins: int
    fen: int
    givings: tuple[Giving, ...]
    left_out: LeftOut = LeftOut()
    refund_minor: int = 0

    @property
    def streamers(self) -> tuple[str, ...]:
        """Whose accounts stand still."""
        return tuple(giving.streamer for giving in self.givings)

    @property
    def promised(self) -> dict[AccountRef, int]:
        """What nothing else may take meanwhile, in minor units."""
        found: dict[AccountRef, int] = {}
        for giving in self.givings:
            found[AccountRef("gifts", giving.streamer)] = giving.coins
            found[AccountRef("earnings", giving.streamer)] = giving.earnings_minor
        return found


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a money measure would move.

    ``freezes`` are holds of the same case that it may use up. Of damages and compensation, ``losses`` are
    the items; ``netted_minor`` is what a penalty of the same case covers of them. ``beside`` are the
    previews of what is to be decided together with it, and comes first. ``exceeding`` is why more than
    the rule allows is right: compensation above the cap, or damages and a penalty besides each other.
    """

    takings: tuple[Taking, ...]
    freezes: tuple[UUID, ...] = ()
    losses: tuple[Loss, ...] = ()
    netted_minor: int = 0
    beside: tuple[UUID, ...] = ()
    exceeding: str | None = None
    plan: PlanShown | None = None

    @property
    def claimed_fen(self) -> int:
        """What the losses come to."""
        return sum(loss.amount_minor for loss in self.losses)


class Preview(msgspec.Struct, frozen=True):
    """What was shown of a measure of this kind on a party, in a case.

    ``remitted_minor`` is what appeals gave back since, by taking.
    """

    preview: UUID
    case: str
    kind: MeasureKind
    party: str
    shown: Shown
    made_by: str
    made_at: int
    remitted_minor: tuple[int, ...] = ()

    @property
    def parties(self) -> frozenset[str]:
        """On whom the measure would be, and who would give tips that go back."""
        return frozenset({self.party, *(self.shown.plan.streamers if self.shown.plan else ())})

    @property
    def takings(self) -> tuple[tuple[int, Taking], ...]:
        """What it takes once what was remitted is left out, numbered as it was shown."""
        return tuple(
            (n, msgspec.structs.replace(taking, amount_minor=left))
            for n, taking in enumerate(self.shown.takings)
            if (left := taking.amount_minor - (self.remitted_minor[n] if self.remitted_minor else 0)) > 0
        )

    @property
    def remitted_fen(self) -> int:
        """What was remitted of all it takes, in fen."""
        return fen_of(self.shown.takings) - fen_of([taking for _, taking in self.takings])

    @property
    def document(self) -> bytes:
        """What was shown, as canonical JSON (RFC 8785)."""
        return document_of(self.case, self.kind, self.party, self.shown)

    @property
    def sha256(self) -> bytes:
        """What a person who saw it can hold against what was done."""
        return sha256(self.document).digest()


def document_of(case: str, kind: MeasureKind, party: str, shown: Shown) -> bytes:
    """The canonical JSON of what is shown."""
    content: dict[str, Any] = msgspec.to_builtins(shown)
    return rfc8785.dumps({"case": case, "kind": kind.value, "party": party, **content})


def shown_in(document: bytes) -> Shown:
    """What a document shows."""
    return msgspec.json.decode(document, type=Shown)


def fen_of(takings: Sequence[Taking]) -> int:
    """What takings are worth together."""
    return sum(taking.fen for taking in takings)
