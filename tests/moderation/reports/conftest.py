"""The servers of these tests."""

from tests.api.http.serving import api, own_api, sandbox_data

__all__ = ["api", "own_api", "sandbox_data"]
