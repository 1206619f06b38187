"""Rotation of the sealing key: killed and resumed, shared, and never half a value."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import ledger.resealing as resealing
from ledger.database import Database
from ledger.journal.journal import Journal
from ledger.resealing import left_under_other_keys, reseal
from ledger.sealing import CannotUnseal, SealingKeys
from settlement.payees.reading import sealed_of
from settlement.payees.tables import sealed_values
from tests.settlement.payees.sample import (
    KEYS,
    MATCHING_KEY,
    NAME,
    NEW_KEY,
    ROTATED,
    account,
    journal_on,
    registered,
    verification,
)

_PARTIES = [f"s{number}" for number in range(9)]
#: Each party has a name, a number, a birth date, an account and a holder.
_VALUES = 5 * len(_PARTIES)
NEW_ONLY = SealingKeys({"2026-11": NEW_KEY}, MATCHING_KEY)


@pytest.fixture
def journal(empty_database: Database, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setattr(resealing, "VALUES_A_BATCH", 4)
    journal = journal_on(empty_database)
    registered(journal, *_PARTIES)
    journal.decide([verification(party) for party in _PARTIES] + [account(party) for party in _PARTIES])
    return journal


def values_under(journal: Journal) -> dict[str, int]:
    by_key = "SELECT key_id, count(*) FROM settlement.sealed_values GROUP BY key_id"
    with journal.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text(by_key))}


def names(journal: Journal, keys: SealingKeys) -> list[str]:
    of_names = text("SELECT entry FROM settlement.verifications ORDER BY entry")
    with journal.engine.connect() as connection:
        entries = list(connection.scalars(of_names))
        return [keys.unseal(values["name"]) for values in sealed_of(connection, entries).values()]


def test_rotation_leaves_nothing_that_the_old_key_opens(journal: Journal) -> None:
    assert values_under(journal) == {"2026-10": _VALUES}
    assert sum(reseal(journal, sealed_values, ROTATED)) == _VALUES
    assert values_under(journal) == {"2026-11": _VALUES}
    assert names(journal, NEW_ONLY) == [NAME] * len(_PARTIES)
    with pytest.raises(CannotUnseal):
        names(journal, KEYS)


def test_rotation_that_was_stopped_goes_on_where_it_was(journal: Journal) -> None:
    batches = reseal(journal, sealed_values, ROTATED)
    assert next(batches) == 4
    assert values_under(journal) == {"2026-10": _VALUES - 4, "2026-11": 4}
    assert names(journal, ROTATED) == [NAME] * len(_PARTIES)
    assert sum(reseal(journal, sealed_values, ROTATED)) == _VALUES - 4
    assert sum(reseal(journal, sealed_values, ROTATED)) == 0


def test_without_the_old_key_nothing_is_changed(journal: Journal) -> None:
    with pytest.raises(CannotUnseal, match="'2026-10', which is not among the keys"):
        sum(reseal(journal, sealed_values, NEW_ONLY))
    assert values_under(journal) == {"2026-10": _VALUES}


def test_what_is_sealed_while_it_rotates_is_found_by_the_next_rotation(journal: Journal) -> None:
    sum(reseal(journal, sealed_values, ROTATED))
    journal.decide([verification("s0")])
    with journal.engine.connect() as connection:
        assert left_under_other_keys(connection, sealed_values, ROTATED) == 3
    assert sum(reseal(journal, sealed_values, ROTATED)) == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE settlement.sealed_values SET party = 'eve'",
        "UPDATE settlement.sealed_values SET entry = entry + 1",
        "UPDATE settlement.sealed_values SET field = 'holder'",
        "DELETE FROM settlement.sealed_values",
        "TRUNCATE settlement.sealed_values",
        "UPDATE settlement.verifications SET number_hash = name_hash",
        "DELETE FROM settlement.payee_accounts",
    ],
)
def test_the_application_may_do_nothing_else_to_them(journal: Journal, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), journal.engine.begin() as connection:
        connection.execute(text(statement))
