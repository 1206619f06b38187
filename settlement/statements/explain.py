"""Explaining a line of a statement: these receipts, this policy version, this arithmetic.

The arithmetic starts from what the statement says and ends at exactly the line's amount. Everything under
the same terms is rounded once (design.md §4), so a line of several under the same terms is what the others
leave of it. Rules: LIVE-EARN-1, LIVE-EARN-6.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.instants import instant_of
from ledger.money import BPS, FEN_PER_COIN, face_value, round_half_up, share_of
from settlement.kinds import EarningKind
from settlement.policies.versions import Version, versions
from settlement.statements.gifts import gifts_of_line
from settlement.statements.reading import statement
from settlement.statements.recompute import rebuilt
from settlement.statements.taken import rows_taken, taken

#: More amounts than these are not written out as a sum.
_MOST_SUMMANDS = 6
#: A quotient that goes on beyond so many places is cut, and says so.
_PLACES = 6
#: No line has more.
_MOST_RECEIPTS = 10**12
#: What makes two lines of gifts one segment: they were rounded together.
_TERMS = ("policy", "class", "tier_from_coins", "share_bps", "quality_bps", "guild")

_TAKEN_ACCRUALS = taken(
    """
    coalesce(a.kind, 'task') AS kind, a.session, a.policy_version,
    coalesce(a.reference, d.cause) AS reference, a.reason
    """,
    """
    LEFT JOIN settlement.received_again AS again ON again.entry = t.entry
    LEFT JOIN settlement.accruals AS a ON a.entry = coalesce(again.accrual, t.entry)
    """,
    left="""
    t.amount_minor - coalesce((SELECT sum(amount_minor) FROM settlement.withdrawn_receipts
                               WHERE received_by = t.entry AND entry < :below), 0)::bigint
    """,
)


class NoSuchLine(LookupError):
    """The statement has no such line. Its text is one line for people."""


class Step(NamedTuple):
    """One step of the arithmetic: what it finds, the sum as people write it, and its result.

    ``name`` is a word of the renderings; the result is coins in the first step of gifts, and fen after it.
    """

    name: str
    formula: str
    result: int


class Receipt(NamedTuple):
    """A gift or an accrual of the line, or the part of it that lies there. ``coins`` is None of accruals."""

    entry: UUID
    occurred_at: int
    what: str
    coins: int | None
    amount_minor: int


class Explanation(NamedTuple):
    """Why a line (counted from 1) is what it is: ``line`` is the statement's, ``steps`` end at its amount.

    ``version`` is None for a flat share. ``receipts`` is a page; ``next_cursor`` None when it was the last.
    """

    statement: UUID
    period: str
    number: int
    line: Mapping[str, Any]
    version: Version | None
    steps: tuple[Step, ...]
    receipts: tuple[Receipt, ...]
    next_cursor: int | None


def explain(connection: Connection, id: UUID, number: int, *, after: int = 0, limit: int = 20) -> Explanation:
    """Explain a line of a statement, with a page of its receipts behind the first ``after``.

    Raises ``NoSuchStatement`` and :class:`NoSuchLine`.
    """
    stored = statement(connection, id)
    document = json.loads(stored.document) if stored.document else {"lines": []}
    lines = document["lines"]
    if not 1 <= number <= len(lines):
        raise NoSuchLine(f"statement {id} has {len(lines)} lines, and no line {number}")
    line = lines[number - 1]
    version = next((one for one in versions(connection) if one.version == line["policy"]), None)
    if line["kind"] == EarningKind.GIFT:
        steps = gift_steps(lines, line, version.policy.guild.share_bps if version else 0)
        found = _gifts(connection, id, number)
    else:
        amounts = [receipt.amount_minor for receipt in _accruals(connection, id, line)]
        steps = (_sum_of("accruals_of_line", amounts),)
        found = _accruals(connection, id, line)
    assert steps[-1].result == line["amount_minor"], f"line {number} of statement {id} does not add up"
    after = min(after, _MOST_RECEIPTS)
    page = tuple(islice(found, after, after + limit + 1))
    following = after + limit if len(page) > limit else None
    return Explanation(id, stored.period, number, line, version, steps, page[:limit], following)


def gift_steps(
    lines: Sequence[Mapping[str, Any]], line: Mapping[str, Any], guild_bps: int
) -> tuple[Step, ...]:
    """The arithmetic of a line of gifts, from what the statement says. The last result is its amount."""
    same = [other for other in lines if _terms(other) == _terms(line)]
    coins, share_bps = [other["coins"] for other in same], line["share_bps"]
    face = face_value(sum(coins))
    gross = share_of(face, share_bps)
    steps = [
        _sum_of("coins_of_terms", coins, places=0),
        Step(
            "face_of_terms", f"{_counted(sum(coins), 0)} × {_counted(FEN_PER_COIN)} = {_counted(face)}", face
        ),
        Step(
            "share_of_terms",
            f"{_counted(face)} × {_counted(share_bps)} % = "
            f"{_quotient(face * share_bps, BPS)} → {_counted(gross)}",
            gross,
        ),
    ]
    streamers = gross
    if line["guild"] is not None and share_bps:
        guilds = round_half_up(gross * guild_bps, share_bps)
        streamers = gross - guilds
        steps += [
            Step(
                "guild_of_terms",
                f"{_counted(gross)} × {_counted(guild_bps)} / {_counted(share_bps)} = "
                f"{_quotient(gross * guild_bps, share_bps)} → {_counted(guilds)}",
                guilds,
            ),
            Step(
                "without_guild",
                f"{_counted(gross)} - {_counted(guilds)} = {_counted(streamers)}",
                streamers,
            ),
        ]
    others = sum(other["amount_minor"] for other in same if other is not line)
    if len(same) > 1:
        rest = streamers - others
        steps.append(
            Step(
                "without_other_lines",
                f"{_counted(streamers)} - {_counted(others)} = {_counted(rest)}",
                rest,
            )
        )
    return tuple(steps)


def _terms(line: Mapping[str, Any]) -> tuple[object, ...]:
    return tuple(line.get(name) for name in ("kind", *_TERMS))


def _sum_of(name: str, amounts: Sequence[int], places: int = 2) -> Step:
    whole = sum(amounts)
    if 1 < len(amounts) <= _MOST_SUMMANDS:
        sum_of = " + ".join(_counted(amount, places) for amount in amounts)
        return Step(name, f"{sum_of} = {_counted(whole, places)}", whole)
    return Step(name, _counted(whole, places), whole)


def _gifts(connection: Connection, id: UUID, number: int) -> Iterator[Receipt]:
    # Lines of gifts come first.
    for gift in gifts_of_line(connection, id, number - 1):
        what = "" if gift.gift is None else f"{gift.gift} × {gift.quantity} @ {gift.room}"
        yield Receipt(gift.entry, gift.occurred_at, what, gift.coins, gift.streamer_minor)


def _accruals(connection: Connection, id: UUID, line: Mapping[str, Any]) -> Iterator[Receipt]:
    found = rebuilt(connection, id)
    wanted = (line["kind"], line["session"], line["policy"])
    for row in rows_taken(connection, _TAKEN_ACCRUALS, found, found.settled.accruals):
        version = found.timeline.stretches[row.bucket].version
        policy = row.policy_version or (version.version if version else None)
        if (row.kind, str(row.session) if row.session else None, policy) == wanted:
            what = ": ".join(filter(None, (row.reference, row.reason)))
            yield Receipt(row.id, instant_of(row.occurred_at), what, None, row.minor)


def _counted(minor: int, places: int = 2) -> str:
    """Minor units as people count them: 1,234.50, or 12,345 coins."""
    return f"{Decimal(minor).scaleb(-places):,f}"


def _quotient(numerator: int, denominator: int) -> str:
    """Fen of a quotient before it is rounded: exact, or cut where it does not end."""
    whole, rest = divmod(numerator * 10 ** (_PLACES - 2), denominator)
    written = f"{Decimal(whole).scaleb(-_PLACES):,f}"
    if rest:
        return f"{written}…"
    shortened = written.rstrip("0")
    return shortened + "0" * max(0, 2 - len(shortened.partition(".")[2]))
