"""Rotation of the sealing key: what reporters handed in is sealed anew under the current one."""

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, func, select, update

from ledger.journal.journal import Journal
from ledger.sealing import SealedValue, SealingKeys
from moderation.reports.tables import sealed_values

VALUES_A_BATCH = 500


def left_under_other_keys(connection: Connection, keys: SealingKeys) -> int:
    """How many values another than the current key opens."""
    others = select(func.count()).where(sealed_values.c.key_id != keys.current)
    return connection.execute(others).scalar_one()


def reseal(journal: Journal, keys: SealingKeys) -> Iterator[int]:
    """Seal anew whatever another than the current key opens; yields how many after each batch, one commit.

    It can be killed anywhere and started again. Raises :class:`ledger.sealing.CannotUnseal` for a value
    whose key is not at hand; what was sealed anew before it stays so.
    """
    while resealed := journal.transact(lambda connection: _reseal_batch(connection, keys)):
        yield resealed


def _reseal_batch(connection: Connection, keys: SealingKeys) -> int:
    """One batch, locked: two that rotate at once share the work."""
    found = connection.execute(
        select(sealed_values)
        .where(sealed_values.c.key_id != keys.current)
        .order_by(sealed_values.c.entry, sealed_values.c.field)
        .limit(VALUES_A_BATCH)
        .with_for_update()
    )
    rows = []
    for row in found:
        value = keys.unseal(SealedValue(row.entry, row.field, row.party, row.key_id, row.sealed))
        key_id, sealed = keys.seal(row.party, row.field, value, context=row.entry.to_bytes(8, "big"))
        rows.append(
            {"of_entry": row.entry, "of_field": row.field, "new_key_id": key_id, "new_sealed": sealed}
        )
    if rows:
        connection.execute(
            update(sealed_values)
            .where(
                sealed_values.c.entry == bindparam("of_entry"), sealed_values.c.field == bindparam("of_field")
            )
            .values(key_id=bindparam("new_key_id"), sealed=bindparam("new_sealed")),
            rows,
        )
    return len(rows)
