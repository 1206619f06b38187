"""Rules switched off, each alone and for a reason (合同的可分性): what is invalid leaves the rest standing.

A switch names a clause (``LIVE-MOD-7``), a part of one that the software knows (``LIVE-MOD-7/coins``), or
an item or group of the catalogue. Rule: LIVE-SEV-1.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.kernel.posted import SEQS_PER_MICROSECOND
from moderation.rules.document import RuleBook
from moderation.rules.tables import rule_switches

#: Penalties spare coins, wherever they are: only earnings are taken.
PENALTY_TAKES_COINS = "LIVE-MOD-7/coins"
#: The right to receive tips does not rest after a mute, or after a penalty.
RESTS_AFTER_MUTE = "P-MUTE/mute"
RESTS_AFTER_PENALTY = "P-MUTE/clean"
#: No measure follows by itself from points.
LADDER = "P-POINTS/ladder"
#: A report of infringement is accepted only with proof of who reports.
PROOF_OF_REPORTERS = "LIVE-REPORT-2"

#: What can be switched off besides the clauses, groups and items of a rule book.
PARTS = frozenset({PENALTY_TAKES_COINS, RESTS_AFTER_MUTE, RESTS_AFTER_PENALTY, LADDER, PROOF_OF_REPORTERS})


class Switch(NamedTuple):
    """How a rule was switched last: off or on, by whom, why, and at which instant."""

    entry: int
    rule: str
    is_on: bool
    reason: str
    switched_by: str

    @property
    def switched_at(self) -> int:
        """When it was switched, an instant."""
        return self.entry // SEQS_PER_MICROSECOND


def switches(connection: Connection, upto_seq: int | None = None) -> list[Switch]:
    """Every rule that was ever switched up to ``upto_seq`` (by default now), as it stands, by its name."""
    switched = rule_switches.c
    asked = (
        select(switched.entry, switched.rule, switched.is_on, switched.reason, switched.switched_by)
        .ext(distinct_on(switched.rule))
        .order_by(switched.rule, switched.entry.desc())
    )
    if upto_seq is not None:
        asked = asked.where(switched.entry <= upto_seq)
    return [Switch(*row) for row in connection.execute(asked)]


def switched_off(connection: Connection, upto_seq: int | None = None) -> frozenset[str]:
    """The rules that are off, as switched up to ``upto_seq`` (by default now)."""
    return frozenset(switch.rule for switch in switches(connection, upto_seq) if not switch.is_on)


def switchable(books: Sequence[RuleBook]) -> frozenset[str]:
    """Every rule that these rule books name, and the parts that the software knows."""
    names = set(PARTS)
    for book in books:
        names.update(book.items, book.groups)
        names.update(item.clause for item in book.items.values())
        names.update(group.clause for group in book.groups.values())
        names.update(terms.clause for terms in book.measures.values())
    return frozenset(names)
