"""The tasks: what workers do, and when.

Each can be cut short anywhere and done again, by two at once too: what was done is committed with how far
it came. Arguments are ids of our own, never anything about anyone: they are kept, and may be logged.
"""

from collections.abc import Callable, Sequence
from time import time_ns
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.connector import BaseConnector
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from sqlalchemy import text

from api.channels import channels
from api.screening import screen_all, screen_new
from api.sealing import require_sealing_keys
from api.settings import Settings
from api.work.deferring import (
    CARRY_OUT,
    PAYOUTS,
    RETURNS,
    SCREEN,
    SCREENING,
    SETTLE,
    SETTLEMENT,
    TELL,
    defer_run,
)
from ledger.journal.expiry import expire
from ledger.journal.journal import Journal
from moderation.cases.due import execute_due, finish_returns
from moderation.notices.delivering import deliver_due
from moderation.registers.commands import Hit
from moderation.registers.escalating import escalate_overdue
from moderation.reports.closing import close_due
from settlement.payouts.cycles import request_due
from settlement.payouts.reading import payouts_of, unanswered
from settlement.payouts.sending import ask, ask_all
from settlement.payouts.states import UNANSWERED
from settlement.returns.carrying import Way
from settlement.returns.carrying import carry_out as carry_out_plan
from settlement.returns.carrying import unfinished as unfinished_plans
from settlement.runs import carry_out, unfinished_runs

#: How long a worker may be silent before its jobs are taken up by others.
SILENCE_SECONDS = 10
_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 5, 300

# Cron, with seconds as the sixth field.
_EVERY_MINUTE = "* * * * *"
#: 01:00 in China, by the clock of UTC.
_EARLY_IN_THE_MORNING = "0 17 * * *"
_EVERY_FIVE_SECONDS = "* * * * * */5"

_STALLED = """
FROM work.procrastinate_jobs AS job
WHERE job.status = 'doing' AND NOT EXISTS (
    SELECT FROM work.procrastinate_workers AS worker
    WHERE worker.id = job.worker_id
      AND worker.last_heartbeat >= now() - make_interval(secs => :silence_seconds)
)
"""
# A waiting job of the same kind may be there already, and there may be only one: the next tick brings it.
_LET_GO = text(f"""
DELETE FROM work.procrastinate_jobs WHERE id IN (SELECT job.id {_STALLED} AND job.queueing_lock IS NOT NULL)
""")  # noqa: S608 (texts of ours)
_TAKE_UP = text(f"""
UPDATE work.procrastinate_jobs
SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL, worker_id = NULL
WHERE status = 'doing' AND id IN (SELECT job.id {_STALLED} AND job.queueing_lock IS NULL FOR UPDATE OF job)
""")  # noqa: S608 (texts of ours)
_DEFERRED_RUNS = text("""
SELECT args ->> 'run' FROM work.procrastinate_jobs WHERE task_name = :task AND status IN ('todo', 'doing')
""")

_log = structlog.get_logger(__name__)


