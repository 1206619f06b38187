"""The return desk: tips that go back, and tips that stand again, one entry each."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import errors
from sqlalchemy import Connection, insert, text
from sqlalchemy.dialects.postgresql import insert as insert_or

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.copying import Copy
from ledger.journal.desks import Page
from ledger.journal.locking import look
from ledger.journal.rows import NULL, bigint, driver_of
from ledger.journal.rows import text as text_field
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from settlement.returns.commands import RestoreTip, ReturnTip
from settlement.returns.late_arrivals import LateArrivals, Narrowed, kept_of
from settlement.returns.moves import (
    PLATFORM,
    Going,
    Side,
    given_again,
    is_still_there,
    restoring,
    returning,
    taken_from,
)
from settlement.returns.plans import PlannedReturn
from settlement.returns.shares import NOTHING, Kept, shares_of
from settlement.returns.standing import Strata, TipStanding, given_back_since, standing_of, strata_before
from settlement.returns.tables import restored_tips, returned_again
from settlement.statements.receipts import EVERYTHING
from settlement.tables import takings

_PLANNED = text("""
SELECT r.plan, p.kind = 'minor' AS is_minors, a.id AS account, r.tip, r.viewer, r.streamer, r.coins,
       r.unsettled_coins, r.streamer_minor, r.guild, r.guild_minor, r.platform_minor, r.refund_minor,
       r.promotion_minor
FROM unnest(CAST(:plans AS uuid[]), CAST(:tips AS bigint[])) AS asked (plan, tip)
JOIN settlement.planned_returns AS r ON r.plan = asked.plan AND r.tip = asked.tip
JOIN settlement.return_plans AS p ON p.plan = r.plan
JOIN ledger.accounts AS a ON a.kind = 'gifts' AND a.owner = r.streamer
""")
_RETURNED = text("""
SELECT b.tip, r.viewer, r.streamer, p.kind = 'minor' AS is_minors, b.coins, b.unsettled_coins,
       b.earnings_minor, b.debt_minor, b.guild, b.guild_earnings_minor, b.guild_debt_minor, b.platform_minor,
       b.refund_minor, b.promotion_minor
FROM settlement.returned_tips AS b
JOIN settlement.planned_returns AS r ON r.plan = b.plan AND r.tip = b.tip
JOIN settlement.return_plans AS p ON p.plan = b.plan
WHERE b.tip = ANY (:tips) AND b.plan = ANY (:plans)
""")
_RESTORED = text("SELECT tip FROM settlement.restored_tips WHERE tip = ANY (:tips)")

_COPY_RETURNED = """
COPY settlement.returned_tips (tip, plan, entry, account, receipt, coins, unsettled_coins, again_coins,
                               earnings_minor, debt_minor, guild, guild_earnings_minor, guild_debt_minor,
                               platform_minor, refund_minor, promotion_minor)
