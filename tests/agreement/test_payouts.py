"""Earnings become money in the bank: verified, second-looked-at, taxed as labour service, once."""

import pytest

from ledger.database import Database
from settlement.policies.publishing import PublishPolicy
from tests.settlement.payouts.playing import Payees, policy

#: 2027-01-13 and 2027-04-13, by days since 2026-10-05.
JANUARY, APRIL = 100, 190


@pytest.mark.rule("JD-KYC-1")
def test_only_a_verified_payee_is_paid_and_into_an_account_of_that_name(empty_database: Database) -> None:
    """10,000.00 earned: 80 % is 8,000.00, less 5,000.00 is 3,000.00, at 3 % 90.00; 9,910.00 to the bank."""
    house = Payees(empty_database)
    house.payee("bo", 1_000_000)
    payout = house.sent("bo")
    house.did(house.paid(payout, "B-20261005-1"))
    assert house.balance("earnings", "bo") == (0, 0)
    assert house.balance("bank") == (-991_000, 0)
    assert house.balance("tax_withheld") == (9_000, 0)


@pytest.mark.rule("LIVE-REL-1")
@pytest.mark.parametrize(
    ("months_rule", "april"), [("since_first", 250_000), ("with_income", 350_000), ("consecutive", 400_000)]
)
def test_labour_service_is_withheld_over_the_year_as_the_policy_counts_its_months(
    empty_database: Database, months_rule: str, april: int
) -> None:
    """100,000.00 sent in January, 50,000.00 in April.

    January: 80,000 - 5,000 = 75,000 at 10 % - 2,520 = 4,980.00. April: 120,000 less 5,000 for each of 4, 2
    or 1 months = 100,000, 110,000 or 115,000 at 10 % - 2,520 - 4,980 = 2,500.00, 3,500.00 or 4,000.00.
    """
    house = Payees(empty_database, None)
    text = policy().replace('months_rule = "since_first"', f'months_rule = "{months_rule}"')
    house.did(PublishPolicy(*house.head("finance:f0"), text))
    house.payee("bo", 15_000_000)
    house.day = JANUARY
    first = house.sent("bo", 10_000_000)
    house.did(house.paid(first))
    house.day = APRIL
    second = house.sent("bo", 5_000_000)
    house.did(house.paid(second))
    assert [house.payout(payout).tax_minor for payout in (first, second)] == [498_000, april]
    assert house.balance("tax_withheld") == (498_000 + april, 0)
    assert house.breaches() == []
