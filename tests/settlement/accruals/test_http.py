"""Sessions and earnings over HTTP: the gateway tells, finance corrects, and what came of it can be read."""

from uuid import uuid4

import pytest

from tests.api.http.serving import Api, Json, minor

_PERIOD = {"since": "2020-01-01T00:00:00+08:00", "until": "2999-01-01T00:00:00+08:00"}

_SOMEBODYS = "7c0d1a52-1111-4000-8000-000000000001"


def gateway(api: Api, path: str, body: Json) -> Json:
    return api.done("POST", path, "gateway", body)


def accrued(api: Api, id: str) -> Json:
    return api.done("GET", f"/v1/accruals/{id}", "gateway")


def live(api: Api, streamer: str, **measured: int) -> str:
    """A session that was measured and closed."""
    body = {"streamer": streamer, "room": "r", "scope": "求职指导", "tags": ["gala"]}
    session = str(gateway(api, "/v1/sessions", body)["id"])
    for metric, value in measured.items():
        gateway(api, f"/v1/sessions/{session}/facts", {"metric": metric, "value": value})
    gateway(api, f"/v1/sessions/{session}/close", {})
    return session


def test_a_task_is_assigned_measured_and_rewarded(api: Api) -> None:
    streamer = api.streamer()
    body = {"streamer": streamer, "metric": "minutes", "target": 600, "reward": "20.00", "rule_version": "v"}
    task = gateway(api, "/v1/tasks", {**body, **_PERIOD})["id"]
    live(api, streamer, minutes=599)
    problem = api.refused("POST", f"/v1/tasks/{task}/evaluation", "gateway", {})
    assert (problem["status"], problem["code"]) == (409, "target_not_reached")
    assert (problem["target"], problem["reached"]) == (600, 599)
    live(api, streamer, minutes=1)
    rewarded = gateway(api, f"/v1/tasks/{task}/evaluation", {})
    assert (rewarded["recorded"], rewarded["amount"]["amount"]) == ("task_evaluate", "20.00")
    found = accrued(api, rewarded["id"])
    assert (found["kind"], found["reference"], found["amount"]["amount"]) == ("task", task, "20.00")
    assert minor(api.earnings(streamer)["accruals"]["posted"]) == 2_000


def test_an_activity_tells_why_there_is_no_award(api: Api) -> None:
    streamer, activity = api.streamer(), api.new("gala")
    rules = {"version": "v1", "tag": "gala", "minimum_interactions": 1, "face_shown": True, "award": "5.00"}
    gateway(api, "/v1/activities", {"activity": activity, **_PERIOD, **rules})
    part = {"activity": activity, "streamer": streamer}
    gateway(api, "/v1/enrolments", part)
    live(api, streamer, face_shown=0, interactions=5)
    judged = gateway(api, "/v1/activity-evaluations", part)
    assert judged["amount"]["amount"] == "0.00"
    result = api.done("GET", f"/v1/activity-results/{judged['id']}", "finance")
    assert (result["result"], result["version"]) == ("FACE_NOT_SHOWN", "v1")
    assert accrued(api, judged["id"])["reason"] == "FACE_NOT_SHOWN"
    problem = api.refused("POST", "/v1/award-withdrawals", "gateway", {**part, "reason": "r"})
    assert (problem["status"], problem["code"]) == (404, "award_not_found")


def test_goods_are_given_sold_and_returned(api: Api) -> None:
    streamer, commission, order = api.streamer(), api.new("C"), api.new("O")
    sale = {"sale": order, "commission": commission, "streamer": streamer, "price": "100.00"}
    problem = api.refused("POST", "/v1/sales", "gateway", sale)
    assert (problem["status"], problem["code"]) == (404, "commission_not_found")
    given = {"commission": commission, "streamer": streamer, "goods": "tea", "rate_bps": 1_000}
    gateway(api, "/v1/commissions", given)
    sold = gateway(api, "/v1/sales", {**sale, "session": live(api, streamer)})
    back = gateway(api, "/v1/returned-goods", {"sale": order, "price": "40.00"})
    assert (sold["amount"]["amount"], back["amount"]["amount"]) == ("10.00", "4.00")
    assert accrued(api, sold["id"])["withdrawn"]["amount"] == "4.00"


def test_a_case_shares_what_its_costs_leave(api: Api) -> None:
    streamer, case = api.streamer(), api.new("K")
    gateway(api, "/v1/ip-cases", {"case": case, "streamer": streamer, "work": "a stream"})
    cost = {"case": case, "amount": "40.00"}
    assert api.refused("POST", "/v1/ip-costs", "gateway", cost)["code"] == "voucher_missing"
    gateway(api, "/v1/ip-costs", {**cost, "voucher": api.new("V")})
    proceeds = gateway(api, "/v1/ip-proceeds", {"case": case, "amount": "100.01"})
    assert accrued(api, proceeds["id"])["amount"]["amount"] == "30.00"


def test_finance_adjusts_with_a_reason(api: Api) -> None:
    streamer = api.streamer()
    body = {"streamer": streamer, "amount": "-1.50", "reason": "counted twice"}
    api.done("POST", "/v1/adjustments", "finance", body)
    given = api.done("POST", "/v1/adjustments", "finance", {**body, "amount": "2.00", "reference": "O-7"})
    assert accrued(api, given["id"])["reference"] == "O-7"
    assert minor(api.earnings(streamer)["accruals"]["posted"]) == 200


def test_a_promotion_without_permission_is_kept_with_its_reason(api: Api) -> None:
    kept = gateway(api, "/v1/promotions", {"streamer": api.streamer(), "amount": "7.00"})
    assert (kept["amount"]["amount"], accrued(api, kept["id"])["reason"]) == ("0.00", "no_permission")


def test_what_never_accrued_is_not_found(api: Api) -> None:
    for path in ("/v1/accruals", "/v1/activity-results"):
        assert api.ask("GET", f"{path}/{uuid4()}", "gateway").status_code == 404


@pytest.mark.parametrize(
    ("path", "role", "body", "field"),
    [
        ("/v1/sessions", "gateway", {"streamer": "s", "room": "r", "scope": "c", "tags": ["", "x"]}, "tags"),
        (
            "/v1/sessions/7c0d1a52-1111-4000-8000-000000000001/facts",
            "gateway",
            {"metric": "face_shown", "value": 2},
            "body",
        ),
        (
            "/v1/sessions/7c0d1a52-1111-4000-8000-000000000001/facts",
            "gateway",
            {"metric": "minutes", "value": 1.5},
            "value",
        ),
        (f"/v1/sessions/{_SOMEBODYS}/close", "gateway", {"why": "late"}, "why"),
        ("/v1/sessions/7/close", "gateway", {}, "id"),
        (
            "/v1/commissions",
            "gateway",
            {"commission": "c", "streamer": "s", "goods": "g", "rate_bps": 0},
            "rate",
        ),
        ("/v1/adjustments", "finance", {"streamer": "s", "amount": "0.00", "reason": "r"}, "amount"),
        ("/v1/adjustments", "finance", {"streamer": "s", "amount": "1.00"}, "reason"),
    ],
)
def test_a_request_that_breaks_the_rules_decides_nothing(
    api: Api, path: str, role: str, body: Json, field: str
) -> None:
    problem = api.refused("POST", path, role, body)
    assert (problem["status"], problem["code"]) == (422, "invalid")
    assert field in problem["errors"][0]["field"]
