"""`POST /v1/tips/batch`: up to 1,000 tips, each with its own id and outcome."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.api.http.serving import Api, Json, minor


def _item(viewer: str, streamer: str, gift: str, **more: Any) -> Json:
    given = {"viewer": viewer, "streamer": streamer, "room": "r", "gift": gift, "quantity": 1}
    return {"id": str(uuid4()), **given, **more}


def _send(api: Api, body: object, role: str = "gateway") -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {api.token(role)}", "Content-Type": "application/json"}
    return api.http.post("/v1/tips/batch", content=content, headers=headers)


def _outcomes(api: Api, body: object) -> list[Json]:
    response = _send(api, body)
    assert response.status_code == 200, response.text
    outcomes: list[Json] = response.json()["outcomes"]
    return outcomes


def test_each_tip_of_a_batch_has_its_own_outcome_in_order(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(4)
    tips = [_item(viewer, streamer, gift) for _ in range(3)]
    tips.insert(1, _item(viewer, streamer, api.new("gift")))
    outcomes = _outcomes(api, tips)
    assert [outcome["id"] for outcome in outcomes] == [tip["id"] for tip in tips]
    assert [outcome["status"] for outcome in outcomes] == ["accepted", "refused", "accepted", "refused"]
    assert [outcome["problem"]["code"] for outcome in outcomes if "problem" in outcome] == [
        "gift_not_on_sale",
        "insufficient_funds",
    ]
    assert outcomes[2]["tip"]["balance"] == {"amount": "2", "currency": "ZLB"}


def test_malformed_tips_block_nobody_and_decide_nothing(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(1)
    good = _item(viewer, streamer, gift)
    spoiled: list[Any] = [
        {**good, "id": str(uuid4()), "quantity": 1.0},
        {**good, "id": str(uuid4()), "extra": 1},
        {**good, "id": "not-an-id"},
        7,
        None,
        {name: value for name, value in good.items() if name != "room"},
    ]
    outcomes = _outcomes(api, [spoiled[0], good, *spoiled[1:]])
    assert [outcome["status"] for outcome in outcomes] == ["malformed", "accepted", *["malformed"] * 5]
    assert outcomes[0]["problem"]["errors"] == [
        {"field": "body.0.quantity", "message": "is not an integer from 1 to 1000000000"}
    ]
    assert outcomes[3]["id"] == "not-an-id"
    assert "id" not in outcomes[4]
    mended = {**spoiled[0], "quantity": 2}
    assert _outcomes(api, [mended])[0]["status"] == "accepted"
    assert minor(api.wallet(viewer)["posted"]) == 7


def test_a_field_stated_twice_is_malformed(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(1)
    twice = json.dumps(_item(viewer, streamer, gift))[:-1] + ', "quantity": 2}'
    once = json.dumps(_item(viewer, streamer, gift))
    outcomes = _outcomes(api, f"[{twice}, {once}]".encode())
    assert [outcome["status"] for outcome in outcomes] == ["malformed", "accepted"]


def test_a_repeated_batch_gets_its_first_outcomes_again(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(4)
    tips = [_item(viewer, streamer, gift) for _ in range(3)]
    first = _outcomes(api, tips)
    again = _outcomes(api, tips)
    assert [outcome.pop("replayed") for outcome in first] == [False] * 3
    assert [outcome.pop("replayed") for outcome in again] == [True] * 3
    assert again == first
    assert minor(api.wallet(viewer)["posted"]) == 2


def test_an_id_twice_in_one_batch_is_one_tip(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(4)
    tip = _item(viewer, streamer, gift)
    outcomes = _outcomes(api, [tip, tip, {**tip, "quantity": 2}])
    assert [(outcome["status"], outcome["replayed"]) for outcome in outcomes] == [
        ("accepted", False),
        ("accepted", True),
        ("refused", False),
    ]
    assert outcomes[2]["problem"]["code"] == "id_conflict"
    assert minor(api.wallet(viewer)["posted"]) == 6


def test_a_batch_tells_a_tip_as_the_tip_route_does(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(4)
    key = uuid4()
    alone = api.tip(viewer, streamer, gift, key=key).json()
    told = _outcomes(api, [_item(viewer, streamer, gift, id=str(key), room="room-1")])[0]
    assert told == {"id": str(key), "status": "accepted", "replayed": True, "tip": alone}


def test_a_tip_may_say_when_it_happened(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=10), api.streamer(), api.gift(4)
    at = "2026-10-01T19:30:00.5+08:00"
    outcome = _outcomes(api, [_item(viewer, streamer, gift, at=at)])[0]
    assert outcome["tip"]["occurred_at"] == "2026-10-01T11:30:00.500000Z"


@pytest.mark.parametrize("body", [[], {}, 7, None, "x", b"", b"[", b"[1,]", b'[{"a":NaN}]', b"\xff"])
def test_a_body_that_is_no_batch_is_refused_whole(api: Api, body: object) -> None:
    response = _send(api, body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid")


def test_a_batch_has_at_most_a_thousand_tips(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=1_001), api.streamer(), api.gift(1)
    tips = [_item(viewer, streamer, gift) for _ in range(1_001)]
    assert _send(api, tips).status_code == 422
    outcomes = _outcomes(api, tips[:1_000])
    assert {outcome["status"] for outcome in outcomes} == {"accepted"}
    assert len({UUID(outcome["id"]) for outcome in outcomes}) == 1_000
    assert minor(api.wallet(viewer)["posted"]) == 1


@pytest.mark.parametrize("sign", ["礼", "🎤"])
def test_a_thousand_tips_fit_however_long_their_texts_and_however_they_are_spelled(
    api: Api, sign: str
) -> None:
    long, at = sign * 200, "2026-10-01T19:30:00.000000+08:00"
    tips = [_item(long, long, long, room=long, quantity=10**9, price=10**9, at=at) for _ in range(1_000)]
    body = json.dumps(tips).encode()
    assert len(body) > 4_000_000
    assert {outcome["status"] for outcome in _outcomes(api, body)} == {"refused"}


def test_a_batch_has_at_most_ten_megabytes(api: Api) -> None:
    response = _send(api, b" " * (10 * 1024 * 1024 + 1))
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
