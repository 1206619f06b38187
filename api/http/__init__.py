"""HTTP: the API under ``/v1``, its probes and its documents.

It translates; it decides nothing about money.
"""

from api.http.app import create_app
from api.http.server import serve

__all__ = ["create_app", "serve"]
