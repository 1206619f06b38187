"""What the pages of the registers share: they move nothing, and keep rows until they are written."""

from collections.abc import Iterable

from sqlalchemy import Connection, Table, insert

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from moderation.access.records import Access, record_all


class RegisterPage(Page):
    """Rows for the registers. Two writers that did not see each other meet in a key; one runs again."""

    def __init__(self) -> None:
        self._rows: dict[Table, list[dict[str, object]]] = {}
        self._acts: list[Access] = []

    def accounts(self) -> Iterable[AccountRef]:
        """None: a register holds words."""
        return ()

    def add(self, table: Table, **row: object) -> None:
        """A row to be written with the batch."""
        self._rows.setdefault(table, []).append(row)

    def acted(self, command: Command, object: str) -> None:
        """Somebody of the platform did something about a party, a list or a ticket: that is on record."""
        self._acts.append(Access(command.actor, command.kind, object))

    def write(self, connection: Connection) -> None:
        """The rows of what was accepted."""
        for table, rows in self._rows.items():
            connection.execute(insert(table), rows)
        record_all(connection, self._acts)
