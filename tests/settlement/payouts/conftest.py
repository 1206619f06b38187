"""The books of these tests."""

import pytest

from ledger.database import Database
from tests.settlement.payouts.playing import Payees


@pytest.fixture
def house(empty_database: Database) -> Payees:
    """Empty books in which a policy is published."""
    return Payees(empty_database)
