"""A suspected crime is handed over: under the legal hold nothing is paid out, and no account is closed.

All of it over HTTP, on a running server whose worker does not get in the way.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import Database
from settlement.payouts.channels.sandbox import Fate, SandboxChannel
from settlement.payouts.cycles import request_due
from settlement.payouts.sending import ask_all
from tests.api.http.serving import Api, sandbox, serving
from tests.moderation.imposing import FOUND, imposed, lifted
from tests.settlement.payees.sample import KEYS
from tests.settlement.payouts.playing import Payees

#: Above the bound of 1,000.00 that payouts need a second person from.
EARNED, ASKED = 500_000, {"amount": "4000.00"}
SANDBOX = {"channel": "sandbox"}


@pytest.fixture
def payees(empty_database: Database) -> Payees:
    return Payees(empty_database)


@pytest.fixture
def own(payees: Payees, empty_database: Database, sandbox_data: Path) -> Iterator[Api]:
    with serving(empty_database, sandbox(sandbox_data, worker=False)) as api:
        yield api


def ask(own: Api, payee: str) -> str:
    return str(own.done("POST", "/v1/me/payouts", "streamer", ASKED, party=payee)["id"])


def approve(own: Api, payout: str) -> None:
    own.done("POST", f"/v1/payouts/{payout}/approve", "finance", {}, party="f1")


def send(own: Api, payout: str) -> str:
    """What comes of sending it: the code of the refusal, or that it is sent."""
    answer = own.ask("POST", f"/v1/payouts/{payout}/send", "finance", SANDBOX, party="f2")
    return "sent" if answer.is_success else str(answer.json()["code"])


@pytest.mark.rule("LIVE-MOD-9")
def test_what_was_asked_before_a_legal_hold_is_not_sent_under_it_and_is_afterwards(
    payees: Payees, own: Api
) -> None:
    bo, mei = payees.payee("bo", EARNED), payees.payee("mei", EARNED)
    waiting, passed = ask(own, bo), ask(own, mei)
    approve(own, passed)
    holds = [imposed(own, party, "legal_hold")[0] for party in (bo, mei)]
    approve(own, waiting)
    assert [send(own, payout) for payout in (waiting, passed)] == ["not_permitted"] * 2
    assert [payees.balance("earnings", party) for party in (bo, mei)] == [(EARNED, 400_000)] * 2
    assert payees.balance("bank") == (0, 0)
    for hold in holds:
        lifted(own, hold)
    assert [send(own, payout) for payout in (waiting, passed)] == ["sent"] * 2
    assert payees.breaches() == []


@pytest.mark.rule("LIVE-MOD-9")
def test_under_a_legal_hold_nobody_asks_for_a_payout_and_what_was_asked_can_be_taken_back(
    payees: Payees, own: Api
) -> None:
    bo, mei = payees.payee("bo", EARNED), payees.payee("mei", EARNED)
    payout = ask(own, mei)
    holds = [imposed(own, party, "legal_hold")[0] for party in (bo, mei)]
    refused = [
        own.refused("POST", "/v1/me/payouts", "streamer", ASKED, party=bo),
        own.refused("POST", "/v1/payouts", "finance", {"payee": bo, **ASKED}, party="f1"),
    ]
    assert [(one["status"], one["code"]) for one in refused] == [(409, "not_permitted")] * 2
    own.done("POST", f"/v1/me/payouts/{payout}/cancel", "streamer", {}, party=mei)
    assert payees.balance("earnings", mei) == (EARNED, 0)
    instant = payees.head("system:cycle")[2]
    assert request_due(payees.journal, instant) == 0
    lifted(own, holds[0])
    # The same cycle: what came to nothing under the hold is asked for now.
    assert request_due(payees.journal, instant) == 1
    assert payees.balance("earnings", bo) == (EARNED, EARNED)
    assert payees.breaches() == []


@pytest.mark.rule("LIVE-MOD-9")
def test_of_a_batch_for_the_bank_a_legal_hold_leaves_out_whose_it_is(payees: Payees, own: Api) -> None:
    bo, mei = payees.payee("bo", EARNED), payees.payee("mei", EARNED)
    payouts = [ask(own, party) for party in (bo, mei)]
    for payout in payouts:
        approve(own, payout)
    made = own.done("POST", "/v1/payout-batches", "finance", {}, party="f1")
    (hold,) = imposed(own, bo, "legal_hold")
    path = f"/v1/payout-batches/{made['id']}/send"
    sent = own.done("POST", path, "finance", party="f2")
    assert (sent["payments"], [one["payout"] for one in sent["left_out"]]) == (1, payouts[:1])
    lifted(own, hold)
    again = own.done("POST", path, "finance", party="f2")
    assert (again["payments"], again["left_out"]) == (2, [])
    assert payees.breaches() == []


@pytest.mark.rule("LIVE-MOD-9")
def test_what_was_sent_before_a_legal_hold_is_answered_under_it_and_stays_where_the_answer_says(
    payees: Payees, own: Api, tmp_path: Path
) -> None:
    """The bank had it already: what it says is only written down. What comes back stays under the hold."""
    fates: dict[str, Fate] = {"bo": "paid", "mei": "failed"}
    payouts = {}
    for party, fate in fates.items():
        payees.payee(party, EARNED)
        payouts[party] = ask(own, party)
        approve(own, payouts[party])
        assert send(own, payouts[party]) == "sent"
        imposed(own, party, "legal_hold")
        ask_all(payees.journal, SandboxChannel(tmp_path / party, fate), KEYS)
    assert [payees.balance("earnings", party) for party in payouts] == [(100_000, 0), (EARNED, 0)]
    back = f"/v1/payouts/{payouts['bo']}/returned"
    own.done("POST", back, "finance", {"reason": "account closed"}, party="f1")
    assert payees.balance("earnings", "bo") == (EARNED, 0)
    for party in payouts:
        refusal = own.refused("POST", "/v1/me/payouts", "streamer", ASKED, party=party)
        assert refusal["code"] == "not_permitted"
    assert payees.balance("bank") == (0, 0)
    assert payees.breaches() == []


@pytest.mark.rule("LIVE-MOD-9")
def test_under_a_legal_hold_no_account_is_closed(payees: Payees, own: Api) -> None:
    bo = payees.payee("bo", EARNED)
    (hold,) = imposed(own, bo, "legal_hold")
    decided = {
        "findings": [FOUND],
        "measures": [{"kind": "close_account"}],
        "reason": "once more",
    }
    opened = {"case": "k9", "source": "spot_check", "party": bo, "summary": "once more"}
    own.done("POST", "/v1/cases", "moderator", opened, party="mo")
    refusal = own.refused("POST", "/v1/cases/k9/decisions", "moderator", decided, party="mo")
    assert (refusal["status"], refusal["code"]) == (409, "under_legal_hold")
    lifted(own, hold)
    own.done("POST", "/v1/cases/k9/decisions", "moderator", decided, party="mo")
