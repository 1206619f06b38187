"""Blacklists, and who is found on them, as short as a sentence."""

from collections.abc import Sequence
from uuid import UUID

from api.screening import screen_all, screen_new
from ledger.database import Database
from moderation.registers.commands import Hit, ImportBlacklist, Listed, TakeOffBlacklist
from tests.settlement.payees.sample import KEYS, NUMBER
from tests.settlement.payouts.playing import Payees

LIST = "主播黑名单"


class Screened(Payees):
    """Books with payees, blacklists, and somebody who screens when told to."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)

    def read_in(self, *numbers: str, name: str | None = None, of: str = LIST) -> UUID:
        """A list that names these numbers was read in; nobody has looked yet."""
        return self.did(imported(self.head("moderator:m1"), *numbers, name=name, of=of))

    def take_off(self, number: str = NUMBER) -> UUID:
        """Somebody is no longer on the list."""
        hashed = KEYS.digest("number", number)
        return self.did(TakeOffBlacklist(*self.head("moderator:m1"), LIST, hashed, "除名到期"))

    def screened(self, fact: UUID | None = None) -> Sequence[Hit]:
        """What is found now, by everybody or by what a fact brought."""
        at = self.head("platform:test")[2]
        return screen_all(self.journal, at) if fact is None else screen_new(self.journal, fact, at)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the application sees."""
        with self.database.app.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]


def imported(
    head: tuple[UUID, str, int, int], *numbers: str, name: str | None = None, of: str = LIST
) -> ImportBlacklist:
    """A list with these numbers on it."""
    named = None if name is None else KEYS.digest("name", name)
    return ImportBlacklist(*head, of, tuple(Listed(KEYS.digest("number", one), named) for one in numbers))
