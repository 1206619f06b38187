"""Official activities (官方活动): rules in versions, enrolments that pin one, awards and disqualifications.

Rules: LIVE-ACT-1, LIVE-ACT-2, LIVE-ACT-3, LIVE-TIME-1.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, text

from ledger.chart import AccountRef, platform_account
from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command
from ledger.journal.desks import Page
from ledger.kernel.books import Books
from ledger.kernel.entries import Entry, Transfer
from ledger.kernel.posted import Posted
from ledger.kernel.refusals import Refusal
from settlement.accruals.accruing import accounts_of, unknown_streamer
from settlement.accruals.commands import Enrol, EvaluateActivity, PublishActivity, WithdrawAward
from settlement.accruals.judging import Judgement, Result, Rules, judge
from settlement.accruals.part import Shared
from settlement.accruals.refusals import (
    ActivityNotFound,
    ActivityOver,
    ActivityVersionExists,
    AlreadyEvaluated,
    AwardNotFound,
    AwardWithdrawn,
)
from settlement.accruals.tables import activity_results, activity_rules, enrolments
from settlement.accruals.taking_back import Parts
from settlement.kinds import EXPENSE_OF_KIND, EarningKind

ACTIVITY_COMMANDS: tuple[type[Command], ...] = (PublishActivity, Enrol, EvaluateActivity, WithdrawAward)
_EXPENSE = platform_account(EXPENSE_OF_KIND[EarningKind.ACTIVITY_AWARD])

_STANDINGS = text("""
SELECT of.activity, of.streamer, enrolled.rules, result.result, result.entry, award.amount_minor
FROM unnest(CAST(:activities AS text[]), CAST(:streamers AS text[])) AS of (activity, streamer)
LEFT JOIN LATERAL (
    SELECT e.rules FROM settlement.enrolments AS e
    WHERE e.activity = of.activity AND e.streamer = of.streamer
    ORDER BY e.entry DESC LIMIT 1) AS enrolled ON true
LEFT JOIN LATERAL (
    SELECT r.result, r.entry FROM settlement.activity_results AS r
    WHERE r.activity = of.activity AND r.streamer = of.streamer
    ORDER BY r.entry DESC LIMIT 1) AS result ON true
