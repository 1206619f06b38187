"""The preview desk: shows what a money measure would move, from what is there under the locks."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, insert

from ledger.chart import AccountRef
from ledger.instants import datetime_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import AccountNotFound, Refusal
from moderation.access.records import Access, record_all
from moderation.cases.affairs import Concerned, Involved, affair_in, affair_of
from moderation.cases.concerning import involved
from moderation.cases.records import Case, read_cases
from moderation.cases.refusals import CaseNotFound, RuleSwitchedOff
from moderation.measures.kinds import MeasureKind
from moderation.persons import people
from moderation.rules.judging import is_measure_off
from moderation.rules.switches import PENALTY_TAKES_COINS, switched_off
from moderation.rules.versions import Version, in_force, rule_books
from moderation.takings.commands import MakePreview
from moderation.takings.judging import available, unpromised
from moderation.takings.plans import damages, netted, penalty, why_not_owed
from moderation.takings.reading import (
    charges,
    freezes_of_cases,
    going_back,
    liability_caps,
    previews,
    promised,
)
from moderation.takings.refusals import (
    AboveLiabilityCap,
    NothingToTake,
    PenaltyCountedTwice,
    PlanTooWide,
    PreviewNotFound,
)
from moderation.takings.returning import Plans
from moderation.takings.setting_off import Charged, charged
from moderation.takings.shown import Preview, Shown, Taking, fen_of
from moderation.takings.tables import previews as preview_table

#: What of a party a measure may touch.
ACCOUNTS = ("accruals", "earnings", "gifts", "wallet", "debt", "refunds_payable")
#: For so many streamers at once their accounts can stand still in one entry; a wider plan is cut in two.
WIDEST_PLAN = 100
_TAKEN = (MeasureKind.PENALTY, MeasureKind.DAMAGES)
_GIVEN = (MeasureKind.COMPENSATION,)


class PreviewDesk:
    """Plans ``preview``."""

    commands: tuple[type[Command], ...] = (MakePreview,)

    def __init__(self, plans: Plans) -> None:
        self._plans = plans

    def open(self, connection: Connection, commands: Sequence[Command]) -> "PreviewPage":
        """The cases, and the previews beside which others are made."""
        asked = [command for command in commands if isinstance(command, MakePreview)]
        beside = {preview for command in asked for preview in command.beside}
        planned = [command.plan.plan for command in asked if command.plan]
        acting = people(command.actor for command in asked)
        return PreviewPage(
            asked,
            read_cases(connection, {command.case for command in asked}),
            previews(connection, beside),
            rule_books(connection),
            freezes_of_cases(connection, {one.case for one in asked if one.measure not in _GIVEN}),
            self._plans.concerned(connection, planned, acting),
            involved(connection, self._plans, {one.case for one in asked}, (one.actor for one in asked)),
        )


class PreviewPage(Page):
    """What is there to be taken, as it stands under the locks of the parties' accounts."""

    def __init__(
        self,
        asked: Sequence[MakePreview],
        cases: dict[str, Case],
        beside: dict[UUID, Preview],
        books_of_rules: Sequence[Version],
        freezes: dict[tuple[str, str], tuple[UUID, ...]],
        concerned: Concerned,
        involved: Involved,
    ) -> None:
        self._asked = asked
        self._cases = cases
        self._previews = beside
        self._books_of_rules = books_of_rules
        self._off: frozenset[str] = frozenset()
        self._freezes = freezes
        self._concerned = concerned
        self._involved = involved
        self._charges: dict[UUID, Preview] = {}
        self._cap_fen: dict[str, int] = {}
        self._promised: dict[AccountRef, int] = {}
        self._shown: dict[UUID, Preview] = {}
        self._rows: list[dict[str, object]] = []
        self._accesses: list[Access] = []

    def accounts(self) -> Iterable[AccountRef]:
        """The parties' accounts."""
        return (AccountRef(kind, command.party) for command in self._asked for kind in ACCOUNTS)

    def holds(self) -> Iterable[UUID]:
        """What the cases froze of the parties' accounts: it may be used up."""
        return (hold for holds in self._freezes.values() for hold in holds)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """What the cases charge so far, what may be given as compensation, and which rules are off."""
        self._off = switched_off(connection)
        given = [command.party for command in self._asked if command.measure == MeasureKind.COMPENSATION]
        self._charges = charges(connection, {one.case for one in self._asked if one.measure in _TAKEN})
        self._cap_fen = liability_caps(connection, set(given))
        taken = {command.party for command in self._asked if command.measure in _TAKEN}
        self._promised = promised(going_back(connection, taken))

    def plan(self, command: MakePreview, books: Books) -> Entry | Refusal:
        """Refuses ``case_not_found``, ``own_affair``, ``account_not_found``, ``rule_switched_off``,
        ``preview_not_found`` (of what it would be beside), ``indirect_loss``, ``above_liability_cap``,
        ``plan_too_wide``, ``nothing_to_take`` and ``penalty_counted_twice``.
        """
        case = self._cases.get(command.case)
        if case is None:
            return CaseNotFound(command.case)
        givers, plans = (command.plan.streamers, [command.plan.plan]) if command.plan else ((), [])
        affair = affair_of(command.actor, (case.party, command.party, *givers), plans, self._concerned)
        affair = affair or affair_in(command.actor, case.case, self._involved)
        if affair:
            return affair
        if not any(AccountRef(kind, command.party) in books.accounts for kind in ACCOUNTS):
            return AccountNotFound("wallet", command.party)
        kind = MeasureKind(command.measure)
        rules = in_force(self._books_of_rules, command.occurred_at).book
        if is_measure_off(rules, self._off, kind):
            return RuleSwitchedOff(rules.measures[kind].clause)
        shown = self._shown_of(kind, command, books)
        if isinstance(shown, Refusal):
            return shown
        if not shown.takings and not (shown.plan and shown.plan.count):
            return NothingToTake(command.party, kind.value)
        if kind is MeasureKind.PENALTY and not shown.exceeding:
            before = self._charged(command)
            twice = before._replace(covering=before.covering + fen_of(shown.takings)).twice
            if twice:
                return PenaltyCountedTwice(None, 0, twice, kind.value)
        self._shown[command.id] = Preview(
            command.id, command.case, kind, command.party, shown, command.actor, command.occurred_at
        )
        return Entry("preview", f"case:{command.case}", ())

    def _shown_of(self, kind: MeasureKind, command: MakePreview, books: Books) -> Shown | Refusal:
        beside = self._beside(command)
        if isinstance(beside, Refusal):
            return beside
        match kind:
            case MeasureKind.PENALTY:
                return self._penalty(command, beside, books)
            case MeasureKind.DAMAGES:
                return self._damages(command, beside, books)
            case MeasureKind.COMPENSATION:
                return self._compensation(command)
            case _:
                return self._returns(command, books)

    def _returns(self, command: MakePreview, books: Books) -> Shown | PlanTooWide:
        assert command.plan is not None, "what goes back was planned before"
        wide = len(command.plan.givings)
        if wide > WIDEST_PLAN:
            return PlanTooWide(wide, WIDEST_PLAN)
        freezes = [
            freeze
            for giving in command.plan.givings
            for freeze in self._freezes_on(command, giving.streamer)
            if dict(giving.wanted).get(books.holds[freeze].account)
        ]
        return Shown((), tuple(freezes), plan=command.plan)

    def _freezes_on(self, command: MakePreview, party: str) -> tuple[UUID, ...]:
        """What the case froze of a party's accounts."""
        return self._freezes.get((command.case, party), ())

    def _free(self, command: MakePreview, account: str, beside: Sequence[Preview], books: Books) -> int:
        """What may be taken of an account, once what comes first in the decision has taken its part."""
        ref = AccountRef(account, command.party)
        there = available(ref, self._freezes_on(command, command.party), books)
        going = sum(one.shown.plan.promised.get(ref, 0) for one in beside if one.shown.plan)
        free = unpromised(ref, there, self._promised.get(ref, 0) + going)
        for preview in beside:
            free -= sum(taking.amount_minor for taking in preview.shown.takings if taking.ref == ref)
        return free

    def _beside(self, command: MakePreview) -> list[Preview] | PreviewNotFound:
        """What is decided together with it, in the same case."""
        found = []
        for id in command.beside:
            preview = self._previews.get(id)
            if preview is None or preview.case != command.case:
                return PreviewNotFound(str(id), command.case)
            found.append(preview)
        return found

    def _penalty(self, command: MakePreview, beside: Sequence[Preview], books: Books) -> Shown:
        rules = in_force(self._books_of_rules, command.occurred_at).book
        freezes = self._freezes_on(command, command.party)
        takings = penalty(
            command.party,
            {account: self._free(command, account, beside, books) for account in rules.penalty_order},
            command.amount_minor,
            coins_off=PENALTY_TAKES_COINS in self._off,
            order=rules.penalty_order,
        )
        return Shown(
            takings,
            self._of_use(freezes, takings, books),
            beside=command.beside,
            exceeding=command.exceeding,
        )

    def _charged(self, command: MakePreview) -> Charged:
        """What the case charges the party with, what it would be beside included."""
        beside = {id: self._previews[id] for id in command.beside}
        return charged((beside | self._charges).values())[command.case, command.party]

    def _damages(self, command: MakePreview, beside: Sequence[Preview], books: Books) -> Shown | Refusal:
        refusal = why_not_owed(command.losses)
        if refusal:
            return refusal
        claimed = sum(loss.amount_minor for loss in command.losses)
        off = 0 if command.exceeding else netted(claimed, self._charged(command).covering)
        free = self._free(command, "earnings", beside, books)
        takings = damages(command.party, claimed - off, free)
        return Shown(
            takings,
            self._of_use(self._freezes_on(command, command.party), takings, books),
            command.losses,
            off,
            command.beside,
            command.exceeding,
        )

    def _compensation(self, command: MakePreview) -> Shown | Refusal:
        refusal = why_not_owed(command.losses)
        if refusal:
            return refusal
        amount = sum(loss.amount_minor for loss in command.losses)
        cap = self._cap_fen[command.party]
        if amount > cap and not command.exceeding:
            return AboveLiabilityCap(command.party, cap, amount)
        given = (Taking("refunds_payable", command.party, amount),) if amount else ()
        return Shown(given, losses=command.losses, exceeding=command.exceeding)

    @staticmethod
    def _of_use(freezes: Sequence[UUID], takings: Sequence[Taking], books: Books) -> tuple[UUID, ...]:
        """The freezes on accounts that something is taken from."""
        touched = {taking.ref for taking in takings}
        return tuple(freeze for freeze in freezes if books.holds[freeze].account in touched)

    def accepted(self, command: MakePreview, posted: Posted) -> None:
        """It can be decided on from now on."""
        preview = self._shown.pop(command.id)
        self._previews[command.id] = preview
        detail = f"preview:{command.id}"
        self._accesses.append(Access(command.actor, command.kind, f"case:{command.case}", detail))
        self._rows.append(
            {
                "preview": command.id,
                "entry": posted.seq,
                "case": preview.case,
                "kind": preview.kind.value,
                "party": preview.party,
                "plan": preview.shown.plan.plan if preview.shown.plan else None,
                "document": preview.document,
                "sha256": preview.sha256,
                "made_by": preview.made_by,
                "made_at": datetime_of(preview.made_at),
            }
        )

    def write(self, connection: Connection) -> None:
        """What was shown."""
        if self._rows:
            connection.execute(insert(preview_table), self._rows)
            record_all(connection, self._accesses)