FROM STDIN (FORMAT binary)
"""


class _Planned:
    """A tip of a plan as it was planned and as it stands: what of it goes back now, if it can."""

    __slots__ = ("account", "going", "is_minors", "kept", "row", "standing")

    def __init__(self, row: Any) -> None:
        self.is_minors: bool = row.is_minors
        self.account: int = row.account
        self.row = PlannedReturn(*row[3:])
        self.going: PlannedReturn | None = None
        self.kept: Kept = ()
        self.standing: TipStanding | None = None


class ReturnDesk:
    """Plans ``tip_return`` and ``tip_restoration``."""

    commands: tuple[type[Command], ...] = (ReturnTip, RestoreTip)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "ReturnPage":
        """How the tips stand, and whose shares go back: all of it is looked at again under the locks."""
        returns = [command for command in commands if isinstance(command, ReturnTip)]
        restores = [command for command in commands if isinstance(command, RestoreTip)]
        planned: dict[tuple[UUID, int], _Planned] = {}
        looked: dict[AccountRef, Account] = {}
        strata: Strata = {}
        if returns:
            asked = {"plans": [one.plan for one in returns], "tips": [one.tip for one in returns]}
            for row in connection.execute(_PLANNED, asked):
                planned[row.plan, row.tip] = _Planned(row)
            gifts = {AccountRef("gifts", one.row.streamer) for one in planned.values()}
            looked = look(driver_of(connection), gifts).accounts
            strata = _judge(connection, planned)
        late = LateArrivals(connection, {hold for one in planned.values() for hold, _ in one.kept})
        returned: dict[int, Going] = {}
        if restores:
            asked = {"plans": [one.plan for one in restores], "tips": [one.tip for one in restores]}
            returned = {row.tip: _returned(row) for row in connection.execute(_RETURNED, asked)}
        return ReturnPage(planned, looked, strata, returned, late)


class ReturnPage(Page):
    """The tips of a batch, each with what it moves."""

    def __init__(
        self,
        planned: dict[tuple[UUID, int], _Planned],
        looked: dict[AccountRef, Account],
        strata: Strata,
        returned: dict[int, Going],
        late: LateArrivals,
    ) -> None:
        self._planned = planned
        self._looked = looked
        self._strata = strata
        self._returned = returned
        self._late = late
        self._restored: set[int] = set()
        self._moving: dict[UUID, Going] = {}
        self._narrowed: dict[UUID, Narrowed] = {}
        self._from_viewer: dict[UUID, bool] = {}
        self._rows: list[bytes] = []
        self._again_rows: list[dict[str, int]] = []
        self._restored_rows: list[dict[str, object]] = []
        self._newest: dict[int, int] = {}
        self._undone: dict[int, int] = {}

    def accounts(self) -> Iterable[AccountRef]:
        """The gifts, wallets and refunds, the shares' payees, and the platform's side where it has one.

        Gifts that are not settled go straight back into wallets: then nobody else has to wait.
        """
        has_platform = bool(self._returned)
        for planned in self._planned.values():
            row, going = planned.row, planned.going
            yield AccountRef("gifts", row.streamer)
            yield AccountRef("refunds_payable" if planned.is_minors else "wallet", row.viewer)
            has_platform = has_platform or planned.is_minors
            if going is not None and going.unsettled_coins < going.coins:
                has_platform = True
                yield from _payee(going.streamer)
                if going.guild is not None:
                    yield from _payee(going.guild)
        for returned in self._returned.values():
            yield from (returned.gifts, returned.owner)
            for side in returned.payees:
                yield from _payee(side.payee)
        if has_platform:
            yield from PLATFORM

    def holds(self) -> Iterable[UUID]:
        """The late arrivals that keep something of the tips back."""
        return self._late.holds()

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Whether the tips still stand as we saw them: else all is looked at again.

        Whatever takes or undoes gifts debits them. Only a tip that was settled goes back without: that the
        database sees, where each tip goes back once. What is missing may have been given back, though.
        """
        self._undone = books.undone
        if self._planned:
            accounts = books.accounts
            changed = any(accounts[ref].debits_minor != was.debits_minor for ref, was in self._looked.items())
            missing = [one.standing for one in self._planned.values() if one.standing and not one.going]
            if changed or self._late.is_behind(connection) or given_back_since(connection, missing):
                raise errors.SerializationFailure("a tip that goes back was taken or undone meanwhile")
        if self._returned:
            self._restored = set(connection.scalars(_RESTORED, {"tips": list(self._returned)}))

    def plan(self, command: ReturnTip | RestoreTip, books: Books) -> Entry | None:
        """Nothing, when the tip cannot go back as it was planned, or stands again already."""
        if isinstance(command, RestoreTip):
            return self._plan_restoration(command, books)
        planned = self._planned[command.plan, command.tip]
        row = planned.going
        if (
            row is None
            or command.tip in self._undone
            or books.accounts[AccountRef("gifts", row.streamer)].available_minor < row.unsettled_coins
        ):
            return None
        narrowed = self._late.narrowed(books, planned.kept, command.tip)
        payees = [
            taken_from(books, payee, amount, narrowed.freed.get(AccountRef("earnings", payee), 0))
            for payee, amount in ((row.streamer, row.streamer_minor), (row.guild, row.guild_minor))
            if payee is not None and amount
        ]
        going = Going(
            row.viewer,
            row.streamer,
            planned.is_minors,
            row.coins,
            row.unsettled_coins,
            tuple(payees),
            row.platform_minor,
            row.refund_minor,
            row.promotion_minor,
        )
        self._moving[command.id] = going
        self._narrowed[command.id] = narrowed
        cause = f"plan:{command.plan} tip:{command.tip}"
        return Entry("tip_return", cause, (*narrowed.acts, *returning(going)))

    def _plan_restoration(self, command: RestoreTip, books: Books) -> Entry | None:
        returned = self._returned.get(command.tip)
        if returned is None or command.tip in self._restored:
            return None
        going = returned._replace(payees=tuple([given_again(books, side) for side in returned.payees]))
        from_viewer = is_still_there(books, going)
        self._moving[command.id] = going
        self._from_viewer[command.id] = from_viewer
        acts = restoring(going, from_viewer=from_viewer)
        return Entry("tip_restoration", f"plan:{command.plan} tip:{command.tip}", acts)

    def accepted(self, command: ReturnTip | RestoreTip, posted: Posted) -> None:
        """It goes back once, and stands again once."""
        going = self._moving[command.id]
        streamer, guild = _sides(going)
        if isinstance(command, RestoreTip):
            self._restored.add(command.tip)
            self._restored_rows.append(
                {
                    "tip": command.tip,
                    "plan": command.plan,
                    "entry": posted.seq,
                    "from_viewer": self._from_viewer[command.id],
                    "earnings_minor": streamer.earnings_minor,
                    "debt_minor": streamer.debt_minor,
                    "guild_earnings_minor": guild.earnings_minor,
                    "guild_debt_minor": guild.debt_minor,
                }
            )
            return
        planned = self._planned[command.plan, command.tip]
        assert planned.standing is not None
        of_again = [
            {
                "tip": command.tip,
                "received_by": place.received_by,
                "entry": posted.seq,
                "account": planned.account,
                "receipt": place.receipt,
                "coins": coins,
            }
            for place, coins in planned.standing.of_again(going.unsettled_coins)
        ]
        self._again_rows += of_again
        self._undone[command.tip] = posted.seq
        self._late.accepted(self._narrowed[command.id], posted.seq)
        if going.unsettled_coins:
            self._newest[planned.account] = posted.seq
        numbers = (
            posted.seq,
            planned.account,
            planned.standing.receipt,
            going.coins,
            going.unsettled_coins,
            sum(row["coins"] for row in of_again),
            streamer.earnings_minor,
            streamer.debt_minor,
        )
        shares = (guild.earnings_minor, guild.debt_minor, going.platform_minor)
        self._rows.append(
            b"\0\x10"
            + bigint(command.tip)
            + b"\0\0\0\x10"
            + command.plan.bytes
            + b"".join(map(bigint, numbers))
            + (text_field(guild.payee) if guild.payee else NULL)
            + b"".join(map(bigint, (*shares, going.refund_minor, going.promotion_minor)))
        )

    def copies(self) -> Iterable[Copy]:
        """The tips that went back."""
        rows, self._rows = self._rows, []
        if rows:
            yield Copy(_COPY_RETURNED, rows)

    def write(self, connection: Connection) -> None:
        """The tips that stand again; and how far the accounts were looked at, so that nobody looks again."""
        self._late.write(connection)
        if self._again_rows:
            connection.execute(insert(returned_again), self._again_rows)
        if self._restored_rows:
            connection.execute(insert(restored_tips), self._restored_rows)
        seen = [
            {
                "account": account,
                "entry": entry,
                "strata": [list(stratum) for stratum in self._strata[account]],
            }
            for account, entry in self._newest.items()
        ]
        if seen:
            connection.execute(insert_or(takings), seen)


