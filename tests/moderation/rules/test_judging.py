"""Judging: the ladder, the second person, the intervals and the deadlines, for whatever is asked."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.instants import MICROSECONDS_PER_DAY, business_day, date_of, datetime_of, end_of_day, instant_of
from moderation.measures.kinds import MONEY_MEASURES, MeasureKind, Severity
from moderation.measures.standing import FOREVER
from moderation.rules import judging
from moderation.rules.document import RuleBook, parse, sample
from moderation.rules.judging import Mark
from moderation.rules.steps import StepMeasure, kept_from
from moderation.rules.workdays import working_days_after
from tests.moderation.rules.writing import rule_book

_DAY = MICROSECONDS_PER_DAY
_NOON = instant_of(datetime(2026, 11, 2, 4, tzinfo=UTC))
_MONEY = sorted(MONEY_MEASURES)

instants = st.integers(
    instant_of(datetime(2004, 1, 1, tzinfo=UTC)), instant_of(datetime(2199, 12, 31, tzinfo=UTC))
)
ages = st.integers(-2 * _DAY, 200 * _DAY)
marks = st.builds(Mark, st.integers(0, 8), ages.map(lambda age: _NOON - age))


@lru_cache(maxsize=64)
def book_with(*changed: tuple[str, str]) -> RuleBook:
    return parse(rule_book(None, None, *changed))


def china(instant: int) -> str:
    """An instant as the clock in China shows it."""
    return (datetime_of(instant) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M")


def at(moment: str) -> int:
    return instant_of(datetime.fromisoformat(f"{moment}+08:00"))


# The ladder.


def barred_days(history: list[Mark]) -> dict[str, int]:
    """For how many days at most each feature is barred by what follows from a history."""
    followed = judging.consequences(sample(), history, _NOON)
    return {
        feature.value: days
        for feature, days in kept_from(StepMeasure(**one._asdict()) for one in followed).items()
    }


@given(st.lists(marks, max_size=12), st.lists(marks, max_size=4))
def test_the_ladder_never_gets_lighter_with_more_points_in_the_window(
    history: list[Mark], more: list[Mark]
) -> None:
    before, after = barred_days(history), barred_days(history + more)
    assert all(after.get(feature, 0) >= days for feature, days in before.items())


@given(st.lists(marks, max_size=12), st.lists(marks, max_size=4))
def test_points_are_those_of_the_window_in_whatever_order_they_are_told(
    history: list[Mark], findings: list[Mark]
) -> None:
    book = sample()
    points = judging.points_after(book, history, findings, _NOON)
    assert points == judging.points_after(book, findings[::-1], history[::-1], _NOON)
    assert points == sum(
        mark.points for mark in history + findings if 0 <= _NOON - mark.at < book.points.decay_days * _DAY
    )
    assert (
        0
        <= judging.points_after(book, history, findings, _NOON + 400 * _DAY)
        <= points + sum(mark.points for mark in history + findings if mark.at > _NOON)
    )


def test_points_count_from_when_they_are_found_until_they_decay() -> None:
    mark = Mark(3, _NOON)
    counted = [
        judging.points_after(sample(), [mark], [], moment)
        for moment in (_NOON - 1, _NOON, _NOON + 90 * _DAY - 1, _NOON + 90 * _DAY)
    ]
    assert counted == [0, 3, 3, 0]


def test_an_item_weighs_as_it_says_itself_or_else_as_heavy_as_it_was_found() -> None:
    book = book_with(("[items.illegal_heroes]\n", "[items.illegal_heroes]\npoints = 11\n"))
    assert judging.points_of(book, "illegal_heroes", Severity.LOW) == 11
    assert judging.points_of(book, "minor_tips", Severity.LOW) == 0
    assert [judging.points_of(book, "unfriendly_smoking", severity) for severity in Severity] == [1, 2, 3, 6]
    assert judging.points_of(book, "an item of another book", Severity.HIGH) == 3


# The second person.


@given(
    st.lists(st.tuples(st.sampled_from(_MONEY), st.integers(0, 80_000)), max_size=8), st.integers(0, 100_000)
)
def test_a_bound_is_not_evaded_by_taking_in_pieces_or_by_several_kinds(
    pieces: list[tuple[MeasureKind, int]], bound: int
) -> None:
    """Whatever passes without a second person never adds up to more than the bound allows at once."""
    book = book_with(("bound_minor = 50_000", f"bound_minor = {bound}"))
    taken = 0
    for kind, amount in pieces:
        if not judging.needs_second(book, kind, amount, taken):
            taken += amount
    assert taken <= bound


@given(st.sampled_from(MeasureKind), st.integers(-5, 10**15), st.integers(-5, 10**15), st.integers(0, 10**12))
def test_more_never_needs_fewer_people(kind: MeasureKind, amount: int, before: int, more: int) -> None:
    book = sample()
    if judging.needs_second(book, kind, amount, before):
        assert judging.needs_second(book, kind, amount + more, before)
        assert judging.needs_second(book, kind, amount, before + more)


def test_a_second_person_agrees_above_the_bound_always_or_never() -> None:
    book = sample()
    assert not judging.needs_second(book, MeasureKind.PENALTY, 50_000, 0)
    assert judging.needs_second(book, MeasureKind.PENALTY, 50_001, 0)
    assert judging.needs_second(book, MeasureKind.PENALTY, 1, 50_000)
    assert judging.needs_second(book, MeasureKind.DAMAGES, 0, 0)
    assert not judging.needs_second(book, MeasureKind.FREEZE, 10**15, 10**15)
    assert judging.summed_since(book, MeasureKind.PENALTY, _NOON) == _NOON - 30 * _DAY


def test_who_decides_and_who_agrees_is_a_matter_of_the_measure_and_the_role() -> None:
    book = sample()
    for kind in MeasureKind:
        assert judging.may_decide(book, kind, "moderator")
        assert not judging.may_decide(book, kind, "viewer")
        assert judging.may_approve(book, kind, "finance")
    assert judging.may_decide(book, MeasureKind.COMPENSATION, "finance")
    assert not judging.may_decide(book, MeasureKind.FREEZE, "finance")


# How long things last.


@given(instants, st.integers(0, 10**15), st.sampled_from((20_000, 20_001, 25_000, 29_999, 30_000)))
def test_tips_are_not_received_for_two_to_three_times_the_mute(since: int, muted: int, factor: int) -> None:
    book = book_with(("mute_factor_bps = 20_000", f"mute_factor_bps = {factor}"))
    rests = judging.suspended_after_mute(book, since, since + muted) - since
    if since + 3 * muted < FOREVER:
        assert 2 * muted <= rests <= 3 * muted
    else:
        assert rests == min(-(-muted * factor // 10_000), FOREVER - since)


def test_a_mute_without_an_end_rests_without_an_end_and_one_that_is_over_rests_not_at_all() -> None:
    assert judging.suspended_after_mute(sample(), _NOON, FOREVER) == FOREVER
    assert judging.suspended_after_mute(sample(), _NOON, _NOON - 1) == _NOON


@pytest.mark.parametrize(
    ("ended", "clean"),
    [
        ("2026-08-15 10:30", "2026-11-15 10:30"),
        ("2026-11-30 23:59", "2027-02-28 23:59"),
        ("2027-11-29 00:00", "2028-02-29 00:00"),
        ("2027-11-30 00:00", "2028-02-29 00:00"),
        ("2026-12-31 12:00", "2027-03-31 12:00"),
        ("2026-10-31 12:00", "2027-01-31 12:00"),
        ("2027-03-31 00:00", "2027-06-30 00:00"),
    ],
)
def test_three_clean_months_end_on_the_same_day_or_the_last_of_the_month(ended: str, clean: str) -> None:
    """In China's days: 00:00 of the 1st there is still the month before in UTC."""
    assert china(judging.clean_until(sample(), at(ended))) == clean


