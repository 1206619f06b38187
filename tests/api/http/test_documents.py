"""The OpenAPI document: true of the server, and shown without any outside network."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api.http.documents import OPENAPI_PATH
from api.tokens import ROLES
from moderation.evidence.media import KNOWN_TYPES
from tests.api.http.serving import Api, Json

_PATIENCE_SECONDS = 240
_EXAMPLES = 4
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What is answered with a file, and what that can be. A statement comes as a document, or for people.
_FILES = {
    "/v1/statements/{id}": ["application/json", "text/plain", "text/csv", _SHEET],
    "/v1/payout-batches/{id}/file": ["text/csv"],
    "/v1/cases/{case}/evidence/{sha256}": [*KNOWN_TYPES],
    "/v1/reports/{id}/files/{sha256}": [*KNOWN_TYPES],
}


def _fuzzed(api: Api, document: Path, party: str, *options: str) -> None:
    """Let Schemathesis loose on the server, with a token that opens every door."""
    run = subprocess.run(
        [
            *(sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"),
            *("run", str(document), "--url", str(api.http.base_url), "--seed", "20261001"),
            *("--header", f"Authorization: Bearer {api.token(*ROLES, party=party)}"),
            # What the document cannot say, such as that `paid` is at most the face value, is refused too.
            # A party that was just registered has no payee until somebody verifies it.
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance,ensure_resource_availability"),
            *("--max-examples", str(_EXAMPLES), "--continue-on-failure", "--warnings", "off", *options),
        ],
        cwd=document.parent,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_SECONDS,
        check=False,
    )
    assert run.returncode == 0, f"Schemathesis found:\n{run.stdout[-6_000:]}{run.stderr[-2_000:]}"
    assert re.search(r"(\d+) selected / \1 total", run.stdout)


@pytest.fixture
def document(own_api: Api) -> Json:
    found: Json = own_api.http.get(OPENAPI_PATH).json()
    return found


def test_no_request_gets_a_server_error_or_an_answer_outside_the_document(
    own_api: Api, document: Json, tmp_path: Path
) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document))
    _fuzzed(own_api, file, own_api.new("party"), "--mode", "all")


def test_nor_does_one_that_names_what_is_there(own_api: Api, document: Json, tmp_path: Path) -> None:
    party, gift = own_api.new("party"), own_api.gift(3)
    own_api.done("POST", "/v1/parties", "gateway", {"party": party, "roles": ["viewer", "streamer"]})
    own_api.top_up(party, 1_000_000)
    own_api.tip(party, party, gift, 1_000)
    own_api.done("POST", "/v1/rewards", "gateway", {"streamer": party, "task": "t", "amount": "1000.00"})
    there = {"party": party, "viewer": party, "streamer": party, "gift": gift}
    schemas = document["components"]["schemas"]
    for schema in (schemas[model] for model in schemas if model.endswith("Body") or model == "BatchTip"):
        for name in schema.get("properties", {}).keys() & there.keys():
            schema["properties"][name] = {"type": "string", "enum": [there[name]]}
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document))
    # What breaks the rules of its fields, or is at their edge, is so whatever it names.
    _fuzzed(own_api, file, party, "--mode", "positive", "--phases", "examples,fuzzing,stateful")
    counted = own_api.http.get("/metrics").text
    reached = set(re.findall(r'http_requests_total\{method="(\w+)",route="(/v1/[^"]+)",status="2', counted))
    assert len(reached) >= 14, f"the fuzzer got no further than {sorted(reached)}"


def test_every_operation_documents_its_problems_and_needs_a_token(document: Json) -> None:
    assert document["security"] == [{"token": []}]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answers = operation["responses"]
            assert {"401", "403", "422", "500", "503"} <= answers.keys(), f"{method} {path}"
            for status, answer in answers.items():
                as_asked = _FILES.get(path, ["application/json"])
                media = as_asked if status.startswith("2") else ["application/problem+json"]
                assert [*answer["content"]] == media, f"{method} {path} {status}"


def test_every_reference_of_the_document_leads_somewhere(document: Json) -> None:
    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    found = references(document)
    assert found
    for reference in found:
        place: Any = document
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]


def test_the_page_that_shows_it_loads_nothing_from_elsewhere(api: Api) -> None:
    page = api.http.get("/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "://" not in page.text
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) >= 4
    for link in links:
        assert api.http.get(f"/{link}").status_code == 200, link
    style = api.http.get("/docs/assets/swagger-ui.css").text
    assert not re.search(r"@import|url\((?!\s*[\"']?(?:data:|#))", style)
    assert 'url: "openapi.json"' in api.http.get("/docs/start.js").text
