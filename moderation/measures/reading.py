"""Reading standing: what a party may not do at an instant, until when, and by which case."""

from typing import Literal, NamedTuple

from sqlalchemy import Connection

from moderation.cases.records import measures_in_force
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import Barred, Measure, barred

#: How much of the service there is for a party, the least first.
Service = Literal["recovered", "closed", "terminated", "suspended", "paused", "restricted", "normal"]

_SERVICE_BY: tuple[tuple[MeasureKind, Service], ...] = (
    (MeasureKind.RECOVER_ACCOUNT, "recovered"),
    (MeasureKind.CLOSE_ACCOUNT, "closed"),
    (MeasureKind.TERMINATE_SERVICE, "terminated"),
    (MeasureKind.SUSPEND_SERVICE, "suspended"),
    (MeasureKind.PAUSE, "paused"),
)


class Standing(NamedTuple):
    """What a party is kept from, and how much of the service is left; ``in_force`` is all that is imposed."""

    party: str
    service: Service
    barred: tuple[Barred, ...]
    in_force: tuple[Measure, ...]


def standing_of(connection: Connection, party: str, at: int) -> Standing:
    """How a party stands at an instant. Of a closed account one may still appeal, export, and withdraw what
    is not held: whatever is not barred here, or held in the ledger, is allowed.
    """
    in_force = tuple(measures_in_force(connection, [party], at)[party].values())
    found = tuple(barred(in_force, at).values())
    kinds = {measure.kind for measure in in_force}
    service = next((service for kind, service in _SERVICE_BY if kind in kinds), None)
    return Standing(party, service or ("restricted" if found else "normal"), found, in_force)
