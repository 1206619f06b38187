"""Tips are paid with coins that were bought, and stay within the limits."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ledger.database import Database
from tests.api.http.serving import Api, minor, sandbox, serving


@pytest.mark.rule("LIVE-TIP-2")
def test_with_nine_coins_a_gift_of_ten_is_refused_and_nothing_is_posted(own_api: Api) -> None:
    viewer, streamer, gift = own_api.viewer(coins=9), own_api.streamer(), own_api.gift(10)
    before = own_api.done("GET", "/v1/trial-balance", "finance")
    refused = own_api.tip(viewer, streamer, gift)
    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient_funds")
    assert own_api.done("GET", "/v1/trial-balance", "finance") == before
    lines = own_api.done("GET", "/v1/me/entries", "viewer", party=viewer)["lines"]
    assert [line["kind"] for line in lines] == ["topup"]
    assert minor(own_api.wallet(viewer)["posted"]) == 9


@pytest.mark.rule("LIVE-TIP-2")
def test_the_coins_of_a_gift_leave_the_wallet_and_reach_the_streamer_in_one_balanced_entry(
    own_api: Api,
) -> None:
    viewer, streamer, gift = own_api.viewer(coins=10), own_api.streamer(), own_api.gift(10)
    tip = own_api.tip(viewer, streamer, gift).json()
    (given, _) = own_api.done("GET", "/v1/me/entries", "viewer", party=viewer)["lines"]
    (received,) = own_api.done("GET", "/v1/me/entries", "streamer", party=streamer)["lines"]
    assert given["entry"] == received["entry"] == tip["id"]
    assert (given["account"], minor(given["amount"]), minor(given["balance"])) == ("wallet", -10, 0)
    assert (received["account"], minor(received["amount"]), minor(received["balance"])) == ("gifts", 10, 10)
    totals = own_api.done("GET", "/v1/trial-balance", "finance")["totals"]
    assert all(total["debits"] == total["credits"] for total in totals)


@pytest.mark.rule("LIVE-TIP-5")
def test_two_tips_of_fifty_racing_with_one_of_sixty_never_pass_a_day_cap_of_a_thousand(
    own_api: Api, empty_database: Database, sandbox_data: Path
) -> None:
    streamer, coin = own_api.streamer(), own_api.gift(1)
    own_api.done("PUT", "/v1/limits", "gateway", {"per_tip": None, "per_day": 1_000})
    with serving(empty_database, sandbox(sandbox_data)) as other_server, ThreadPoolExecutor(3) as racers:
        for _ in range(8):
            viewer = own_api.viewer(coins=5_000)
            assert own_api.tip(viewer, streamer, coin, 950).status_code == 201
            race = [(own_api, 50), (other_server, 50), (other_server, 60)]
            racing = [racers.submit(server.tip, viewer, streamer, coin, coins) for server, coins in race]
            answers = [racer.result() for racer in racing]
            assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
            assert {answer.json()["limit"] for answer in answers if answer.status_code == 409} == {"per_day"}
            assert 5_000 - minor(own_api.wallet(viewer)["posted"]) == 1_000


@pytest.mark.rule("LIVE-TIP-5")
@pytest.mark.parametrize(
    ("limit", "cap", "passing", "beyond"),
    [
        ("per_tip", 50, [50, 50], 51),
        ("per_day", 100, [60, 40], 1),
        ("per_month", 100, [60, 40], 1),
        ("tips_per_day", 2, [60, 40], 1),
        ("tips_per_month", 2, [60, 40], 1),
    ],
)
def test_a_tip_exactly_at_a_limit_passes_and_the_next_is_refused_naming_the_limit(
    own_api: Api, limit: str, cap: int, passing: list[int], beyond: int
) -> None:
    viewer, other = own_api.viewer(coins=1_000), own_api.viewer(coins=1_000)
    streamer, coin = own_api.streamer(), own_api.gift(1)
    none = {"per_tip": None, "per_day": None}
    own_api.done("PUT", "/v1/limits", "gateway", {**none, limit: cap})
    for coins in passing:
        assert own_api.tip(viewer, streamer, coin, coins).status_code == 201
    refused = own_api.tip(viewer, streamer, coin, beyond).json()
    assert (refused["code"], refused["limit"]) == ("limit_exceeded", limit)
    assert minor(own_api.wallet(viewer)["posted"]) == 1_000 - sum(passing)
    assert own_api.tip(other, streamer, coin, 1).status_code == 201
    own_api.done("PUT", "/v1/limits", "gateway", none)
    assert own_api.tip(viewer, streamer, coin, beyond).status_code == 201


@pytest.mark.rule("LIVE-TIP-5")
def test_a_tip_that_was_reversed_does_not_reopen_the_day(own_api: Api) -> None:
    viewer, streamer, coin = own_api.viewer(coins=100), own_api.streamer(), own_api.gift(1)
    own_api.done("PUT", "/v1/limits", "gateway", {"per_tip": None, "per_day": 50})
    tip = own_api.tip(viewer, streamer, coin, 50).json()
    own_api.done("POST", f"/v1/entries/{tip['id']}/reversal", "finance", {"reason": "by mistake"})
    assert minor(own_api.wallet(viewer)["posted"]) == 100
    assert own_api.tip(viewer, streamer, coin, 1).json()["limit"] == "per_day"