class Again(BaseRetryStrategy):
    """For as long as it takes: at once when a worker was told to stop, else after pauses that grow."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        """When to do a job again that did not end well."""
        if isinstance(exception, JobAborted):
            return RetryDecision()
        pause = min(_PAUSE_SECONDS * (job.attempts + 1), _LONGEST_PAUSE_SECONDS)
        return RetryDecision(retry_in={"seconds": pause})


def settle(context: JobContext, *, run: str) -> None:
    """Carry out the runs that were accepted up to this one, oldest first."""
    journal = _journal(context)
    with journal.engine.connect() as connection:
        unfinished = unfinished_runs(connection)
    wanted = UUID(run)
    if wanted not in unfinished:
        return
    for each in unfinished[: unfinished.index(wanted) + 1]:
        for _ in carry_out(journal, each):
            if context.should_abort():
                raise JobAborted
        _log.info("settlement run finished", run=str(each))


def tell(context: JobContext, *, payout: str) -> None:
    """Tell a channel of a payout that was sent, under its number, unless it knows of that already.

    Whatever keeps it from being told, :func:`ask_about_payouts` brings it up again.
    """
    journal, settings, id = _journal(context), _settings(context), UUID(payout)
    with journal.engine.connect() as connection:
        sent = payouts_of(connection, [id])[id]
    channel = next((one for one in channels(settings) if one.name == sent.channel), None)
    if channel is not None and sent.state in UNANSWERED:
        ask(journal, channel, require_sealing_keys(settings), [id])


def see_to_runs(context: JobContext, *, timestamp: int) -> None:
    """Every run that is not finished has a job: also one from before there were jobs, or whose job failed."""
    with _journal(context).engine.begin() as connection:
        deferred = set(connection.scalars(_DEFERRED_RUNS, {"task": SETTLE}))
        for run in unfinished_runs(connection):
            if str(run) not in deferred:
                defer_run(connection, run)


def expire_holds(context: JobContext, *, timestamp: int) -> None:
    """End the holds whose time is over."""
    expire(_journal(context))


def ask_about_payouts(context: JobContext, *, timestamp: int) -> None:
    """Ask each channel that answers about the payouts it has not answered, under their own numbers."""
    journal, settings = _journal(context), _settings(context)
    for channel in channels(settings):
        with journal.engine.connect() as connection:
            open_payouts = unanswered(connection, [channel.name])
        if open_payouts:
            ask_all(journal, channel, require_sealing_keys(settings))


def ask_for_what_is_due(context: JobContext, *, timestamp: int) -> None:
    """Ask for the payouts of the cycle that has begun, for whoever has enough to be paid out."""
    asked = request_due(_journal(context), timestamp * 1_000_000)
    if asked:
        _log.info("payouts of the cycle asked for", payouts=asked)


def screen(context: JobContext, *, fact: str) -> None:
    """Match what a verification or an import of a blacklist brought with the other side."""
    _note_hits(screen_new(_journal(context), UUID(fact), _now()))


def screen_everybody(context: JobContext, *, timestamp: int) -> None:
    """Match everybody on a blacklist with everybody verified: whatever a lost job left."""
    _note_hits(screen_all(_journal(context), _now()))


def escalate_tickets(context: JobContext, *, timestamp: int) -> None:
    """Escalate the tickets that were not answered in their time."""
    escalated = escalate_overdue(_journal(context), _now())
    if escalated:
        _log.warning("tickets escalated", tickets=escalated)


def carry_out_returns(context: JobContext, *, plan: str, way: Way) -> None:
    """Send the tips of a plan back, or let them stand again; then free what was held for them."""
    journal = _journal(context)
    for _ in carry_out_plan(journal, UUID(plan), way):
        if context.should_abort():
            raise JobAborted
    finish_returns(journal, _now())
    _log.info("plan of tips carried out", plan=plan, way=way)


def see_to_returns(context: JobContext, *, timestamp: int) -> None:
    """Go on with every plan that was started and not finished, whatever became of its job."""
    with _journal(context).engine.connect() as connection:
        under_way = unfinished_plans(connection)
    for plan, way in under_way:
        carry_out_returns(context, plan=str(plan), way=way)


def see_to_decisions(context: JobContext, *, timestamp: int) -> None:
    """Execute the decisions whose time has come, and free what was held for tips that have gone back."""
    journal, now = _journal(context), _now()
    executed = execute_due(journal, now)
    finish_returns(journal, now)
    if executed:
        _log.info("decisions executed", decisions=executed)


def deliver_notices(context: JobContext, *, timestamp: int) -> None:
    """Bring notices into the inboxes they are for; those that do not arrive are tried again."""
    delivered = deliver_due(_journal(context), _now())
    if delivered.failed:
        _log.warning("notices did not arrive", notices=delivered.failed)


def close_unproven_reports(context: JobContext, *, timestamp: int) -> None:
    """Close the reports whose proof did not come in time."""
    closed = close_due(_journal(context), _now())
    if closed:
        _log.info("reports closed for lack of proof", reports=closed)


def take_up_stalled(context: JobContext, *, timestamp: int) -> None:
    """Jobs whose worker has not been heard of wait again for another."""
    silence = {"silence_seconds": SILENCE_SECONDS}
    with _journal(context).engine.begin() as connection:
        connection.execute(_LET_GO, silence)
        taken_up = connection.execute(_TAKE_UP, silence).rowcount
    if taken_up:
        _log.warning("jobs of a lost worker taken up", jobs=taken_up)


class Ticking(NamedTuple):
    """A task done by the clock. ``lock`` keeps two from doing it at once."""

    task: Callable[..., None]
    cron: str
    lock: str | None


#: A tick that finds the one before it still waiting is left out.
_BY_THE_CLOCK = (
    Ticking(expire_holds, _EVERY_FIVE_SECONDS, "expiry"),
    Ticking(see_to_runs, _EVERY_MINUTE, "runs"),
    Ticking(ask_about_payouts, _EVERY_MINUTE, PAYOUTS),
    Ticking(ask_for_what_is_due, _EARLY_IN_THE_MORNING, "cycles"),
    Ticking(screen_everybody, _EARLY_IN_THE_MORNING, SCREENING),
    Ticking(see_to_decisions, _EVERY_MINUTE, "decisions"),
    Ticking(see_to_returns, _EVERY_MINUTE, RETURNS),
    Ticking(escalate_tickets, _EVERY_MINUTE, "tickets"),
    Ticking(deliver_notices, _EVERY_FIVE_SECONDS, "notices"),
    Ticking(close_unproven_reports, _EVERY_MINUTE, "reports"),
    # Without a lock: nobody could take up this one, stalled.
    Ticking(take_up_stalled, _EVERY_FIVE_SECONDS, None),
)


def app_on(connector: BaseConnector) -> App:
    """The application whose workers do all this. They are given ``journal`` and ``settings`` as context."""
    app = App(connector=connector)
    app.task(name=SETTLE, lock=SETTLEMENT, retry=Again(), pass_context=True)(settle)
    app.task(name=TELL, lock=PAYOUTS, pass_context=True)(tell)
    app.task(name=SCREEN, lock=SCREENING, retry=Again(), pass_context=True)(screen)
    app.task(name=CARRY_OUT, lock=RETURNS, retry=Again(), pass_context=True)(carry_out_returns)
    for task, cron, lock in _BY_THE_CLOCK:
        name = task.__name__
        # Never tried again by itself: it would meet its own successor in the queue.
        ticking = app.task(name=name, lock=lock, queueing_lock=name, pass_context=True)(task)
        app.periodic(cron=cron)(ticking)
    return app


def _journal(context: JobContext) -> Journal:
    journal: Any = context.additional_context["journal"]
    assert isinstance(journal, Journal)
    return journal


def _note_hits(hits: Sequence[Hit]) -> None:
    if hits:
        _log.warning("verified parties found on a blacklist", hits=len(hits))


def _now() -> int:
    return time_ns() // 1_000


def _settings(context: JobContext) -> Settings:
    settings: Any = context.additional_context["settings"]
    assert isinstance(settings, Settings)
    return settings