LEFT JOIN settlement.accruals AS award ON award.entry = result.entry AND result.result = 'AWARDED'
""")


class Standing(NamedTuple):
    """Where a streamer stands in an activity: the pinned rules, the newest result, and its award."""

    rules: int | None = None
    result: Result | None = None
    entry: int = 0
    award_minor: int = 0


class ActivityPage(Page):
    """The activities of a batch. All that is said of activities waits for the lock on the award expense."""

    def __init__(self, connection: Connection, commands: Sequence[Command], shared: Shared) -> None:
        self._published = [command for command in commands if isinstance(command, PublishActivity)]
        self._of_streamers = [c for c in commands if isinstance(c, Enrol | EvaluateActivity | WithdrawAward)]
        self._shared = shared
        self._rules: dict[str, dict[int, Rules]] = {}
        self._versions: set[tuple[str, str]] = set()
        self._standings: dict[tuple[str, str], Standing] = {}
        self._judged: dict[UUID, tuple[Rules, Judgement]] = {}
        self._taken: dict[UUID, Parts] = {}
        self._rows: dict[str, list[dict[str, object]]] = {"rules": [], "enrolments": [], "results": []}

    def accounts(self) -> Iterable[AccountRef]:
        """The award expense, and what each streamer's award may be taken from."""
        if self._published or self._of_streamers:
            yield _EXPENSE
        yield from accounts_of(command.streamer for command in self._of_streamers)

    def after_locks(self, connection: Connection, books: Books) -> None:
        """The rules, where each streamer stands, and which awards are settled."""
        activities = {command.activity for command in (*self._published, *self._of_streamers)}
        if not activities:
            return
        query = select(activity_rules).where(activity_rules.c.activity.in_(activities))
        for row in connection.execute(query.order_by(activity_rules.c.entry)):
            self._versions.add((row.activity, row.version))
            self._rules.setdefault(row.activity, {})[row.entry] = _rules_of(row)
        pairs = {(command.activity, command.streamer) for command in self._of_streamers}
        if pairs:
            named = list(zip(*pairs, strict=True))
            asked = {"activities": list(named[0]), "streamers": list(named[1])}
            for activity, streamer, rules, result, entry, award in connection.execute(_STANDINGS, asked):
                found = Result(result) if result else None
                self._standings[activity, streamer] = Standing(rules, found, entry or 0, award or 0)
            awards = {standing.entry for standing in self._standings.values() if standing.award_minor}
            self._shared.taking_back.load(connection, awards)
        for command in self._of_streamers:
            if isinstance(command, EvaluateActivity):
                self._need_sessions(command)

    def _need_sessions(self, command: EvaluateActivity) -> None:
        windows = [(r.since, r.until) for r in self._rules.get(command.activity, {}).values()]
        windows += [(p.since, p.until) for p in self._published if p.activity == command.activity]
        self._shared.live.need_latest(command.streamer)
        for since, until in windows:
            self._shared.live.need_between(command.streamer, since, until)

    def plan(
        self, command: PublishActivity | Enrol | EvaluateActivity | WithdrawAward, books: Books
    ) -> Entry | Refusal:
        """Refuses what does not fit the rules and results that are there; an award taken back never fails."""
        if isinstance(command, PublishActivity):
            if (command.activity, command.version) in self._versions:
                return ActivityVersionExists(command.activity, command.version)
            return Entry("activity", f"activity:{command.activity}", ())
        if unknown := unknown_streamer(books, command.streamer):
            return unknown
        rules = self._rules.get(command.activity)
        if not rules:
            return ActivityNotFound(command.activity)
        standing = self._standings[command.activity, command.streamer]
        if standing.result is Result.WITHDRAWN:
            return AwardWithdrawn(command.activity, command.streamer)
        newest = rules[max(rules)]
        if isinstance(command, Enrol):
            return self._enrolling(command, standing, newest)
        if isinstance(command, WithdrawAward):
            if standing.result is not Result.AWARDED:
                return AwardNotFound(command.activity, command.streamer)
            pinned = newest if standing.rules is None else rules[standing.rules]
            self._judged[command.id] = pinned, Judgement(Result.WITHDRAWN, standing.entry)
            return Entry("award_withdraw", f"activity:{command.activity}", self._taking(command, books))
        return self._evaluating(command, books, standing, newest)

    def _enrolling(self, command: Enrol, standing: Standing, newest: Rules) -> Entry | Refusal:
        if command.occurred_at >= newest.until:
            return ActivityOver(command.activity)
        if standing.result not in (None, Result.NOT_ENROLLED):
            return AlreadyEvaluated(command.activity, command.streamer, standing.result)
        return Entry("enrol", f"activity:{command.activity}", ())

    def _evaluating(
        self, command: EvaluateActivity, books: Books, standing: Standing, newest: Rules
    ) -> Entry | Refusal:
        live = self._shared.live
        if standing.rules is None:
            rules, judgement = newest, Judgement(Result.NOT_ENROLLED, newest.entry)
        else:
            rules = self._rules[command.activity][standing.rules]
            sessions = live.between(command.streamer, rules.since, rules.until)
            judgement = judge(rules, sessions, live.latest_of(command.streamer))
        if judgement.result is standing.result:
            return AlreadyEvaluated(command.activity, command.streamer, judgement.result)
        self._judged[command.id] = rules, judgement
        if standing.result is Result.AWARDED:
            return Entry("activity_evaluate", f"activity:{command.activity}", self._taking(command, books))
        is_won = judgement.result is Result.AWARDED
        accrual = self._shared.accruing.plan(
            command,
            command.streamer,
            EarningKind.ACTIVITY_AWARD,
            rules.award_minor if is_won else 0,
            command.activity,
            reason=None if is_won else judgement.result.value,
        )
        return Entry("activity_evaluate", f"activity:{command.activity}", accrual.transfers())

    def _taking(self, command: EvaluateActivity | WithdrawAward, books: Books) -> tuple[Transfer, ...]:
        standing = self._standings[command.activity, command.streamer]
        taking_back = self._shared.taking_back
        parts = taking_back.parts(books, command.streamer, standing.entry, standing.award_minor)
        self._taken[command.id] = parts
        return parts.transfers(command.streamer, _EXPENSE)

    def accepted(
        self, command: PublishActivity | Enrol | EvaluateActivity | WithdrawAward, posted: Posted
    ) -> None:
        """New rules, a pinned version, or a result."""
        if isinstance(command, PublishActivity):
            rules = Rules(
                posted.seq,
                command.since,
                command.until,
                command.tag,
                command.minimum_interactions,
                command.face_shown,
                command.award_minor,
            )
            self._versions.add((command.activity, command.version))
            self._rules.setdefault(command.activity, {})[rules.entry] = rules
            self._rows["rules"].append(
                {
                    **rules._asdict(),
                    "since": datetime_of(rules.since),
                    "until": datetime_of(rules.until),
                    "activity": command.activity,
                    "version": command.version,
                }
            )
            return
        about = {"entry": posted.seq, "activity": command.activity, "streamer": command.streamer}
        if isinstance(command, Enrol):
            pinned = max(self._rules[command.activity])
            key = command.activity, command.streamer
            self._standings[key] = self._standings[key]._replace(rules=pinned)
            self._rows["enrolments"].append({**about, "rules": pinned})
        else:
            self._judged_so(command, posted, about)

    def _judged_so(
        self, command: EvaluateActivity | WithdrawAward, posted: Posted, about: dict[str, object]
    ) -> None:
        rules, judgement = self._judged.pop(command.id)
        before = self._standings[command.activity, command.streamer]
        award_minor = 0
        parts = self._taken.pop(command.id, None)
        if parts is not None:
            reason = command.reason if isinstance(command, WithdrawAward) else judgement.result.value
            self._shared.taking_back.accepted(command, posted, command.streamer, before.entry, parts, reason)
        else:
            award_minor = self._shared.accruing.accepted(command, posted).amount_minor
        self._standings[command.activity, command.streamer] = Standing(
            before.rules, judgement.result, posted.seq, award_minor
        )
        self._rows["results"].append(
            {
                **about,
                "rules": rules.entry,
                "result": judgement.result.value,
                "rests_on": judgement.rests_on,
            }
        )

    def write(self, connection: Connection) -> None:
        """The rules, enrolments and results of the batch."""
        tables = {"rules": activity_rules, "enrolments": enrolments, "results": activity_results}
        for name, table in tables.items():
            if self._rows[name]:
                connection.execute(insert(table), self._rows[name])


def _rules_of(row: Row[tuple[object, ...]]) -> Rules:
    return Rules(
        row.entry,
        instant_of(row.since),
        instant_of(row.until),
        row.tag,
        row.minimum_interactions,
        row.face_shown,
        row.award_minor,
    )
