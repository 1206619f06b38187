"""A finished task earns its reward, once."""

from uuid import uuid4

import pytest

from tests.api.http.serving import Api, minor


@pytest.mark.rule("LIVE-TASK-1")
def test_a_task_evaluated_twice_is_rewarded_once(own_api: Api) -> None:
    streamer = own_api.streamer()
    evaluation = uuid4()
    reward = {"streamer": streamer, "task": "600 minutes on air", "amount": "20.00"}
    first = own_api.ask("POST", "/v1/rewards", "gateway", reward, key=evaluation)
    again = own_api.ask("POST", "/v1/rewards", "gateway", reward, key=evaluation)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert minor(own_api.earnings(streamer)["accruals"]["posted"]) == 2_000
    own_api.settled(through="2999-01-01")
    own_api.settled(through="2999-01-01")
    own_api.ask("POST", "/v1/rewards", "gateway", reward, key=evaluation)
    seen = own_api.earnings(streamer)
    assert [minor(seen[account]["posted"]) for account in ("accruals", "earnings")] == [0, 2_000]


@pytest.mark.rule("LIVE-TASK-1")
def test_an_evaluation_that_comes_to_another_reward_later_does_not_replace_the_first(own_api: Api) -> None:
    streamer = own_api.streamer()
    evaluation = uuid4()
    reward = {"streamer": streamer, "task": "600 minutes on air", "amount": "20.00"}
    own_api.done("POST", "/v1/rewards", "gateway", reward, key=evaluation)
    changed = own_api.ask("POST", "/v1/rewards", "gateway", {**reward, "amount": "30.00"}, key=evaluation)
    assert (changed.status_code, changed.json()["code"]) == (409, "id_conflict")
    assert minor(own_api.earnings(streamer)["accruals"]["posted"]) == 2_000
