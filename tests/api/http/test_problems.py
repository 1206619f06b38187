"""Every refusal and every error has problem details of its own."""

import ast
import re
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest

import api.http
from api.http.commands import OPERATIONS
from api.http.documents import operation_document
from api.http.problem_kinds import PROBLEMS
from api.http.problems import MEDIA_TYPE, Problem, refused
from ledger.kernel.refusals import REFUSALS, Refusal
from tests.api.http.serving import Api

_SOURCES = sorted(Path(api.http.__file__).parent.rglob("*.py"))


def _sample(refusal: type[Refusal]) -> Refusal:
    """A refusal of this kind with facts as they come."""
    hints = get_type_hints(refusal)
    facts: dict[str, Any] = {
        name: 7 if hints[name] in (int, int | None) else "x" for name in hints if name != "code"
    }
    known = {"currency": "CNY", "limit": "per_day", "reason": "taken", "until": 1_791_000_000_000_000}
    return msgspec.convert({**facts, **{name: known[name] for name in known if name in facts}}, refusal)


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_of_the_books_has_a_problem_with_its_sentence_and_facts(code: str) -> None:
    refusal = _sample(REFUSALS[code])
    members = refused(refusal).members()
    assert members["type"] == f"urn:zhibo:problem:{code}"
    assert members["status"] in (404, 409)
    assert members["detail"] == str(refusal)
    assert members["title"]
    assert members["advice"]
    assert len(members) >= 6 + len(msgspec.structs.fields(refusal))
    assert not [name for name in members if name.endswith("_minor")]


def test_every_code_that_http_raises_stands_in_the_table_and_none_stands_there_for_nothing() -> None:
    raised = set()
    for source in _SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    raised.add(code.value)
    assert raised | REFUSALS.keys() == PROBLEMS.keys()
    assert not raised & REFUSALS.keys() - {"account_not_found"}


def test_every_problem_reads_well() -> None:
    for code, kind in PROBLEMS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert kind.title[0].isupper(), code
        assert not kind.title.endswith("."), code
        assert kind.advice.endswith("."), code
        assert Problem(code, "so it is").response().media_type == MEDIA_TYPE


def test_every_operation_documents_the_refusals_it_can_meet() -> None:
    for operation in OPERATIONS:
        documented = operation_document(operation)["responses"]
        for code in (*operation.refusals, "id_conflict"):
            assert f"`{code}`" in documented[PROBLEMS[code].status]["description"], operation.path


def test_paths_and_methods_that_are_not_there_are_problems_too(api: Api) -> None:
    missing = api.http.get("/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = api.http.delete("/v1/tips")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "POST"
    for response in (missing, wrong):
        assert response.headers["content-type"] == MEDIA_TYPE