@given(instants, st.integers(0, 400 * _DAY), st.integers(3, 60))
def test_clean_months_are_whole_months_and_who_ends_later_is_clean_no_sooner(
    ended: int, later: int, months: int
) -> None:
    book = book_with(("clean_months = 3", f"clean_months = {months}"))
    clean = judging.clean_until(book, ended)
    begins, ends = date_of(business_day(ended)), date_of(business_day(clean))
    assert (ends.year - begins.year) * 12 + ends.month - begins.month == months
    assert ends.day == min(begins.day, monthrange(ends.year, ends.month)[1])
    assert (clean - ended) % _DAY == 0
    # Two that end on different days may become clean on the last day of one month, by their own time of day.
    assert judging.clean_until(book, ended + later) >= clean - _DAY
    assert judging.clean_until(book, FOREVER) == FOREVER


def test_a_measure_lasts_forwards_and_no_longer_than_it_may() -> None:
    book, rectify = sample(), MeasureKind.RECTIFY
    longest = _NOON + 90 * _DAY
    asked = [_NOON - 1, _NOON, _NOON + 1, longest, longest + 1, None]
    assert [judging.may_last(book, rectify, _NOON, until) for until in asked] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    assert judging.may_last(book, MeasureKind.PAUSE, _NOON, None)
    assert judging.ends_at(_NOON, 7) == _NOON + 7 * _DAY
    assert judging.ends_at(_NOON, None) == FOREVER


# Deadlines.


@given(instants, st.lists(st.sampled_from(MeasureKind)))
def test_an_appeal_may_be_filed_for_whole_days_after_the_day_of_the_decision(
    decided: int, kinds: list[MeasureKind]
) -> None:
    until = judging.appeal_until(sample(), kinds, decided)
    assert 7 * _DAY <= until - decided <= 8 * _DAY
    assert china(until).endswith(" 00:00")


