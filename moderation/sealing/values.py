"""Writing sealed values, and reading them for those who may open them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.sealing import Personal, SealedValue
from moderation.sealing.tables import sealed_values

#: Under which names stands why somebody appeals, and what somebody wants explained.
APPEAL, TICKET = "appeal", "ticket"


def sealed_row(personal: Personal, field: str, *, party: str, subject: UUID, entry: int) -> dict[str, Any]:
    """The row of a personal value that an entry brought, about a report, an appeal or a ticket."""
    key_id, sealed = personal.envelope
    return {
        "entry": entry,
        "field": field,
        "party": party,
        "subject": subject,
        "key_id": key_id,
        "sealed": sealed,
    }


def sealed_of(connection: Connection, subjects: Collection[UUID]) -> dict[UUID, list[SealedValue]]:
    """What stands sealed about each of these, the oldest first. To open it, it takes the keys."""
    found: dict[UUID, list[SealedValue]] = {subject: [] for subject in subjects}
    if not found:
        return found
    rows = connection.execute(
        select(sealed_values)
        .where(sealed_values.c.subject.in_(subjects))
        .order_by(sealed_values.c.entry, sealed_values.c.field)
    )
    for row in rows:
        found[row.subject].append(SealedValue(row.entry, row.field, row.party, row.key_id, row.sealed))
    return found
