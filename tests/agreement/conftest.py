"""The servers of these tests."""

from tests.api.http.serving import api, own_api, sandbox_data
from tests.settlement.conftest import house

__all__ = ["api", "house", "own_api", "sandbox_data"]
