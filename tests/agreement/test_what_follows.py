"""What follows a decision by itself: the ladder of points, and the time in which no tips are received."""

from calendar import monthrange
from time import time_ns
from uuid import UUID

import msgspec
import pytest

from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, datetime_of, instant_of
from moderation.cases.commands import Imposed, LiftMeasure
from moderation.cases.writing import measure_id
from tests.agreement.deciding import decide, measures_of, told
from tests.moderation.lately import EVENING, head, tip
from tests.moderation.takings.court import DIGEST, Court

NOW = time_ns() // 1_000
DAY = MICROSECONDS_PER_DAY


@pytest.fixture
def court(empty_database: Database) -> Court:
    return Court(empty_database)


@pytest.mark.rule("P-MUTE")
def test_who_is_muted_receives_no_tips_for_twice_as_long_and_both_end_together(court: Court) -> None:
    court.case()
    mute = decide(
        court, Imposed("restrict", feature="comment", until=EVENING + 10 * DAY), rule="undesirable_gossip"
    )
    court.done(mute)
    asked, rests = measures_of(court, mute.id)
    assert (rests.feature, rests.because, rests.follows) == ("receive", "mute", asked.n)
    assert rests.until == EVENING + 20 * DAY
    lasting = decide(
        court, Imposed("restrict", feature="comment", until=NOW + 900 * DAY), rule="undesirable_gossip"
    )
    court.done(lasting)
    assert court.code(tip("ana", "bo", "rose")) == "not_permitted"
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(lasting.id, 0), "by mistake"))
    assert court.code(tip("ana", "bo", "rose")) is None
    court.sound()


@pytest.mark.rule("P-MUTE")
def test_three_clean_months_pass_after_a_penalty_before_tips_are_received_again(court: Court) -> None:
    court.earn(100)
    court.settle()
    court.case()
    preview = court.preview("penalty", amount_minor=100)
    command = decide(
        court,
        Imposed("penalty", preview=preview),
        Imposed("pause", until=EVENING + 5 * DAY),
        rule="unfriendly_smoking",
        why="while minors watched",
        proof=[DIGEST],
    )
    court.done(command)
    clean = next(one for one in measures_of(court, command.id) if one.because == "clean_period")
    # When the pause has ended, three calendar months later, at the same time of day.
    assert clean.until is not None
    ended, clean_at = datetime_of(EVENING + 5 * DAY), datetime_of(clean.until)
    assert (clean_at.year * 12 + clean_at.month) - (ended.year * 12 + ended.month) == 3
    assert clean_at.day == min(ended.day, monthrange(clean_at.year, clean_at.month)[1])
    assert clean_at.time() == ended.time()
    assert court.code(tip("ana", "bo", "rose")) == "not_permitted"
    court.sound()


def penalised(court: Court, *restricted: tuple[str, int]) -> UUID:
    """A penalty, and with it features that are restricted until so many days after the evening."""
    court.earn(100)
    court.settle()
    court.case()
    penalty = Imposed("penalty", preview=court.preview("penalty", amount_minor=100))
    others = (Imposed("restrict", feature=name, until=EVENING + day * DAY) for name, day in restricted)
    why = "while minors watched"
    command = decide(court, penalty, *others, rule="unfriendly_smoking", why=why, proof=[DIGEST])
    court.done(command)
    return command.id


def clean_until(court: Court, decision: UUID) -> int:
    """When its clean months end, by the decision and by the account."""
    (clean,) = (one for one in measures_of(court, decision) if one.because == "clean_period")
    assert clean.until is not None
    barred = "SELECT incoming_barred_until FROM ledger.accounts WHERE kind = 'gifts' AND owner = 'bo'"
    assert court.rows(barred) == [(datetime_of(clean.until),)]
    return clean.until


def three_months_after(day: int) -> int:
    """After so many days after the evening, at its time, on the same day of the month or on its last."""
    moment = datetime_of(EVENING + day * DAY)
    year, month = divmod(moment.year * 12 + moment.month - 1 + 3, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return instant_of(moment.replace(year=year, month=month + 1, day=day))


@pytest.mark.rule("P-MUTE")
def test_the_clean_months_count_from_when_what_came_with_the_penalty_was_lifted(court: Court) -> None:
    decision = penalised(court, ("withdraw", 40), ("tip", 20))
    _, withdraw, tips, *_ = measures_of(court, decision)
    assert clean_until(court, decision) == three_months_after(40)
    court.done(LiftMeasure(*head("moderator:mo", day=2), withdraw.measure, "it is enough"))
    assert "限制功能：接收打赏的期限相应缩短，至 " in told(court, "bo")[-1]
    assert clean_until(court, decision) == three_months_after(20)
    court.done(LiftMeasure(*head("moderator:mo", day=3), tips.measure, "it is enough"))
    assert clean_until(court, decision) == three_months_after(3)
    court.sound()


@pytest.mark.rule("P-MUTE", "LIVE-MOD-10")
def test_the_clean_months_do_not_count_from_what_an_appeal_undid(court: Court) -> None:
    decision = penalised(court, ("withdraw", 40), ("tip", 20))
    _, withdraw, *_ = measures_of(court, decision)
    court.done(LiftMeasure(*head("moderator:mo", day=1), withdraw.measure, "it is enough"))
    assert clean_until(court, decision) == three_months_after(20)
    court.answer(court.appeal(decision), "changed", ended=(2,))
    assert clean_until(court, decision) == three_months_after(1)
    assert "限制功能：接收打赏的期限相应缩短，至 " in told(court, "bo")[-1]
    court.sound()


@pytest.mark.rule("P-MUTE")
def test_two_penalties_at_once_are_followed_by_the_same_three_months(court: Court) -> None:
    court.earn(100)
    court.settle()
    court.case()
    first = court.preview("penalty", amount_minor=100)
    second = court.preview("penalty", amount_minor=50, beside=(first,))
    penalties = (Imposed("penalty", preview=preview) for preview in (first, second))
    command = decide(court, *penalties, rule="unfriendly_smoking", why="twice", proof=[DIGEST])
    court.done(command)
    clean = [one.until for one in measures_of(court, command.id) if one.because == "clean_period"]
    assert clean == [three_months_after(0)] * 2
    court.sound()


@pytest.mark.rule("P-POINTS")
def test_points_add_up_to_the_next_step_of_the_ladder_and_decay(court: Court) -> None:
    court.case()
    found = []
    for day in (0, 1, 2):
        command = msgspec.structs.replace(
            decide(court, Imposed("warn"), rule="illegal_symbols"), occurred_at=EVENING + day * DAY
        )
        court.done(command)
        steps = [one for one in measures_of(court, command.id) if one.because == "points"]
        found.append(
            [(one.kind.value, one.feature, one.until and one.until - command.occurred_at) for one in steps]
        )
    assert found[0] == [("warn", None, None), ("pause", None, DAY)]
    assert found[1] == [("pause", None, 7 * DAY), ("restrict", "receive", 7 * DAY)]
    assert found[2] == [("suspend_service", None, 30 * DAY)]
    later = msgspec.structs.replace(
        decide(court, Imposed("warn"), rule="illegal_symbols"), occurred_at=EVENING + 91 * DAY
    )
    court.done(later)
    kinds = [one.kind.value for one in measures_of(court, later.id) if one.because == "points"]
    # Of the three before, only that of the third day still counts.
    assert kinds == ["pause", "restrict"]
    court.sound()
