"""What is read over HTTP: own accounts and lines, page by page, and the trial balance."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from tests.api.http.serving import Api, Json, minor


def _pages(api: Api, path: str, role: str, party: str, limit: int) -> list[Json]:
    pages = []
    cursor = ""
    while True:
        page = api.done("GET", f"{path}?limit={limit}{cursor}", role, party=party)
        pages.append(page)
        if page["next"] is None:
            return pages
        cursor = f"&cursor={page['next']}"


def test_lines_come_newest_first_each_with_the_balance_it_left_and_every_one_once(api: Api) -> None:
    viewer, streamer, gift = api.viewer(coins=100), api.streamer(), api.gift(10)
    for _ in range(4):
        api.tip(viewer, streamer, gift)
    pages = _pages(api, "/v1/me/entries", "viewer", viewer, 2)
    lines = [line for page in pages for line in page["lines"]]
    assert [len(page["lines"]) for page in pages] == [2, 2, 1]
    assert [int(line["amount"]["amount"]) for line in lines] == [-10, -10, -10, -10, 100]
    assert [int(line["balance"]["amount"]) for line in lines] == [60, 70, 80, 90, 100]
    assert [(line["kind"], line["account"], line["counter"]) for line in lines][-2:] == [
        ("tip", "wallet", "gifts"),
        ("topup", "wallet", "coins_issued"),
    ]


def test_a_streamers_statements_come_newest_first_and_add_up_to_the_earnings(api: Api) -> None:
    streamer = api.streamer()
    for day in (1, 2, 3):
        api.done("POST", "/v1/rewards", "gateway", {"streamer": streamer, "task": "t", "amount": f"{day}.00"})
        api.settled(through=f"2999-01-0{day}")
    pages = _pages(api, "/v1/me/earnings", "streamer", streamer, 2)
    statements = [statement for page in pages for statement in page["statements"]]
    assert [statement["through"] for statement in statements] == ["2999-01-03", "2999-01-02", "2999-01-01"]
    assert [minor(statement["earned"]) for statement in statements] == [300, 200, 100]
    assert minor(pages[0]["earnings"]["posted"]) == 600


def test_someone_with_both_roles_sees_the_lines_of_all_their_accounts(api: Api) -> None:
    party = api.new("party")
    api.done("POST", "/v1/parties", "gateway", {"party": party, "roles": ["viewer", "streamer"]})
    api.top_up(party, 10)
    api.tip(party, party, api.gift(10))
    headers = {"Authorization": f"Bearer {api.token('viewer', 'streamer', party=party)}"}
    lines = api.http.get("/v1/me/entries", headers=headers).json()["lines"]
    assert [line["account"] for line in lines] == ["gifts", "wallet", "wallet"]
    as_viewer = api.done("GET", "/v1/me/entries", "viewer", party=party)["lines"]
    assert [line["account"] for line in as_viewer] == ["wallet", "wallet"]


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=201", "limit=1.0", "limit=", "limit=-1", "limit=٣", "page=2"),
        *("limit=01", "limit=0005", "cursor=05"),
        *("cursor=0", "cursor=x", "cursor=1e3", "cursor=9223372036854775808", f"cursor={'9' * 40}"),
    ],
)
def test_a_page_that_cannot_be_is_refused(api: Api, query: str) -> None:
    viewer = api.viewer()
    problem = api.refused("GET", f"/v1/me/entries?{query}", "viewer", party=viewer)
    assert (problem["code"], problem["errors"][0]["field"]) == ("invalid", f"query.{query.partition('=')[0]}")


def test_an_unregistered_party_has_no_accounts_to_see(api: Api) -> None:
    for path, role in (("wallet", "viewer"), ("earnings", "streamer"), ("entries", "viewer")):
        problem = api.refused("GET", f"/v1/me/{path}", role, party=api.new("nobody"))
        assert (problem["code"], problem["status"]) == ("account_not_found", 404)


def test_in_the_trial_balance_debits_equal_credits_now_and_at_any_moment(own_api: Api) -> None:
    viewer, streamer, gift = own_api.viewer(coins=100), own_api.streamer(), own_api.gift(10)
    own_api.tip(viewer, streamer, gift)
    between = datetime.now(UTC)
    own_api.tip(viewer, streamer, gift)
    now = own_api.done("GET", "/v1/trial-balance", "finance")
    balances = {line["kind"]: line["balance"]["amount"] for line in now["lines"]}
    assert (balances["wallet"], balances["gifts"], balances["coin_liability"]) == ("80", "20", "10.00")
    assert [total["currency"] for total in now["totals"]] == ["ZLB", "CNY"]
    for moment in (f"at={_said(between)}", f"as_of={_said(between)}"):
        then = own_api.done("GET", f"/v1/trial-balance?{moment}", "finance")
        assert {line["kind"]: line["balance"]["amount"] for line in then["lines"]}["gifts"] == "10"
        assert all(total["debits"] == total["credits"] for total in (*now["totals"], *then["totals"]))
    before = own_api.done("GET", f"/v1/trial-balance?at={_said(between - timedelta(days=1))}", "finance")
    assert before == {"lines": [], "totals": []}


def test_a_trial_balance_is_asked_for_one_moment(api: Api) -> None:
    moment = quote("2026-10-01T00:00:00+08:00")
    impossible = "as_of=2026-02-30T00:00:00Z"
    for query in (f"at={moment}&as_of={moment}", "at=yesterday", "at=2026-10-01", impossible):
        problem = api.refused("GET", f"/v1/trial-balance?{query}", "finance")
        assert (problem["code"], problem["status"]) == ("invalid", 422)


def test_an_unknown_run_is_not_found(api: Api) -> None:
    unknown = api.refused("GET", "/v1/settlements/0198f5a0-0000-7000-8000-000000000000", "finance")
    assert (unknown["code"], unknown["status"]) == ("not_found", 404)
    assert api.refused("GET", "/v1/settlements/7", "finance")["code"] == "invalid"


def _said(moment: datetime) -> str:
    return quote(moment.isoformat())
