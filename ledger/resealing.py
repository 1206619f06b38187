"""Rotation of the sealing key: every personal value is sealed anew under the current one.

A table of sealed values has a row for each: the entry and field it belongs to, whose it is, and its envelope.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Table, bindparam, func, select, update

from ledger.journal.journal import Journal
from ledger.sealing import SealedValue, SealingKeys

VALUES_A_BATCH = 500


def left_under_other_keys(connection: Connection, values: Table, keys: SealingKeys) -> int:
    """How many values of a table another than the current key opens."""
    others = select(func.count()).where(values.c.key_id != keys.current)
    return connection.execute(others).scalar_one()


def reseal(journal: Journal, values: Table, keys: SealingKeys) -> Iterator[int]:
    """Seal anew whatever another than the current key opens; yields how many after each batch, one commit.

    What is left to do is what names another key, so it can be killed anywhere and started again. Raises
    :class:`ledger.sealing.CannotUnseal` for a value whose key is not at hand; what was sealed
    anew before it stays so.
    """
    while resealed := journal.transact(lambda connection: _reseal_batch(connection, values, keys)):
        yield resealed


def _reseal_batch(connection: Connection, values: Table, keys: SealingKeys) -> int:
    """One batch, locked: two that rotate at once share the work."""
    found = connection.execute(
        select(values)
        .where(values.c.key_id != keys.current)
        .order_by(values.c.entry, values.c.field)
        .limit(VALUES_A_BATCH)
        .with_for_update()
    )
    rows = []
    for row in found:
        value = SealedValue(row.entry, row.field, row.party, row.key_id, row.sealed)
        context = row.entry.to_bytes(8, "big")
        key_id, sealed = keys.seal(row.party, row.field, keys.unseal(value), context=context)
        rows.append(
            {"of_entry": row.entry, "of_field": row.field, "new_key_id": key_id, "new_sealed": sealed}
        )
    if rows:
        connection.execute(
            update(values)
            .where(values.c.entry == bindparam("of_entry"), values.c.field == bindparam("of_field"))
            .values(key_id=bindparam("new_key_id"), sealed=bindparam("new_sealed")),
            rows,
        )
    return len(rows)
