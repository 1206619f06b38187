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
from moderation.cases.affairs import Involved, affair_in
from moderation.cases.concerning import involved
from moderation.cases.docket import Docket, docket_of
from moderation.cases.reasons import freeze_reasons, lift_reasons
from moderation.cases.records import Case, read_cases
from moderation.cases.telling import Telling
from moderation.cases.writing import CaseRows
from moderation.commands import Forfeit, Freeze, Lift
from moderation.notices.writing import Notice
from moderation.persons import is_about_oneself
from moderation.registers.refusals import OwnAffair
from moderation.tables import freezes
from moderation.takings.returning import Plans

#: The accounts of a party that can be frozen.
FREEZABLE = ("wallet", "gifts", "accruals", "earnings")


_NOTES: dict[type[Command], str] = {Freeze: "frozen", Lift: "lifted", Forfeit: "forfeited"}


class ModerationDesk:
    """Plans ``freeze``, ``lift`` and ``forfeit``."""

    commands: tuple[type[Command], ...] = (Freeze, Lift, Forfeit)

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

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
        named = {command.case for command in commands if isinstance(command, Freeze | Lift | Forfeit)}
        cases = read_cases(connection, named)
        theirs = involved(connection, self._plans, cases, (command.actor for command in commands))
        return ModerationPage(placed, frozenset(ended), known, cases, theirs)


class ModerationPage(Page):
    """The freezes in the books, moving on with the batch."""

    def __init__(
        self,
        placed: Sequence[Freeze],
        ended: frozenset[UUID],
        known: dict[UUID, AccountRef],
        cases: dict[str, Case],
        involved: Involved,
    ) -> None:
        self._placed = placed
        self._ended = ended
        self._known = known
        self._read = cases
        self._involved = involved
        self._docket = Docket()
        self._rows: list[dict[str, object]] = []
        self._cases = CaseRows()
        self._telling = Telling()

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

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Which of the cases are open, as other desks of the batch see it too."""
        self._docket = docket_of(books)
        self._docket.know_cases(self._read)

    def plan(self, command: Freeze | Lift | Forfeit, books: Books) -> Entry | Refusal:
        """Refuses ``freeze_not_found``, ``own_affair``, ``currency_mismatch``, a forfeit of nothing.

        The kernel judges on.
        """
        party = command.party if isinstance(command, Freeze) else self._owner_of(command.freeze)
        case = self._docket.cases.get(command.case)
        for concerned in (party, case.party if case else ""):
            if concerned and is_about_oneself(command.actor, concerned):
                return OwnAffair(concerned)
        affair = affair_in(command.actor, command.case, self._involved)
        if affair:
            return affair
        if isinstance(command, Freeze):
            account = AccountRef(command.account, command.party)
            hold = Hold(command.id, account, command.amount_minor, command.expires_at)
            return Entry("freeze", f"case:{command.case} rule:{command.rule}", (hold,))
        if command.freeze not in self._known:
            return FreezeNotFound(str(command.freeze))
        if isinstance(command, Lift):
            return Entry("lift", f"case:{command.case}", (Release(command.freeze),))
        return _plan_forfeit(command, books.holds[command.freeze], books)

    def _owner_of(self, freeze: UUID) -> str:
        return self._known[freeze].owner if freeze in self._known else ""

    def accepted(self, command: Freeze | Lift | Forfeit, posted: Posted) -> None:
        """A freeze can be ended from now on. Its case is opened if nobody has, and says so."""
        self._note(command, posted)
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

    def _note(self, command: Freeze | Lift | Forfeit, posted: Posted) -> None:
        if isinstance(command, Freeze):
            account = AccountRef(command.account, command.party)
            told = freeze_reasons(
                command.case, command.rule, command.account, command.amount_minor, command.expires_at
            )
        else:
            account = self._known[command.freeze]
            told = lift_reasons(command.case, account.kind)
        if command.case not in self._docket.cases:
            self._docket.cases[command.case] = self._cases.opened(
                command.case,
                entry=posted.seq,
                source="freeze",
                party=account.owner,
                summary=f"{command.kind} of {account.kind}",
                actor=command.actor,
                at=command.occurred_at,
            )
        self._cases.noted(command.case, _NOTES[type(command)], entry=posted.seq, actor=command.actor)
        # Whoever hands in a file tells of what happened before: people were told then.
        if not command.actor.startswith("replay:") and not isinstance(command, Forfeit):
            notice = Notice(account.owner, command.kind, command.case, told)
            self._telling.tell(posted.seq, command.occurred_at, [notice])

    def write(self, connection: Connection) -> None:
        """What the freezes rest on, the cases they are noted in, and who is told."""
        if self._rows:
            connection.execute(insert(freezes), self._rows)
        self._cases.write(connection)
        self._telling.write(connection)


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
