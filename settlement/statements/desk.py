"""The statement desk: one streamer's part of a run, computed under that streamer's locks."""

from collections.abc import Iterable, Mapping, Sequence
from struct import Struct
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger.chart import AccountRef, platform_account
from ledger.instants import CHINA_OFFSET_MICROSECONDS, MICROSECONDS_PER_DAY
from ledger.journal.commands import Command
from ledger.journal.copying import Copy
from ledger.journal.desks import Page
from ledger.journal.locking import look
from ledger.journal.rows import driver_of, jsonb, text
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Entry, Hold, Transfer
from ledger.kernel.posted import Posted, posted_instant
from settlement.commands import SettleStreamer
from settlement.statements.document import Heading, digest, document, hold_id
from settlement.statements.gathering import Ask, Pair, Standing, gathered
from settlement.statements.receipts import EVERYTHING
from settlement.statements.resting import Run, run_of, timelines
from settlement.statements.returned import Returned, returned_since
from settlement.statements.settling import Settled, settled
from settlement.statements.timeline import Timeline

_COPY_STATEMENTS = """
COPY settlement.statements (run, streamer, entry, coins, gift_share_minor, platform_share_minor,
                            accruals_minor, statement, guild_share_minor, held_minor, document, sha256)
FROM STDIN (FORMAT binary)
"""
# A statement's fields, each behind its length: the run; all from the entry to the length of the document.
_HEAD = Struct(">hi16s").pack
_AMOUNTS = Struct(">iqiqiqiqiqi16siqiqi").pack
_HASH = Struct(">i32s").pack
_TAKING = Struct(">hiqiq").pack
_COPY_TAKINGS = "COPY settlement.takings (account, entry, strata) FROM STDIN (FORMAT binary)"


class StatementDesk:
    """Plans ``settlement``."""

    commands: tuple[type[Command], ...] = (SettleStreamer,)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "StatementPage":
        """What the runs rest on, fixed when they were accepted; and what the streamers received.

        That takes the longest, so it is read before the locks, and again under them for accounts that moved.
        """
        parts: dict[UUID, list[SettleStreamer]] = {}
        for command in commands:
            assert isinstance(command, SettleStreamer)
            parts.setdefault(command.run, []).append(command)
        resting = []
        for run, theirs in parts.items():
            rests_on = run_of(connection, run)
            streamers = [part.streamer for part in theirs]
            resting.append(Resting(rests_on, timelines(connection, rests_on, streamers)))
        page = StatementPage(
            [command for command in commands if isinstance(command, SettleStreamer)], resting
        )
        page.read_ahead(connection)
        return page


class Resting(NamedTuple):
    """A run, and the timelines of its streamers."""

    run: Run
    timelines: dict[str, Timeline]

    def pairs(self, accounts: Mapping[AccountRef, Account], now: int) -> dict[str, Pair]:
        """By streamer, what is asked of the accounts as they stand."""
        return {
            streamer: Pair(
                _ask(accounts[AccountRef("gifts", streamer)], timeline, now),
                _ask(accounts[AccountRef("accruals", streamer)], timeline, now),
            )
            for streamer, timeline in self.timelines.items()
        }


