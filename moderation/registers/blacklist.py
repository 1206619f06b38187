"""Blacklists (警示名单, 主播黑名单): who is on them, and which verified parties were found there. LIVE-BLK-1.

A list holds keyed hashes of ID numbers. What a hit comes to, its case and measures, follows in
:mod:`moderation.registers.following`.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, Refusal
from moderation.cases.writing import CaseRows
from moderation.measures.standing import barrable
from moderation.persons import is_about_oneself, subject_of
from moderation.registers.commands import (
    FindIdentityFalse,
    Hit,
    ImportBlacklist,
    Listed,
    TakeOffBlacklist,
)
from moderation.registers.page import RegisterPage
from moderation.registers.refusals import NotListed, OwnAffair
from moderation.registers.tables import (
    blacklist_hits,
    blacklist_imports,
    blacklist_listings,
    false_identities,
)

BlacklistCommand = ImportBlacklist | TakeOffBlacklist | Hit | FindIdentityFalse
Announce = Callable[[Connection, Sequence[UUID]], None]
#: Parties, each with the hashes of the ID numbers that are known to be its own.
NumbersOf = Callable[[Connection, Collection[str]], Collection[tuple[str, bytes]]]

_NEWEST = text("""
SELECT l.list, l.number_hash, max(l.number) AS number
FROM moderation.blacklist_listings AS l
JOIN unnest(CAST(:lists AS text[]), CAST(:numbers AS bytea[])) AS asked (list, number_hash)
  ON asked.list = l.list AND asked.number_hash = l.number_hash
