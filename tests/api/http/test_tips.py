"""`POST /v1/tips`: a tip from the caller's own wallet, decided once."""

from uuid import uuid4

from tests.api.http.serving import Api, minor


def test_a_tip_is_answered_with_what_it_cost_and_what_is_left(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=100), api.streamer(), api.gift(5)
    key = uuid4()
    response = api.tip(viewer, streamer, gift, 3, key=key)
    assert response.status_code == 201
    tip = response.json()
    assert tip.pop("occurred_at").endswith("Z")
    assert tip == {
        "id": str(key),
        "viewer": viewer,
        "streamer": streamer,
        "room": "room-1",
        "gift": gift,
        "quantity": 3,
        "price": {"amount": "5", "currency": "ZLB"},
        "amount": {"amount": "15", "currency": "ZLB"},
        "balance": {"amount": "85", "currency": "ZLB"},
    }


def test_a_repeated_tip_gets_the_first_answer_byte_for_byte_whatever_has_changed_since(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=100), api.streamer(), api.gift(5)
    key = uuid4()
    first = api.tip(viewer, streamer, gift, 3, key=key)
    api.done("PUT", f"/v1/gifts/{gift}", "gateway", {"coins": 50})
    api.tip(viewer, streamer, gift)
    again = api.tip(viewer, streamer, gift, 3, key=str(key).upper())
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert minor(api.wallet(viewer)["posted"]) == 35


def test_a_repeated_refusal_gets_the_first_refusal_though_it_would_be_accepted_now(api: Api) -> None:
    viewer, streamer, gift = api.viewer(), api.streamer(), api.gift(5)
    key = uuid4()
    first = api.tip(viewer, streamer, gift, key=key)
    assert first.json()["code"] == "insufficient_funds"
    api.top_up(viewer, 100)
    again = api.tip(viewer, streamer, gift, key=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert minor(api.wallet(viewer)["posted"]) == 100


def test_an_id_used_for_another_tip_is_a_conflict_and_moves_nothing(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=100), api.streamer(), api.gift(5)
    key = uuid4()
    api.tip(viewer, streamer, gift, 1, key=key)
    conflict = api.tip(viewer, streamer, gift, 2, key=key)
    assert (conflict.status_code, conflict.json()["code"]) == (409, "id_conflict")
    assert minor(api.wallet(viewer)["posted"]) == 95


def test_another_viewer_who_repeats_an_id_does_not_hear_the_answer(api: Api) -> None:
    ana, bo, streamer, gift = api.viewer(coins=100), api.viewer(coins=100), api.streamer(), api.gift(5)
    key = uuid4()
    api.tip(ana, streamer, gift, key=key)
    conflict = api.tip(bo, streamer, gift, key=key)
    assert conflict.json()["code"] == "id_conflict"
    assert ana not in conflict.text
    assert minor(api.wallet(bo)["posted"]) == 100


def test_a_viewer_cannot_tip_from_anothers_wallet(api: Api) -> None:
    ana, bo, streamer, gift = api.viewer(coins=100), api.viewer(coins=100), api.streamer(), api.gift(5)
    refused = api.tip(bo, streamer, gift, viewer=ana)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert api.tip(bo, streamer, gift, viewer=bo).status_code == 201
    assert minor(api.wallet(ana)["posted"]) == 100


def test_a_price_other_than_the_one_shown_is_refused_with_the_new_one(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=100), api.streamer(), api.gift(6)
    problem = api.tip(viewer, streamer, gift, price=5).json()
    assert problem["code"] == "price_changed"
    assert problem["price"] == {"amount": "6", "currency": "ZLB"}
    assert problem["price_seen"] == {"amount": "5", "currency": "ZLB"}
    assert api.tip(viewer, streamer, gift, price=6).status_code == 201


def test_a_refused_tip_says_what_was_there_and_what_was_asked(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=9), api.streamer(), api.gift(10)
    response = api.tip(viewer, streamer, gift)
    problem = response.json()
    assert (response.status_code, problem["status"]) == (409, 409)
    assert problem["type"] == "urn:zhibo:problem:insufficient_funds"
    assert problem["available"] == {"amount": "9", "currency": "ZLB"}
    assert problem["asked"] == {"amount": "10", "currency": "ZLB"}
    assert problem["detail"]
    assert problem["advice"]


def test_a_tip_names_what_is_unknown(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=9), api.streamer(), api.gift(1)
    unpriced = api.tip(viewer, streamer, api.new("gift"))
    assert (unpriced.status_code, unpriced.json()["code"]) == (404, "gift_not_on_sale")
    unheard = api.tip(viewer, api.new("streamer"), gift)
    assert (unheard.status_code, unheard.json()["code"]) == (404, "account_not_found")


def test_an_id_is_needed_and_must_be_one_a_caller_may_choose(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=9), api.streamer(), api.gift(1)
    body = {"streamer": streamer, "room": "r", "gift": gift, "quantity": 1}
    headers = {"Authorization": f"Bearer {api.token('viewer', party=viewer)}"}
    missing = api.http.post("/v1/tips", json=body, headers=headers)
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency_key_required")
    version_8 = "0198f5a0-0000-8000-8000-000000000000"
    for key in ("7", "{" + str(uuid4()) + "}", uuid4().hex, version_8, f"{uuid4()},{uuid4()}"):
        malformed = api.tip(viewer, streamer, gift, key=key)
        assert (malformed.status_code, malformed.json()["code"]) == (400, "idempotency_key_malformed"), key
