"""Every other command over HTTP: accepted, repeated, in conflict, refused."""

import time
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest

from moderation.commands import Forfeit
from tests.api.http.serving import Api, Json, minor


def _repeats(api: Api, method: str, path: str, role: str, body: Json, changed: Json) -> Json:
    """Ask, ask again, and ask for something else under the same id; returns the answer."""
    key = uuid4()
    first = api.ask(method, path, role, body, key=key)
    assert first.is_success, first.text
    again = api.ask(method, path, role, body, key=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    conflict = api.ask(method, path, role, changed, key=key)
    assert (conflict.status_code, conflict.json()["code"]) == (409, "id_conflict")
    answer: Json = first.json()
    assert UUID(answer["id"]) == key
    return answer


def test_a_party_is_registered_and_gains_roles(api: Api) -> None:
    party = api.new("party")
    body = {"party": party, "roles": ["viewer"]}
    answer = _repeats(api, "POST", "/v1/parties", "gateway", body, {**body, "roles": ["streamer"]})
    assert answer["roles"] == ["viewer"]
    assert api.refused("GET", "/v1/me/earnings", "streamer", party=party)["code"] == "account_not_found"
    api.done("POST", "/v1/parties", "gateway", {"party": party, "roles": ["streamer", "viewer"]})
    assert minor(api.earnings(party)["earnings"]["posted"]) == 0


@pytest.mark.parametrize("gift", ["玫瑰 🌹", "a/b", "100%", "..;x=1?#"])
def test_a_gift_is_priced_under_any_name(api: Api, gift: str) -> None:
    path = f"/v1/gifts/{quote(gift, safe='')}"
    answer = _repeats(api, "PUT", path, "gateway", {"coins": 5}, {"coins": 6})
    assert (answer["gift"], answer["price"]) == (gift, {"amount": "5", "currency": "ZLB"})
    viewer, streamer = api.viewer(coins=5), api.streamer()
    assert api.tip(viewer, streamer, gift).status_code == 201


def test_a_price_or_limit_put_without_an_id_gets_one_of_ours(own_api: Api) -> None:
    headers = {"Authorization": f"Bearer {own_api.token('gateway')}"}
    for path, body in (("/v1/gifts/rose", {"coins": 5}), ("/v1/limits", {"per_tip": 1, "per_day": None})):
        response = own_api.http.put(path, json=body, headers=headers)
        assert response.status_code == 200, response.text
        assert UUID(response.json()["id"]).version == 7


def test_limits_are_set_and_name_themselves_when_passed(own_api: Api) -> None:
    viewer, streamer, gift = own_api.viewer(coins=1_000), own_api.streamer(), own_api.gift(10)
    body = {"per_tip": 50, "per_day": 100, "per_month": 120, "tips_per_day": 4, "tips_per_month": None}
    answer = _repeats(own_api, "PUT", "/v1/limits", "gateway", body, {**body, "per_tip": 51})
    assert answer["per_day"] == {"amount": "100", "currency": "ZLB"}
    assert answer["tips_per_day"] == 4
    problem = own_api.tip(viewer, streamer, gift, 6).json()
    assert (problem["limit"], minor(problem["cap"]), minor(problem["asked"])) == ("per_tip", 50, 60)
    for quantity in (5, 4, 1):
        assert own_api.tip(viewer, streamer, gift, quantity).status_code == 201
    assert own_api.tip(viewer, streamer, gift).json()["limit"] == "per_day"
    own_api.done("PUT", "/v1/limits", "gateway", {"per_tip": None, "per_day": None, "tips_per_day": 3})
    problem = own_api.tip(viewer, streamer, gift).json()
    assert (problem["limit"], problem["cap"], problem["used"], problem["asked"]) == ("tips_per_day", 3, 3, 1)


def test_a_payment_is_credited_once(api: Api) -> None:
    viewer = api.viewer()
    payment = {"paid": "100.00", "channel": "alipay", "channel_txn": api.new("txn")}
    body = {"viewer": viewer, "coins": 1_050, **payment}
    answer = _repeats(api, "POST", "/v1/topups", "gateway", body, {**body, "coins": 1_051})
    assert answer["balance"] == {"amount": "1050", "currency": "ZLB"}
    assert answer["paid"] == {"amount": "100.00", "currency": "CNY"}
    assert api.refused("POST", "/v1/topups", "gateway", body)["code"] == "payment_already_credited"
    assert minor(api.wallet(viewer)["posted"]) == 1_050


def test_coins_are_never_sold_above_their_face_value(api: Api) -> None:
    viewer = api.viewer()
    payment = {"paid": "10.01", "channel": "wechat", "channel_txn": api.new("txn")}
    problem = api.refused("POST", "/v1/topups", "gateway", {"viewer": viewer, "coins": 100, **payment})
    assert (problem["code"], problem["errors"][0]["message"]) == (
        "invalid",
        "paid is above the face value of the coins",
    )


def test_a_reward_accrues(api: Api) -> None:
    streamer = api.streamer()
    body = {"streamer": streamer, "task": "600 minutes", "amount": "20.05"}
    answer = _repeats(api, "POST", "/v1/rewards", "gateway", body, {**body, "amount": "20.06"})
    assert answer["balance"] == {"amount": "20.05", "currency": "CNY"}
    assert minor(api.earnings(streamer)["accruals"]["available"]) == 2_005


def test_a_freeze_is_seen_with_its_case_and_rule_until_it_is_lifted(api: Api) -> None:
    viewer = api.viewer(coins=100)
    body = {"party": viewer, "account": "wallet", "amount": 60, "case": "case-1", "rule": "LIVE-MOD-4"}
    freeze = _repeats(api, "POST", "/v1/freezes", "moderator", body, {**body, "amount": 61})
    wallet = api.wallet(viewer)
    assert [minor(wallet[name]) for name in ("posted", "held", "available")] == [100, 60, 40]
    (seen,) = wallet["freezes"]
    assert seen["since"].endswith("Z")
    assert (seen["freeze"], seen["case"], seen["rule"], minor(seen["amount"])) == (
        freeze["id"],
        "case-1",
        "LIVE-MOD-4",
        60,
    )
    lift = {"case": "case-1"}
    _repeats(api, "POST", f"/v1/freezes/{freeze['id']}/lift", "moderator", lift, {"case": "case-2"})
    assert api.wallet(viewer)["freezes"] == []
    gone = api.refused("POST", f"/v1/freezes/{freeze['id']}/lift", "moderator", lift)
    assert gone["code"] == "hold_already_released"


def test_a_whole_account_is_frozen_and_its_owner_told_so(api: Api) -> None:
    streamer = api.streamer()
    body: Json = {"party": streamer, "account": "earnings", "amount": None, "case": "c", "rule": "r"}
    api.done("POST", "/v1/freezes", "moderator", body)
    seen = api.earnings(streamer)
    assert seen["earnings"]["frozen"]
    assert not seen["gifts"]["frozen"]
    assert [(freeze["account"], freeze["amount"]) for freeze in seen["freezes"]] == [("earnings", None)]


def test_a_freeze_ends_by_itself_when_its_time_is_over(api: Api) -> None:
    viewer = api.viewer(coins=100)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    body = _freeze(viewer, soon.astimezone(timezone(timedelta(hours=8))))
    freeze = api.done("POST", "/v1/freezes", "moderator", body)
    assert freeze["expires_at"] == soon.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    _wait_until_past(soon)
    problem = api.refused("POST", f"/v1/freezes/{freeze['id']}/lift", "moderator", {"case": "c"})
    assert problem["code"] == "hold_expired"
    give_up_at = time.monotonic() + 30
    while minor(api.wallet(viewer)["available"]) != 100:
        assert time.monotonic() < give_up_at, "it did not end"
        time.sleep(0.1)


def test_a_freeze_until_a_time_that_is_past_is_refused_and_leaves_its_id_free(api: Api) -> None:
    viewer, key = api.viewer(coins=100), uuid4()
    past = _freeze(viewer, datetime.now(UTC) - timedelta(seconds=1))
    problem = api.refused("POST", "/v1/freezes", "moderator", past, key=key)
    assert (problem["status"], problem["errors"]) == (
        422,
        [{"field": "body.expires_at", "message": "is in the past"}],
    )
    later = _freeze(viewer, datetime.now(UTC) + timedelta(days=1))
    api.done("POST", "/v1/freezes", "moderator", later, key=key)


def test_a_freeze_asked_for_again_after_its_time_gets_its_first_answer_again(api: Api) -> None:
    viewer, key = api.viewer(coins=100), uuid4()
    soon = datetime.now(UTC) + timedelta(seconds=1)
    first = api.ask("POST", "/v1/freezes", "moderator", _freeze(viewer, soon), key=key)
    assert first.status_code == 201, first.text
    _wait_until_past(soon)
    again = api.ask("POST", "/v1/freezes", "moderator", _freeze(viewer, soon), key=key)
    assert (again.status_code, again.content) == (201, first.content)
    other = api.refused("POST", "/v1/freezes", "moderator", {**_freeze(viewer, soon), "amount": 1}, key=key)
    assert other["code"] == "id_conflict"


def _freeze(viewer: str, until: datetime) -> Json:
    frozen = {"party": viewer, "account": "wallet", "amount": 60, "case": "c", "rule": "r"}
    return {**frozen, "expires_at": until.isoformat()}


def _wait_until_past(moment: datetime) -> None:
    while datetime.now(UTC) <= moment:
        time.sleep(0.05)


def _all(case: str) -> Json:
    return {"amount": None, "case": case, "rule": "r"}


def test_a_freeze_takes_nothing_any_more_and_what_one_took_before_is_answered_as_it_was(api: Api) -> None:
    viewer, key = api.viewer(coins=100), uuid4()
    body = {"party": viewer, "account": "wallet", "amount": 60, "case": "c", "rule": "r"}
    freeze = api.done("POST", "/v1/freezes", "moderator", body)
    path = f"/v1/freezes/{freeze['id']}/forfeit"
    problem = api.refused("POST", path, "moderator", _all("c"), key=key)
    assert (problem["code"], problem["status"]) == ("needs_decision", 409)
    assert minor(api.wallet(viewer)["available"]) == 40
    before = Forfeit(key, "moderator:p1", 1, None, UUID(freeze["id"]), 45, "ZLB", "c", "r")
    assert api.app.state.service.house.journal.decide([before])[0].refusal is None
    answered = api.ask("POST", path, "moderator", {**_all("c"), "amount": 45}, key=key)
    assert (answered.status_code, answered.headers["Idempotency-Replayed"]) == (201, "true")
    assert answered.json()["amount"] == {"amount": "45", "currency": "ZLB"}
    assert minor(api.wallet(viewer)["available"]) == 55


def test_a_freeze_in_another_currency_than_the_accounts_is_malformed(api: Api) -> None:
    viewer = api.viewer(coins=100)
    body = {"party": viewer, "account": "wallet", "amount": "60.00", "case": "c", "rule": "r"}
    assert api.refused("POST", "/v1/freezes", "moderator", body)["code"] == "invalid"


def test_an_unknown_freeze_is_not_found(api: Api) -> None:
    problem = api.refused("POST", f"/v1/freezes/{uuid4()}/lift", "moderator", {"case": "c"})
    assert (problem["code"], problem["status"]) == ("freeze_not_found", 404)


def test_a_run_is_accepted_followed_and_finished(own_api: Api) -> None:
    viewer, streamer, gift = own_api.viewer(coins=101), own_api.streamer(), own_api.gift(101)
    own_api.tip(viewer, streamer, gift)
    body = {"through": "2999-12-31", "share_bps": 5_000}
    accepted = _repeats(own_api, "POST", "/v1/settlements", "finance", body, {**body, "share_bps": 1})
    run = own_api.settled(share_bps=1)
    assert run["statements"] == 0
    first = own_api.done("GET", f"/v1/settlements/{accepted['id']}", "finance")
    assert (first["state"], first["streamers_done"], first["streamers"]) == ("finished", 1, 1)
    assert [minor(first[name]) for name in ("gifts", "gift_share", "platform_share")] == [101, 505, 505]


def test_a_reversal_gives_back_once(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=100), api.streamer(), api.gift(10)
    tip = api.tip(viewer, streamer, gift).json()
    path = f"/v1/entries/{tip['id']}/reversal"
    _repeats(api, "POST", path, "finance", {"reason": "sent twice by the app"}, {"reason": "other"})
    assert minor(api.wallet(viewer)["posted"]) == 100
    assert api.refused("POST", path, "finance", {"reason": "again"})["code"] == "already_reversed"
    unknown = api.refused("POST", f"/v1/entries/{uuid4()}/reversal", "finance", {"reason": "r"})
    assert (unknown["code"], unknown["status"]) == ("entry_not_found", 404)


def test_a_settlement_is_corrected_by_an_adjustment_and_not_reversed(api: Api) -> None:
    streamer = api.streamer()
    api.done("POST", "/v1/rewards", "gateway", {"streamer": streamer, "task": "t", "amount": "3.00"})
    api.settled()
    (newest, *_) = api.done("GET", "/v1/me/entries", "streamer", party=streamer)["lines"]
    assert UUID(newest["entry"]).version == 8
    refused = api.ask("POST", f"/v1/entries/{newest['entry']}/reversal", "finance", {"reason": "wrong share"})
    assert refused.json()["code"] == "not_reversible"
    assert minor(api.earnings(streamer)["earnings"]["posted"]) == 300
