"""What moderation may do to money: freeze it, let it go, take it."""

from datetime import UTC, datetime, timedelta
from time import monotonic, sleep, time_ns
from uuid import UUID, uuid4

import pytest

from ledger.journal.commands import Outcome
from moderation.commands import Forfeit
from tests.api.http.serving import Api, Json, minor


def _freeze(api: Api, party: str, account: str, amount: int | str | None, **more: str) -> Json:
    body = {
        "party": party,
        "account": account,
        "amount": amount,
        "case": "case-7",
        "rule": "LIVE-MOD-4",
        **more,
    }
    return api.done("POST", "/v1/freezes", "moderator", body)


@pytest.mark.rule("LIVE-MOD-4")
def test_of_a_hundred_coins_with_sixty_frozen_fifty_cannot_be_spent_and_forty_can(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=100), own_api.streamer(), own_api.gift(1)
    freeze = _freeze(own_api, viewer, "wallet", 60)
    refused = own_api.tip(viewer, streamer, coin, 50).json()
    assert (refused["code"], minor(refused["available"])) == ("insufficient_funds", 40)
    assert own_api.tip(viewer, streamer, coin, 40).status_code == 201
    assert own_api.tip(viewer, streamer, coin, 1).status_code == 409
    own_api.done("POST", f"/v1/freezes/{freeze['id']}/lift", "moderator", {"case": "case-7"})
    assert own_api.tip(viewer, streamer, coin, 60).status_code == 201
    assert minor(own_api.wallet(viewer)["posted"]) == 0


@pytest.mark.rule("LIVE-MOD-4")
def test_a_frozen_wallet_receives_but_pays_for_nothing_until_every_freeze_is_lifted(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=10), own_api.streamer(), own_api.gift(1)
    freezes = [_freeze(own_api, viewer, "wallet", None) for _ in range(2)]
    own_api.top_up(viewer, 5)
    for freeze in freezes:
        assert own_api.tip(viewer, streamer, coin).json()["code"] == "account_frozen"
        own_api.done("POST", f"/v1/freezes/{freeze['id']}/lift", "moderator", {"case": "case-7"})
    assert own_api.tip(viewer, streamer, coin, 15).status_code == 201


@pytest.mark.rule("LIVE-MOD-4")
def test_a_freeze_with_an_expiry_lets_go_by_itself(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=10), own_api.streamer(), own_api.gift(1)
    soon = datetime.now(UTC) + timedelta(seconds=2)
    _freeze(own_api, viewer, "wallet", 10, expires_at=soon.isoformat())
    assert len(own_api.wallet(viewer)["freezes"]) == 1
    patience = monotonic() + 30
    while own_api.wallet(viewer)["freezes"] and monotonic() < patience:
        sleep(0.2)
    assert own_api.wallet(viewer)["freezes"] == []
    assert own_api.tip(viewer, streamer, coin, 10).status_code == 201


@pytest.mark.rule("LIVE-MOD-4")
def test_frozen_gifts_and_rewards_are_passed_by_at_settlement_and_settled_once_free(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=100), own_api.streamer(), own_api.gift(1)
    own_api.tip(viewer, streamer, coin, 100)
    own_api.done("POST", "/v1/rewards", "gateway", {"streamer": streamer, "task": "t", "amount": "20.00"})
    held = _freeze(own_api, streamer, "gifts", 60)
    whole = _freeze(own_api, streamer, "accruals", None)
    own_api.settled(through="2999-01-01")
    assert minor(own_api.earnings(streamer)["earnings"]["posted"]) == 200
    for freeze in (held, whole):
        own_api.done("POST", f"/v1/freezes/{freeze['id']}/lift", "moderator", {"case": "case-7"})
    own_api.settled(through="2999-01-02")
    assert minor(own_api.earnings(streamer)["earnings"]["posted"]) == 500 + 2_000


def _earning(api: Api, coins: int) -> str:
    """A streamer whose earnings are half the face value of so many coins."""
    viewer, streamer = api.viewer(coins=coins), api.streamer()
    api.tip(viewer, streamer, api.gift(coins))
    api.settled()
    return streamer


def _forfeit(api: Api, freeze: Json, amount: tuple[int | None, str | None] = (None, None)) -> Outcome:
    """What a file that is replayed says was taken: over HTTP only a decided case takes anything."""
    at = time_ns() // 1_000
    command = Forfeit(uuid4(), "replay:file", at, at, UUID(freeze["id"]), *amount, "case-7", "LIVE-MOD-7")
    outcome: Outcome = api.app.state.service.house.journal.decide([command])[0]
    return outcome


@pytest.mark.rule("LIVE-MOD-7")
def test_earnings_of_five_hundred_are_cleared_into_penalty_income_and_the_entry_cites_the_case(
    own_api: Api,
) -> None:
    streamer = _earning(own_api, 100)
    assert minor(own_api.earnings(streamer)["earnings"]["posted"]) == 500
    before = own_api.penalties()
    freeze = _freeze(own_api, streamer, "earnings", None)
    taken = _forfeit(own_api, freeze)
    assert [moved.amount_minor for moved in taken.moved] == [500]
    assert minor(own_api.earnings(streamer)["earnings"]["posted"]) == 0
    assert own_api.penalties() == before + 500
    newest = own_api.done("GET", "/v1/me/entries", "streamer", party=streamer)["lines"][0]
    assert (newest["kind"], newest["counter"], minor(newest["amount"])) == ("forfeit", "penalty_income", -500)
    assert "case-7" in newest["cause"]
    assert "LIVE-MOD-7" in newest["cause"]


@pytest.mark.rule("LIVE-MOD-7")
def test_part_of_a_wallet_is_taken_as_coins_and_their_face_value_becomes_penalty_income(own_api: Api) -> None:
    viewer = own_api.viewer(coins=100)
    freeze = _freeze(own_api, viewer, "wallet", 60)
    _forfeit(own_api, freeze, (45, "ZLB"))
    assert minor(own_api.wallet(viewer)["available"]) == 55
    assert own_api.penalties() == 450


@pytest.mark.rule("LIVE-MOD-7")
def test_no_more_is_taken_than_is_there(own_api: Api) -> None:
    streamer = _earning(own_api, 100)
    freeze = _freeze(own_api, streamer, "earnings", None)
    refusal = _forfeit(own_api, freeze, (501, "CNY")).refusal
    assert refusal is not None
    assert refusal.code == "insufficient_funds"
    assert minor(own_api.earnings(streamer)["earnings"]["posted"]) == 500
    assert own_api.penalties() == 0


@pytest.mark.rule("LIVE-MOD-7")
def test_only_a_reversal_undoes_a_forfeit(own_api: Api) -> None:
    streamer = _earning(own_api, 100)
    freeze = _freeze(own_api, streamer, "earnings", None)
    taken = _forfeit(own_api, freeze)
    lifted = own_api.refused("POST", f"/v1/freezes/{freeze['id']}/lift", "moderator", {"case": "case-7"})
    assert lifted["code"] == "hold_already_captured"
    own_api.done("POST", f"/v1/entries/{taken.id}/reversal", "finance", {"reason": "appeal upheld"})
    assert minor(own_api.earnings(streamer)["earnings"]["available"]) == 500
    assert own_api.penalties() == 0
