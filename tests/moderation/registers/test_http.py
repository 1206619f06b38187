"""The registers over HTTP: whose they are, and what is refused at the door."""

import time

import pytest

from tests.api.http.serving import Api, Json
from tests.settlement.payees.sample import NAME, NUMBER

_PATIENCE_SECONDS = 20
_PAST, _AHEAD = "2020-01-01T00:00:00+08:00", "2199-01-01T00:00:00+08:00"


def test_a_list_that_is_read_in_stops_who_is_verified_and_a_list_tells_no_numbers(own_api: Api) -> None:
    streamer = own_api.streamer()
    person = {"kind": "person", "name": NAME, "number": NUMBER}
    own_api.done("POST", f"/v1/parties/{streamer}/verification", "gateway", person)
    people = {"people": [{"number": f" {NUMBER.lower()}", "name": NAME}, {"number": NUMBER}]}
    answer = own_api.done("POST", "/v1/blacklists/主播黑名单/people", "moderator", people)
    assert answer["named"] == 1
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    hits: list[Json] = []
    while not hits and time.monotonic() < give_up_at:
        hits = own_api.done("GET", "/v1/blacklist-hits", "moderator")["hits"]
        time.sleep(0.05)
    assert [hit["party"] for hit in hits] == [streamer]
    (seen,) = own_api.done("GET", "/v1/blacklists", "moderator")["blacklists"]
    assert (seen["list"], seen["listed"]) == ("主播黑名单", 1)
    assert own_api.earnings(streamer)["earnings"]["frozen"]
    removed = {"number": NUMBER, "reason": "除名"}
    own_api.done("POST", "/v1/blacklists/主播黑名单/removals", "moderator", removed)
    problem = own_api.refused("POST", "/v1/blacklists/主播黑名单/removals", "moderator", removed)
    assert problem["code"] == "not_listed"
    assert NUMBER not in str(problem)
    looked = own_api.done("GET", "/v1/access-records", "finance")["accesses"]
    acts = {(one["actor"], one["act"]) for one in looked}
    assert {("moderator:p1", "blacklist_import"), ("moderator:p1", "read_blacklist_hits")} <= acts


@pytest.mark.parametrize(
    "path",
    [
        "/v1/trails?since=2026-10-01T00:00:00%2B08:00&until=2026-10-02T00:00:00%2B08:00",
        "/v1/blacklists",
        "/v1/blacklist-hits",
        "/v1/tickets",
        "/v1/parties/p1/promises",
        "/v1/parties/p1/room-actions",
        "/v1/parties/p1/permissions",
        "/v1/parties/p2/disclosures",
    ],
)
def test_viewers_streamers_and_the_gateway_read_none_of_it(api: Api, path: str) -> None:
    for role in ("viewer", "streamer", "gateway"):
        assert api.ask("GET", path, role).status_code == 403, role
    assert api.ask("GET", path, "moderator").status_code == 200
    assert api.ask("GET", path, "finance").status_code == (200 if "trails" in path else 403)


@pytest.mark.parametrize(
    ("path", "role", "body"),
    [
        ("/v1/me/promises", "streamer", {"text": "抽奖", "due_at": _PAST}),
        ("/v1/parties/bo/uses", "moderator", {"needs": "business", "detail": "ads", "used_at": _AHEAD}),
        (
            "/v1/parties/bo/permissions",
            "moderator",
            {"allows": "business", "scope": "x", "document": "1", "valid_from": _AHEAD, "valid_until": _PAST},
        ),
        (
            "/v1/me/room-actions",
            "streamer",
            {"room": "r", "participant": "a", "act": "mute", "reason": "x", "until": _PAST},
        ),
        (
            "/v1/me/room-actions",
            "streamer",
            {"room": "r", "participant": "a", "act": "remove", "reason": "x", "until": _AHEAD},
        ),
        ("/v1/me/tickets", "viewer", {"about": "entry", "text": "?"}),
        ("/v1/me/tickets", "viewer", {"about": "other", "subject": "x", "text": "?"}),
        ("/v1/blacklists/x/people", "moderator", {"people": []}),
        ("/v1/blacklists/x/people", "moderator", {"people": [{"number": "  "}]}),
    ],
)
def test_what_cannot_be_is_refused_at_the_door(api: Api, path: str, role: str, body: Json) -> None:
    assert api.refused("POST", path, role, body)["code"] == "invalid"


def test_trails_are_asked_for_forwards_and_not_for_years(api: Api) -> None:
    for query in (
        "since=2026-10-02T00:00:00%2B08:00&until=2026-10-01T00:00:00%2B08:00",
        "since=2020-10-01T00:00:00%2B08:00&until=2026-10-01T00:00:00%2B08:00",
    ):
        assert api.refused("GET", f"/v1/trails?{query}", "finance")["code"] == "invalid"


def test_whose_identity_is_false_is_somebody(api: Api) -> None:
    problem = api.refused("POST", "/v1/parties/nobody/false-identity", "moderator", {"reason": "x"})
    assert (problem["status"], problem["code"]) == (404, "account_not_found")


def test_one_sees_ones_own_tickets_only(api: Api) -> None:
    first, second = api.viewer(), api.viewer()
    api.done("POST", "/v1/me/tickets", "viewer", {"about": "other", "text": "为什么？"}, party=first)
    assert len(api.done("GET", "/v1/me/tickets", "viewer", party=first)["tickets"]) == 1
    assert api.done("GET", "/v1/me/tickets", "viewer", party=second)["tickets"] == []
