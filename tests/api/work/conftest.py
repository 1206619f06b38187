"""The servers of these tests."""

from tests.api.http.serving import own_api, sandbox_data

__all__ = ["own_api", "sandbox_data"]