def test_the_longest_window_of_the_measures_decided_counts() -> None:
    book = book_with(("[measures.close_account]\n", "[measures.close_account]\nappeal_days = 30\n"))
    decided = at("2026-11-02 18:00")
    kinds = [MeasureKind.WARN, MeasureKind.CLOSE_ACCOUNT]
    assert china(judging.appeal_until(book, kinds, decided)) == "2026-12-03 00:00"
    assert china(judging.appeal_until(book, [MeasureKind.WARN], decided)) == "2026-11-10 00:00"
    assert china(judging.appeal_until(book, [], decided)) == "2026-11-10 00:00"


@given(instants, st.lists(st.sampled_from(MeasureKind)))
def test_money_that_is_taken_waits_until_no_appeal_can_be_filed_any_more(
    decided: int, kinds: list[MeasureKind]
) -> None:
    book, moves = sample(), MONEY_MEASURES & set(kinds)
    executed = judging.execute_at(book, kinds, decided)
    if not moves:
        assert executed is None
    elif moves == {MeasureKind.COMPENSATION}:
        assert executed == decided
    else:
        assert executed == judging.appeal_until(book, kinds, decided)


@pytest.mark.parametrize(
    ("filed", "days", "due", "is_provisional"),
    [
        # Monday to the next Monday; a Friday's five days end with the next Friday.
        ("2026-11-16 09:00", 5, "2026-11-24 00:00", False),
        ("2026-11-20 23:59", 5, "2026-11-28 00:00", False),
        ("2026-11-21 00:00", 5, "2026-11-28 00:00", False),
        # National Day 2026: 1 to 7 October are free, Saturday the 10th is worked.
        ("2026-09-30 10:00", 1, "2026-10-09 00:00", False),
        ("2026-09-30 10:00", 3, "2026-10-11 00:00", False),
        # 15 working days across it are more than three calendar weeks (gap G2).
        ("2026-09-28 10:00", 15, "2026-10-24 00:00", False),
        # Nobody knows the holidays of 2027 yet: New Year's Day is a Friday, and taken to be worked.
        ("2026-12-31 10:00", 1, "2027-01-02 00:00", True),
        ("2026-12-28 10:00", 3, "2027-01-01 00:00", False),
        ("2026-12-28 10:00", 0, "2026-12-29 00:00", False),
    ],
)
def test_working_days_are_those_that_china_works(
    filed: str, days: int, due: str, is_provisional: bool
) -> None:
    deadline = working_days_after(at(filed), days)
    assert (china(deadline.at), deadline.is_provisional) == (due, is_provisional)


@given(instants, st.integers(0, 60), st.integers(0, 10))
def test_more_working_days_are_never_sooner_and_no_day_counts_twice(filed: int, days: int, more: int) -> None:
    first, second = working_days_after(filed, days), working_days_after(filed, days + more)
    assert second.at >= first.at + more * _DAY
    assert first.at >= end_of_day(date_of(business_day(filed))) + days * _DAY
    assert second.is_provisional or not first.is_provisional
    if days:
        assert first.is_provisional == (date_of(business_day(first.at - 1)) > date(2026, 12, 31))


def test_appeals_objections_and_materials_have_the_deadlines_of_the_rule_book() -> None:
    book, filed = sample(), at("2026-11-16 09:00")
    assert china(judging.answer_by(book, filed).at) == "2026-11-24 00:00"
    assert china(judging.objection_answer_by(book, filed).at) == "2026-12-01 00:00"
    assert china(judging.materials_by(book, filed)) == "2026-11-24 00:00"


@given(st.lists(ages.map(lambda age: _NOON - 3 * age), max_size=6))
def test_a_reporter_is_flagged_by_so_many_reports_in_bad_faith_within_the_window(found: list[int]) -> None:
    counted = [moment for moment in found if 0 <= _NOON - moment < 365 * _DAY]
    assert judging.is_flagged(sample(), found, _NOON) == (len(counted) >= 3)


# What is switched off.


def test_an_item_is_off_by_itself_its_group_or_the_clause_of_either() -> None:
    book = sample()
    for name in ("unfriendly_smoking", "unfriendly", "LIVE-COND-1"):
        assert judging.is_off(book, {name}, "unfriendly_smoking")
    assert not judging.is_off(book, {"unfriendly_abuse", "LIVE-MOD-7"}, "unfriendly_smoking")
    # Of another clause than its group: by either.
    assert judging.is_off(book, {"LIVE-COND-2"}, "unprofessional_advertising")
    assert judging.is_off(book, {"LIVE-COND-1"}, "unprofessional_advertising")
    assert not judging.is_off(book, set(), "an item of another book")


def test_a_measure_is_off_with_the_clause_it_rests_on_and_no_other() -> None:
    off = {kind for kind in MeasureKind if judging.is_measure_off(sample(), {"LIVE-MOD-7"}, kind)}
    assert off == {MeasureKind.PENALTY}
