"""Whose account is closed may appeal, read what there is, and withdraw what is not held.

All of it over HTTP, on a running server whose worker does not get in the way.
"""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from ledger.database import Database
from ledger.parties import Register
from tests.api.http.serving import Api, sandbox, serving
from tests.moderation.imposing import imposed, lifted
from tests.settlement.payouts.playing import Payees

EARNED, HELD = 50_000, 30_000
#: What a streamer reads of oneself.
READS = ("earnings", "entries", "summary", "statements", "payouts", "notices", "decisions", "appeals")


@pytest.fixture
def payees(empty_database: Database) -> Payees:
    return Payees(empty_database)


@pytest.fixture
def own(payees: Payees, empty_database: Database, sandbox_data: Path) -> Iterator[Api]:
    with serving(empty_database, sandbox(sandbox_data, worker=False)) as api:
        yield api


@pytest.fixture
def bo(payees: Payees, own: Api) -> str:
    """Somebody with coins, gifts and 500.00 of earnings, of which a case froze 300.00."""
    bo = payees.payee("bo", EARNED)
    payees.did(Register(*payees.head("gateway:file"), bo, ("viewer",)))
    own.top_up(bo, 500)
    viewer = own.viewer(coins=100)
    assert own.tip(viewer, bo, own.gift(10)).status_code == 201
    freeze = {"party": bo, "account": "earnings", "amount": "300.00", "case": "k0", "rule": "LIVE-MOD-4"}
    own.done("POST", "/v1/freezes", "moderator", freeze, party="mo")
    return bo


@pytest.mark.rule("VAS-TERM-1")
def test_a_closed_account_withdraws_what_is_not_held_and_nothing_more(
    payees: Payees, own: Api, bo: str
) -> None:
    imposed(own, bo, "close_account")
    all_of_it = own.refused("POST", "/v1/me/payouts", "streamer", {"amount": "500.00"}, party=bo)
    assert (all_of_it["status"], all_of_it["code"]) == (409, "insufficient_funds")
    asked = own.done("POST", "/v1/me/payouts", "streamer", {}, party=bo)
    assert payees.balance("earnings", bo) == (EARNED, EARNED)
    sent = {"channel": "sandbox"}
    own.done("POST", f"/v1/payouts/{asked['id']}/send", "finance", sent, party="f2")
    payees.did(payees.paid(UUID(asked["id"])))
    assert payees.balance("earnings", bo) == (HELD, HELD)
    assert payees.breaches() == []


@pytest.mark.rule("VAS-TERM-1")
def test_a_closed_account_reads_what_there_is_and_appeals(own: Api, bo: str) -> None:
    imposed(own, bo, "close_account")
    assert own.wallet(bo)["posted"]["amount"] == "500"
    for read in READS:
        own.done("GET", f"/v1/me/{read}", "streamer", party=bo)
    (decided,) = own.done("GET", "/v1/me/decisions", "streamer", party=bo)["decisions"]
    against = f"/v1/decisions/{decided['id']}/appeals"
    appeal = own.done("POST", against, "streamer", {"text": "it was not me"}, party=bo)
    overturned = {"verdict": "overturned", "reason": "somebody else"}
    own.done("POST", f"/v1/appeals/{appeal['id']}/verdict", "moderator", overturned, party="ju")
    assert own.done("GET", "/v1/me/standing", "streamer", party=bo)["service"] == "normal"


@pytest.mark.rule("VAS-TERM-1")
def test_a_closed_account_neither_gives_nor_takes_nor_goes_live_until_it_is_opened_again(
    own: Api, bo: str
) -> None:
    gift, mei, viewer = own.gift(10), own.streamer(), own.viewer(coins=100)
    (closing,) = imposed(own, bo, "close_account")
    session = {"streamer": bo, "room": "r", "scope": "s"}
    payment = {"coins": 10, "paid": "1.00", "channel": "wechat", "channel_txn": own.new("txn")}

    def answers() -> list[str]:
        asked = (
            own.tip(bo, mei, gift),
            own.tip(viewer, bo, gift),
            own.ask("POST", "/v1/topups", "gateway", {"viewer": bo, **payment}),
            own.ask("POST", "/v1/sessions", "gateway", session),
        )
        return [str(one.json().get("code", one.status_code)) for one in asked]

    assert answers() == ["not_permitted"] * 4
    seen = own.done("GET", f"/v1/parties/{bo}/standing", "gateway")
    assert {one["feature"] for one in seen["barred"]} == {"tip", "top_up", "receive", "stream", "comment"}
    lifted(own, closing)
    payment["channel_txn"] = own.new("txn")
    assert answers() == ["201"] * 4


@pytest.mark.rule("VAS-TERM-1")
@pytest.mark.parametrize("closing", ["close_account", "recover_account"])
def test_of_a_closed_account_nobody_is_reported_nothing_promised_and_nobody_muted(
    own: Api, bo: str, closing: str
) -> None:
    other = own.streamer()
    report = {"channel": "button", "target": other, "category": "illegal_obscenity", "text": "seen"}
    asked = (
        ("POST", "/v1/me/reports", "viewer", report),
        ("POST", f"/v1/parties/{bo}/reports", "gateway", {**report, "channel": "hotline"}),
        ("POST", "/v1/me/promises", "streamer", {"text": "a song", "due_at": "2199-01-01T00:00:00+08:00"}),
        (
            "POST",
            "/v1/me/room-actions",
            "streamer",
            {"room": "r", "participant": other, "act": "mute", "reason": "spam"},
        ),
    )

    def answers() -> list[object]:
        found: list[object] = []
        for method, path, role, body in asked:
            one = own.ask(method, path, role, body, party="g1" if role == "gateway" else bo)
            found.append(one.status_code if one.status_code == 201 else (one.status_code, one.json()["code"]))
        return found

    (measure,) = imposed(own, bo, closing)
    assert answers() == [(409, "account_closed")] * 4
    own.done("POST", "/v1/me/tickets", "viewer", {"about": "other", "text": "why?"}, party=bo)
    lifted(own, measure)
    assert answers() == [201] * 4


@pytest.mark.rule("LIVE-MOD-9")
def test_of_a_closed_account_under_a_legal_hold_nothing_is_withdrawn_until_it_is_lifted(
    payees: Payees, own: Api, bo: str
) -> None:
    imposed(own, bo, "close_account")
    (hold,) = imposed(own, bo, "legal_hold")
    assert own.refused("POST", "/v1/me/payouts", "streamer", {}, party=bo)["code"] == "not_permitted"
    lifted(own, hold)
    own.done("POST", "/v1/me/payouts", "streamer", {}, party=bo)
    assert payees.balance("earnings", bo) == (EARNED, EARNED)
