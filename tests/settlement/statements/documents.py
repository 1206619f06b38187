"""Statements written by hand, in the form in which they are stored."""

from copy import deepcopy
from typing import Any

import rfc8785

Document = dict[str, Any]

SESSION = "0198f5a0-0000-7000-8000-00000000000a"

_STATEMENT: Document = {
    "format": "zhibo-statement/1",
    "statement": "0198f5a0-0000-8000-8000-000000000001",
    "run": "0198f5a0-0000-4000-8000-000000000002",
    "streamer": "主播 小红",
    "period": {"name": "2026-10", "from": "2026-10-01", "through": "2026-10-31"},
    "entry": "919161686350514222",
    "issued_at": "2026-11-01T02:03:04.000005Z",
    "inputs": {
        "through_seq": "919161686350514221",
        "pinned_seq": "919161686350514011",
        "cutoff": "2026-10-31T16:00:00.000000Z",
        "policies": [
            {"version": "2026-1", "sha256": "ab" * 32},
            {"version": "2026-2", "sha256": "cd" * 32},
        ],
        "gifts": [["1", "918161686350514000", "1790870400000000", "0", "0"]],
        "accruals": [["3", "918161686350514000", "1790870400000000", "918161686350510000", "50"]],
    },
    # 12,345 coins are settled: face value 1,234.50.
    "opening": {"gifts_coins": 12_400, "accruals_minor": 12_050, "earnings_minor": 7_700},
    "closing": {"gifts_coins": 55, "accruals_minor": 1_050, "earnings_minor": 80_425},
    "lines": [
        # 10,000 coins at 50 %: 500.00; the guild has 2 % of face value, 20.00, of it.
        {
            "kind": "gift",
            "session": SESSION,
            "policy": "2026-1",
            "class": "standard",
            "tier_from_coins": 0,
            "share_bps": 5_000,
            "quality_bps": 0,
            "gifts": 123,
            "coins": 10_000,
            "face_minor": 100_000,
            "amount_minor": 48_000,
            "guild": "公会 one",
            "guild_minor": 2_000,
            "platform_minor": 50_000,
        },
        # 2,345 coins at 55 %, half a per cent of it by quality: 128.975, half up 128.98; guild 4.69.
        {
            "kind": "gift",
            "session": None,
            "policy": "2026-2",
            "class": "standard",
            "tier_from_coins": 10_000,
            "share_bps": 5_500,
            "quality_bps": 50,
            "gifts": 7,
            "coins": 2_345,
            "face_minor": 23_450,
            "amount_minor": 12_429,
            "guild": "公会 one",
            "guild_minor": 469,
            "platform_minor": 10_552,
        },
        {
            "kind": "task",
            "session": None,
            "policy": "2026-1",
            "count": 2,
            "amount_minor": 4_000,
        },
        {
            "kind": "commerce",
            "session": SESSION,
            "policy": None,
            "count": 31,
            "amount_minor": 8_296,
        },
    ],
    "not_settled": [{"account": "accruals", "minor": 1_050, "reason": "held"}],
    "holds": [
        {
            "hold": "0198f5a0-0000-8000-8000-000000000003",
            "available_on": "2026-11-08",
            "amount_minor": 60_429,
        },
        {
            "hold": "0198f5a0-0000-8000-8000-000000000004",
            "available_on": "2026-11-15",
            "amount_minor": 4_000,
        },
    ],
    "totals": {
        "gross_minor": 75_194,
        "guild_minor": 2_469,
        "platform_minor": 60_552,
        "credited_minor": 72_725,
        "held_minor": 64_429,
        "available_minor": 8_296,
    },
}


def written() -> Document:
    """A month with two policies, a guild, a task and sold goods, and something held."""
    return deepcopy(_STATEMENT)


def stored(document: Document) -> bytes:
    """The bytes that would be stored."""
    return rfc8785.dumps(document)
