"""The database the books are kept in: PostgreSQL, embedded by default.

with open_database() as database:
    with database.app.begin() as connection: ...
"""

from ledger.database.engine import OLDEST_SERVER, Database, Login, open_database
from ledger.database.errors import DatabaseUnavailable, as_unavailable
from ledger.database.folder import APP_ROLE, OWNER_ROLE, DataFolder
from ledger.database.settings import DatabaseSettings

__all__ = [
    "APP_ROLE",
    "OLDEST_SERVER",
    "OWNER_ROLE",
    "DataFolder",
    "Database",
    "DatabaseSettings",
    "DatabaseUnavailable",
    "Login",
    "as_unavailable",
    "open_database",
]
