"""Where Procrastinate's tables are: its names carry no schema, so they are found by the search path."""

from procrastinate.schema import SchemaManager
from psycopg import Connection
from sqlalchemy import Connection as SqlConnection

SCHEMA = "work"
SEARCH_PATH = f"{SCHEMA}, pg_temp"
#: For the rest of the transaction.
IN_SCHEMA = f"SET LOCAL search_path = {SEARCH_PATH}".encode()


def make_as_declared(connection: SqlConnection) -> None:
    """What the installed Procrastinate says its tables are, made in the empty schema."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, Connection)
    driver.execute(IN_SCHEMA)
    driver.execute(SchemaManager.get_schema())
    driver.execute("RESET search_path")
