"""Reports over HTTP: who sees what, and that the reported sees nothing."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from ledger.database import Database
from tests.api.http.serving import Api, Json, sandbox, serving
from tests.moderation.evidence.samples import PDF, PNG
from tests.settlement.payees.sample import NAME, NUMBER

WORDS = "他在直播间里造谣，\n说我欠钱不还"
STATEMENT = "补充：录屏见附件"
PROOF = {"name": NAME, "number": NUMBER, "contact": "13800000000"}
PERSONAL = (WORDS, STATEMENT, NAME, NUMBER, PROOF["contact"], "造谣")


def body(target: str, category: str = "rights_slander", **more: object) -> Json:
    return {"channel": "button", "target": target, "category": category, "text": WORDS, **more}


def filed(api: Api, reporter: str, target: str, **more: Any) -> str:
    return str(api.done("POST", "/v1/me/reports", "viewer", body(target, **more), party=reporter)["id"])


def hand_in(api: Api, report: str, reporter: str, content: bytes = PNG, said: str = "image/png") -> Json:
    more = {"content": content, "headers": {"Content-Type": said}, "party": reporter}
    return api.done("POST", f"/v1/me/reports/{report}/files", "viewer", **more)


def step(api: Api, report: str, what: str, moderator: str, said: Json | None = None) -> Json:
    return api.done("POST", f"/v1/reports/{report}/{what}", "moderator", said or {}, party=moderator)


@pytest.fixture
def moderator(api: Api) -> str:
    return api.new("moderator")


def accesses(api: Api, object: str) -> list[tuple[str, str]]:
    found = api.done("GET", f"/v1/access-records?object={object}&limit=200", "finance")["accesses"]
    return [(one["actor"], one["act"]) for one in found]


def test_a_report_from_the_button_to_the_case_and_what_each_sees_of_it(api: Api, moderator: str) -> None:
    reporter, target = api.viewer(), api.streamer()
    answer = api.ask("POST", "/v1/me/reports", "viewer", body(target), party=reporter)
    assert answer.status_code == 201
    receipt = answer.json()
    id = receipt["id"]
    own = api.done("GET", answer.headers["location"], "viewer", party=reporter)
    assert (own["id"], own["state"], own["files"]) == (id, "awaiting_materials", 0)
    assert own["materials_due"] is not None
    said = {**PROOF, "statement": STATEMENT}
    api.done("POST", f"/v1/me/reports/{id}/materials", "viewer", said, party=reporter)
    file = hand_in(api, id, reporter)
    (queued,) = [r for r in queue(api, moderator) if r["id"] == id]
    assert queued["target"] == target
    assert "reporter" not in queued
    step(api, id, "claim", moderator)
    seen = api.done("GET", f"/v1/reports/{id}", "moderator", party=moderator)
    assert (seen["text"], seen["statements"], seen["reporter"]) == (WORDS, [STATEMENT], reporter)
    assert seen["files"] == [{"sha256": file["sha256"], "media_type": "image/png", "bytes": len(PNG)}]
    proof = api.done("GET", f"/v1/reports/{id}/proof", "moderator", party=moderator)
    assert proof == {"report": id, "reporter": reporter, **PROOF}
    picture = api.ask("GET", f"/v1/reports/{id}/files/{file['sha256']}", "moderator", party=moderator)
    assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
    accepted = step(api, id, "accept", moderator)
    assert accepted["done"] == "accepted"
    case = accepted["case"]
    evidence = api.done("GET", f"/v1/cases/{case}/evidence", "moderator", party=moderator)["evidence"]
    assert [one["sha256"] for one in evidence] == [file["sha256"]]
    assert api.done("GET", f"/v1/me/reports/{id}", "viewer", party=reporter)["state"] == "accepted"
    mine = f"moderator:{moderator}"
    expected = ["report_claimed", "read_report", "read_proof", "read_evidence", "report_accepted"]
    assert accesses(api, f"report:{id}") == [(mine, act) for act in reversed(expected)]
    assert accesses(api, f"case:{case}") == [(mine, "list_evidence")]


def queue(api: Api, moderator: str, more: str = "") -> list[Json]:
    found: list[Json] = api.done("GET", f"/v1/reports?limit=200{more}", "moderator", party=moderator)[
        "reports"
    ]
    return found


def test_the_queue_is_ordered_by_harm_and_age(own_api: Api) -> None:
    reporter, target = own_api.viewer(), own_api.streamer()
    categories = ["unfriendly_flooding", "illegal_obscenity", "unfriendly_flooding", "undesirable_gore"]
    ids = [filed(own_api, reporter, target, category=category) for category in categories]
    found = queue(own_api, "m")
    harms = [("low", "medium", "high", "critical").index(report["harm"]) for report in found]
    assert harms == sorted(harms, reverse=True)
    assert [r["id"] for r in found if r["category"] == "unfriendly_flooding"] == [ids[0], ids[2]]
    assert queue(own_api, "m", "&flagged=true") == []
    assert own_api.refused("GET", "/v1/reports?state=lost", "moderator")["code"] == "invalid"


def test_nobody_else_sees_a_report(api: Api, moderator: str) -> None:
    reporter, target, other = api.viewer(), api.streamer(), api.viewer()
    id = filed(api, reporter, target)
    for role, party in (("viewer", other), ("streamer", target)):
        problem = api.refused("GET", f"/v1/me/reports/{id}", role, party=party)
        assert (problem["status"], problem["code"]) == (404, "report_not_found")
        assert api.done("GET", "/v1/me/reports", role, party=party)["reports"] == []
        for path, said in (("materials", PROOF), ("files", None)):
            more = {} if said else {"content": PNG, "headers": {"Content-Type": "image/png"}}
            refused = api.refused("POST", f"/v1/me/reports/{id}/{path}", role, said, party=party, **more)
            assert refused["code"] == "report_not_found"
        for path in ("", "/proof"):
            assert api.refused("GET", f"/v1/reports/{id}{path}", role, party=party)["code"] == "forbidden"
    for role in ("gateway", "finance"):
        assert api.refused("GET", f"/v1/reports/{id}", role)["code"] == "forbidden"
    assert api.refused("GET", f"/v1/reports/{id}/proof", "moderator", party=moderator)["code"] == (
        "report_not_claimed"
    )


def test_a_moderator_who_is_reported_finds_no_such_report(api: Api) -> None:
    reporter, target = api.viewer(), api.streamer()
    id = filed(api, reporter, target, category="illegal_obscenity")
    assert api.refused("GET", f"/v1/reports/{id}", "moderator", party=target)["code"] == "report_not_found"
    assert id not in [report["id"] for report in queue(api, target)]
    problem = api.refused("POST", f"/v1/reports/{id}/claim", "moderator", {}, party=target)
    assert problem["code"] == "report_not_found"
    assert reporter not in str(problem)
    assert accesses(api, f"report:{id}") == []


def test_a_report_can_be_taken_down_for_whoever_calls(api: Api) -> None:
    reporter, target = api.viewer(), api.streamer()
    said = body(target, channel="hotline", **PROOF)
    api.done("POST", f"/v1/parties/{reporter}/reports", "gateway", said)
    (own,) = api.done("GET", "/v1/me/reports", "viewer", party=reporter)["reports"]
    assert (own["channel"], own["state"]) == ("hotline", "received")


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"name": NAME}, "body"),
        ({"name": "  ", "number": NUMBER}, "body"),
        ({"text": ""}, "body.text"),
        ({"text": "x" * 2001}, "body.text"),
        ({"channel": "pigeon"}, "body.channel"),
        ({"moment": "yesterday"}, "body.moment"),
        ({"reporter": "somebody"}, "body.reporter"),
        ({"target": None}, "body.target"),
    ],
)
def test_a_report_that_breaks_the_rules_of_its_fields_is_refused_without_repeating_it(
    api: Api, fault: Json, field: str
) -> None:
    problem = api.refused("POST", "/v1/me/reports", "viewer", {**body("p1"), **fault})
    assert (problem["code"], problem["errors"][0]["field"]) == ("invalid", field)
    assert not any(value in str(problem) for value in PERSONAL)


@contextmanager
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.DEBUG):
        yield


def test_neither_database_nor_logs_nor_what_the_reported_reads_hold_anything_personal(
    empty_database: Database,
    sandbox_data: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    # What it printed is read when it has stopped: it writes down a request after the answer has left.
    with logged(caplog), serving(empty_database, sandbox(sandbox_data)) as api:
        target, reporter = api.streamer(), api.viewer()
        id = filed(api, reporter, target)
        api.done(
            "POST",
            f"/v1/me/reports/{id}/materials",
            "viewer",
            {**PROOF, "statement": STATEMENT},
            party=reporter,
        )
        hand_in(api, id, reporter, PDF, "application/pdf")
        step(api, id, "claim", "m")
        api.done("GET", f"/v1/reports/{id}", "moderator", party="m")
        api.done("GET", f"/v1/reports/{id}/proof", "moderator", party="m")
        step(api, id, "accept", "m")
        refused = {**body(target), "name": NAME, "number": 5}
        api.refused("POST", "/v1/me/reports", "viewer", refused, party=reporter)
        inbox = _inbox(api, reporter)
        seen_by_target = [
            api.ask("GET", path, "streamer", party=target).text
            for path in ("/v1/me/notices", "/v1/me/earnings", "/v1/me/entries", "/v1/me/reports")
        ]
    assert "已受理" in inbox
    said = [*(record.getMessage() + str(record.__dict__) for record in caplog.records), *capfd.readouterr()]
    for value in PERSONAL:
        assert not any(value in line for line in (*said, *seen_by_target))
    assert not any(reporter in page or id in page for page in seen_by_target)
    with empty_database.owner.connect() as connection:
        tables = connection.scalars(
            text(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
                " WHERE schemaname !~ '^(pg_|inf)'"
            )
        ).all()
        for table in tables:
            rows = "".join(connection.scalars(text(f"SELECT to_jsonb(t)::text FROM {table} AS t")))
            for value in PERSONAL:
                assert value not in rows, table
                assert value.encode().hex() not in rows, table


def _inbox(api: Api, party: str) -> str:
    """What a party reads, once the worker has delivered the last."""
    give_up_at = time.monotonic() + 15
    while time.monotonic() < give_up_at:
        page = api.ask("GET", "/v1/me/notices", "viewer", party=party).text
        if "已受理" in page:
            return page
        time.sleep(0.1)
    raise AssertionError("the notice did not arrive")
