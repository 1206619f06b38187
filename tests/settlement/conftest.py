"""What tests of settlement may ask for."""

import pytest

from ledger.database import Database
from tests.settlement.earning import House


@pytest.fixture
def house(empty_database: Database) -> House:
    """A journal of the test's own."""
    return House(empty_database)
