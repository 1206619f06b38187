"""Tax and debts over HTTP: two of finance, and what is left of each month."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from ledger.database import Database
from tests.api.http.serving import Api, sandbox, sandbox_data, serving
from tests.settlement.payouts.playing import Payees

__all__ = ["sandbox_data"]

TAX = "/v1/tax-remittances"


@pytest.fixture
def house(empty_database: Database) -> Payees:
    """Bo was paid 30,000.00 in October, and owes 300.00."""
    house = Payees(empty_database)
    house.payee("bo", 4_000_000)
    house.did(house.paid(house.sent("bo", 3_000_000)))
    house.owes("bo", 30_000)
    return house


@pytest.fixture
def own(house: Payees, empty_database: Database, sandbox_data: Path) -> Iterator[Api]:
    with serving(empty_database, sandbox(sandbox_data, worker=False)) as api:
        yield api


def test_tax_is_proposed_by_one_and_handed_over_by_another(own: Api) -> None:
    body = {"month": "2026-10", "amount": "500.00", "reference": "T-1"}
    more = own.refused("POST", TAX, "finance", {**body, "amount": "570.01"}, party="f1")
    assert (more["code"], more["left"]["amount"]) == ("exceeds_withheld", "570.00")
    proposed = own.done("POST", TAX, "finance", body, party="f1")["id"]
    assert (
        own.refused("POST", f"{TAX}/{proposed}/approve", "finance", {}, party="f1")["code"] == "same_person"
    )
    key = uuid4()
    done = own.done("POST", f"{TAX}/{proposed}/approve", "finance", {}, party="f2", key=key)
    assert done["moved"] == {"amount": "500.00", "currency": "CNY"}
    assert own.done("POST", f"{TAX}/{proposed}/approve", "finance", {}, party="f2", key=key) == done
    slip = own.done("POST", TAX, "finance", {**body, "amount": "70.00"}, party="f1")["id"]
    own.done("POST", f"{TAX}/{slip}/withdraw", "finance", {"reason": "typed wrong"}, party="f1")
    seen = own.done("GET", TAX, "finance")
    assert [(one["month"], one["left"]["amount"]) for one in seen["months"]] == [("2026-10", "70.00")]
    assert [(one["state"], one["ended_by"]) for one in seen["remittances"]] == [
        ("withdrawn", "finance:f1"),
        ("remitted", "finance:f2"),
    ]
    for month in ("2026-13", "2026-1", "202610", "2026-10-01", 202610, None):
        assert own.refused("POST", TAX, "finance", {**body, "month": month})["code"] == "invalid", month


def test_a_debt_is_paid_in_once(own: Api) -> None:
    body = {"party": "bo", "amount": "100.00", "reference": "B-7"}
    paid = own.done("POST", "/v1/debt-payments", "finance", body)
    assert (paid["amount"]["amount"], paid["owed"]["amount"]) == ("100.00", "200.00")
    twice = own.refused("POST", "/v1/debt-payments", "finance", body)
    assert twice["code"] == "debt_payment_already_recorded"
    most = own.refused("POST", "/v1/debt-payments", "finance", {**body, "amount": "9999999999.99"})
    assert (most["code"], most["owed"]["amount"]) == ("exceeds_debt", "200.00")
