"""Who may do what: every operation, tried in every role and without one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.tokens import ROLES
from ledger.database import Database
from tests.api.http.serving import Api, sandbox, serving

_ID = "7c0d1a52-1111-4000-8000-000000000001"
_SHA256 = "0" * 64
_TIP = {"streamer": "s", "room": "r", "gift": "g", "quantity": 1}
_PAYEE_ACCOUNT = {"channel": "bank", "account": "12345678", "holder": "n"}
_PERIOD: Any = {"since": "2026-10-01T00:00:00+08:00", "until": "2026-11-01T00:00:00+08:00"}
_TIME = "2026-10-01T00:00:00+08:00"
_REPORT = {"channel": "button", "target": "p", "category": "A", "text": "t"}
_OPERATIONS = [
    ("POST", "/v1/tips", {"viewer"}, _TIP),
    ("POST", "/v1/tips/batch", {"gateway"}, [{**_TIP, "id": _ID, "viewer": "v"}]),
    ("GET", "/v1/me/wallet", {"viewer"}, None),
    ("GET", "/v1/me/entries", {"viewer", "streamer"}, None),
    ("GET", "/v1/me/earnings", {"streamer"}, None),
    ("POST", "/v1/parties", {"gateway"}, {"party": "p", "roles": ["viewer"]}),
    ("PUT", "/v1/gifts/g", {"gateway"}, {"coins": 1}),
    ("PUT", "/v1/limits", {"gateway"}, {"per_tip": None, "per_day": None}),
    (
        "POST",
        "/v1/topups",
        {"gateway"},
        {"viewer": "v", "coins": 1, "paid": "0.10", "channel": "wechat", "channel_txn": "1"},
    ),
    ("POST", "/v1/rewards", {"gateway"}, {"streamer": "s", "task": "t", "amount": "1.00"}),
    (
        "POST",
        "/v1/freezes",
        {"moderator"},
        {"party": "p", "account": "wallet", "amount": 1, "case": "c", "rule": "r"},
    ),
    ("POST", f"/v1/freezes/{_ID}/lift", {"moderator"}, {"case": "c"}),
    ("POST", f"/v1/freezes/{_ID}/forfeit", {"moderator"}, {"amount": None, "case": "c", "rule": "r"}),
    ("POST", "/v1/settlements", {"finance"}, {"through": "2026-10-01", "share_bps": 5_000}),
    ("GET", f"/v1/settlements/{_ID}", {"finance"}, None),
    ("POST", f"/v1/entries/{_ID}/reversal", {"finance"}, {"reason": "r"}),
    ("GET", "/v1/trial-balance", {"finance"}, None),
    (
        "POST",
        "/v1/cases",
        {"moderator"},
        {"case": "c", "source": "report", "party": "p", "summary": "s"},
    ),
    ("POST", "/v1/cases/c/notes", {"moderator"}, {"note": "n"}),
    (
        "POST",
        "/v1/cases/c/decisions",
        {"moderator", "finance"},
        {"findings": [{"rule": "r"}], "measures": [{"kind": "warn"}], "reason": "r"},
    ),
    ("GET", "/v1/cases", {"moderator", "finance"}, None),
    ("GET", "/v1/cases/c/file", {"moderator", "finance"}, None),
    ("GET", "/v1/decisions", {"moderator", "finance"}, None),
    ("GET", f"/v1/decisions/{_ID}", {"moderator", "finance"}, None),
    ("POST", f"/v1/decisions/{_ID}/approve", {"moderator", "finance"}, {}),
    ("POST", f"/v1/decisions/{_ID}/refuse", {"moderator", "finance"}, {"reason": "r"}),
    ("POST", f"/v1/measures/{_ID}/lift", {"moderator", "finance"}, {"reason": "r"}),
    ("GET", "/v1/me/decisions", {"viewer", "streamer"}, None),
    ("GET", "/v1/me/standing", {"viewer", "streamer"}, None),
    ("GET", "/v1/parties/p/standing", {"gateway", "moderator"}, None),
    ("POST", "/v1/cases/c/previews", {"moderator", "finance"}, {"kind": "penalty", "party": "p"}),
    ("GET", f"/v1/cases/c/previews/{_ID}", {"moderator", "finance"}, None),
    ("POST", f"/v1/decisions/{_ID}/appeals", {"viewer", "streamer"}, {"text": "t"}),
    ("GET", "/v1/me/appeals", {"viewer", "streamer"}, None),
    ("GET", "/v1/appeals", {"moderator", "finance"}, None),
    ("GET", f"/v1/appeals/{_ID}", {"moderator", "finance"}, None),
    ("POST", f"/v1/appeals/{_ID}/verdict", {"moderator", "finance"}, {"verdict": "upheld", "reason": "r"}),
    ("POST", "/v1/sessions", {"gateway"}, {"streamer": "s", "room": "r", "scope": "c"}),
    ("POST", f"/v1/sessions/{_ID}/close", {"gateway"}, {}),
    ("POST", f"/v1/sessions/{_ID}/facts", {"gateway"}, {"metric": "minutes", "value": 1}),
    (
        "POST",
        "/v1/tasks",
        {"gateway"},
        {"streamer": "s", "metric": "minutes", "target": 1, **_PERIOD, "reward": "1.00", "rule_version": "v"},
    ),
    ("POST", f"/v1/tasks/{_ID}/evaluation", {"gateway"}, {}),
    (
        "POST",
        "/v1/activities",
        {"gateway"},
        {
            "activity": "a",
            "version": "v",
            **_PERIOD,
            "tag": "t",
            "minimum_interactions": 0,
            "face_shown": False,
            "award": "1.00",
        },
    ),
    ("POST", "/v1/enrolments", {"gateway"}, {"activity": "a", "streamer": "s"}),
    ("POST", "/v1/activity-evaluations", {"gateway"}, {"activity": "a", "streamer": "s"}),
    ("POST", "/v1/award-withdrawals", {"gateway"}, {"activity": "a", "streamer": "s", "reason": "r"}),
    ("GET", f"/v1/activity-results/{_ID}", {"gateway", "finance"}, None),
    ("POST", "/v1/promotions", {"gateway"}, {"streamer": "s", "amount": "1.00"}),
    (
        "POST",
        "/v1/commissions",
        {"gateway"},
        {"commission": "c", "streamer": "s", "goods": "g", "rate_bps": 1},
    ),
    ("POST", "/v1/sales", {"gateway"}, {"sale": "o", "commission": "c", "streamer": "s", "price": "1.00"}),
    ("POST", "/v1/returned-goods", {"gateway"}, {"sale": "o", "price": "1.00"}),
    ("POST", "/v1/ip-cases", {"gateway"}, {"case": "k", "streamer": "s", "work": "w"}),
    ("POST", "/v1/ip-costs", {"gateway"}, {"case": "k", "amount": "1.00", "voucher": "v"}),
    ("POST", "/v1/ip-proceeds", {"gateway"}, {"case": "k", "amount": "1.00"}),
    ("POST", "/v1/adjustments", {"finance"}, {"streamer": "s", "amount": "-1.00", "reason": "r"}),
    ("GET", f"/v1/accruals/{_ID}", {"gateway", "finance"}, None),
    ("POST", "/v1/policies", {"finance"}, {"document": "x"}),
    ("GET", "/v1/policies", {"streamer", "gateway", "moderator", "finance"}, None),
    ("GET", "/v1/policies/v", {"streamer", "gateway", "moderator", "finance"}, None),
    ("POST", "/v1/streamers/s/class", {"gateway"}, {"class": "standard"}),
    (
        "POST",
        "/v1/parties/p/verification",
        {"gateway"},
        {"kind": "person", "name": "n", "number": "E12345678"},
    ),
    ("POST", "/v1/parties/p/payee-account", {"gateway"}, _PAYEE_ACCOUNT),
    ("POST", "/v1/me/payee-account", {"streamer"}, _PAYEE_ACCOUNT),
    ("POST", "/v1/parties/p/invoices", {"gateway"}, {"number": "1", "amount": "1.00"}),
    ("POST", "/v1/me/invoices", {"streamer"}, {"number": "1", "amount": "1.00"}),
    ("GET", "/v1/me/summary", {"streamer"}, None),
    ("GET", "/v1/me/statements", {"streamer"}, None),
    ("GET", f"/v1/statements/{_ID}", {"streamer", "finance"}, None),
    ("GET", f"/v1/statements/{_ID}/lines/1", {"streamer", "finance"}, None),
    ("GET", f"/v1/statements/{_ID}/objections", {"streamer", "finance"}, None),
    ("POST", f"/v1/statements/{_ID}/objections", {"streamer"}, {"text": "t"}),
    ("GET", "/v1/objections", {"finance"}, None),
    ("POST", f"/v1/objections/{_ID}/answer", {"finance"}, {"text": "t"}),
    ("GET", "/v1/me/payee", {"streamer"}, None),
    ("POST", "/v1/me/payouts", {"streamer"}, {"amount": "100.00"}),
    ("GET", "/v1/me/payouts", {"streamer"}, None),
    ("POST", f"/v1/me/payouts/{_ID}/cancel", {"streamer"}, {}),
    ("POST", "/v1/payouts", {"finance"}, {"payee": "p"}),
    ("GET", "/v1/payouts", {"finance"}, None),
    ("POST", f"/v1/payouts/{_ID}/approve", {"finance"}, {}),
    ("POST", f"/v1/payouts/{_ID}/refuse", {"finance"}, {"reason": "r"}),
    ("POST", f"/v1/payouts/{_ID}/cancel", {"finance"}, {}),
    ("POST", f"/v1/payouts/{_ID}/send", {"finance"}, {"channel": "bank"}),
    ("POST", f"/v1/payouts/{_ID}/returned", {"finance"}, {"reason": "r"}),
    ("GET", "/v1/parties/p/payee", {"gateway", "finance"}, None),
    ("POST", "/v1/payout-batches", {"finance"}, {"payouts": [_ID]}),
    ("GET", "/v1/payout-batches", {"finance"}, None),
    ("GET", f"/v1/payout-batches/{_ID}", {"finance"}, None),
    ("POST", f"/v1/payout-batches/{_ID}/cancel", {"finance"}, {"reason": "r"}),
    ("POST", f"/v1/payout-batches/{_ID}/send", {"finance"}, None),
    ("GET", f"/v1/payout-batches/{_ID}/file", {"finance"}, None),
    ("POST", f"/v1/payout-batches/{_ID}/results", {"finance"}, None),
    (
        "POST",
        "/v1/tax-remittances",
        {"finance"},
        {"month": "2026-10", "amount": "1.00", "reference": "r"},
    ),
    ("GET", "/v1/tax-remittances", {"finance"}, None),
    ("POST", f"/v1/tax-remittances/{_ID}/approve", {"finance"}, {}),
    ("POST", f"/v1/tax-remittances/{_ID}/withdraw", {"finance"}, {"reason": "r"}),
    ("POST", "/v1/debt-payments", {"finance"}, {"party": "p", "amount": "1.00", "reference": "r"}),
    ("POST", "/v1/rules", {"finance"}, {"document": "x"}),
    ("POST", "/v1/rule-switches", {"finance"}, {"rule": "LIVE-MOD-7", "is_on": False, "reason": "r"}),
    ("GET", "/v1/rules", {"viewer", "streamer", "gateway", "moderator", "finance"}, None),
    ("GET", "/v1/rules/v", {"viewer", "streamer", "gateway", "moderator", "finance"}, None),
    ("POST", "/v1/cases/c/evidence", {"moderator"}, None),
    ("GET", "/v1/cases/c/evidence", {"moderator"}, None),
    ("GET", f"/v1/cases/c/evidence/{_SHA256}", {"moderator"}, None),
    ("GET", "/v1/access-records", {"finance"}, None),
    ("GET", "/v1/me/notices", {"viewer", "streamer"}, None),
    ("POST", f"/v1/me/notices/{_ID}/read", {"viewer", "streamer"}, None),
    ("POST", "/v1/me/reports", {"viewer", "streamer"}, _REPORT),
    ("GET", "/v1/me/reports", {"viewer", "streamer"}, None),
    ("GET", f"/v1/me/reports/{_ID}", {"viewer", "streamer"}, None),
    ("POST", f"/v1/me/reports/{_ID}/materials", {"viewer", "streamer"}, {"name": "n", "number": "1"}),
    ("POST", f"/v1/me/reports/{_ID}/files", {"viewer", "streamer"}, None),
    ("POST", "/v1/parties/p/reports", {"gateway"}, _REPORT),
    ("GET", "/v1/reports", {"moderator"}, None),
    ("GET", f"/v1/reports/{_ID}", {"moderator"}, None),
    ("GET", f"/v1/reports/{_ID}/proof", {"moderator"}, None),
    ("GET", f"/v1/reports/{_ID}/files/{_SHA256}", {"moderator"}, None),
    ("POST", f"/v1/reports/{_ID}/claim", {"moderator"}, {}),
    ("POST", f"/v1/reports/{_ID}/let-go", {"moderator"}, {}),
    ("POST", f"/v1/reports/{_ID}/ask", {"moderator"}, {"reason": "r"}),
    ("POST", f"/v1/reports/{_ID}/accept", {"moderator"}, {}),
    ("POST", f"/v1/reports/{_ID}/reject", {"moderator"}, {"reason": "r"}),
    ("POST", "/v1/me/tickets", {"viewer", "streamer"}, {"about": "other", "text": "t"}),
    ("GET", "/v1/me/tickets", {"viewer", "streamer"}, None),
    ("GET", "/v1/tickets", {"moderator"}, None),
    ("POST", f"/v1/tickets/{_ID}/answer", {"moderator"}, {"text": "t"}),
    ("POST", "/v1/blacklists/l/people", {"moderator"}, {"people": [{"number": "1"}]}),
    ("POST", "/v1/blacklists/l/removals", {"moderator"}, {"number": "1", "reason": "r"}),
    ("GET", "/v1/blacklists", {"moderator"}, None),
    ("GET", "/v1/blacklist-hits", {"moderator"}, None),
    ("POST", "/v1/parties/p/false-identity", {"moderator"}, {"reason": "r"}),
    (
        "POST",
        "/v1/parties/p/permissions",
        {"moderator"},
        {"allows": "business", "scope": "s", "document": "d", "valid_from": _TIME},
    ),
    ("GET", "/v1/parties/p/permissions", {"moderator"}, None),
    ("GET", "/v1/me/permissions", {"streamer"}, None),
    ("POST", f"/v1/permissions/{_ID}/revocation", {"moderator"}, {"reason": "r"}),
    (
        "POST",
        "/v1/parties/p/uses",
        {"moderator"},
        {"needs": "business", "detail": "d", "used_at": _TIME},
    ),
    ("GET", f"/v1/uses/{_ID}", {"moderator"}, None),
    ("POST", "/v1/me/promises", {"streamer"}, {"text": "t", "due_at": "2999-01-01T00:00:00+08:00"}),
    ("GET", "/v1/me/promises", {"streamer"}, None),
    ("GET", "/v1/parties/p/promises", {"moderator"}, None),
    ("POST", f"/v1/promises/{_ID}/outcome", {"moderator"}, {"is_kept": True, "note": "n"}),
    (
        "POST",
        "/v1/me/room-actions",
        {"streamer"},
        {"room": "r", "participant": "p", "act": "mute", "reason": "r"},
    ),
    ("GET", "/v1/me/room-actions", {"streamer"}, None),
    ("GET", "/v1/parties/p/room-actions", {"moderator"}, None),
    (
        "POST",
        f"/v1/measures/{_ID}/disclosures",
        {"moderator"},
        {"authority": "a", "document": "d", "disclosed": ["name"]},
    ),
    ("GET", "/v1/parties/p/disclosures", {"moderator"}, None),
    ("GET", "/v1/trails", {"moderator", "finance"}, None),
]


@pytest.fixture(scope="module")
def doors(server: Database, _migrated: str, sandbox_data: Path) -> Iterator[Api]:
    """A server for these tests alone: behind the doors, they come to the same few objects."""
    with server.scratch(copy_of=_migrated) as database, serving(database, sandbox(sandbox_data)) as api:
        yield api


@pytest.mark.parametrize(("method", "path", "roles", "body"), _OPERATIONS)
def test_only_the_roles_it_is_for_get_past_the_door(
    doors: Api, method: str, path: str, roles: set[str], body: object
) -> None:
    for role in ROLES:
        response = doors.ask(method, path, role, body)
        if role in roles:
            assert response.status_code not in (401, 403), f"{role}: {response.text}"
        else:
            assert (response.status_code, response.json()["code"]) == (403, "forbidden"), role
    nobody = doors.http.request(method, path, json=body)
    assert (nobody.status_code, nobody.json()["code"]) == (401, "token_required")
    assert nobody.headers["www-authenticate"].startswith("Bearer")


def test_the_table_has_every_operation_of_the_document(api: Api) -> None:
    document = api.http.get("/openapi.json").json()
    there = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    named = {
        path.replace(_ID, "{id}")
        .replace("/lines/1", "/lines/{line}")
        .replace("/gifts/g", "/gifts/{gift}")
        .replace("/policies/v", "/policies/{version}")
        .replace("/rules/v", "/rules/{version}")
        .replace("/cases/c/", "/cases/{case}/")
        .replace("/streamers/s/", "/streamers/{streamer}/")
        .replace("/parties/p/", "/parties/{party}/")
        .replace("/blacklists/l/", "/blacklists/{list}/")
        .replace(f"/{_SHA256}", "/{sha256}")
        for _, path, _, _ in _OPERATIONS
    }
    assert named == {path for _, path in there}
    assert len(there) == len(_OPERATIONS)


def test_a_party_sees_its_own_and_nothing_of_anyone_elses(api: Api) -> None:
    ana, bo, streamer, gift = api.viewer(coins=100), api.viewer(coins=7), api.streamer(), api.gift(10)
    api.tip(ana, streamer, gift)
    body = {"party": ana, "account": "wallet", "amount": 1, "case": "secret", "rule": "r"}
    api.done("POST", "/v1/freezes", "moderator", body)
    seen = api.http.get("/v1/me/wallet", headers={"Authorization": f"Bearer {api.token('viewer', party=bo)}"})
    lines = api.ask("GET", "/v1/me/entries", "viewer", party=bo)
    for response in (seen, lines):
        assert response.status_code == 200
        assert ana not in response.text
        assert "secret" not in response.text
    assert seen.json()["posted"]["amount"] == "7"