class StatementPage(Page):
    """What each streamer of the batch is settled, read and priced as it stands under lock."""

    def __init__(self, parts: Sequence[SettleStreamer], resting: Sequence[Resting]) -> None:
        self._parts = parts
        self._resting = resting
        self._runs = {run.run: run for run, _ in resting}
        self._asked: dict[tuple[UUID, str], Pair] = {}
        self._settled: dict[tuple[UUID, str], Settled] = {}
        self._returned: dict[int, tuple[Returned, ...]] = {}
        self._headings: dict[UUID, Heading] = {}
        self._statements: list[bytes] = []
        self._takings: list[bytes] = []

    def accounts(self) -> Iterable[AccountRef]:
        """Each streamer's gifts, accruals and earnings, guilds' earnings, and where the rest goes."""
        for part in self._parts:
            for kind in ("gifts", "accruals", "earnings"):
                yield AccountRef(kind, part.streamer)
        for _, timelines_of in self._resting:
            for timeline in timelines_of.values():
                for stretch in timeline.stretches:
                    if stretch.terms.guild:
                        yield AccountRef("earnings", stretch.terms.guild)
        if self._parts:
            for kind in ("coins_redeemed", "coin_liability", "gift_revenue"):
                yield platform_account(kind)

    def read_ahead(self, connection: Connection) -> None:
        """What each streamer received and nothing took yet, as the accounts stand now, not locked."""
        refs = [
            AccountRef(kind, streamer)
            for _, timelines_of in self._resting
            for streamer in timelines_of
            for kind in ("gifts", "accruals")
        ]
        accounts, now = look(driver_of(connection), refs)
        for resting in self._resting:
            self._settle(connection, resting, resting.pairs(accounts, now))

    def after_locks(self, connection: Connection, books: Books) -> None:
        """The same again for those whose accounts are not as they were, and what went back."""
        for resting in self._resting:
            run, pairs = resting.run, resting.pairs(books.accounts, books.now)
            moved = {
                streamer: pair
                for streamer, pair in pairs.items()
                if self._asked.get((run.run, streamer)) != pair
            }
            if moved:
                self._settle(connection, resting, moved)
            gifts_of = [pair.gifts.account for pair in pairs.values()]
            self._returned |= returned_since(connection, gifts_of, EVERYTHING)

    def _settle(self, connection: Connection, resting: Resting, pairs: Mapping[str, Pair]) -> None:
        run, timelines_of = resting
        cutoff, issued_on = run.cutoff, run.issued_on
        for streamer, gifts, accruals in gathered(connection, pairs, cutoff=cutoff, below=EVERYTHING):
            self._asked[run.run, streamer] = pairs[streamer]
            self._settled[run.run, streamer] = settled(
                streamer, timelines_of[streamer], gifts, accruals, issued_on=issued_on
            )

    def plan(self, command: SettleStreamer, books: Books) -> Entry | None:
        """A streamer with nothing ready is passed by, undecided. Under the policies one who is stopped, or
        of whom something is held, gets a statement that says so.
        """
        run, found = self._runs[command.run], self._settled[command.run, command.streamer]
        acts = tuple(_acts(command, found))
        if not acts and (run.is_flat or found.is_empty):
            return None
        earnings = books.accounts[AccountRef("earnings", command.streamer)]
        self._headings[command.id] = Heading(
            command.id,
            run.run,
            command.streamer,
            run.period,
            run.first,
            run.through,
            run.entry,
            run.cutoff,
            run.versions,
            earnings.posted_minor,
            self._returned.get(found.gifts.account, ()),
        )
        return Entry("settlement", f"run:{command.run}", acts)

    def accepted(self, command: SettleStreamer, posted: Posted) -> None:
        """The streamer's statement, and what was taken for it."""
        found, heading = self._settled[command.run, command.streamer], self._headings[command.id]
        content = document(heading, found, entry=posted.seq, issued_at=posted_instant(posted.seq))
        held = sum(part.amount_minor for part in found.holds if part.payee == command.streamer)
        self._statements.append(
            _HEAD(12, 16, command.run.bytes)
            + text(command.streamer)
            + _AMOUNTS(
                8,
                posted.seq,
                8,
                found.gifts.taken_minor,
                8,
                found.streamer_minor,
                8,
                found.platform_minor,
                8,
                found.accruals.taken_minor,
                16,
                command.id.bytes,
                8,
                found.guild_minor,
                8,
                held,
                len(content),
            )
            + content
            + _HASH(32, digest(content))
        )
        for side in (found.gifts, found.accruals):
            if side.taken_minor:
                strata = jsonb(msgspec.json.encode(side.after))
                self._takings.append(_TAKING(3, 8, side.account, 8, posted.seq) + strata)

    def copies(self) -> Iterable[Copy]:
        """The statements and takings."""
        for statement, name in ((_COPY_STATEMENTS, "_statements"), (_COPY_TAKINGS, "_takings")):
            rows = getattr(self, name)
            setattr(self, name, [])
            if rows:
                yield Copy(statement, rows)


def _ask(account: Account, timeline: Timeline, now: int) -> Ask:
    stopped = "frozen" if account.is_frozen else "barred" if account.outgoing_barred_until > now else None
    standing = Standing(account.posted_minor, account.held_minor, stopped)
    return Ask(account.id, standing, account.last_seq, timeline.bounds)


def _acts(command: SettleStreamer, found: Settled) -> Iterable[Act]:
    streamer = command.streamer
    earnings, liability = AccountRef("earnings", streamer), platform_account("coin_liability")
    moves = (
        (AccountRef("gifts", streamer), platform_account("coins_redeemed"), found.gifts.taken_minor),
        (liability, earnings, found.streamer_minor),
        *((liability, AccountRef("earnings", guild), amount) for guild, amount in found.guilds),
        (liability, platform_account("gift_revenue"), found.platform_minor),
        (AccountRef("accruals", streamer), earnings, found.accruals.taken_minor),
    )
    for debit, credit, amount in moves:
        if amount:
            yield Transfer(debit, credit, amount)
    for part in found.holds:
        midnight = part.available_on * MICROSECONDS_PER_DAY - CHINA_OFFSET_MICROSECONDS
        hold = hold_id(command.id, part.payee, part.available_on)
        yield Hold(hold, AccountRef("earnings", part.payee), part.amount_minor, midnight)
