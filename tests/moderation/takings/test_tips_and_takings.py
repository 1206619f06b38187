"""Tips that go back while other measures take and hold: exactly what was shown, and nothing twice."""

from uuid import UUID

import pytest

from moderation.cases.commands import Imposed, RefuseDecision
from moderation.cases.due import execute_due, finish_returns
from moderation.commands import Freeze, Lift
from moderation.takings.commands import MakePreview
from moderation.takings.reading import previews
from moderation.takings.refusals import PreviewStale
from moderation.takings.shown import Giving, LeftOut, PlanShown
from settlement.returns.carrying import finish
from tests.moderation.lately import head
from tests.moderation.takings.court import Court

_PASSED = "SELECT reason FROM settlement.passed_returns"


def _freeze(court: Court, coins: int, case: str, account: str = "gifts") -> UUID:
    command = Freeze(*head("moderator:mo"), "bo", account, coins, case, "LIVE-MOD-4")
    court.done(command)
    return command.id


def _returning(preview: UUID) -> Imposed:
    return Imposed("return_tips", "bo", preview=preview)


def _penalty(preview: UUID) -> Imposed:
    return Imposed("penalty", "bo", preview=preview)


def _carried_out(court: Court, decision: UUID, plan: UUID) -> None:
    assert court.execute(decision)
    finish(court.journal, plan)
    assert finish_returns(court.journal, head(day=9)[2]) == 1


def _left_out(court: Court, preview: UUID) -> LeftOut:
    with court.database.app.connect() as connection:
        plan = previews(connection, [preview])[preview].shown.plan
    assert plan is not None
    return plan.left_out


def _stale(court: Court, imposed: Imposed, case: str = "k1") -> tuple[int, int, str | None]:
    refusal = court.refusal(court.deciding(imposed, case=case))
    assert isinstance(refusal, PreviewStale)
    assert refusal.owner == "bo"
    return refusal.shown_minor, refusal.available_minor, refusal.reason


def test_tips_that_another_case_holds_are_left_out_and_the_others_go_back(court: Court) -> None:
    """150 are held: of 100, 100 and 100 these are the oldest, and the second tip stays whole."""
    for day in (0, 1, 2):
        court.earn(100, day=day)
    _freeze(court, 150, "other")
    court.case()
    preview, plan = court.tips_back()
    assert _left_out(court, preview) == LeftOut(held=2)
    _carried_out(court, court.decide(_returning(preview)), plan)
    assert court.rows(_PASSED) == []
    assert (court.balance("wallet", "ana"), court.balance("gifts")) == (1_100, 200)
    court.sound()


def test_what_is_held_is_the_oldest_so_newer_tips_go_back_whatever_becomes_of_it(court: Court) -> None:
    """A penalty of another case holds 100 of 200; it takes them before the newer 100 go back."""
    court.earn(100)
    court.earn(100, day=1)
    court.case("other")
    other = court.penalty(1_000, case="other")
    court.case()
    preview, plan = court.tips_back(days=(1, 2))
    decision = court.decide(_returning(preview))
    assert court.execute(other)
    _carried_out(court, decision, plan)
    assert court.rows(_PASSED) == []
    assert (court.balance("wallet", "ana"), court.balance("gifts")) == (1_100, 0)
    court.sound()


def test_a_hold_that_came_between_is_said_and_a_new_preview_goes_on_without_those_tips(court: Court) -> None:
    court.earn(100)
    court.earn(100, day=1)
    court.case()
    preview, _ = court.tips_back()
    hold = _freeze(court, 30, "other")
    assert _stale(court, _returning(preview)) == (200, 100, "held")
    again, plan = court.tips_back()
    assert _left_out(court, again) == LeftOut(held=1)
    court.done(Lift(*head("moderator:mo"), hold, "other"))
    _carried_out(court, court.decide(_returning(again)), plan)
    assert court.balance("wallet", "ana") == 1_100
    rest, plan = court.tips_back()
    assert _left_out(court, rest) == LeftOut(undone=1)
    _carried_out(court, court.decide(_returning(rest)), plan)
    assert court.balance("wallet", "ana") == 1_200
    court.sound()


def test_what_was_taken_between_is_said(court: Court) -> None:
    court.earn(100)
    court.earn(100, day=1)
    court.case()
    court.case("other")
    preview, _ = court.tips_back()
    assert court.execute(court.penalty(300, case="other"))
    assert _stale(court, _returning(preview)) == (200, 100, "taken")
    again, _ = court.tips_back()
    assert _left_out(court, again) == LeftOut(taken=1)


def test_what_the_case_froze_for_it_goes_back_and_stands_frozen_again_if_nothing_comes_of_it(
    court: Court,
) -> None:
    court.earn(100)
    court.settle()
    court.earn(6_000, day=1)
    court.case()
    _freeze(court, 6_000, "k1")
    _freeze(court, 200, "k1", "earnings")
    preview, _ = court.tips_back()
    assert _left_out(court, preview) == LeftOut()
    command = court.deciding(_returning(preview))
    court.done(command)
    # Of the earnings, 3.00 are free, so all of 5.00 can only go back out of what was frozen, too.
    assert (court.held("gifts"), court.held("earnings")) == (0, 0)
    court.done(RefuseDecision(*head("finance:fi"), command.id, "not shown"))
    assert (court.held("gifts"), court.held("earnings")) == (6_000, 200)
    court.sound()
    again, plan = court.tips_back()
    _carried_out(court, court.decide(_returning(again)), plan)
    assert (court.balance("gifts"), court.balance("earnings"), court.balance("debt")) == (0, 0, 0)
    assert (court.held("gifts"), court.held("earnings")) == (0, 0)
    court.sound()


