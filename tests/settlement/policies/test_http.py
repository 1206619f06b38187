"""Policies and classes over HTTP."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from tests.api.http.serving import Api
from tests.settlement.policies.writing import sample_policy

_SHA256 = "19382c51765d71131d17e3989026da202a8f62c0902e1a5e5e0cf40d8831b116"


def test_finance_publishes_and_whoever_earns_by_it_can_read_it_and_check_its_hash(own_api: Api) -> None:
    source, key = sample_policy(), uuid4()
    published = own_api.done("POST", "/v1/policies", "finance", {"document": source}, key=key)
    assert (published["version"], published["effective_at"]) == ("2026-10", "2026-09-30T16:00:00.000000Z")
    again = own_api.ask("POST", "/v1/policies", "finance", {"document": source}, key=key)
    assert (again.status_code, again.json()) == (201, published)
    assert again.headers["idempotency-replayed"] == "true"
    coming = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    own_api.done("POST", "/v1/policies", "finance", {"document": sample_policy("next", coming)})
    for role in ("streamer", "gateway", "moderator", "finance"):
        listed = own_api.done("GET", "/v1/policies", role)["policies"]
        assert [(one["version"], one["standing"]) for one in listed] == [
            ("2026-10", "in force"),
            ("next", "to come"),
        ]
    read = own_api.done("GET", "/v1/policies/2026-10", "streamer")
    assert read["document"] == source
    assert read["sha256"] == published["sha256"] == _SHA256
    assert hashlib.sha256(read["canonical"].encode()).hexdigest() == _SHA256


def test_nobody_else_publishes_and_a_viewer_reads_none(api: Api) -> None:
    for role in ("viewer", "streamer", "gateway", "moderator"):
        problem = api.refused("POST", "/v1/policies", role, {"document": sample_policy()})
        assert (problem["status"], problem["code"]) == (403, "forbidden")
    assert api.refused("GET", "/v1/policies", "viewer")["code"] == "forbidden"
    assert api.refused("GET", "/v1/policies/2026-10", "viewer")["code"] == "forbidden"


def test_a_document_that_is_no_policy_decides_nothing_and_every_field_is_named(own_api: Api) -> None:
    key = uuid4()
    wrong = sample_policy(
        None, None, ("[payout]\n", "[payout]\nfee = 1\n"), ("share_bps = 5000", "share_bps = 10_001")
    )
    problem = own_api.refused("POST", "/v1/policies", "finance", {"document": wrong}, key=key)
    assert (problem["status"], problem["code"]) == (422, "invalid")
    assert problem["errors"] == [
        {"field": "body.document.classes.standard.tiers[0].share_bps", "message": "is above 10000"},
        {"field": "body.document.payout.fee", "message": "is not a field of a policy"},
    ]
    for document, message in (
        ("", "at least 1 character"),
        ("x = ", "the policy is not TOML"),
        (7, "string"),
    ):
        problem = own_api.refused("POST", "/v1/policies", "finance", {"document": document})
        assert problem["code"] == "invalid"
        assert problem["errors"][0]["field"] == "body.document"
        assert message in problem["errors"][0]["message"]
    own_api.done("POST", "/v1/policies", "finance", {"document": sample_policy()}, key=key)


def test_what_cannot_follow_is_refused_with_its_facts(own_api: Api) -> None:
    own_api.done("POST", "/v1/policies", "finance", {"document": sample_policy()})
    problem = own_api.refused("POST", "/v1/policies", "finance", {"document": sample_policy()})
    assert (problem["status"], problem["code"], problem["version"]) == (409, "policy_exists", "2026-10")
    past = sample_policy("next", "2026-10-02T00:00:00+08:00")
    problem = own_api.refused("POST", "/v1/policies", "finance", {"document": past})
    assert (problem["code"], problem["effective_at"]) == ("policy_in_the_past", "2026-10-01T16:00:00Z")
    assert problem["now"].endswith("Z")
    for path in ("/v1/policies/next", "/v1/policies/%00", "/v1/policies/%E6%97%A0"):
        missing = own_api.refused("GET", path, "finance")
        assert (missing["status"], missing["code"]) == (404, "not_found")


def test_the_gateway_says_of_which_class_and_guild_a_streamer_is(own_api: Api) -> None:
    own_api.done("POST", "/v1/policies", "finance", {"document": sample_policy()})
    streamer = own_api.streamer()
    own_api.done("POST", "/v1/parties", "gateway", {"party": "g/1", "roles": ["guild"]})
    path = f"/v1/streamers/{streamer}/class"
    told = own_api.done("POST", path, "gateway", {"class": "new", "guild": "g/1"})
    assert (told["streamer"], told["class"], told["guild"]) == (streamer, "new", "g/1")
    assert own_api.done("POST", path, "gateway", {"class": "standard"})["guild"] is None
    refused = own_api.refused("POST", path, "gateway", {"class": "nwe"})
    assert (refused["status"], refused["code"], refused["streamer_class"]) == (404, "class_not_found", "nwe")
    itself = own_api.refused("POST", path, "gateway", {"class": "new", "guild": streamer})
    assert (itself["code"], itself["errors"][0]["field"]) == ("invalid", "body.guild")
    unnamed = own_api.refused("POST", path, "gateway", {"guild": None})
    assert unnamed["errors"] == [{"field": "body.class", "message": "is missing"}]
    assert own_api.refused("POST", path, "streamer", {"class": "new"})["code"] == "forbidden"
