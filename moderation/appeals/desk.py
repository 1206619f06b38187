"""The appeal desk: somebody else looks again, and what turns out wrong is undone. G4, LIVE-MOD-10."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Entry, Release
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from moderation.appeals.again import Again, Receipts
from moderation.appeals.answering import (
    Answer,
    Answered,
    answer,
    no_longer_following,
    why_not_answer,
)
from moderation.appeals.commands import DecideAppeal, FileAppeal, ReceiveAgain, Verdict
from moderation.appeals.reading import (
    Appeal,
    Ladder,
    appeals_against,
    decisions_of_appeals,
    ladder_of,
    later_decisions,
    open_appeals,
)
from moderation.appeals.refusals import AppealDecided, AppealExists, AppealNotFound, AppealTooLate
from moderation.appeals.writing import AppealRows
from moderation.cases.affairs import Involved, affair_in
from moderation.cases.concerning import involved
from moderation.cases.docket import Docket, docket_of
from moderation.cases.following import ending_sooner
from moderation.cases.records import Decision, State, lock_decisions
from moderation.cases.refusals import DecisionClosed, DecisionNotFound
from moderation.cases.registering import require_all_seen
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import Measure, barrable
from moderation.rules.judging import answer_by
from moderation.rules.versions import in_force, rule_books, version_named
from moderation.takings.acts import accounts_of, holds_of, previews, restore_acts
from moderation.takings.returning import Plans
from moderation.takings.shown import RETURNS

#: Told, in the transaction, of plans whose tips went back and are now to stand again.
Announce = Callable[[Connection, Sequence[UUID]], None]
_CLOSED = (State.REFUSED, State.OVERTURNED)


class AppealDesk:
    """Plans ``appeal``, ``appeal_decided`` and what follows it, ``received_again``."""

    commands: tuple[type[Command], ...] = (FileAppeal, DecideAppeal, ReceiveAgain)

    def __init__(self, plans: Plans, receipts: Receipts, announce: Announce) -> None:
        """``announce`` is told of every plan by which tips went back that are to stand again."""
        self._plans = plans
        self._receipts = receipts
        self._announce = announce

    def open(self, connection: Connection, commands: Sequence[Command]) -> "AppealPage":
        """The decisions, locked: whoever executes one waits for an appeal against it, and sees it."""
        filed = [command for command in commands if isinstance(command, FileAppeal)]
        decided = [command for command in commands if isinstance(command, DecideAppeal)]
        answered = decisions_of_appeals(connection, [command.appeal for command in decided])
        overturned = [
            answered[command.appeal]
            for command in decided
            if command.verdict == Verdict.OVERTURNED and command.appeal in answered
        ]
        later = later_decisions(connection, overturned)
        locked = lock_decisions(
            connection, {*(command.decision for command in filed), *answered.values(), *later}
        )
        answers = [
            (command, locked[answered[command.appeal]])
            for command in decided
            if answered.get(command.appeal) in locked
        ]
        again = Again(connection, self._receipts, answers)
        named = {decision.case for _, decision in answers}
        acting = involved(connection, self._plans, named, [command.actor for command in decided])
        return AppealPage(connection, filed, answered, locked, again, acting, self._announce)


class AppealPage(Page):
    """The decisions of a batch that are appealed against, under their locks, and the appeals so far."""

    def __init__(
        self,
        connection: Connection,
        filed: Sequence[FileAppeal],
        answered: dict[UUID, UUID],
        locked: dict[UUID, Decision],
        again: Again,
        involved: Involved,
        announce: Announce,
    ) -> None:
        self._filed = filed
        self._locked = locked
        self._again = again
        self._announce = announce
        self._appeals: dict[UUID, Appeal] = appeals_against(connection, locked)
        named = {answered[appeal] for appeal in answered}
        self._touched = [locked[decision] for decision in named if decision in locked]
        wanted = [
            measure.preview for decision in self._touched for measure in decision.in_force if measure.preview
        ]
        self._previews = previews(connection, wanted)
        self._involved = involved
        self._versions = rule_books(connection)
        self._ladder: dict[str, Ladder] = {}
        self._docket = Docket()
        self._steps: dict[UUID, Answered] = {}
        self._restored: list[UUID] = []
        self._rows = AppealRows()

    def accounts(self) -> Iterable[AccountRef]:
        """What the measures moved or hold, and the rows that say what their parties may not do."""
        for preview in self._previews.values():
            yield from accounts_of(preview)
        for decision in self._touched:
            yield from (placed.account for placed in decision.holds)
        for decision in self._locked.values() if self._touched else ():
            for party in decision.parties:
                yield from barrable(party)

    def holds(self) -> Iterable[UUID]:
        """Whatever the measures hold."""
        for decision in self._touched:
            yield from (placed.hold for placed in decision.holds)
            for measure in decision.in_force:
                if measure.preview:
                    yield from holds_of(self._previews[measure.preview], measure.measure)

    def following(self) -> Mapping[UUID, Sequence[Command]]:
        """Behind an answer, what it may have received again."""
        return self._again.following

    def after_locks(self, connection: Connection, books: Books) -> None:
        """What else is in force on the parties, and how their points came about."""
        self._docket = docket_of(books)
        self._docket.know_decisions(self._locked, open_appeals(connection, self._locked.keys()))
        if self._touched:
            parties = {party for decision in self._locked.values() for party in decision.parties}
            require_all_seen(connection, parties, books)
            self._docket.know_parties(connection, parties)
            self._ladder = ladder_of(connection, {decision.party for decision in self._touched})

    def plan(self, command: FileAppeal | DecideAppeal | ReceiveAgain, books: Books) -> Entry | Refusal | None:
        """What is refused, and why, each of the planners below says."""
        if isinstance(command, ReceiveAgain):
            return self._again.plan(command)
        return self._file(command) if isinstance(command, FileAppeal) else self._decide(command, books)

    def _file(self, command: FileAppeal) -> Entry | Refusal:
        """Refuses ``decision_not_found`` (to whom it does not concern, too), ``appeal_exists``,
        ``decision_closed`` and ``appeal_too_late``. Everybody concerned has an appeal of their own.
        """
        decision = self._docket.decisions.get(command.decision)
        if decision is None or command.party not in decision.parties:
            return DecisionNotFound(str(command.decision))
        against = [appeal for appeal in self._appeals.values() if appeal.decision == command.decision]
        for appeal in against:
            if appeal.appellant == command.party:
                return AppealExists(str(command.decision), str(appeal.appeal))
        if decision.state in _CLOSED:
            return DecisionClosed(str(command.decision), decision.state.value)
        if command.occurred_at >= decision.appeal_until:
            return AppealTooLate(str(command.decision), decision.appeal_until)
        return Entry("appeal", f"decision:{command.decision}", ())

    def _decide(self, command: DecideAppeal, books: Books) -> Entry | Refusal:
        """Refuses ``appeal_not_found``, ``own_affair``, ``second_person_required``,
        ``appeal_already_decided``, and what :func:`answer` does.
        """
        appeal = self._appeals.get(command.appeal)
        if appeal is None:
            return AppealNotFound(str(command.appeal))
        decision = self._docket.decisions[appeal.decision]
        affair = affair_in(command.actor, decision.case, self._involved)
        refusal = affair or why_not_answer(command.actor, decision)
        if refusal:
            return refusal
        if appeal.verdict is not None:
            return AppealDecided(str(command.appeal), appeal.verdict)
        found = answer(command, decision, self._previews)
        if isinstance(found, Refusal):
            return found
        knocked_on: tuple[Measure, ...] = ()
        if command.verdict == Verdict.OVERTURNED:
            ladder = self._ladder[decision.party]
            later = [
                one._replace(decision=self._docket.decisions[one.decision.decision])
                for one in ladder.later(decision, self._locked, self._versions)
            ]
            knocked_on = tuple(no_longer_following(decision.decision, ladder.marks, later))
        sooner = self._sooner((*found.ended, *knocked_on))
        acts = self._acts(decision, found, knocked_on, sooner, books)
        cause = f"appeal:{command.appeal} decision:{decision.decision}"
        self._steps[command.id] = Answered(
            cause, appeal.appellant, decision, decision.state, found, knocked_on, sooner, acts
        )
        return Entry(command.kind, cause, acts)

    def _sooner(self, ended: Sequence[Measure]) -> tuple[Measure, ...]:
        found: list[Measure] = []
        for id in dict.fromkeys(measure.decision for measure in ended):
            decision = self._docket.decisions[id]
            book = version_named(self._versions, decision.rule_version).book
            theirs = [measure for measure in ended if measure.decision == id]
            found += ending_sooner(decision, theirs, book, None)
        return tuple(found)

    def _acts(
        self,
        decision: Decision,
        found: Answer,
        knocked_on: Sequence[Measure],
        sooner: Sequence[Measure],
        books: Books,
    ) -> tuple[Act, ...]:
        """Money first, then what freezes hold; the bars come last."""
        acts: list[Act] = list(
            restore_acts(
                [(one.measure.measure, one.preview, one.stays) for one in found.remitted],
                books,
                executed=was_executed(decision),
            )
        )
        ended = {measure.measure for measure in (*found.ended, *knocked_on)}
        frozen = {measure.measure for measure in found.ended if measure.kind is MeasureKind.FREEZE}
        acts.extend(
            Release(placed.hold)
            for placed in decision.holds
            if placed.measure in frozen and books.end_of(placed.hold) is None
        )
        parties = [measure.party for measure in (*found.ended, *knocked_on)]
        before = ended.union(measure.measure for measure in sooner)
        return (*acts, *self._docket.bars(parties, books, imposed=sooner, ended=before))

    def accepted(self, command: FileAppeal | DecideAppeal | ReceiveAgain, posted: Posted) -> None:
        """An appeal stops the execution of what it is against, until it is decided."""
        if isinstance(command, ReceiveAgain):
            self._again.accepted(command, posted.seq)
            return
        if isinstance(command, FileAppeal):
            book = in_force(self._versions, command.occurred_at).book
            due = answer_by(book, command.occurred_at).at
            self._appeals[command.id] = Appeal(command.id, command.decision, command.party)
            self._docket.appealed.add(command.decision)
            decision = self._docket.decisions[command.decision]
            self._rows.filed(
                command, posted.seq, case=decision.case, answer_by=due, executed=was_executed(decision)
            )
            return
        step = self._steps.pop(command.id)
        appeal = self._appeals[command.appeal]
        self._appeals[command.appeal] = msgspec.structs.replace(appeal, verdict=command.verdict)
        if not any(one.is_open and one.decision == appeal.decision for one in self._appeals.values()):
            self._docket.appealed.discard(appeal.decision)
        self._again.answered(command, step.decision, step.answer, step.cause)
        self._docket.end(step.ended)
        self._docket.shorten(step.sooner)
        if command.verdict == Verdict.OVERTURNED and step.decision.state not in _CLOSED:
            step.decision.state = State.OVERTURNED
        self._rows.decided(command, posted.seq, step)
        for one in step.answer.remitted:
            self._previews[one.preview.preview] = one.lessened
            self._docket.lessened[one.preview.preview] = one.lessened
            if one.measure.kind in RETURNS and step.was_executed and one.preview.shown.plan:
                self._restored.append(one.preview.shown.plan.plan)

    def write(self, connection: Connection) -> None:
        """The appeals, their answers, what they ended, and what is told of them."""
        self._rows.write(connection)
        self._again.write(connection)
        if self._restored:
            self._announce(connection, self._restored)


def was_executed(decision: Decision) -> bool:
    """Whether the money of a decision has moved."""
    return decision.state in (State.EXECUTING, State.EXECUTED)
