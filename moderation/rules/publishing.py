"""Publishing (发布) a rule book, and switching a rule off or on. Rules: LIVE-RULE-1, LIVE-SEV-1."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from sqlalchemy import Connection, insert

from ledger.chart import AccountRef, platform_account
from ledger.documents import sha256_of
from ledger.instants import instant_of, written_in_utc
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.rules.document import RuleBook, canonical, parse
from moderation.rules.refusals import (
    RuleAlreadySwitched,
    RuleBookExists,
    RuleBookInThePast,
    RuleBookNotLater,
    RuleNotFound,
)
from moderation.rules.switches import switchable, switched_off
from moderation.rules.tables import rule_books as books_table
from moderation.rules.tables import rule_switches
from moderation.rules.versions import Version, rule_books


class PublishRules(Command, frozen=True, gc=False):
    """Finance publishes a rule book, given as the TOML text that people wrote. It must be a rule book."""

    source: str

    kind: ClassVar[str] = "rules"


class SwitchRule(Command, frozen=True, gc=False):
    """Finance switches a rule off, or on again, for a reason."""

    rule: str
    is_on: bool
    reason: str

    kind: ClassVar[str] = "rule_switch"


class RuleDesk:
    """Plans ``rules`` and ``rule_switch``."""

    commands: tuple[type[Command], ...] = (PublishRules, SwitchRule)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "RulePage":
        """Nothing to read before the locks: others may publish while we wait for them."""
        return RulePage([command for command in commands if isinstance(command, PublishRules | SwitchRule)])


class RulePage(Page):
    """The versions and switches there are, moving on with the batch."""

    def __init__(self, commands: Sequence[PublishRules | SwitchRule]) -> None:
        self._asked = bool(commands)
        self._books = {
            command.source: parse(command.source) for command in commands if isinstance(command, PublishRules)
        }
        self._versions: list[Version] = []
        self._off: set[str] = set()
        self._published: list[dict[str, object]] = []
        self._switched: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """What everyone who publishes or switches locks: one after the other."""
        if self._asked:
            yield platform_account("penalty_income")

    def after_locks(self, connection: Connection, books: Books) -> None:
        """What there is; nothing is added meanwhile."""
        if self._asked:
            self._versions = rule_books(connection)
            self._off = set(switched_off(connection))

    def plan(self, command: PublishRules | SwitchRule, books: Books) -> Entry | Refusal:
        """Refuses what :func:`judged` does, ``rule_not_found`` and ``rule_already_switched``."""
        if isinstance(command, PublishRules):
            book = self._books[command.source]
            return judged(book, self._versions, books.now) or Entry("rules", f"rules:{book.version}", ())
        if command.rule not in switchable([version.book for version in self._versions]):
            return RuleNotFound(command.rule)
        if command.is_on == (command.rule not in self._off):
            return RuleAlreadySwitched(command.rule, "on" if command.is_on else "off")
        return Entry("rule_switch", f"rule:{command.rule}", ())

    def accepted(self, command: PublishRules | SwitchRule, posted: Posted) -> None:
        """What the next command finds."""
        if isinstance(command, PublishRules):
            self._add_version(command, posted.seq)
            return
        (self._off.discard if command.is_on else self._off.add)(command.rule)
        self._switched.append(
            {
                "entry": posted.seq,
                "rule": command.rule,
                "is_on": command.is_on,
                "reason": command.reason,
                "switched_by": command.actor,
            }
        )

    def _add_version(self, command: PublishRules, seq: int) -> None:
        book = self._books[command.source]
        document = canonical(book)
        digest = sha256_of(document)
        self._versions.append(
            Version(seq, book.version, instant_of(book.effective_at), digest, book, command.actor)
        )
        self._published.append(
            {
                "version": book.version,
                "entry": seq,
                "effective_at": book.effective_at,
                "sha256": bytes.fromhex(digest),
                "document": document,
                "source": command.source,
                "published_by": command.actor,
            }
        )

    def write(self, connection: Connection) -> None:
        """The versions published, and what was switched."""
        if self._published:
            connection.execute(insert(books_table), self._published)
        if self._switched:
            connection.execute(insert(rule_switches), self._switched)


def judged(book: RuleBook, versions: Sequence[Version], now: int) -> Refusal | None:
    """Why a rule book cannot follow these versions, if there is a reason. ``now`` is an instant.

    Refuses ``rule_book_exists``, ``rule_book_in_the_past``, ``rule_book_not_later``. Nothing is judged by a
    rule that could not be read when it was done: not even the first version is in force from before.
    """
    effective_at = instant_of(book.effective_at)
    if any(other.version == book.version for other in versions):
        return RuleBookExists(book.version)
    if effective_at <= now:
        return RuleBookInThePast(book.version, written_in_utc(effective_at), written_in_utc(now))
    last = versions[-1]
    if effective_at <= last.effective_at:
        return RuleBookNotLater(
            book.version, written_in_utc(effective_at), last.version, written_in_utc(last.effective_at)
        )
    return None
