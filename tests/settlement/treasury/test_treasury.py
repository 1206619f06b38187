"""Tax goes to the tax office by two persons' word, never more than was withheld; debts are paid in."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from api.audits import all_audits
from ledger.audits.verify import verify
from ledger.database import Database
from ledger.journal.reversals import Reverse
from settlement.treasury.commands import ApproveRemittance, PayInDebt, ProposeRemittance, WithdrawRemittance
from settlement.treasury.reading import debts, months_of_tax, remittances
from tests.settlement.payouts.playing import Payees

MAKER, CHECKER = "finance:f1", "finance:f2"


@pytest.fixture
def house(empty_database: Database) -> Payees:
    """Bo was paid 30,000.00 in October: (24,000 − 5,000) × 3 % = 570.00 were withheld."""
    house = Payees(empty_database)
    house.payee("bo", 4_000_000)
    house.did(house.paid(house.sent("bo", 3_000_000)))
    return house


def propose(house: Payees, amount_minor: int, *, month: int = 10, by: str = MAKER) -> ProposeRemittance:
    return ProposeRemittance(*house.head(by), 2026, month, amount_minor, "T-1")


def approve(house: Payees, remittance: UUID, by: str = CHECKER) -> ApproveRemittance:
    return ApproveRemittance(*house.head(by), remittance)


def pay_in(house: Payees, amount_minor: int, reference: str = "B-9", party: str = "bo") -> PayInDebt:
    return PayInDebt(*house.head(MAKER), party, amount_minor, reference)


def breaches(house: Payees) -> list[str]:
    audits = [audit for audit in all_audits() if "treasury" in audit.name or "remittance" in audit.name]
    assert len(audits) == 2
    return [str(breach) for breach in verify(house.database.app, audits)] + house.breaches()


def test_tax_leaves_the_bank_once_a_second_person_agrees(house: Payees) -> None:
    bank, _ = house.balance("bank")
    proposed = house.did(propose(house, 57_000))
    assert house.balance("tax_withheld") == (57_000, 0)
    assert house.refused(approve(house, proposed, MAKER)) == "same_person"
    assert house.refused(approve(house, proposed, "moderator:f1")) == "same_person"
    house.did(approve(house, proposed))
    assert house.balance("tax_withheld") == (0, 0)
    assert house.balance("bank") == (bank - 57_000, 0)
    assert house.refused(approve(house, proposed)) == "remittance_closed"
    assert house.refused(WithdrawRemittance(*house.head(MAKER), proposed, "no")) == "remittance_closed"
    with house.database.app.connect() as connection:
        (month,) = months_of_tax(connection)
        (remittance,), _ = remittances(connection, limit=10)
    assert (str(month), month.withheld_minor, month.left_minor) == ("2026-10", 57_000, 0)
    assert (remittance.state, remittance.maker, remittance.ended_by) == ("remitted", MAKER, CHECKER)
    assert breaches(house) == []


def test_no_more_is_handed_over_than_was_withheld_in_the_month(house: Payees) -> None:
    assert house.refused(propose(house, 57_001)) == "exceeds_withheld"
    assert house.refused(propose(house, 1, month=11)) == "exceeds_withheld"
    first, second = house.did(propose(house, 40_000)), house.did(propose(house, 40_000))
    house.did(approve(house, first))
    assert house.refused(approve(house, second)) == "exceeds_withheld"
    house.did(WithdrawRemittance(*house.head(CHECKER), second, "twice"), propose(house, 17_000))
    assert house.refused(approve(house, second)) == "remittance_closed"
    assert house.refused(approve(house, uuid4())) == "remittance_not_found"


def test_what_is_on_its_way_is_not_withheld_yet_and_what_came_back_no_more(house: Payees) -> None:
    house.day = 1
    on_its_way = house.sent("bo", 1_000_000)
    # 10,000 × 80 % × 3 % = 240.00 more, once it is paid.
    assert house.refused(propose(house, 57_001)) == "exceeds_withheld"
    house.did(house.paid(on_its_way))
    house.did(approve(house, house.did(propose(house, 81_000))))
    house.did(house.returned(on_its_way))
    assert house.balance("tax_withheld") == (-24_000, 0)
    with house.database.app.connect() as connection:
        assert months_of_tax(connection)[0].left_minor == -24_000
    # What November withholds first makes up for it: of 300.00 only 60.00 are left to hand over.
    house.day = 40
    house.did(house.paid(house.sent("bo", 1_000_000)))
    (tax, _), (later, month) = house.balance("tax_withheld"), _last_month(house)
    assert (month, tax) == ("2026-11", later - 24_000)
    assert house.refused(propose(house, max(tax, 0) + 1, month=11)) == "exceeds_withheld"
    assert breaches(house) == []


def _last_month(house: Payees) -> tuple[int, str]:
    with house.database.app.connect() as connection:
        last = months_of_tax(connection)[-1]
    return last.withheld_minor, str(last)


def test_a_remittance_that_was_reversed_did_not_happen(house: Payees) -> None:
    approval = house.did(approve(house, house.did(propose(house, 57_000))))
    house.did(Reverse(*house.head(MAKER), approval, "the tax office sent it back"))
    assert house.balance("tax_withheld") == (57_000, 0)
    house.did(approve(house, house.did(propose(house, 57_000))))
    with house.database.app.connect() as connection:
        found, cursor = remittances(connection, limit=1)
        rest, end = remittances(connection, before=cursor, limit=1)
    assert [one.state for one in (*found, *rest)] == ["remitted", "reversed"]
    assert end is None
    assert breaches(house) == []


def test_two_who_approve_at_once_hand_over_what_was_withheld_once(house: Payees) -> None:
    proposals = [house.did(propose(house, 57_000)) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda id: house.say(approve(house, id))[0], proposals))
    refused = [outcome.refusal.code for outcome in outcomes if outcome.refusal]
    assert refused == ["exceeds_withheld"] * 3
    assert house.balance("tax_withheld") == (0, 0)


def test_a_debt_is_paid_in_once_and_no_further_than_it_goes(house: Payees) -> None:
    house.owes("bo", 30_000)
    bank, _ = house.balance("bank")
    assert house.refused(pay_in(house, 30_001)) == "exceeds_debt"
    assert house.refused(pay_in(house, 1, party="nobody")) == "account_not_found"
    house.did(pay_in(house, 10_000))
    assert house.refused(pay_in(house, 10_000)) == "debt_payment_already_recorded"
    assert house.say(pay_in(house, 5_000, "B-10"), pay_in(house, 5_000, "B-10"))[1].refusal is not None
    assert house.balance("debt", "bo") == (15_000, 0)
    assert house.balance("bank") == (bank + 15_000, 0)
    with house.database.app.connect() as connection:
        assert [(one.party, one.owed_minor) for one in debts(connection, limit=10)] == [("bo", 15_000)]
    assert breaches(house) == []
