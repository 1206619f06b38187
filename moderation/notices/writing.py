"""Writing notices: a desk does it in the transaction of what they tell of. Rule: LIVE-MOD-3."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert

from ledger.instants import datetime_of
from ledger.journal.commands import derived_id
from moderation.notices.tables import due_notices, notices


class Notice(NamedTuple):
    """What a party is told. ``kind`` says about what: decision, report, appeal, … in a word of ours."""

    party: str
    kind: str
    case: str | None
    text: str


def insert_notices(connection: Connection, entry: int, at: int, rows: Sequence[Notice]) -> None:
    """Write what an entry has to tell, to be delivered once it is committed; ``at`` is an instant.

    All notices of one kind are written in one call: their ids follow from entry, kind and place.
    """
    written_at = datetime_of(at)
    ids = [derived_id(UUID(int=entry), f"notice:{row.kind}:{n}") for n, row in enumerate(rows)]
    if rows:
        connection.execute(
            insert(notices),
            [
                {"notice": id, "entry": entry, "written_at": written_at, **row._asdict()}
                for id, row in zip(ids, rows, strict=True)
            ],
        )
        connection.execute(
            insert(due_notices), [{"notice": id, "attempts": 0, "due_at": written_at} for id in ids]
        )
