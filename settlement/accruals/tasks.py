"""Tasks (主播任务): assigned to one streamer, evaluated from the facts, rewarded once. Rule: LIVE-TASK-1."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, insert, select

from ledger.chart import AccountRef, platform_account
from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command, derived_id
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.accruals.accruing import accruals_of, unknown_streamer
from settlement.accruals.commands import AssignTask, EvaluateTask
from settlement.accruals.part import Shared
from settlement.accruals.refusals import TargetNotReached, TaskAlreadyRewarded, TaskNotFound
from settlement.accruals.tables import task_evaluations, tasks
from settlement.kinds import EXPENSE_OF_KIND, EarningKind
from settlement.sessions.live import LiveSessions, reached

TASK_COMMANDS: tuple[type[Command], ...] = (AssignTask, EvaluateTask)


class Task(NamedTuple):
    """What was assigned. It never changes."""

    task: UUID
    streamer: str
    metric: str
    target: int
    since: int
    until: int
    reward_minor: int

    def reached(self, live: LiveSessions) -> int:
        """How far the sessions opened in its period have come."""
        on = live.between(self.streamer, self.since, self.until)
        return reached(self.metric, (session for session in on if session.opened_at >= self.since))


def evaluation_of(task: UUID, actor: str, occurred_at: int) -> EvaluateTask:
    """A task's evaluation under an id derived from the assignment: asked again, it is the same."""
    return EvaluateTask(derived_id(task, "evaluation"), actor, occurred_at, occurred_at, task)


class TaskPage(Page):
    """The tasks of a batch, and which of them were rewarded."""

    def __init__(self, connection: Connection, commands: Sequence[Command], shared: Shared) -> None:
        self._assigned = [command for command in commands if isinstance(command, AssignTask)]
        self._named = {command.task for command in commands if isinstance(command, EvaluateTask)}
        self._shared = shared
        self._tasks: dict[UUID, Task] = {}
        if self._named:
            for row in connection.execute(select(tasks).where(tasks.c.task.in_(self._named))):
                since, until = instant_of(row.since), instant_of(row.until)
                self._tasks[row.task] = Task(
                    row.task, row.streamer, row.metric, row.target, since, until, row.reward_minor
                )
        self._known = frozenset(self._tasks)
        self._rewarded: set[UUID] = set()
        self._reached: dict[UUID, int] = {}
        self._task_rows: list[dict[str, object]] = []
        self._evaluations: list[dict[str, object]] = []
        evaluated = (c for c in self._assigned if c.id in self._named)
        for task in (*self._tasks.values(), *map(_task_of, evaluated)):
            shared.live.need_between(task.streamer, task.since, task.until)

    def accounts(self) -> Iterable[AccountRef]:
        """The accruals of every streamer concerned, and the expense."""
        for task in self._tasks.values():
            yield accruals_of(task.streamer)
        for command in self._assigned:
            yield accruals_of(command.streamer)
        if self._named:
            yield platform_account(EXPENSE_OF_KIND[EarningKind.TASK])

    def is_behind(self, command: Command, books: Books) -> bool:
        """A task assigned elsewhere since we looked, which this batch evaluates."""
        assigned = isinstance(command, AssignTask)
        return assigned and command.id in self._named and command.id not in self._known

    def after_locks(self, connection: Connection, books: Books) -> None:
        """Which were rewarded meanwhile."""
        if self._named:
            done = select(task_evaluations.c.task).where(task_evaluations.c.task.in_(self._named))
            self._rewarded = set(connection.scalars(done))

    def plan(self, command: AssignTask | EvaluateTask, books: Books) -> Entry | Refusal:
        """Refuses a task that is unknown, rewarded already, or not done."""
        if isinstance(command, AssignTask):
            unknown = unknown_streamer(books, command.streamer)
            return unknown or Entry("task", f"rule:{command.rule_version}", ())
        task = self._tasks.get(command.task)
        if task is None:
            return TaskNotFound(str(command.task))
        if command.task in self._rewarded:
            return TaskAlreadyRewarded(str(command.task))
        reached = task.reached(self._shared.live)
        if reached < task.target:
            return TargetNotReached(str(command.task), task.metric, task.target, reached)
        self._reached[command.task] = reached
        accrual = self._shared.accruing.plan(
            command, task.streamer, EarningKind.TASK, task.reward_minor, str(command.task)
        )
        return Entry("task_evaluate", f"task:{command.task}", accrual.transfers())

    def accepted(self, command: AssignTask | EvaluateTask, posted: Posted) -> None:
        """A task to do, or one that is done."""
        if isinstance(command, EvaluateTask):
            self._rewarded.add(command.task)
            self._shared.accruing.accepted(command, posted)
            self._evaluations.append(
                {"task": command.task, "entry": posted.seq, "reached": self._reached[command.task]}
            )
            return
        task = _task_of(command)
        self._tasks[task.task] = task
        self._task_rows.append(
            {
                **task._asdict(),
                "since": datetime_of(task.since),
                "until": datetime_of(task.until),
                "entry": posted.seq,
                "rule_version": command.rule_version,
            }
        )

    def write(self, connection: Connection) -> None:
        """The tasks assigned, and those done."""
        for table, rows in ((tasks, self._task_rows), (task_evaluations, self._evaluations)):
            if rows:
                connection.execute(insert(table), rows)


def _task_of(command: AssignTask) -> Task:
    return Task(
        command.id,
        command.streamer,
        command.metric,
        command.target,
        command.since,
        command.until,
        command.reward_minor,
    )