GROUP BY l.list, l.number_hash
""")


_AGREEING = {None: "", True: "; the name agrees", False: "; under another name"}


class _Person(NamedTuple):
    """Somebody on some list."""

    list: str
    number_hash: bytes


class BlacklistDesk:
    """Plans ``blacklist_import``, ``blacklist_taken_off``, ``blacklist_hit`` and ``identity_false``."""

    commands: tuple[type[Command], ...] = (ImportBlacklist, TakeOffBlacklist, Hit, FindIdentityFalse)

    def __init__(self, announce: Announce, numbers_of: NumbersOf) -> None:
        """``announce`` is told of the imports that are accepted, in their transaction.

        ``numbers_of`` says who people of the platform are: nobody takes themselves off a list.
        """
        self._announce = announce
        self._numbers_of = numbers_of

    def open(self, connection: Connection, commands: Sequence[Command]) -> "BlacklistPage":
        """How often those named were put on the lists or taken off, so far."""
        named = {person for command in commands for person in _named(command)}
        found = {command.party for command in commands if isinstance(command, Hit | FindIdentityFalse)}
        takers = {subject_of(command.actor) for command in commands if isinstance(command, TakeOffBlacklist)}
        own = self._numbers_of(connection, takers) if takers else ()
        return BlacklistPage(_newest(connection, named), found, own, self._announce)


class BlacklistPage(RegisterPage):
    """The listings of those named, moving on with the batch. An even number is on no list."""

    def __init__(
        self,
        numbers: dict[_Person, int],
        found: set[str],
        own: Collection[tuple[str, bytes]],
        announce: Announce,
    ) -> None:
        super().__init__()
        self._own = own
        self._found = found
        self._announce = announce
        self._imports: list[UUID] = []
        self._numbers = numbers
        self._cases = CaseRows()

    def accounts(self) -> Iterable[AccountRef]:
        """Those of whoever was found: the decision that follows in the same transaction stops them.

        Locked at once, so that of two who find somebody one waits, and then sees what the other did.
        """
        for party in self._found:
            yield from barrable(party)

    def plan(self, command: BlacklistCommand, books: Books) -> Entry | Refusal | None:
        """Refuses ``own_affair``, ``account_not_found`` (nobody of that name) and ``not_listed``.

        A hit on somebody who is off the list is none.
        """
        match command:
            case ImportBlacklist():
                return Entry("blacklist_import", f"list:{command.list}", ())
            case TakeOffBlacklist():
                person = subject_of(command.actor)
                if (person, command.number) in self._own:
                    return OwnAffair(person)
                if not self._is_listed(_Person(command.list, command.number)):
                    return NotListed(command.list)
                return Entry("blacklist_taken_off", f"list:{command.list}", ())
            case Hit():
                listed = _Person(command.list, command.number_hash)
                if not self._is_listed(listed) or self._numbers[listed] != command.number:
                    return None
                return Entry("blacklist_hit", f"list:{command.list} case:{command.case}", ())
            case FindIdentityFalse():
                if is_about_oneself(command.actor, command.party):
                    return OwnAffair(command.party)
                if not any(ref in books.accounts for ref in barrable(command.party)):
                    return AccountNotFound("earnings", command.party)
                return Entry("identity_false", f"party:{command.party} case:{command.case}", ())

    def accepted(self, command: BlacklistCommand, posted: Posted) -> None:
        """Later commands of the batch see who is on the lists now."""
        match command:
            case ImportBlacklist():
                self.acted(command, f"blacklist:{command.list}")
                self._import(command, posted.seq)
            case TakeOffBlacklist():
                self.acted(command, f"blacklist:{command.list}")
                person = _Person(command.list, command.number)
                self._list(person, posted.seq, is_listed=False, name_hash=None, reason=command.reason)
            case Hit():
                self.acted(command, f"case:{command.case}")
                on_list = f"LIVE-BLK-1 on the list {command.list}{_AGREEING[command.names_agree]}"
                self._open_case(command, posted.seq, "blacklist", on_list)
                self.add(
                    blacklist_hits,
                    hit=command.id,
                    entry=posted.seq,
                    party=command.party,
                    list=command.list,
                    number_hash=command.number_hash,
                    number=command.number,
                    case=command.case,
                )
            case FindIdentityFalse():
                self.acted(command, f"case:{command.case}")
                self._open_case(command, posted.seq, "spot_check", f"LIVE-ID-4 {command.reason}")
                self.add(
                    false_identities,
                    finding=command.id,
                    entry=posted.seq,
                    party=command.party,
                    case=command.case,
                    reason=command.reason,
                    found_by=command.actor,
                )

    def _open_case(self, command: Hit | FindIdentityFalse, entry: int, source: str, summary: str) -> None:
        self._cases.opened(
            command.case,
            entry=entry,
            source=source,
            party=command.party,
            summary=summary,
            actor=command.actor,
            at=command.occurred_at,
        )

    def _import(self, command: ImportBlacklist, entry: int) -> None:
        self._imports.append(command.id)
        named = by_number(command.listed)
        missing = [one for one in named if not self._is_listed(_Person(command.list, one.number))]
        for one in missing:
            person = _Person(command.list, one.number)
            self._list(person, entry, is_listed=True, name_hash=one.name, reason=None)
        self.add(
            blacklist_imports,
            **{"import": command.id},
            entry=entry,
            list=command.list,
            named=len(named),
            added=len(missing),
            imported_by=command.actor,
        )

    def _list(
        self, person: _Person, entry: int, *, is_listed: bool, name_hash: bytes | None, reason: str | None
    ) -> None:
        number = self._numbers[person] = self._numbers.get(person, 0) + 1
        self.add(
            blacklist_listings,
            list=person.list,
            number_hash=person.number_hash,
            number=number,
            entry=entry,
            is_listed=is_listed,
            name_hash=name_hash,
            reason=reason,
        )

    def _is_listed(self, person: _Person) -> bool:
        return self._numbers.get(person, 0) % 2 == 1

    def write(self, connection: Connection) -> None:
        """Who is on the lists, who was found there, and the cases about them."""
        super().write(connection)
        self._cases.write(connection)
        if self._imports:
            self._announce(connection, self._imports)


def by_number(listed: Iterable[Listed]) -> list[Listed]:
    """Each number once, as it was named last, in the order of their hashes: so locks never cross."""
    return sorted({one.number: one for one in listed}.values(), key=lambda one: one.number)


def _named(command: Command) -> Iterable[_Person]:
    match command:
        case ImportBlacklist():
            for one in command.listed:
                yield _Person(command.list, one.number)
        case TakeOffBlacklist():
            yield _Person(command.list, command.number)
        case Hit():
            yield _Person(command.list, command.number_hash)


def _newest(connection: Connection, named: set[_Person]) -> dict[_Person, int]:
    if not named:
        return {}
    asked = {"lists": [one.list for one in named], "numbers": [one.number_hash for one in named]}
    return {_Person(row.list, row.number_hash): row.number for row in connection.execute(_NEWEST, asked)}
