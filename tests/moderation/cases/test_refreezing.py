"""Freezes that were there before a decision, and are there after nothing came of it."""

import pytest

from moderation.cases.commands import Imposed, LiftMeasure
from moderation.cases.reading import case_file
from moderation.cases.writing import measure_id
from moderation.commands import Freeze, Lift
from tests.moderation.lately import head
from tests.moderation.takings.court import Court


def _frozen_again(court: Court) -> list[str]:
    with court.database.app.connect() as connection:
        file = case_file(connection, "k1")
    assert file is not None
    details = [one.detail or "" for one in file.timeline]
    return [
        detail.removeprefix("frozen again: ") for detail in details if detail.startswith("frozen again: ")
    ]


def _penalty(court: Court, fen: int) -> Imposed:
    return Imposed("penalty", "bo", preview=court.preview("penalty", amount_minor=fen))


@pytest.mark.rule("LIVE-MOD-4")
def test_a_decision_that_used_up_a_freeze_and_is_refused_leaves_it_in_force(court: Court) -> None:
    court.earn(6_000)
    court.case()
    freeze = Freeze(*head("moderator:mo"), "bo", "gifts", 5_600, "k1", "LIVE-MOD-4")
    court.done(freeze)
    decide = court.deciding(_penalty(court, 52_000))
    court.done(decide)
    assert court.held("gifts") == 5_200
    court.refuse(decide.id)
    assert court.held("gifts") == 5_600
    (again,) = _frozen_again(court)
    court.sound()
    # It can be used up once more, and once more be there.
    second = court.deciding(_penalty(court, 52_000))
    court.done(second)
    court.refuse(second.id)
    assert court.held("gifts") == 5_600
    once_more = _frozen_again(court)[1]
    assert once_more != again
    assert court.code(Lift(*head("moderator:mo"), freeze.id, "k1")) == "hold_already_released"
    court.done(Lift(*head("moderator:mo"), type(freeze.id)(once_more), "k1"))
    assert court.held("gifts") == 0
    court.sound()


def test_a_freeze_is_placed_again_for_what_is_there_once_the_last_penalty_was_lifted(court: Court) -> None:
    court.earn(100)
    court.case()
    court.done(Freeze(*head("moderator:mo"), "bo", "gifts", 80, "k1", "LIVE-MOD-4"))
    shown = court.preview("penalty", amount_minor=500)
    beside = court.preview("penalty", amount_minor=200, beside=(shown,))
    decision = court.decide(Imposed("penalty", "bo", preview=shown), Imposed("penalty", "bo", preview=beside))
    assert court.held("gifts") == 70
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision, 0), "one is enough"))
    assert court.held("gifts") == 20
    court.settle()
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision, 1), "none is needed"))
    assert court.held("gifts") == 20
    court.sound()


def test_a_freeze_that_a_measure_placed_is_placed_again_unless_the_measure_has_ended(court: Court) -> None:
    court.earn(6_000)
    court.case()
    freezing = court.decide(Imposed("freeze", "bo", account="gifts", amount_minor=5_900))
    decide = court.deciding(_penalty(court, 52_000))
    court.done(decide)
    court.refuse(decide.id)
    assert court.held("gifts") == 5_900
    court.sound()
    decide = court.deciding(_penalty(court, 52_000))
    court.done(decide)
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(freezing, 0), "not any more"))
    court.refuse(decide.id)
    assert court.held("gifts") == 0
    court.sound()


def test_a_freeze_that_is_carried_out_is_used_up(court: Court) -> None:
    court.earn(100)
    court.case()
    court.done(Freeze(*head("moderator:mo"), "bo", "gifts", 80, "k1", "LIVE-MOD-4"))
    assert court.execute(court.penalty(500))
    assert court.held("gifts") == 0
    assert _frozen_again(court) == []
    court.sound()
