"""Payees in the books: verified once or anew, paid in their own name, invoiced once."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from ledger.database import Database
from ledger.journal.journal import Journal
from settlement.payees.reading import Payee, invoiced_minor, payee_of, refusal_to_pay, sealed_of
from tests.settlement.payees.sample import (
    BANK_ACCOUNT,
    BORN,
    KEYS,
    LICENCE,
    NAME,
    NUMBER,
    OTHER_NAME,
    OTHER_NUMBER,
    STUDIO,
    account,
    decided,
    invoice,
    journal_on,
    registered,
    verification,
)


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    journal = journal_on(empty_database)
    registered(journal, "bo", "mei", "studio")
    return journal


def payee(journal: Journal, party: str, upto_seq: int | None = None) -> Payee | None:
    with journal.engine.connect() as connection:
        return payee_of(connection, party, upto_seq)


def opened(journal: Journal, entry: int) -> dict[str, str]:
    with journal.engine.connect() as connection:
        sealed = sealed_of(connection, [entry])[entry]
    return {field: KEYS.unseal(value) for field, value in sealed.items()}


def why_not(journal: Journal, party: str) -> str | None:
    refusal = refusal_to_pay(party, payee(journal, party))
    return refusal.code if refusal else None


def test_a_verified_person_with_an_account_in_the_same_name_can_be_paid(journal: Journal) -> None:
    assert why_not(journal, "bo") == "payee_not_verified"
    assert decided(journal, verification("bo")) == ["accepted"]
    assert why_not(journal, "bo") == "payee_account_required"
    assert decided(journal, account("bo")) == ["accepted"]
    assert why_not(journal, "bo") is None
    found = payee(journal, "bo")
    assert found is not None
    assert found.account is not None
    assert opened(journal, found.entry) == {"name": NAME, "number": NUMBER, "birth_date": BORN}
    assert opened(journal, found.account.entry) == {"account": BANK_ACCOUNT, "holder": NAME}


def test_one_batch_sees_what_it_did_itself(journal: Journal) -> None:
    assert decided(
        journal,
        account("bo"),
        verification("bo"),
        account("bo", OTHER_NAME),
        account("bo"),
        verification("bo", OTHER_NAME, OTHER_NUMBER),
        account("bo"),
        account("bo", OTHER_NAME),
    ) == [
        "payee_not_verified",
        "accepted",
        "payee_name_mismatch",
        "accepted",
        "accepted",
        "payee_name_mismatch",
        "accepted",
    ]
    assert why_not(journal, "bo") is None


def test_under_a_new_name_the_old_account_is_paid_no_more(journal: Journal) -> None:
    decided(journal, verification("bo"), account("bo"), verification("bo", OTHER_NAME, OTHER_NUMBER))
    assert why_not(journal, "bo") == "payee_name_mismatch"
    assert decided(journal, account("bo", OTHER_NAME)) == ["accepted"]
    assert why_not(journal, "bo") is None


def test_who_a_payee_was_stays_known(journal: Journal) -> None:
    decided(journal, verification("bo"))
    before = payee(journal, "bo")
    assert before is not None
    decided(journal, verification("bo", OTHER_NAME, OTHER_NUMBER), account("bo", OTHER_NAME))
    now = payee(journal, "bo")
    assert now is not None
    assert now.number_hash != before.number_hash
    assert payee(journal, "bo", before.entry) == before
    assert payee(journal, "bo", before.entry - 1) is None


def test_two_parties_of_one_person_have_one_number(journal: Journal) -> None:
    decided(journal, verification("bo"), verification("mei", "王 小明", NUMBER.lower()))
    one, other = payee(journal, "bo"), payee(journal, "mei")
    assert one is not None
    assert other is not None
    assert (one.number_hash, one.name_hash) == (other.number_hash, other.name_hash)


def test_whoever_cannot_earn_is_not_a_payee(journal: Journal) -> None:
    commands = verification("nobody"), account("nobody"), invoice("nobody", "1", 100)
    assert decided(journal, *commands) == ["account_not_found"] * 3


def test_an_organisation_needs_its_licence_and_its_bank(journal: Journal) -> None:
    assert decided(
        journal,
        verification("studio", STUDIO, None, kind="organisation"),
        verification("studio", STUDIO, LICENCE, kind="organisation"),
        account("studio", STUDIO, "oUpF8uMuAJO", channel="wechat"),
        account("studio", STUDIO, "ana@example.com", channel="alipay"),
        account("studio", STUDIO),
    ) == ["licence_required", "accepted", "bank_account_required", "bank_account_required", "accepted"]
    assert why_not(journal, "studio") is None


def test_a_person_may_be_paid_through_any_channel(journal: Journal) -> None:
    commands = (account("bo", channel=channel) for channel in ("bank", "wechat", "alipay"))
    assert decided(journal, verification("bo"), *commands) == ["accepted"] * 4
    found = payee(journal, "bo")
    assert found is not None
    assert found.account is not None
    assert found.account.channel == "alipay"


def test_an_invoice_counts_once_and_only_an_organisations(journal: Journal) -> None:
    decided(journal, verification("bo"), verification("studio", STUDIO, LICENCE, kind="organisation"))
    assert decided(
        journal,
        invoice("mei", "24", 100),
        invoice("bo", "24", 100),
        invoice("studio", "24", 10_000),
        invoice("studio", "24", 10_000),
        invoice("studio", "25", 5_001),
    ) == [
        "payee_not_verified",
        "invoice_not_needed",
        "accepted",
        "invoice_already_handed_in",
        "accepted",
    ]
    assert decided(journal, invoice("studio", "24", 1)) == ["invoice_already_handed_in"]
    with journal.engine.connect() as connection:
        assert [invoiced_minor(connection, party) for party in ("studio", "bo")] == [15_001, 0]


def test_a_repeated_command_gets_its_first_answer_and_leaves_one_row(journal: Journal) -> None:
    id = uuid4()
    first, again, other = journal.decide(
        [verification("bo", id=id), verification("bo", id=id), verification("bo", OTHER_NAME, id=id)]
    )
    assert again.replayed
    assert again.seq == first.seq
    assert other.refusal is not None
    assert other.refusal.code == "id_conflict"
    with journal.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM settlement.verifications")).scalar_one() == 1
        assert connection.execute(text("SELECT count(*) FROM settlement.sealed_values")).scalar_one() == 3
