"""Statements over HTTP: a streamer's own, in every form; objections and their answers; the summary."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from ledger.database import Database
from settlement.accruals.commands import Adjust
from settlement.statements.reading import statement
from tests.api.http.serving import Api, Json, minor, sandbox, serving
from tests.settlement.statements.months import FINANCE
from tests.settlement.statements.worked import NOVEMBER, Month, worked_month

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Served(NamedTuple):
    """The worked month, and a server on its books."""

    month: Month
    api: Api
    document: bytes

    @property
    def path(self) -> str:
        return f"/v1/statements/{self.month.statement}"


@pytest.fixture(scope="module")
def served(server: Database, _migrated: str, sandbox_data: Path) -> Iterator[Served]:
    with server.scratch(copy_of=_migrated) as database:
        month = worked_month(database)
        with database.app.connect() as connection:
            document = statement(connection, month.statement).document
        assert document is not None
        with serving(database, sandbox(sandbox_data)) as api:
            yield Served(month, api, document)


def test_a_streamer_gets_the_document_that_was_issued_byte_for_byte(served: Served) -> None:
    answer = served.api.ask("GET", served.path, "streamer", party="bo")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.content == served.document
    listed = served.api.done("GET", "/v1/me/statements", "streamer", party="bo")["statements"]
    assert listed[0]["sha256"] == sha256(answer.content).hexdigest()


def test_somebody_elses_statement_is_answered_like_one_that_never_was(served: Served) -> None:
    nobodys = f"/v1/statements/{uuid4()}"
    for path in ("", "/objections", "/lines/1"):
        strangers = served.api.refused("GET", served.path + path, "streamer", party="mei")
        unknown = served.api.refused("GET", nobodys + path, "streamer", party="mei")
        assert (
            (strangers["status"], strangers["code"])
            == (unknown["status"], unknown["code"])
            == (404, "not_found")
        )
        assert served.api.ask("GET", served.path + path, "finance").status_code == 200
        assert served.api.ask("GET", served.path + path, "viewer", party="bo").status_code == 403
    refused = served.api.refused("POST", f"{served.path}/objections", "streamer", {"text": "no"}, party="mei")
    assert (refused["status"], refused["code"]) == (404, "statement_not_found")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/*", "text/plain; charset=utf-8"),
        ("text/csv;q=0.5, text/plain;q=0.4", "text/csv; charset=utf-8"),
        ("application/json;q=0.1, text/plain", "text/plain; charset=utf-8"),
        (f"image/png, {_XLSX}", _XLSX),
        ("text/plain;q=0, */*;q=0.1", "application/json"),
    ],
)
def test_the_form_is_the_one_that_the_caller_accepts_most(served: Served, accept: str, expected: str) -> None:
    answer = served.api.ask("GET", served.path, "streamer", party="bo", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, expected)
    assert answer.headers["vary"] == "Accept"


def test_a_form_there_is_not_is_refused(served: Served) -> None:
    for accept in ("image/png", "text/csv;q=0", "nonsense"):
        answer = served.api.ask("GET", served.path, "streamer", party="bo", headers={"Accept": accept})
        assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    for query in ("format=pdf", "language=fr", "format=csv&page=2"):
        assert served.api.refused("GET", f"{served.path}?{query}", "streamer", party="bo")["status"] == 422


def test_what_is_asked_for_by_name_counts_more_than_what_is_accepted(served: Served) -> None:
    answer = served.api.ask(
        "GET", f"{served.path}?format=text&language=en", "finance", headers={"Accept": "text/csv"}
    )
    assert answer.text.startswith("Statement 2026-10\n")
    chinese = served.api.ask("GET", f"{served.path}?format=csv", "finance")
    assert chinese.headers["content-disposition"].startswith('attachment; filename="statement-')
    records = list(csv.reader(io.StringIO(chinese.content.decode("utf-8-sig"), newline="")))
    assert ["总计", "计入收益余额", "49.27", "元"] in records
    workbook = served.api.ask("GET", f"{served.path}?format=xlsx", "finance")
    assert zipfile.ZipFile(io.BytesIO(workbook.content)).testzip() is None


def test_statements_are_listed_newest_first_and_page_by_page(served: Served) -> None:
    page = served.api.done("GET", "/v1/me/statements?limit=1", "streamer", party="bo")
    (listed,) = page["statements"]
    totals = json.loads(served.document)["totals"]
    assert (listed["id"], listed["period"]) == (str(served.month.statement), "2026-10")
    assert minor(listed["credited"]) == totals["credited_minor"]
    assert minor(listed["held"]) == totals["held_minor"]
    assert minor(listed["guild_share"]) == totals["guild_minor"]
    assert (listed["standing"], page["next"]) == ("open", None)
    assert served.api.done("GET", "/v1/me/statements", "streamer", party="mei")["statements"] == []


def test_a_line_is_explained_page_by_page(served: Served) -> None:
    path = f"{served.path}/lines/6"
    receipts: list[Json] = []
    cursor = ""
    while True:
        page = served.api.done("GET", f"{path}?limit=20{cursor}", "streamer", party="bo")
        receipts += page["receipts"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sum(minor(receipt["amount"]) for receipt in receipts) == minor(page["amount"]) == 116
    assert len(receipts) == 33
    assert page["policy"] == "v2"
    assert page["steps"][2]["formula"] == "3.30 × 40.01 % = 1.32033 → 1.32"
    beyond = served.api.done("GET", f"{path}?cursor={2**63 - 1}", "finance")
    assert (beyond["receipts"], beyond["next"]) == ([], None)
    assert served.api.refused("GET", f"{served.path}/lines/99", "finance")["code"] == "not_found"
    for line in ("0", "-1", "x", "１"):
        assert served.api.refused("GET", f"{served.path}/lines/{line}", "finance")["code"] == "invalid"


def test_an_objection_is_made_answered_and_seen_by_both(served: Served) -> None:
    said = {"text": "少算了一笔\n10月16日", "line": 6}
    objection = served.api.done("POST", f"{served.path}/objections", "streamer", said, party="bo")
    assert (objection["text"], objection["line"]) == (said["text"], 6)
    waiting = served.api.done("GET", "/v1/objections?state=open", "finance")["objections"]
    assert [one["id"] for one in waiting] == [objection["id"]]
    seen = served.api.done("GET", f"{served.path}/objections", "streamer", party="bo")
    assert (seen["standing"], seen["objections"][0]["answer"]) == ("objected", None)

    put_right = served.month.stage.decide(Adjust, FINANCE, NOVEMBER + 9, "bo", 3, "one gift more", None)
    answer = {"text": "已更正", "adjustment": str(put_right.id)}
    path = f"/v1/objections/{objection['id']}/answer"
    answered = served.api.done("POST", path, "finance", answer)
    assert answered["adjustment"] == str(put_right.id)
    refused = served.api.refused("POST", path, "finance", {"text": "again"})
    assert (refused["status"], refused["code"]) == (409, "already_answered")

    seen = served.api.done("GET", f"{served.path}/objections", "streamer", party="bo")
    assert seen["objections"][0]["answer"]["text"] == "已更正"
    assert seen["objections"][0]["answer"]["adjustment"] == str(put_right.id)
    assert seen["standing"] == "open"
    assert served.api.done("GET", "/v1/objections?state=open", "finance")["objections"] == []


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"text": ""}, {"text": "a\x00b"}, {"text": "x" * 2_001}, {"text": 7}),
        *(
            {"text": "t", "line": 0},
            {"text": "t", "line": "x"},
            {"text": "t", "line": True},
            {"text": "t", "a": 1},
        ),
    ],
)
def test_what_is_no_objection_is_refused_before_it_is_decided(served: Served, body: Json) -> None:
    refused = served.api.refused("POST", f"{served.path}/objections", "streamer", body, party="bo")
    assert (refused["status"], refused["code"]) == (422, "invalid")


def test_half_a_character_is_no_text(served: Served) -> None:
    answer = served.api.ask(
        "POST",
        f"{served.path}/objections",
        "streamer",
        party="bo",
        headers={"Content-Type": "application/json"},
        content=b'{"text": "\\ud800"}',
        json=None,
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_only_finance_answers_and_sees_all_objections(served: Served) -> None:
    for method, path in (("POST", f"/v1/objections/{uuid4()}/answer"), ("GET", "/v1/objections")):
        assert served.api.ask(method, path, "streamer", {"text": "t"}, party="bo").status_code == 403
    refused = served.api.refused("POST", f"/v1/objections/{uuid4()}/answer", "finance", {"text": "t"})
    assert (refused["status"], refused["code"]) == (404, "objection_not_found")


def test_the_summary_is_the_callers_own_and_equals_the_accounts(served: Served) -> None:
    summary = served.api.done("GET", "/v1/me/summary", "streamer", party="bo")
    accounts = served.api.earnings("bo")
    for kind in ("gifts", "accruals", "earnings"):
        assert summary[kind]["posted"] == accounts[kind]["posted"]
        assert summary[kind]["held"] == accounts[kind]["held"]
        assert summary[kind]["available"] == accounts[kind]["available"]
    in_all = minor(summary["earned_in_all"]["all_time"])
    assert in_all == sum(minor(kind["earned"]["all_time"]) for kind in summary["earned"])
    assert in_all == minor(summary["earnings"]["posted"]) + minor(summary["accruals"]["posted"])
    assert sum(minor(arrival["amount"]) for arrival in summary["arrivals"]) == minor(
        summary["earnings"]["held"]
    )
    assert (
        minor(served.api.done("GET", "/v1/me/summary", "streamer", party="mei")["earned_in_all"]["all_time"])
        == 0
    )
    nobody = served.api.refused("GET", "/v1/me/summary", "streamer", party="nobody")
    assert (nobody["status"], nobody["code"]) == (404, "account_not_found")
