"""The rule book over HTTP."""

import hashlib
from uuid import uuid4

from moderation.rules.document import sample_text
from tests.api.http.serving import Api
from tests.moderation.rules.writing import coming, rule_book


def test_finance_publishes_and_everyone_can_read_it_and_check_its_hash(own_api: Api) -> None:
    source, key = rule_book("r1", coming(3)), uuid4()
    published = own_api.done("POST", "/v1/rules", "finance", {"document": source}, key=key)
    again = own_api.ask("POST", "/v1/rules", "finance", {"document": source}, key=key)
    assert (again.status_code, again.json()) == (201, published)
    for role in ("viewer", "streamer", "gateway", "moderator", "finance"):
        listed = own_api.done("GET", "/v1/rules", role)["rule_books"]
        assert [(one["version"], one["standing"]) for one in listed] == [
            ("sample", "in force"),
            ("r1", "to come"),
        ]
        assert listed[0]["published_at"] is None
    read = own_api.done("GET", "/v1/rules/r1", "viewer")
    assert (read["document"], read["sha256"]) == (source, published["sha256"])
    assert hashlib.sha256(read["canonical"].encode()).hexdigest() == read["sha256"]
    assert own_api.done("GET", "/v1/rules/sample", "viewer")["document"] == sample_text()
    missing = own_api.refused("GET", "/v1/rules/r2", "viewer")
    assert (missing["status"], missing["code"]) == (404, "not_found")


def test_a_document_that_is_no_rule_book_decides_nothing_and_every_field_is_named(own_api: Api) -> None:
    key = uuid4()
    wrong = rule_book(
        "r1", coming(3), ('low = ["warn"', 'low = ["exile"'), ("file_days = 7", "file_days = 0")
    )
    problem = own_api.refused("POST", "/v1/rules", "finance", {"document": wrong}, key=key)
    assert (problem["status"], problem["code"]) == (422, "invalid")
    assert [error["field"] for error in problem["errors"]] == [
        "body.document.matrix.low[0]",
        "body.document.appeals.file_days",
    ]
    own_api.done("POST", "/v1/rules", "finance", {"document": rule_book("r1", coming(3))}, key=key)
    past = rule_book("r2", "2026-01-01T00:00:00+08:00")
    problem = own_api.refused("POST", "/v1/rules", "finance", {"document": past})
    assert (problem["status"], problem["code"], problem["version"]) == (409, "rule_book_in_the_past", "r2")


def test_a_rule_is_switched_for_a_reason_that_everyone_can_read(own_api: Api) -> None:
    off = {"rule": "LIVE-MOD-7/coins", "is_on": False, "reason": "a court said so"}
    own_api.done("POST", "/v1/rule-switches", "finance", off)
    (switched,) = own_api.done("GET", "/v1/rules", "viewer")["switches"]
    assert {name: switched[name] for name in off} == off
    again = own_api.refused("POST", "/v1/rule-switches", "finance", off)
    assert (again["status"], again["code"]) == (409, "rule_already_switched")
    unknown = own_api.refused("POST", "/v1/rule-switches", "finance", {**off, "rule": "LIVE-MOD-99"})
    assert (unknown["status"], unknown["code"]) == (404, "rule_not_found")
    unexplained = own_api.refused("POST", "/v1/rule-switches", "finance", {**off, "reason": ""})
    assert unexplained["errors"][0]["field"] == "body.reason"
