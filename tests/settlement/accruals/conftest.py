"""The servers of these tests."""

from tests.api.http.serving import api, sandbox_data

__all__ = ["api", "sandbox_data"]
