"""Payees under fire: many at once, killed in the middle; and against a dictionary that says what is right."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

import ledger.resealing as resealing
import settlement
from ledger.audits.verify import audits_in, verify
from ledger.database import Database, Login
from ledger.journal.commands import Command
from ledger.resealing import left_under_other_keys, reseal
from ledger.sealing import Envelope, SealingKeys
from settlement.payees.reading import payee_of, refusal_to_pay
from settlement.payees.tables import sealed_values
from tests.settlement.payees.sample import (
    LICENCE,
    MATCHING_KEY,
    NAME,
    NEW_KEY,
    NUMBER,
    OLD_KEY,
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

_AUDITS = Path(settlement.__file__).parent / "audits"
_PEOPLE = {NAME: NUMBER, OTHER_NAME: OTHER_NUMBER}


def breaches(database: Database) -> list[str]:
    """What the checks of payees say."""
    words = ("payee", "sealed", "invoice")
    audits = [audit for audit in audits_in(_AUDITS) if any(word in audit.name for word in words)]
    assert len(audits) >= 6
    return [str(breach) for breach in verify(database.app, audits)]


def test_whoever_is_verified_and_sets_an_account_at_once_is_paid_in_the_verified_name(
    empty_database: Database,
) -> None:
    journal = journal_on(empty_database)
    registered(journal, "bo")

    def verified(turn: int) -> list[str]:
        return decided(journal, verification("bo", *list(_PEOPLE.items())[turn % 2]))

    def set_up(turn: int) -> list[str]:
        return decided(journal, account("bo", list(_PEOPLE)[turn % 2]))

    with ThreadPoolExecutor(4) as pool:
        deeds: list[Callable[[int], list[str]]] = [verified, set_up, set_up]
        done = [pool.submit(deeds[turn % 3], turn // 3) for turn in range(90)]
        said = [word for future in done for word in future.result(60)]
    assert set(said) <= {"accepted", "payee_name_mismatch", "payee_not_verified"}
    assert said.count("accepted") >= 30
    assert breaches(empty_database) == []


def test_an_invoice_handed_in_by_many_at_once_counts_once(empty_database: Database) -> None:
    journal = journal_on(empty_database)
    registered(journal, "studio")
    decided(journal, verification("studio", STUDIO, LICENCE, kind="organisation"))
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: decided(journal, invoice("studio", "24", 100))[0], range(20)))
    assert sorted(said) == ["accepted"] + ["invoice_already_handed_in"] * 19
    assert breaches(empty_database) == []


class _Deadly(SealingKeys):
    """Keys whose holder is killed when it seals for the tenth time, in the middle of the third batch."""

    sealed = 0

    def seal(self, party: str, field: str, value: str, *, context: bytes) -> Envelope:
        self.sealed += 1
        if self.sealed == 10:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().seal(party, field, value, context=context)


def _rotate_to_death(parameters: dict[str, str], acts_as: str | None) -> None:
    login = Login(parameters, acts_as)
    resealing.VALUES_A_BATCH = 4
    keys = _Deadly({"2026-11": NEW_KEY, "2026-10": OLD_KEY}, MATCHING_KEY)
    sum(reseal(journal_on(Database(login, login, is_embedded=False)), sealed_values, keys))


def test_a_rotation_that_is_killed_goes_on_where_it_was_and_no_value_is_lost(
    empty_database: Database,
) -> None:
    journal = journal_on(empty_database)
    registered(journal, "bo", "mei", "cai")
    decided(journal, *(verification(party) for party in ("bo", "mei", "cai")), account("bo"))
    login = empty_database.app_login
    killed = multiprocessing.get_context("spawn").Process(
        target=_rotate_to_death, args=(login.parameters, login.acts_as)
    )
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    with empty_database.app.connect() as connection:
        assert left_under_other_keys(connection, sealed_values, ROTATED) == 11 - 8
        assert connection.scalar(text("SELECT count(*) FROM settlement.sealed_values")) == 11
    assert sum(reseal(journal, sealed_values, ROTATED)) == 3
    assert breaches(empty_database) == []


def test_two_that_rotate_at_once_share_the_work(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resealing, "VALUES_A_BATCH", 3)
    journal = journal_on(empty_database)
    parties = [f"s{number}" for number in range(12)]
    registered(journal, *parties)
    decided(journal, *map(verification, parties))
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: sum(reseal(journal, sealed_values, ROTATED)), range(3)))
    assert sum(done) == 36
    with empty_database.app.connect() as connection:
        assert left_under_other_keys(connection, sealed_values, ROTATED) == 0


class Known(NamedTuple):
    """What a plain dictionary knows of a party."""

    kind: str
    name: str
    account: tuple[str, str] | None = None
    invoices: frozenset[str] = frozenset()


_NAMES = st.sampled_from([NAME, OTHER_NAME])
_DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("person"), _NAMES),
        st.tuples(st.just("organisation"), st.sampled_from([None, LICENCE])),
        st.tuples(st.sampled_from(["bank", "wechat", "alipay"]), st.sampled_from([NAME, OTHER_NAME, STUDIO])),
        st.tuples(st.just("invoice"), st.sampled_from(["1", "2"])),
    ),
    min_size=1,
    max_size=14,
)


def _expected(known: Known | None, deed: str, value: str | None) -> tuple[str, Known | None]:
    """What a deed comes to, and what is known after it; reckoned apart from the desk."""
    invoices = known.invoices if known else frozenset[str]()
    where = known.account if known else None
    if deed == "person":
        return "accepted", Known("person", str(value), where, invoices)
    if deed == "organisation":
        if value is None:
            return "licence_required", known
        return "accepted", Known("organisation", STUDIO, where, invoices)
    if known is None:
        return "payee_not_verified", None
    if deed == "invoice":
        if known.kind == "person":
            return "invoice_not_needed", known
        if value in invoices:
            return "invoice_already_handed_in", known
        return "accepted", known._replace(invoices=invoices | {str(value)})
    if known.kind == "organisation" and deed != "bank":
        return "bank_account_required", known
    if value != known.name:
        return "payee_name_mismatch", known
    return "accepted", known._replace(account=(deed, str(value)))


def _why_not(known: Known | None) -> str | None:
    if known is None:
        return "payee_not_verified"
    if known.account is None:
        return "payee_account_required"
    if known.kind == "organisation" and known.account[0] != "bank":
        return "bank_account_required"
    return None if known.account[1] == known.name else "payee_name_mismatch"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=_DEEDS, cut=st.integers(0, 14))
def test_whatever_is_asked_in_one_batch_or_two_the_books_agree_with_a_dictionary(
    database: Database, deeds: list[tuple[str, str | None]], cut: int
) -> None:
    journal, party = journal_on(database), f"payee-{uuid4().hex}"
    registered(journal, party)
    known: Known | None = None
    expected: list[str] = []
    commands: list[Command] = []
    accounts = {"bank": "6222020000001234567", "wechat": "oUpF8uMuAJO", "alipay": "ana@example.com"}
    for deed, value in deeds:
        outcome, known = _expected(known, deed, value)
        expected.append(outcome)
        match deed:
            case "person":
                commands.append(verification(party, str(value), _PEOPLE[str(value)]))
            case "organisation":
                commands.append(verification(party, STUDIO, value, kind="organisation"))
            case "invoice":
                commands.append(invoice(party, str(value), 100))
            case "bank" | "wechat" | "alipay":
                commands.append(account(party, str(value), accounts[deed], channel=deed))
    said = [word for part in (commands[:cut], commands[cut:]) if part for word in decided(journal, *part)]
    assert said == expected
    with database.app.connect() as connection:
        refusal = refusal_to_pay(party, payee_of(connection, party))
    assert (refusal.code if refusal else None) == _why_not(known)
