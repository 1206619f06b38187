"""The desk of cases: from opening one to carrying out what was decided in it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Capture, Entry
from ledger.kernel.posted import SEQS_PER_MICROSECOND, Posted
from ledger.kernel.refusals import Refusal
from moderation.access.records import Access, record_all
from moderation.appeals.reading import open_appeals
from moderation.cases.bounds import lost_alone
from moderation.cases.commands import (
    ApproveDecision,
    Decide,
    ExecuteDecision,
    FinishReturns,
    LiftMeasure,
    NoteCase,
    OnDecision,
    OpenCase,
    RefuseDecision,
)
from moderation.cases.concerning import involved
from moderation.cases.docket import docket_of
from moderation.cases.known import Known, Step
from moderation.cases.planning import CaseCommand, step
from moderation.cases.records import (
    decisions_of_measures,
    lock_cases,
    lock_decisions,
    marks_of,
    read_cases,
)
from moderation.cases.refreezing import grounds
from moderation.cases.refusals import DecisionTooLarge
from moderation.cases.registering import require_all_seen
from moderation.evidence.reading import evidence_of_cases
from moderation.measures.standing import barrable
from moderation.persons import people
from moderation.rules.switches import switched_off
from moderation.rules.versions import rule_books
from moderation.takings.acts import accounts_of, facts, holds_of, previews
from moderation.takings.returning import Plans, WentBack, with_plans

#: The version of an id that we derive ourselves: such a command is never recorded as refused.
_DERIVED = 8


#: When sessions began, those that are known: an instant each.
Began = Callable[[Connection, Collection[UUID]], dict[UUID, int]]


class CaseDesk:
    """Plans what happens to cases, decisions and measures.

    ``announce`` has plans of returns carried out; ``began`` says when sessions began.
    """

    commands: tuple[type[Command], ...] = (
        OpenCase,
        NoteCase,
        Decide,
        ApproveDecision,
        RefuseDecision,
        ExecuteDecision,
        FinishReturns,
        LiftMeasure,
    )

    def __init__(
        self, plans: Plans, announce: Callable[[Connection, Sequence[UUID]], None], began: Began
    ) -> None:
        self._plans = plans
        self._announce = announce
        self._began = began

    def open(self, connection: Connection, commands: Sequence[Command]) -> "CasePage":
        """Locks the cases and then the decisions concerned; reads what was shown, which never changes."""
        theirs = [command for command in commands if isinstance(command, CaseCommand)]
        return CasePage(connection, theirs, self._plans, self._announce, self._began)


class CasePage(Page):
    """The cases of a batch, and what is decided in them, under the locks of everybody concerned."""

    def __init__(
        self,
        connection: Connection,
        commands: Sequence[CaseCommand],
        plans: Plans,
        announce: Callable[[Connection, Sequence[UUID]], None],
        began: Began,
    ) -> None:
        self._plans, self._announce, self._began = plans, announce, began
        self._opened = [command for command in commands if isinstance(command, OpenCase)]
        self._decided = [command for command in commands if isinstance(command, Decide)]
        self._is_finishing = any(isinstance(command, FinishReturns) for command in commands)
        self._named = {command.decision for command in commands if isinstance(command, OnDecision)}
        noted = [command.case for command in commands if isinstance(command, NoteCase)]
        lifted = [command.measure for command in commands if isinstance(command, LiftMeasure)]
        decision_of = decisions_of_measures(connection, lifted)
        locked = lock_cases(connection, (command.case for command in self._decided))
        self._cases = read_cases(connection, [*noted, *(command.name for command in self._opened)]) | locked
        self._decisions = lock_decisions(connection, self._named | set(decision_of.values()))
        shown = [asked.preview for command in self._decided for asked in command.measures]
        taken = [one.preview for decision in self._decisions.values() for one in decision.measures]
        self._known = Known(
            decision_of=decision_of,
            previews=previews(connection, {preview for preview in (*shown, *taken) if preview}),
        )
        planned = [one.shown.plan.plan for one in self._known.previews.values() if one.shown.plan]
        acting = people(command.actor for command in commands)
        self._known.concerned = plans.concerned(connection, planned, acting)
        theirs = {*self._cases, *(decision.case for decision in self._decisions.values())}
        self._known.involved = involved(connection, plans, theirs, (one.actor for one in commands))
        found = (self._known.previews.get(preview) for preview in dict.fromkeys(shown) if preview)
        self._shown = [preview for preview in found if preview]
        self._plan_accounts = [
            ref
            for preview in self._shown
            if preview.shown.plan
            for ref in plans.accounts(connection, preview.shown.plan.plan)
        ]
        if any(isinstance(command, RefuseDecision | LiftMeasure) for command in commands):
            used = {one for preview in self._known.previews.values() for one in preview.shown.freezes}
            self._known.grounds = grounds(connection, used)
        self._steps: dict[UUID, Step] = {}
        self._acts: list[Access] = []

    def _about(self) -> dict[str, str]:
        """Whom the cases to be decided are about, those that this batch opens too."""
        opened = {command.name: command.party for command in self._opened}
        return opened | {name: case.party for name, case in self._cases.items()}

    def _parties(self) -> set[str]:
        """Everybody on whom something may be imposed, or from whom something may be lifted."""
        about = self._about()
        found = {asked.party for command in self._decided for asked in command.measures if asked.party}
        found |= {about[command.case] for command in self._decided if command.case in about}
        found |= {party for one in self._shown if one.shown.plan for party in one.shown.plan.streamers}
        return found.union(*(decision.parties for decision in self._decisions.values()))

    def accounts(self) -> Iterable[AccountRef]:
        """Those of everybody concerned, and wherever money may go."""
        for party in (*self._parties(), *(command.party for command in self._opened)):
            yield from barrable(party)
        for preview in self._known.previews.values():
            yield from accounts_of(preview)
        yield from self._plan_accounts

    def holds(self) -> Iterable[UUID]:
        """The holds of the measures, and the freezes that what was shown uses up."""
        for decision in self._decisions.values():
            yield from (placed.hold for placed in decision.holds)
            for measure in decision.measures:
                if measure.preview:
                    yield from holds_of(self._known.previews[measure.preview], measure.measure)
        for preview in self._shown:
            yield from preview.shown.freezes

    def is_behind(self, command: Command, books: Books) -> bool:
        """A decision made elsewhere since we looked, which this batch goes on with."""
        decided = isinstance(command, Decide) and command.id in self._named
        return decided and command.id not in self._decisions

    def after_locks(self, connection: Connection, books: Books) -> None:
        """How everything stands, and the rules."""
        known = self._known
        known.docket = docket_of(books)
        known.docket.know_cases(self._cases)
        known.docket.know_decisions(self._decisions, open_appeals(connection, list(self._decisions)))
        parties = self._parties()
        require_all_seen(connection, parties, books)
        known.docket.know_parties(connection, parties)
        if self._decided or self._decisions:
            known.versions = rule_books(connection)
            known.off = switched_off(connection)
        plans = [plan for one in self._decisions.values() for plan in known.returning(one).values()]
        if self._is_finishing:
            done = self._plans.finished(connection, plans)
            known.finished = {
                plan: {streamer: WentBack(*went) for streamer, went in of_plan.items()}
                for plan, of_plan in self._plans.went_back(connection, done).items()
            }
        if self._decided:
            self._read_situation(connection, books)

    def _read_situation(self, connection: Connection, books: Books) -> None:
        """What new decisions are judged by."""
        known = self._known
        about = self._about()
        names = {command.case for command in self._decided}
        cases = known.docket.cases.values()
        sessions = {one.session for command in self._decided for one in command.findings}
        sessions |= {one.session for one in cases} | {one.session for one in self._opened}
        known.began = self._began(connection, [one for one in sessions if one])
        known.evidence = evidence_of_cases(connection, list(names))
        known.marks = marks_of(connection, {about[name] for name in names if name in about})
        if not self._shown:
            return
        found = facts(connection, self._shown)
        known.facts = with_plans(found, connection, self._plans, self._shown, books)
        longest = max(
            terms.window_days for version in known.versions for terms in version.book.measures.values()
        )
        first = min(command.occurred_at for command in self._decided)
        since = first - longest * MICROSECONDS_PER_DAY
        known.lost = lost_alone(connection, parties=self._parties(), cases=names, since=since)

    def plan(self, command: CaseCommand, books: Books) -> Entry | Refusal | None:
        """What is refused, and why, the planners say; a decision larger than an entry, too.

        A command of our own that does not apply (any more) comes to nothing: it may apply later.
        """
        found = step(command, self._known, books)
        if isinstance(found, Step):
            rows = sum(1 + len(act.to) if isinstance(act, Capture) else 1 for act in found.entry.acts)
            if rows <= SEQS_PER_MICROSECOND:
                self._steps[command.id] = found
                return found.entry
            found = DecisionTooLarge(rows, SEQS_PER_MICROSECOND)
        return None if command.id.version == _DERIVED else found

    def accepted(self, command: CaseCommand, posted: Posted) -> None:
        """Later commands of the batch, at whichever desk, see it."""
        self._steps.pop(command.id).accepted(posted)
        if command.id.version != _DERIVED:
            self._acts.append(Access(command.actor, command.kind, f"case:{self._case_of(command)}"))

    def _case_of(self, command: OpenCase | NoteCase | Decide | OnDecision | LiftMeasure) -> str:
        match command:
            case OpenCase():
                return command.name
            case NoteCase() | Decide():
                return command.case
            case LiftMeasure():
                return self._known.docket.decisions[self._known.decision_of[command.measure]].case
            case _:
                return self._known.docket.decisions[command.decision].case

    def write(self, connection: Connection) -> None:
        """What was opened, decided and done; who is told; and which tips are to go back."""
        self._known.rows.write(connection)
        self._known.telling.write(connection)
        record_all(connection, self._acts)
        if self._known.announced:
            self._announce(connection, self._known.announced)
