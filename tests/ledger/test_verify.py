"""Corruption: a row damaged behind the ledger's back is found by the check that promises it, and named."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from api.audits import all_audits
from ledger.audits.verify import Audit, Breach, breaches, verify
from ledger.database import Database
from tests.busy_books import BusyBook, play

#: What may change: it is derived from the rest, or says how far a run came.
PROJECTIONS = {
    *("ledger.accounts", "ledger.holds", "ledger.tip_days"),
    *("settlement.runs", "settlement.payouts", "settlement.return_runs"),
    *("moderation.case_states", "moderation.decision_states", "moderation.report_states"),
    # What may be sealed anew, and not changed otherwise.
    *("settlement.sealed_values", "moderation.sealed_values"),
}
#: What is still to be done: a line goes once it is.
TO_DO = {"moderation.due_notices"}

_TABLES = text("""
    SELECT schemaname || '.' || tablename FROM pg_tables
    WHERE schemaname IN ('ledger', 'settlement', 'moderation') AND tablename <> 'alembic_version'
    ORDER BY 1
""")


@pytest.fixture(scope="module")
def busy(server: Database, _migrated: str) -> Iterator[tuple[Database, BusyBook]]:
    with server.scratch(copy_of=_migrated) as database:
        yield database, play(database)


@pytest.fixture
def database(busy: tuple[Database, BusyBook]) -> Database:
    return busy[0]


@pytest.fixture(scope="module")
def append_only(busy: tuple[Database, BusyBook]) -> list[str]:
    """Every table but the projections, by the database's own list: a new table has to be one or the other."""
    with busy[0].owner.connect() as connection:
        return [table for table in connection.scalars(_TABLES) if table not in PROJECTIONS | TO_DO]


_COLUMN = text("""
    SELECT quote_ident(attname) FROM pg_attribute
    WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND attidentity = '' ORDER BY attnum LIMIT 1
""")


class Damage(NamedTuple):
    """A deed of damages.sql, and the check that must find it."""

    audit: str
    deed: str
    statements: list[str]


def damages() -> list[Damage]:
    """What damages.sql says, a paragraph each."""
    _, *paragraphs = (Path(__file__).parent / "damages.sql").read_text(encoding="utf-8").split("\n\n")
    found = []
    for paragraph in paragraphs:
        title, _, script = paragraph.partition("\n")
        audit, _, deed = title.removeprefix("-- ").partition(": ")
        found.append(Damage(audit, deed, script.strip().removesuffix(";").split(";\n")))
    return found


DAMAGES = damages()


def guard(connection: Connection, tables: list[str], *, awake: bool) -> None:
    for table in tables:
        connection.execute(
            text(f"ALTER TABLE {table} {'ENABLE' if awake else 'DISABLE'} TRIGGER append_only")
        )


def carry_out(connection: Connection, damage: Damage, book: BusyBook, append_only: list[str]) -> str:
    """Do it behind the ledger's back; returns what the breach must say."""
    number_of = text("SELECT seq FROM ledger.decisions WHERE id = :id")
    meant = {f"{{{name}}}": str(id) for name, id in book.ids.items()}
    meant |= {f"<{name}>": str(connection.scalar(number_of, {"id": id})) for name, id in book.ids.items()}
    is_of_a_row = not damage.audit.startswith("i4_")
    if is_of_a_row:
        guard(connection, append_only, awake=False)
    for statement in damage.statements:
        of_this_book = re.sub(r"\{\w+\}|<\w+>", lambda name: meant[name[0]], statement)
        result = connection.exec_driver_sql(of_this_book)
    named = result.scalars().first()
    if is_of_a_row:
        guard(connection, append_only, awake=True)
    assert named is not None, f"{damage.deed}: the damage hit no row"
    return str(named)


@pytest.mark.parametrize("damage", DAMAGES, ids=[f"{d.audit[:2]}: {d.deed}" for d in DAMAGES])
def test_damage_is_found_and_the_row_is_named(
    busy: tuple[Database, BusyBook], append_only: list[str], damage: Damage
) -> None:
    database, book = busy
    with database.owner.connect() as connection:
        name = carry_out(connection, damage, book, append_only)
        audits = [audit for audit in all_audits() if audit.name == damage.audit]
        found = breaches(connection, audits)
        connection.rollback()
    assert found, f"{damage.audit} does not see it when {damage.deed}"
    assert any(name in breach.row for breach in found), f"{name!r} is not named by {found[0].row!r}"


def test_every_check_is_hit_by_some_damage_and_every_damage_hits_a_check() -> None:
    assert {audit.name for audit in all_audits()} == {damage.audit for damage in DAMAGES}


