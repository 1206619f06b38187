"""What tests of appeals may ask for."""

import pytest

from ledger.database import Database
from tests.moderation.takings.court import Court


@pytest.fixture
def court(empty_database: Database) -> Court:
    """A journal of the test's own."""
    return Court(empty_database)
