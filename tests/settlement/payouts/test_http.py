"""Payouts over HTTP: a streamer's own, and finance's desk."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from api.http.operations import Asked
from api.http.problems import Problem
from api.http.settlement.payouts import PayoutSendingBody, payout_operations
from ledger.database import Database
from tests.api.http.serving import Api, sandbox, sandbox_data, serving
from tests.settlement.payouts.playing import Payees

__all__ = ["sandbox_data"]

#: Above the bound of 1,000.00: a second person has to look.
EARNED = 500_000


@pytest.fixture
def own(house: Payees, empty_database: Database, sandbox_data: Path) -> Iterator[Api]:
    """A server on the books of the house, whose worker does not get in the way."""
    with serving(empty_database, sandbox(sandbox_data, worker=False)) as api:
        yield api


def test_a_streamer_asks_finance_lets_it_pass_and_both_see_how_it_stands(house: Payees, own: Api) -> None:
    bo = house.payee("bo", EARNED)
    asked = own.done("POST", "/v1/me/payouts", "streamer", {"amount": "4000.00"}, party=bo)
    payout = asked["id"]
    assert asked["asked"] == {"amount": "4000.00", "currency": "CNY"}
    same = own.refused("POST", f"/v1/payouts/{payout}/approve", "finance", {}, party=bo)
    assert (same["status"], same["code"], same["person"]) == (409, "same_person", bo)
    key = uuid4()
    own.done("POST", f"/v1/payouts/{payout}/approve", "finance", {}, party="f1", key=key)
    again = own.ask("POST", f"/v1/payouts/{payout}/approve", "finance", {}, party="f1", key=key)
    assert again.headers["idempotency-replayed"] == "true"
    late = own.refused("POST", f"/v1/payouts/{payout}/approve", "finance", {}, party="f2")
    assert late["code"] == "payout_already_approved"
    bank = own.refused("POST", f"/v1/payouts/{payout}/send", "finance", {"channel": "bank"}, party="f2")
    assert bank["code"] == "batch_required"
    own.done("POST", f"/v1/payouts/{payout}/send", "finance", {"channel": "sandbox"}, party="f2")
    gone = own.refused("POST", f"/v1/me/payouts/{payout}/cancel", "streamer", {}, party=bo)
    assert (gone["code"], gone["state"]) == ("payout_already_sent", "sent")
    (seen,) = own.done("GET", "/v1/me/payouts", "streamer", party=bo)["payouts"]
    assert (seen["state"], seen["tax"]["amount"], seen["net"]["amount"]) == ("sent", "0.00", "4000.00")
    assert [(event["state"], event["by"]) for event in seen["history"]] == [
        ("requested", None),
        ("approved", None),
        ("sent", None),
    ]
    listed = own.done("GET", "/v1/payouts?state=sent&payee=bo", "finance")["payouts"]
    assert [event["by"] for event in listed[0]["history"]] == ["streamer:bo", "finance:f1", "finance:f2"]
    assert own.done("GET", "/v1/payouts?state=paid", "finance")["payouts"] == []


def test_a_payout_can_be_taken_back_refused_and_returned(house: Payees, own: Api) -> None:
    bo = house.payee("bo", EARNED)
    first = own.done("POST", "/v1/me/payouts", "streamer", {}, party=bo)
    assert first["asked"] is None
    other = own.refused("POST", f"/v1/me/payouts/{first['id']}/cancel", "streamer", {}, party="mei")
    assert (other["status"], other["code"]) == (404, "payout_not_found")
    own.done("POST", f"/v1/me/payouts/{first['id']}/cancel", "streamer", {}, party=bo)
    second = own.done("POST", "/v1/payouts", "finance", {"payee": bo, "amount": "100.00"}, party="f1")
    own.done("POST", f"/v1/payouts/{second['id']}/refuse", "finance", {"reason": "later"}, party="f1")
    third = house.sent(bo, 10_000)
    unpaid = own.refused("POST", f"/v1/payouts/{third}/returned", "finance", {"reason": "closed"})
    assert unpaid["code"] == "payout_not_paid"
    house.did(house.paid(third))
    own.done("POST", f"/v1/payouts/{third}/returned", "finance", {"reason": "closed"})
    assert house.balance("earnings", bo) == (EARNED, 0)
    page = own.done("GET", "/v1/payouts?limit=2", "finance")
    rest = own.done("GET", f"/v1/payouts?limit=2&cursor={page['next']}", "finance")
    assert [one["state"] for one in (*page["payouts"], *rest["payouts"])] == [
        "returned",
        "refused",
        "cancelled",
    ]
    assert rest["next"] is None


def test_what_names_no_payout_or_no_channel_is_invalid(house: Payees, own: Api) -> None:
    payout = house.did(house.request(house.payee("bo", 50_000)))
    for path in ("/v1/payouts/not-an-id/send", f"/v1/payouts/{str(payout)[:-1]}/send"):
        assert own.refused("POST", path, "finance", {"channel": "sandbox"})["code"] == "invalid"
    assert own.refused("POST", f"/v1/payouts/{payout}/send", "finance", {"channel": "x"})["code"] == "invalid"
    assert own.refused("POST", "/v1/me/payouts", "streamer", {"amount": "0.00"})["code"] == "invalid"


def test_outside_the_sandbox_there_is_no_sandbox_channel(sandbox_data: Path) -> None:
    operations = payout_operations(sandbox(sandbox_data).model_copy(update={"sandbox": False}))
    (send,) = [operation for operation in operations if operation.path.endswith("/send")]
    body = PayoutSendingBody(channel="sandbox")
    with pytest.raises(Problem) as missing:
        send.command(Asked(uuid4(), "f1", "finance:f1", 0), body, uuid4())
    assert missing.value.code == "channel_unavailable"
