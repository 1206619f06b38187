"""Tasks: assigned to one streamer, evaluated from the facts as they stand, rewarded once."""

import threading
from uuid import uuid4

import pytest

from ledger.journal.commands import Outcome
from settlement.accruals.commands import EvaluateTask
from settlement.accruals.tasks import evaluation_of
from tests.ledger.asked import EVENING, streamer
from tests.settlement.earning import House, at, evaluate, task


def test_a_task_is_rewarded_once_however_often_it_is_evaluated(house: House) -> None:
    assigned = task()
    house.done(assigned)
    house.live((0, 300), minutes=300)
    house.live((400, 700), minutes=300)
    assert house.refusal(evaluate(assigned)) is None
    assert house.refusal(evaluate(assigned)) == "task_already_rewarded"
    assert house.minors() == (2_000, 0, 0)
    assert house.rows("SELECT kind, amount_minor, reference, reason FROM settlement.accruals") == [
        ("task", 2_000, str(assigned.id), None)
    ]
    assert house.rows("SELECT task, reached FROM settlement.task_evaluations") == [(assigned.id, 600)]


def test_four_who_evaluate_at_once_reward_once(house: House) -> None:
    assigned = task(1, "sessions")
    house.done(assigned)
    house.live((0, 10))
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.extend(house.decided(evaluate(assigned)))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [outcome.refusal.code for outcome in outcomes if outcome.refusal]
    assert (len(outcomes), refused) == (4, ["task_already_rewarded"] * 3)
    assert house.minors().accruals == 2_000


def test_an_evaluation_under_the_derived_id_gets_its_first_answer_again(house: House) -> None:
    assigned = task(1, "sessions")
    house.done(assigned)
    house.live((0, 10))
    evaluation = evaluation_of(assigned.id, "gateway:clock", EVENING)
    first, again = house.one_by_one(evaluation, evaluation)
    assert (first.refusal, again.refusal, again.replayed) == (None, None, True)
    assert house.minors().accruals == 2_000


def test_what_is_assigned_measured_and_evaluated_in_one_batch_counts(house: House) -> None:
    assigned = task(2, "sessions")
    house.live((0, 10))
    outcomes = house.decided(assigned, evaluate(assigned))
    assert outcomes[1].refusal is not None
    assert outcomes[1].refusal.code == "target_not_reached"
    house.live((20, 30))
    assert house.refusal(evaluate(assigned)) is None


@pytest.mark.parametrize(("metric", "target"), [("minutes", 50), ("interactions", 12), ("viewers", 7)])
def test_a_task_counts_the_newest_facts_of_the_sessions_opened_in_its_period(
    house: House, metric: str, target: int
) -> None:
    assigned = task(target, metric, until=100)
    house.done(assigned)
    house.live((-50, -10), **{metric: 1_000})
    inside = house.live((10, 90), **{metric: 1_000})
    house.live((100, 160), **{metric: 1_000})
    house.measure(inside, metric, target - 1)
    assert house.refusal(evaluate(assigned)) == "target_not_reached"
    house.measure(inside, metric, target)
    assert house.refusal(evaluate(assigned)) is None


def test_nobody_elses_sessions_count(house: House) -> None:
    house.done(streamer("bo"))
    assigned = task(1, "sessions")
    house.done(assigned)
    house.live_as("bo", (0, 10))
    assert house.refusal(evaluate(assigned)) == "target_not_reached"


def test_a_task_that_is_not_there_is_refused(house: House) -> None:
    assert house.refusal(EvaluateTask(*at(), uuid4())) == "task_not_found"
    assert house.refusal(task(party="nobody")) == "account_not_found"


def test_a_task_rewarded_while_tasks_are_disabled_earns_nothing_and_says_why(house: House) -> None:
    house.publish("task")
    assigned = task(1, "sessions")
    house.done(assigned)
    house.live((0, 10))
    assert house.refusal(evaluate(assigned)) is None
    assert house.minors() == (0, 0, 0)
    assert house.rows("SELECT amount_minor, policy_version, reason FROM settlement.accruals") == [
        (0, "2026-10", "kind_disabled")
    ]
    assert house.refusal(evaluate(assigned)) == "task_already_rewarded"
