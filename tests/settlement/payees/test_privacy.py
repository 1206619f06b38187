"""Whoever gets hold of the database, or of the logs, learns nobody's name and no number."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from ledger.database import Database
from ledger.resealing import reseal
from settlement.payees.tables import sealed_values
from tests.settlement.payees.sample import (
    BANK_ACCOUNT,
    BORN,
    LICENCE,
    NAME,
    NUMBER,
    OTHER_NAME,
    OTHER_NUMBER,
    ROTATED,
    STUDIO,
    account,
    decided,
    invoice,
    journal_on,
    registered,
    verification,
)

SECRETS = (NAME, NUMBER, BORN, OTHER_NAME, OTHER_NUMBER, STUDIO, LICENCE, BANK_ACCOUNT)

_COLUMNS = text("""
    SELECT format('%I.%I', table_schema, table_name) AS table, column_name AS column
    FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2
""")


def everything(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Every value of every column of every table, as its bytes and as its text."""
    for table, column in connection.execute(_COLUMNS).all():
        name = f'"{column}"'
        for (value,) in connection.execute(text(f"SELECT {name} FROM {table} WHERE {name} IS NOT NULL")):
            yield f"{table}.{column}", value if isinstance(value, bytes) else str(value).encode()


def assert_silent(seen: bytes, where: str) -> None:
    """No secret is there, plain, in hexadecimal, or its hash without the key."""
    for secret in SECRETS:
        for form in (secret, secret.encode().hex(), secret.encode("utf-16-le").hex()):
            assert form.encode() not in seen, f"{form!r} can be read in {where}"


@pytest.mark.rule("JD-KYC-1")
def test_no_table_holds_a_name_or_a_number_that_can_be_read(
    empty_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    journal = journal_on(empty_database)
    registered(journal, "bo", "mei", "studio")
    outcomes = decided(
        journal,
        verification("bo"),
        account("bo"),
        account("bo", OTHER_NAME),
        verification("mei", OTHER_NAME, OTHER_NUMBER),
        verification("studio", STUDIO, None, kind="organisation"),
        verification("studio", STUDIO, LICENCE, kind="organisation"),
        account("studio", STUDIO),
        invoice("studio", "24312000000012345678", 100),
        verification("nobody", OTHER_NAME, OTHER_NUMBER),
    )
    assert outcomes.count("accepted") == 6
    for _ in range(2):
        with empty_database.owner.connect() as connection:
            tables = set()
            for where, value in everything(connection):
                assert_silent(value, where)
                tables.add(where.rpartition(".")[0])
        assert {"ledger.decisions", "settlement.sealed_values", "settlement.verifications"} <= tables
        sum(reseal(journal, sealed_values, ROTATED))
    assert_silent(caplog.text.encode(), "the log")


def test_equal_names_cannot_be_told_from_their_sealed_bytes(empty_database: Database) -> None:
    journal = journal_on(empty_database)
    registered(journal, "bo", "mei")
    decided(journal, verification("bo"), verification("mei"), verification("bo"))
    with empty_database.owner.connect() as connection:
        sealed = list(connection.scalars(text("SELECT sealed FROM settlement.sealed_values")))
    assert len(sealed) == 9
    assert len(set(sealed)) == len(sealed)
    assert len({value[:12] for value in sealed}) == len(sealed)