def test_every_check_opens_with_the_sentence_it_proves() -> None:
    for audit in all_audits():
        assert audit.statement.startswith("-- "), audit.name
        assert re.fullmatch(r"[\w ]{3}.{20,}\.( LIVE-[A-Z]+-\d+)?", audit.promise), audit.promise
        assert audit.invariant in {f"I{number}" for number in range(1, 11)}, audit.name


def test_sound_books_break_nothing_and_each_check_is_reported_done(database: Database) -> None:
    audits, told = all_audits(), []

    def progress(audit: Audit, done: int, of: int) -> None:
        told.append((audit.name, done, of))

    assert [str(breach) for breach in verify(database.app, audits, progress)] == []
    assert told == [(audit.name, n, len(audits)) for n, audit in enumerate(audits, start=1)]


def test_empty_books_break_nothing(empty_database: Database) -> None:
    assert verify(empty_database.app, all_audits()) == []


def test_what_verify_finds_in_a_database_is_said_in_a_line(
    empty_database: Database, append_only: list[str]
) -> None:
    book = play(empty_database)
    with empty_database.owner.begin() as connection:
        damage = next(damage for damage in DAMAGES if damage.audit == "i5_balances_follow_each_other")
        named = carry_out(connection, damage, book, append_only)
    found = verify(empty_database.app, all_audits())
    lines = [str(breach) for breach in found]
    assert any(line.startswith(f"I5 i5_balances_follow_each_other: {named}") for line in lines), lines
    assert {"i1_debits_equal_credits", "i5_account_totals_equal_its_lines"} <= {b.audit.name for b in found}
    assert all("\n" not in line for line in lines)


def test_verify_looks_at_one_moment_only(busy: tuple[Database, BusyBook], append_only: list[str]) -> None:
    """What another session commits between two checks is not seen by the second."""
    database, _ = busy
    audits = [audit for audit in all_audits() if audit.invariant == "I6"]
    more = "UPDATE ledger.accounts SET credits_minor = credits_minor + :by WHERE kind = 'coin_liability'"

    def interfere(_audit: Audit, done: int, _of: int) -> None:
        if done == 1:
            with database.owner.begin() as connection:
                connection.execute(text(more), {"by": 7})

    try:
        # The check of the backing comes second here.
        assert verify(database.app, audits[::-1], interfere) == []
        assert [breach.audit.name for breach in verify(database.app, audits)] == ["i6_coins_are_backed"]
    finally:
        with database.owner.begin() as connection:
            connection.execute(text(more), {"by": -7})


def refusal_of(connection: Connection, statement: str) -> type[BaseException]:
    """The error with which the database refuses a statement."""
    with pytest.raises(DBAPIError) as refused, connection.begin():
        connection.execute(text(statement))
    assert refused.value.orig is not None
    return type(refused.value.orig)


def test_no_row_of_the_journal_can_be_changed_or_taken_out_by_anyone(
    database: Database, append_only: list[str]
) -> None:
    changing = {
        "an update": "UPDATE {table} SET {column} = {column}",
        "a delete": "DELETE FROM {table}",
        "a truncate": "TRUNCATE {table}",
    }
    with database.owner.connect() as connection:
        column_of = {table: connection.scalar(_COLUMN, {"table": table}) for table in append_only}
    with database.app.connect() as app, database.owner.connect() as owner:
        for table in append_only:
            for deed, statement in changing.items():
                command = statement.format(table=table, column=column_of[table])
                for who, connection, expected in (
                    ("zhibo_app", app, psycopg.errors.InsufficientPrivilege),
                    ("the owner", owner, psycopg.errors.RestrictViolation),
                ):
                    refused = refusal_of(connection, command)
                    assert refused is expected, f"{deed} of {table} by {who}: {refused.__name__}"


def test_a_sleeping_trigger_is_found_on_every_table_of_the_journal(
    database: Database, append_only: list[str]
) -> None:
    audits = [audit for audit in all_audits() if audit.invariant == "I4"]
    assert len(append_only) >= 12
    for table in append_only:
        with database.owner.connect() as connection:
            guard(connection, [table], awake=False)
            found = [breach.row for breach in breaches(connection, audits)]
            connection.rollback()
        assert [row.split()[1] for row in found] == [table], f"{table}: {found}"


def test_a_projection_is_never_deleted_from_by_the_application(database: Database) -> None:
    with database.app.connect() as app:
        for table in sorted(PROJECTIONS):
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
                assert refusal_of(app, statement) is psycopg.errors.InsufficientPrivilege, statement


def test_a_breach_names_its_invariant_first() -> None:
    audit = next(audit for audit in all_audits() if audit.name == "i6_coins_are_backed")
    assert str(Breach(audit, "a row")) == "I6 i6_coins_are_backed: a row"