def test_a_freeze_of_the_case_that_is_not_needed_stays(court: Court) -> None:
    court.earn(100)
    court.earn(100, day=1)
    court.case()
    _freeze(court, 100, "k1")
    preview, plan = court.tips_back(days=(0, 1))
    _carried_out(court, court.decide(_returning(preview)), plan)
    assert (court.balance("gifts"), court.held("gifts")) == (100, 100)
    court.sound()


def test_a_penalty_beside_tips_that_go_back_takes_no_gifts(court: Court) -> None:
    """It would take the oldest that is left, which are the very tips that were shown to go back."""
    court.earn(100)
    court.settle()
    court.earn(300, day=1)
    court.case()
    preview, plan = court.tips_back(days=(1, 2))
    court.earn(50, day=2)
    greedy = court.preview("penalty")
    assert court.code(court.deciding(_returning(preview), _penalty(greedy))) == "preview_stale"
    beside = court.preview("penalty", beside=(preview,))
    decision = court.decide(_returning(preview), _penalty(beside))
    assert (court.held("earnings"), court.held("gifts")) == (500, 0)
    court.case("k2")
    assert court.previewing("penalty", "k2", "bo") == "nothing_to_take"
    _carried_out(court, decision, plan)
    assert court.rows(_PASSED) == []
    assert (court.balance("wallet", "ana"), court.balance("gifts")) == (1_300, 50)
    court.sound()


@pytest.mark.parametrize("first", ["tips", "penalty"])
def test_of_two_decisions_in_a_batch_over_the_same_gifts_the_later_has_to_look_again(
    court: Court, first: str
) -> None:
    court.earn(300)
    court.case("tips")
    court.case("penalty")
    preview, plan = court.tips_back("tips")
    decisions = {
        "tips": court.deciding(_returning(preview), case="tips"),
        "penalty": court.deciding(_penalty(court.preview("penalty", "penalty")), case="penalty"),
    }
    order = sorted(decisions, key=lambda case: case != first)
    outcomes = court.decided(*(decisions[case] for case in order))
    assert [one.refusal.code if one.refusal else None for one in outcomes] == [None, "preview_stale"]
    assert court.execute(decisions[first].id)
    if first == "tips":
        finish(court.journal, plan)
    assert court.balance("wallet", "ana") == (1_300 if first == "tips" else 1_000)
    assert court.balance("coins_forfeited", "platform") == (0 if first == "tips" else 300)
    court.sound()


def test_two_decisions_in_a_batch_over_the_same_money_take_it_once(court: Court) -> None:
    court.earn(100)
    court.settle()
    cases = [court.case(case) for case in ("k1", "k2")]
    decisions = [
        court.deciding(_penalty(court.preview("penalty", case, amount_minor=300)), case=case)
        for case in cases
    ]
    outcomes = court.decided(*decisions)
    assert [one.refusal.code if one.refusal else None for one in outcomes] == [None, "preview_stale"]
    assert execute_due(court.journal, head(day=9)[2]) == 1
    assert (court.balance("earnings"), court.balance("penalty_income", "platform")) == (200, 300)
    court.sound()


@pytest.mark.parametrize("together", [False, True])
def test_tips_that_another_decision_has_go_back_are_not_promised_twice(court: Court, together: bool) -> None:
    court.earn(100)
    court.earn(200, day=1)
    for case in ("k1", "k2"):
        court.case(case)
    (wide, plan), (narrow, _) = court.tips_back("k1"), court.tips_back("k2", days=(1, 2))
    decisions = [
        court.deciding(_returning(shown), case=case)
        for shown, case in zip((narrow, wide), ("k2", "k1"), strict=True)
    ]
    if together:
        refusal = court.decided(*decisions)[1].refusal
    else:
        court.done(decisions[0])
        refusal = court.refusal(decisions[1])
    assert isinstance(refusal, PreviewStale)
    assert (refusal.shown_minor, refusal.available_minor, refusal.reason) == (300, 100, "promised")
    again, plan = court.tips_back("k1")
    assert _left_out(court, again) == LeftOut(held=1)
    _carried_out(court, court.decide(_returning(again)), plan)
    assert court.rows(_PASSED) == []
    assert court.balance("wallet", "ana") == 1_100
    court.sound()


def test_one_decision_does_not_have_the_same_tips_go_back_twice(court: Court) -> None:
    court.earn(300)
    court.case()
    (one, _), (other, _) = court.tips_back(), court.tips_back()
    refusal = court.refusal(court.deciding(_returning(one), _returning(other)))
    assert isinstance(refusal, PreviewStale)
    assert (refusal.shown_minor, refusal.available_minor, refusal.reason) == (300, 0, "promised")


def test_a_plan_takes_a_hundred_streamers_and_says_so(court: Court) -> None:
    court.case()
    givings = tuple(Giving(f"s{n}", 1, 0) for n in range(101))
    plan = PlanShown(UUID(int=1), "0" * 64, 101, 101, 1_010, givings)
    refusal = court.refusal(MakePreview(*head("moderator:mo"), "k1", "return_tips", "bo", plan=plan))
    assert refusal is not None
    assert refusal.code == "plan_too_wide"
    assert str(refusal) == "tips to 101 streamers would go back, and one plan takes at most 100"