def _judge(connection: Connection, planned: dict[tuple[UUID, int], _Planned]) -> Strata:
    """What of each tip goes back, and the strata this follows from.

    What was settled since it was planned comes out of the shares instead.
    """
    strata = strata_before(connection, {one.account for one in planned.values()}, EVERYTHING)
    found = standing_of(connection, [one.row.tip for one in planned.values()], strata, EVERYTHING)
    settled: list[_Planned] = []
    late: list[_Planned] = []
    for one in planned.values():
        one.standing = found[one.row.tip]
        if one.standing.undone:
            continue
        if one.standing.untaken >= one.row.unsettled_coins:
            one.going = one.row
            if one.row.unsettled_coins < one.row.coins:
                settled.append(one)
        else:
            late.append(one)
    if settled:
        kept = kept_of(connection, {plan for plan, _ in planned}, [one.row.tip for one in settled])
        for one in settled:
            one.kept = kept.get(one.row.tip, ())
    shares = shares_of(connection, [found[one.row.tip] for one in late], EVERYTHING) if late else {}
    for one in late:
        row, tip = one.row, found[one.row.tip]
        share = shares.get(row.tip, NOTHING)
        if share.coins < tip.amount - tip.untaken or len(share.guilds) > 1:
            continue
        part = share.of(row.coins - tip.untaken)
        one.going = row._replace(
            unsettled_coins=tip.untaken,
            streamer_minor=part.streamer_minor,
            guild=next(iter(part.guilds), None),
            guild_minor=part.guild_minor,
            platform_minor=part.platform_minor,
        )
        one.kept = part.kept
    return strata


def _returned(row: Any) -> Going:
    payees = [Side(row.streamer, row.earnings_minor, row.debt_minor)]
    if row.guild is not None:
        payees.append(Side(row.guild, row.guild_earnings_minor, row.guild_debt_minor))
    return Going(
        row.viewer,
        row.streamer,
        row.is_minors,
        row.coins,
        row.unsettled_coins,
        tuple(payees),
        row.platform_minor,
        row.refund_minor,
        row.promotion_minor,
    )


def _sides(going: Going) -> tuple[Side, Side]:
    """The streamer's side and the guild's; a guild without a name where there is none."""
    streamer, guild = Side(going.streamer, 0, 0), Side("", 0, 0)
    for side in going.payees:
        if side.payee == going.streamer:
            streamer = side
        else:
            guild = side
    return streamer, guild


def _payee(payee: str) -> Iterable[AccountRef]:
    return AccountRef("earnings", payee), AccountRef("debt", payee)
