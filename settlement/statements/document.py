"""The statement (结算单) as a document: canonical JSON (RFC 8785), the same bytes whenever it is made.

Keys and values are such that sorted keys, integers below 2**53 and plain UTF-8 are all there is to being
canonical; numbers of the journal are written as strings, since they lie beyond.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ledger.instants import date_of, datetime_of
from ledger.journal.commands import derived_id
from ledger.money import face_value
from settlement.policies.versions import Version
from settlement.statements.returned import Returned
from settlement.statements.settling import AccrualLine, GiftLine, Settled
from settlement.statements.taking import Stratum

FORMAT = "zhibo-statement/1"

_encode = msgspec.json.Encoder(order="sorted").encode


class Heading(NamedTuple):
    """Whose statement it is, of which run and period, and what it rests on.

    ``pinned`` is the number up to which policies, classes and sessions count; ``cutoff`` and ``issued_at``
    are instants; ``earnings_minor`` is what the streamer's earnings were before, and ``returned`` what went
    back of tips since the statement before.
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
    returned: tuple[Returned, ...] = ()


def hold_id(statement: UUID, payee: str, available_on: int) -> UUID:
    """The id of the hold that keeps a payee's part back until its day."""
    return derived_id(statement, f"hold:{payee}:{available_on}")


def document(heading: Heading, settled: Settled, *, entry: int, issued_at: int) -> bytes:
    """The statement of what was settled by an entry."""
    gifts, accruals = settled.gifts, settled.accruals
    held = sum(part.amount_minor for part in settled.holds if part.payee == heading.streamer)
    lines = [
        *map(_gift_line, settled.gift_lines),
        *map(_accrual_line, settled.accrual_lines),
    ]
    content: dict[str, Any] = {
        "format": FORMAT,
        "statement": heading.statement,
        "run": heading.run,
        "streamer": heading.streamer,
        "period": {
            "name": heading.period,
            "from": heading.first,
            "through": heading.through,
        },
        "entry": str(entry),
        "issued_at": _written(issued_at),
        "inputs": {
            "through_seq": str(entry - 1),
            "pinned_seq": str(heading.pinned),
            "cutoff": _written(heading.cutoff),
            "policies": _policies(heading.versions, settled) if heading.versions else [],
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
                "hold": hold_id(heading.statement, part.payee, part.available_on),
                "available_on": date_of(part.available_on),
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
    for flow in heading.returned:
        content[flow.way] = {name: value for name, value in flow._asdict().items() if name != "way"}
    return _encode(content)


def digest(content: bytes) -> bytes:
    """A document's SHA-256."""
    return sha256(content).digest()


def _policies(versions: Sequence[Version], settled: Settled) -> list[dict[str, str]]:
    used = {line.segment.policy for line in settled.gift_lines}
    used |= {line.policy for line in settled.accrual_lines if line.policy is not None}
    return [
        {"version": version.version, "sha256": version.sha256}
        for version in versions
        if version.version in used
    ]


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


@lru_cache(maxsize=256)
def _written(instant: int) -> str:
    moment: datetime = datetime_of(instant).astimezone(UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
