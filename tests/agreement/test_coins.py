"""Coins are for the viewer's own need: they can be given as gifts, and go nowhere else."""

from uuid import uuid4

import pytest

from tests.api.http.serving import Api, minor

_COMMANDS = {
    "/v1/tips",
    "/v1/tips/batch",
    "/v1/parties",
    "/v1/gifts/{gift}",
    "/v1/limits",
    "/v1/topups",
    "/v1/rewards",
    "/v1/sessions",
    "/v1/sessions/{id}/close",
    "/v1/sessions/{id}/facts",
    "/v1/tasks",
    "/v1/tasks/{id}/evaluation",
    "/v1/activities",
    "/v1/enrolments",
    "/v1/activity-evaluations",
    "/v1/award-withdrawals",
    "/v1/promotions",
    "/v1/commissions",
    "/v1/sales",
    "/v1/returned-goods",
    "/v1/ip-cases",
    "/v1/ip-costs",
    "/v1/ip-proceeds",
    "/v1/adjustments",
    "/v1/freezes",
    "/v1/freezes/{id}/lift",
    "/v1/freezes/{id}/forfeit",
    "/v1/settlements",
    "/v1/entries/{id}/reversal",
    # What streamers earned is paid out in money; no coin is.
    "/v1/parties/{party}/verification",
    "/v1/parties/{party}/payee-account",
    "/v1/parties/{party}/invoices",
    "/v1/me/payee-account",
    "/v1/me/invoices",
    "/v1/me/payouts",
    "/v1/me/payouts/{id}/cancel",
    "/v1/payouts",
    "/v1/payouts/{id}/approve",
    "/v1/payouts/{id}/refuse",
    "/v1/payouts/{id}/cancel",
    "/v1/payouts/{id}/send",
    "/v1/payouts/{id}/returned",
    "/v1/policies",
    "/v1/streamers/{streamer}/class",
    "/v1/statements/{id}/objections",
    "/v1/objections/{id}/answer",
    # Finance and moderators: coins are frozen, taken, or given back to where they came from.
    "/v1/appeals/{id}/verdict",
    "/v1/blacklists/{list}/people",
    "/v1/blacklists/{list}/removals",
    "/v1/cases",
    "/v1/cases/{case}/decisions",
    "/v1/cases/{case}/evidence",
    "/v1/cases/{case}/notes",
    "/v1/cases/{case}/previews",
    "/v1/debt-payments",
    "/v1/decisions/{id}/appeals",
    "/v1/decisions/{id}/approve",
    "/v1/decisions/{id}/refuse",
    "/v1/me/notices/{id}/read",
    "/v1/me/promises",
    "/v1/me/reports",
    "/v1/me/reports/{id}/files",
    "/v1/me/reports/{id}/materials",
    "/v1/me/room-actions",
    "/v1/me/tickets",
    "/v1/measures/{id}/disclosures",
    "/v1/measures/{id}/lift",
    "/v1/parties/{party}/false-identity",
    "/v1/parties/{party}/permissions",
    "/v1/parties/{party}/reports",
    "/v1/parties/{party}/uses",
    "/v1/payout-batches",
    "/v1/payout-batches/{id}/cancel",
    "/v1/payout-batches/{id}/results",
    "/v1/payout-batches/{id}/send",
    "/v1/permissions/{id}/revocation",
    "/v1/promises/{id}/outcome",
    "/v1/reports/{id}/accept",
    "/v1/reports/{id}/ask",
    "/v1/reports/{id}/claim",
    "/v1/reports/{id}/let-go",
    "/v1/reports/{id}/reject",
    "/v1/rule-switches",
    "/v1/rules",
    "/v1/tax-remittances",
    "/v1/tax-remittances/{id}/approve",
    "/v1/tax-remittances/{id}/withdraw",
    "/v1/tickets/{id}/answer",
}


@pytest.mark.rule("VAS-USE-1")
def test_there_is_no_command_that_transfers_or_cashes_out_coins(own_api: Api) -> None:
    document = own_api.http.get("/openapi.json").json()
    commands = {
        path for path, item in document["paths"].items() if item.keys() & {"post", "put", "patch", "delete"}
    }
    assert commands == _COMMANDS
    ana, bo = own_api.viewer(coins=100), own_api.viewer()
    body = {"from": ana, "to": bo, "viewer": ana, "party": bo, "coins": 50, "amount": 50}
    for path in (
        "transfers",
        "me/transfers",
        "payouts",
        "me/payouts",
        "withdrawals",
        "me/wallet",
        "me/wallet/cash",
    ):
        for role in ("viewer", "gateway", "finance"):
            refused = own_api.ask("POST", f"/v1/{path}", role, body, party=ana)
            assert refused.json()["code"] in (
                "not_found",
                "method_not_allowed",
                "forbidden",
                "invalid",
            ), path
    assert [minor(own_api.wallet(party)["posted"]) for party in (ana, bo)] == [100, 0]


@pytest.mark.rule("VAS-USE-1")
def test_a_tip_reaches_a_streamers_gifts_and_never_a_wallet(own_api: Api) -> None:
    ana, bo, coin = own_api.viewer(coins=100), own_api.viewer(), own_api.gift(1)
    refused = own_api.tip(ana, bo, coin, 50).json()
    assert (refused["code"], refused["kind"]) == ("account_not_found", "gifts")
    own_api.done("POST", "/v1/parties", "gateway", {"party": bo, "roles": ["streamer"]})
    assert own_api.tip(ana, bo, coin, 50).status_code == 201
    assert minor(own_api.wallet(bo)["posted"]) == 0
    own_api.settled()
    assert minor(own_api.wallet(bo)["posted"]) == 0


@pytest.mark.rule("VAS-USE-1")
def test_nobody_but_the_gateway_tips_from_anothers_wallet_and_no_viewer_undoes_an_entry(own_api: Api) -> None:
    ana, bo, streamer, coin = own_api.viewer(coins=100), own_api.viewer(), own_api.streamer(), own_api.gift(1)
    assert own_api.tip(bo, streamer, coin, viewer=ana).status_code == 403
    item = {"id": str(uuid4()), "viewer": ana, "streamer": streamer, "room": "r", "gift": coin, "quantity": 1}
    assert own_api.ask("POST", "/v1/tips/batch", "viewer", [item], party=bo).status_code == 403
    tip = own_api.tip(ana, streamer, coin).json()
    undo = own_api.ask("POST", f"/v1/entries/{tip['id']}/reversal", "viewer", {"reason": "r"}, party=ana)
    assert undo.status_code == 403
    assert minor(own_api.wallet(ana)["posted"]) == 99
