"""What tests of cases may ask for."""

import pytest

from ledger.database import Database
from tests.api.http.serving import own_api, sandbox_data
from tests.moderation.takings.court import Court

__all__ = ["own_api", "sandbox_data"]


@pytest.fixture
def court(empty_database: Database) -> Court:
    """A journal of the test's own."""
    return Court(empty_database)
