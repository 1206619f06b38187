"""The statement (结算单) as a document: canonical JSON (RFC 8785), the same bytes whenever it is made.

Keys and values are such that sorted keys, integers below 2**53 and plain UTF-8 are all there is to being
canonical; numbers of the journal are written as strings, since they lie beyond.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ledger.instants import date_of, datetime_of
from ledger.journal.commands import derived_id
from ledger.money import face_value
from settlement.policies.versions import Version
from settlement.statements.settling import AccrualLine, GiftLine, Held, Settled
from settlement.statements.taking import Stratum

FORMAT = "zhibo-statement/1"

_encode = msgspec.json.Encoder(order="sorted").encode


class Heading(NamedTuple):
    """Whose statement it is, of which run and period, and what it rests on.

    ``pinned`` is the number up to which policies, classes and sessions count; ``cutoff`` and ``issued_at``
    are instants; ``earnings_minor`` is what the streamer's earnings were before.
    """

    statement: UUID
    run: UUID
    streamer: str
    period: str
    first: date | None
    through: date
    pinned: int
    cutoff: int
    versions: Sequence[Version]
    earnings_minor: int


def hold_id(statement: UUID, held: Held) -> UUID:
    """The id of the hold that keeps a payee's part back until its day."""
    return derived_id(statement, f"hold:{held.payee}:{held.available_on}")


def document(heading: Heading, settled: Settled, *, entry: int, issued_at: int) -> bytes:
    """The statement of what was settled by an entry."""
    gifts, accruals = settled.gifts, settled.accruals
    held = sum(part.amount_minor for part in settled.holds if part.payee == heading.streamer)
    lines = [
        *map(_gift_line, settled.gift_lines),
        *map(_accrual_line, settled.accrual_lines),
    ]
    used = {line.segment.policy for line in settled.gift_lines} | {
        line.policy for line in settled.accrual_lines
    }
    content: dict[str, Any] = {
        "format": FORMAT,
        "statement": str(heading.statement),
        "run": str(heading.run),
        "streamer": heading.streamer,
        "period": {
            "name": heading.period,
            "from": heading.first.isoformat() if heading.first else None,
            "through": heading.through.isoformat(),
        },
        "entry": str(entry),
        "issued_at": _written(issued_at),
        "inputs": {
            "through_seq": str(entry - 1),
            "pinned_seq": str(heading.pinned),
            "cutoff": _written(heading.cutoff),
            "policies": [
                {"version": version.version, "sha256": version.sha256}
                for version in heading.versions
                if version.version in used
            ],
            "gifts": _strata(gifts.before),
            "accruals": _strata(accruals.before),
        },
        "opening": {
            "gifts_coins": gifts.standing.posted_minor,
            "accruals_minor": accruals.standing.posted_minor,
            "earnings_minor": heading.earnings_minor,
        },
        "closing": {
            "gifts_coins": gifts.standing.posted_minor - gifts.taken_minor,
            "accruals_minor": accruals.standing.posted_minor - accruals.taken_minor,
            "earnings_minor": heading.earnings_minor + settled.credited_minor,
        },
        "lines": lines,
        "not_settled": [
            {"account": account, "minor": side.left_minor, "reason": side.left_reason}
            for account, side in (("gifts", gifts), ("accruals", accruals))
            if side.left_minor
        ],
        "holds": [
            {
                "hold": str(hold_id(heading.statement, part)),
                "available_on": date_of(part.available_on).isoformat(),
                "amount_minor": part.amount_minor,
            }
            for part in settled.holds
            if part.payee == heading.streamer
        ],
        "totals": {
            "gross_minor": settled.credited_minor + settled.guild_minor,
            "guild_minor": settled.guild_minor,
            "platform_minor": settled.platform_minor,
            "credited_minor": settled.credited_minor,
            "held_minor": held,
            "available_minor": settled.credited_minor - held,
        },
    }
    return _encode(content)


def digest(content: bytes) -> bytes:
    """A document's SHA-256."""
    return sha256(content).digest()


def _gift_line(line: GiftLine) -> dict[str, Any]:
    segment = line.segment
    return {
        "kind": "gift",
        "session": line.session,
        "policy": segment.policy,
        "class": segment.streamer_class,
        "tier_from_coins": segment.tier_from_coins,
        "share_bps": segment.share_bps,
        "quality_bps": segment.quality_bps,
        "gifts": line.gifts,
        "coins": line.coins,
        "face_minor": face_value(line.coins),
        "amount_minor": line.streamer_minor,
        "guild": segment.guild,
        "guild_minor": line.guild_minor,
        "platform_minor": line.platform_minor,
    }


def _accrual_line(line: AccrualLine) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "session": line.session,
        "policy": line.policy,
        "count": line.receipts,
        "amount_minor": line.amount_minor,
    }


def _strata(strata: Sequence[Stratum]) -> list[list[str]]:
    return [[str(number) for number in stratum] for stratum in strata]


def _written(instant: int) -> str:
    moment: datetime = datetime_of(instant).astimezone(UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
