"""Whose service was ended for a serious breach: nothing they bought is refunded. VAS-TERM-1.

Their coins stay where they are, frozen; only a decided penalty takes them (LIVE-MOD-7).
"""

from collections.abc import Collection

from sqlalchemy import Connection

from moderation.cases.records import measures_in_force
from moderation.measures.kinds import MeasureKind
from moderation.registers.refusals import ServiceTerminated


def why_no_refund(connection: Connection, parties: Collection[str], at: int) -> dict[str, ServiceTerminated]:
    """For each of these parties whose service is terminated at an instant, what a refund is refused with."""
    found: dict[str, ServiceTerminated] = {}
    for party, measures in measures_in_force(connection, parties, at).items():
        for measure in measures.values():
            if measure.kind is MeasureKind.TERMINATE_SERVICE:
                found.setdefault(party, ServiceTerminated(party, measure.case))
    return found
