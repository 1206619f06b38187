"""The moderation desk: freezes, their lifting, and forfeits."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, insert, select

from ledger.chart import AccountRef, platform_account
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.accounts import HoldState
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Capture, Entry, Hold, Release, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import (
    CurrencyMismatch,
    FreezeNotFound,
    InsufficientFunds,
    Refusal,
)
from ledger.money import face_value
from moderation.commands import Forfeit, Freeze, Lift
from moderation.tables import freezes

#: The accounts of a party that can be frozen.
FREEZABLE = ("wallet", "gifts", "accruals", "earnings")


class ModerationDesk:
    """Plans ``freeze``, ``lift`` and ``forfeit``."""

    commands: tuple[type[Command], ...] = (Freeze, Lift, Forfeit)

    def open(self, connection: Connection, commands: Sequence[Command]) -> "ModerationPage":
        """The freezes that the commands would end."""
        ended = [command.freeze for command in commands if isinstance(command, Lift | Forfeit)]
        known: dict[UUID, AccountRef] = {}
        if ended:
            rows = connection.execute(
                select(freezes.c.freeze, freezes.c.account, freezes.c.party).where(
                    freezes.c.freeze.in_(ended)
                )
            )
            known = {row.freeze: AccountRef(row.account, row.party) for row in rows}
        placed = [command for command in commands if isinstance(command, Freeze)]
        return ModerationPage(placed, frozenset(ended), known)


class ModerationPage(Page):
    """The freezes in the books, moving on with the batch."""

    def __init__(
        self, placed: Sequence[Freeze], ended: frozenset[UUID], known: dict[UUID, AccountRef]
    ) -> None:
        self._placed = placed
        self._ended = ended
        self._known = known
        self._rows: list[dict[str, object]] = []

    def accounts(self) -> Iterable[AccountRef]:
        """What is frozen, and where forfeits go."""
        for command in self._placed:
            yield AccountRef(command.account, command.party)
        yield from self._known.values()
        for kind in ("coins_forfeited", "coin_liability", "penalty_income"):
            yield platform_account(kind)

    def holds(self) -> Iterable[UUID]:
        """The hold of each freeze has the freeze's id."""
        return self._known

    def is_behind(self, command: Freeze | Lift | Forfeit, books: Books) -> bool:
        """A freeze that the batch ends was not there to be found."""
        return command.id in self._ended and command.id not in self._known

    def plan(self, command: Freeze | Lift | Forfeit, books: Books) -> Entry | Refusal:
        """Refuses ``freeze_not_found``, ``currency_mismatch``, a forfeit of nothing; the kernel judges on."""
        if isinstance(command, Freeze):
            account = AccountRef(command.account, command.party)
            hold = Hold(command.id, account, command.amount_minor, command.expires_at)
            return Entry("freeze", f"case:{command.case} rule:{command.rule}", (hold,))
        if command.freeze not in self._known:
            return FreezeNotFound(str(command.freeze))
        if isinstance(command, Lift):
            return Entry("lift", f"case:{command.case}", (Release(command.freeze),))
        return _plan_forfeit(command, books.holds[command.freeze], books)

    def accepted(self, command: Freeze | Lift | Forfeit, posted: Posted) -> None:
        """A freeze can be ended from now on."""
        if isinstance(command, Freeze):
            self._known[command.id] = AccountRef(command.account, command.party)
            self._rows.append(
                {
                    "freeze": command.id,
                    "entry": posted.seq,
                    "party": command.party,
                    "account": command.account,
                    "case": command.case,
                    "rule": command.rule,
                }
            )

    def write(self, connection: Connection) -> None:
        """What the freezes rest on."""
        if self._rows:
            connection.execute(insert(freezes), self._rows)


def _plan_forfeit(command: Forfeit, hold: HoldState, books: Books) -> Entry | Refusal:
    """Take what was asked, or all that the freeze covers now, and its face value if it is coins."""
    account = books.accounts[hold.account]
    currency = account.kind.currency
    ended = books.end_of(hold.hold)
    if ended:
        return ended
    if command.currency not in (None, currency):
        return CurrencyMismatch(currency, asked_currency=str(command.currency))
    amount = command.amount_minor
    if amount is None:
        amount = account.available_minor if hold.amount_minor is None else hold.amount_minor
    if amount <= 0:
        return InsufficientFunds(*hold.account, currency, account.available_minor, amount)
    cause = f"case:{command.case} rule:{command.rule}"
    if currency == "CNY":
        return Entry("forfeit", cause, (Capture(hold.hold, ((platform_account("penalty_income"), amount),)),))
    acts: tuple[Act, ...] = (
        Capture(hold.hold, ((platform_account("coins_forfeited"), amount),)),
        Transfer(platform_account("coin_liability"), platform_account("penalty_income"), face_value(amount)),
    )
    return Entry("forfeit", cause, acts)
