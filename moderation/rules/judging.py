"""Judging by the rule book: what is allowed, who has to agree, what follows, and until when.

Pure and total: every function answers for whatever it is asked. Instants are microseconds since 1970,
days those of China, amounts fen.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from ledger.instants import (
    MICROSECONDS_PER_DAY,
    business_day,
    date_of,
    day_of,
    end_of_day,
)
from ledger.money import BPS
from moderation.measures.kinds import MONEY_MEASURES, Feature, MeasureKind, Severity
from moderation.measures.standing import FOREVER
from moderation.rules.document import RuleBook
from moderation.rules.workdays import Deadline, working_days_after


class Mark(NamedTuple):
    """The points of a finding, and the instant from which they count."""

    points: int
    at: int


class Consequence(NamedTuple):
    """A measure that follows by itself: for so many days, or without an end."""

    kind: MeasureKind
    feature: Feature | None
    days: int | None


# What may be decided, by whom.


def allowed(book: RuleBook, kind: MeasureKind, severity: Severity) -> bool:
    """Whether the matrix has the measure for that severity; outside it a reason is needed. LIVE-MOD-6."""
    return kind in book.matrix[severity]


def may_decide(book: RuleBook, kind: MeasureKind, role: str) -> bool:
    """Whether people of that role decide on such a measure."""
    return role in book.measures[kind].decided_by


def may_approve(book: RuleBook, kind: MeasureKind, role: str) -> bool:
    """Whether people of that role agree to such a measure as the second person."""
    return role in book.measures[kind].approved_by


def needs_second(book: RuleBook, kind: MeasureKind, amount_minor: int, taken_before_minor: int) -> bool:
    """Whether a second person has to agree to a measure of that amount.

    ``taken_before_minor``: what money measures of any kind took of the same person without a second one,
    within the last ``window_days`` of this kind; so an amount in pieces meets the bound as it would whole.
    """
    terms = book.measures[kind]
    if terms.always_second:
        return True
    return (
        terms.bound_minor is not None
        and max(amount_minor, 0) + max(taken_before_minor, 0) > terms.bound_minor
    )


def summed_since(book: RuleBook, kind: MeasureKind, at: int) -> int:
    """From which instant on amounts count towards the bound of a measure decided at ``at``."""
    return at - book.measures[kind].window_days * MICROSECONDS_PER_DAY


def may_last(book: RuleBook, kind: MeasureKind, since: int, until: int | None) -> bool:
    """Whether a measure may last from ``since`` to ``until`` (None: without an end): not too long."""
    longest = book.measures[kind].max_days
    if until is None:
        return longest is None
    return since < until and (longest is None or until - since <= longest * MICROSECONDS_PER_DAY)


def is_off(book: RuleBook, off: Collection[str], code: str) -> bool:
    """Whether an item of the catalogue is switched off: itself, its group, or the clause of either."""
    item = book.items.get(code)
    if item is None:
        return code in off
    group = book.groups[item.group]
    return any(name in off for name in (code, item.group, item.clause, group.clause))


def is_measure_off(book: RuleBook, off: Collection[str], kind: MeasureKind) -> bool:
    """Whether the clause that a measure rests on is switched off."""
    return book.measures[kind].clause in off


# Points, and what follows from them.


def points_of(book: RuleBook, rule: str, severity: Severity) -> int:
    """The points of a finding: those that its item has of its own, or else those of the severity found."""
    item = book.items.get(rule)
    return book.points.of(severity) if item is None or item.points is None else item.points


def points_after(book: RuleBook, history: Iterable[Mark], findings: Iterable[Mark], at: int) -> int:
    """The points a person has at an instant: of all findings of the last ``decay_days``."""
    since = at - book.points.decay_days * MICROSECONDS_PER_DAY
    marks = (*history, *findings)
    return sum(max(mark.points, 0) for mark in marks if since < mark.at <= at)


def consequences(book: RuleBook, history: Iterable[Mark], at: int) -> tuple[Consequence, ...]:
    """What follows by the ladder from a person's findings; those just made are part of the history."""
    points = points_after(book, history, (), at)
    step = next(step for step in reversed(book.ladder) if step.from_points <= points)
    return tuple(Consequence(measure.kind, measure.feature, measure.days) for measure in step.measures)


# How long things last.


def suspended_after_mute(book: RuleBook, since: int, until: int) -> int:
    """Until when the right to receive tips rests, for a mute (禁言) from ``since`` to ``until``.

    Counted from when the mute began, two to three times as long as it; fractions round up.
    """
    muted = max(until - since, 0)
    return min(since - -muted * book.intervals.mute_factor_bps // BPS, max(FOREVER, since))


def clean_until(book: RuleBook, ended_at: int) -> int:
    """Until when the right to receive tips rests after a penalty's measures ended: whole calendar months.

    The same time of the same day of the month, or of the month's last day where it has fewer.
    """
    if ended_at >= FOREVER:
        return ended_at
    day = business_day(ended_at)
    first = date_of(day)
    year, month = divmod(first.year * 12 + first.month - 1 + book.intervals.clean_months, 12)
    month += 1
    last = date(year, month, min(first.day, monthrange(year, month)[1]))
    return ended_at + (day_of(last) - day) * MICROSECONDS_PER_DAY


def ends_at(at: int, days: int | None) -> int:
    """When a measure of so many days ends that begins at ``at``."""
    return FOREVER if days is None else at + days * MICROSECONDS_PER_DAY


# Deadlines. Each is the first instant that is too late.


def appeal_until(book: RuleBook, kinds: Iterable[MeasureKind], decided_at: int) -> int:
    """Until when a decision may be appealed against: the longest window of its measures, in whole days.

    The day of the decision does not count (民法典 art. 201).
    """
    default = book.appeals.file_days
    windows = (book.measures[kind].appeal_days or default for kind in kinds)
    return _after_days(decided_at, max(windows, default=default))


def execute_at(book: RuleBook, kinds: Iterable[MeasureKind], decided_at: int) -> int | None:
    """From when on the money of a decision may move; None if it has none. Gap G4.

    Money waits until the time for an appeal is over, unless every money measure is one that need not wait.
    """
    decided = tuple(kinds)
    money = [book.measures[kind] for kind in decided if kind in MONEY_MEASURES]
    if not money:
        return None
    return decided_at if all(terms.at_once for terms in money) else appeal_until(book, decided, decided_at)


def answer_by(book: RuleBook, filed_at: int) -> Deadline:
    """Until when an appeal is to be answered, in working days."""
    return working_days_after(filed_at, book.appeals.answer_working_days)


def objection_answer_by(book: RuleBook, filed_at: int) -> Deadline:
    """Until when an objection is to be answered, in working days. Rule: LIVE-CONTACT-1."""
    return working_days_after(filed_at, book.objections.answer_working_days)


def materials_by(book: RuleBook, received_at: int) -> int:
    """Until when a reporter may hand in what proves the report. Rule: LIVE-REPORT-2."""
    return _after_days(received_at, book.reports.materials_days)


def is_flagged(book: RuleBook, bad_faith_at: Iterable[int], at: int) -> bool:
    """Whether a reporter has so many bad-faith findings in the window that reports are marked."""
    since = at - book.reports.bad_faith_window_days * MICROSECONDS_PER_DAY
    return sum(since < found <= at for found in bad_faith_at) >= book.reports.bad_faith_strikes


def _after_days(instant: int, days: int) -> int:
    return end_of_day(date_of(business_day(instant) + days))
