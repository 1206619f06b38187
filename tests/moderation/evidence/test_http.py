"""Evidence over HTTP: raw files in, the same files out, for moderators and nobody else."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from ledger.database import Database
from tests.api.http.serving import Api, Json, sandbox, serving
from tests.moderation.evidence.samples import PDF, PNG, TEXT


@pytest.fixture
def case(api: Api) -> str:
    return opened(api)


def opened(api: Api, party: str | None = None) -> str:
    name = api.new("case")
    said = {"case": name, "source": "spot_check", "party": party or api.streamer(), "summary": "抽查"}
    api.done("POST", "/v1/cases", "moderator", said)
    return name


def ask(
    api: Api,
    case: str,
    content: bytes = PNG,
    said: str = "image/png",
    role: str = "moderator",
    **more: object,
) -> httpx.Response:
    path = f"/v1/cases/{quote(case, safe='')}/evidence"
    headers = {"Content-Type": said, **more.pop("headers", {})}  # type: ignore[dict-item]
    return api.ask("POST", path, role, content=content, headers=headers, **more)  # type: ignore[arg-type]


def added(api: Api, case: str, content: bytes = PNG, said: str = "image/png") -> Json:
    response = ask(api, case, content, said)
    assert response.status_code == 201, response.text
    answer: Json = response.json()
    return answer


def accesses(api: Api, object: str) -> list[tuple[str, str, str]]:
    found = api.done("GET", f"/v1/access-records?object={quote(object)}", "finance")["accesses"]
    return [(one["actor"], one["act"], one["detail"]) for one in found]


def test_a_file_is_added_listed_and_looked_at_and_each_leaves_a_record(api: Api, case: str) -> None:
    view = added(api, case, PDF, "application/pdf; charset=binary")
    sha = view["sha256"]
    assert (view["media_type"], view["bytes"]) == ("application/pdf", len(PDF))
    (listed,) = api.done("GET", f"/v1/cases/{case}/evidence", "moderator")["evidence"]
    assert (listed["sha256"], listed["added_by"]) == (sha, "moderator:p1")
    file = api.ask("GET", f"/v1/cases/{case}/evidence/{sha}", "moderator")
    assert file.content == PDF
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == f'attachment; filename="{sha}"'
    assert file.headers["x-content-type-options"] == "nosniff"
    acts = [
        ("moderator:p1", "read_evidence", f"evidence:{sha}"),
        ("moderator:p1", "list_evidence", ""),
        ("moderator:p1", "evidence", f"evidence:{sha}"),
    ]
    assert [act for act in accesses(api, f"case:{case}") if "evidence" in act[1]] == acts


def test_a_retry_gets_the_first_answer_and_another_file_under_its_key_does_not(api: Api, case: str) -> None:
    key = uuid4()
    first = ask(api, case, key=key)
    again = ask(api, case, key=key)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert ask(api, case, PDF, "application/pdf", key=key).json()["code"] == "id_conflict"
    assert ask(api, case).json()["code"] == "evidence_already_added"


@pytest.mark.parametrize("case_name", ["案/一", "a b", "../../etc/passwd", "x?y#z"])
def test_a_case_may_be_called_anything_and_no_file_leaves_the_folder(
    api: Api, sandbox_data: Path, case_name: str
) -> None:
    name = f"{case_name}-{uuid4().hex[:8]}"
    said = {"case": name, "source": "spot_check", "party": api.streamer(), "summary": "抽查"}
    api.done("POST", "/v1/cases", "moderator", said)
    content = TEXT + name.encode()
    view = added(api, name, content, "text/plain")
    path = f"/v1/cases/{quote(name, safe='')}/evidence/{view['sha256']}"
    assert api.ask("GET", path, "moderator").content == content
    folder = sandbox_data / "evidence"
    assert (folder / view["sha256"][:2] / view["sha256"]).is_file()


@pytest.mark.parametrize(
    "name",
    ["../../sandbox-key.json", "..", "x" * 64, "A" * 64, "%2e%2e%2f%2e%2e", "0" * 63],
)
def test_a_file_is_named_by_its_hash_or_not_at_all(api: Api, case: str, name: str) -> None:
    response = api.ask("GET", f"/v1/cases/{case}/evidence/{name}", "moderator")
    assert response.status_code in (404, 422)
    assert b"PRIVATE" not in response.content
    assert api.refused("GET", f"/v1/cases/{case}/evidence/{'0' * 64}", "moderator")["code"] == (
        "evidence_not_found"
    )


def test_a_file_of_another_case_is_not_there(api: Api, case: str) -> None:
    sha = added(api, opened(api), PDF, "application/pdf")["sha256"]
    problem = api.refused("GET", f"/v1/cases/{case}/evidence/{sha}", "moderator")
    assert problem["code"] == "evidence_not_found"


@pytest.mark.parametrize(
    ("content", "said", "status"),
    [
        (PNG, "image/jpeg", 415),
        (b"<html><script>", "text/html", 415),
        (b"<svg onload=alert(1)>", "image/svg+xml", 415),
        (b"", "text/plain", 415),
        (PNG, "", 415),
        (b"{}", "application/json", 415),
    ],
)
def test_what_is_not_taken_is_refused(api: Api, case: str, content: bytes, said: str, status: int) -> None:
    response = ask(api, case, content, said)
    assert (response.status_code, response.json()["code"]) == (status, "file_not_taken")


def _restricted(api: Api, case: str, party: str) -> None:
    body = {
        "findings": [{"rule": "unfriendly_smoking"}],
        "measures": [
            {"kind": "restrict", "feature": "comment", "party": party, "until": "2999-01-01T00:00:00Z"}
        ],
        "reason": "it was seen",
    }
    api.done("POST", f"/v1/cases/{case}/decisions", "moderator", body)


def test_no_case_no_file_and_nobody_looks_at_a_case_about_himself(api: Api, case: str) -> None:
    assert ask(api, "nowhere").json()["code"] == "case_not_found"
    assert api.refused("GET", "/v1/cases/nowhere/evidence", "moderator")["code"] == "case_not_found"
    party = api.streamer()
    about = opened(api, party)
    sha = added(api, about)["sha256"]
    for path in (f"/v1/cases/{about}/evidence", f"/v1/cases/{about}/evidence/{sha}"):
        assert api.refused("GET", path, "moderator", party=party)["code"] == "case_not_found"
    assert ask(api, about, PDF, "application/pdf", party=party).json()["code"] == "own_affair"
    _restricted(api, about, other := api.streamer())
    for path in (f"/v1/cases/{about}/evidence", f"/v1/cases/{about}/evidence/{sha}"):
        assert api.refused("GET", path, "moderator", party=other)["code"] == "case_not_found"
    assert ask(api, about, PDF, "application/pdf", party=other).json()["code"] == "own_affair"
    for role in ("viewer", "streamer", "gateway", "finance"):
        assert ask(api, case, role=role).json()["code"] == "forbidden"
        assert api.refused("GET", f"/v1/cases/{about}/evidence/{sha}", role)["code"] == "forbidden"


@pytest.fixture
def small(database: Database, sandbox_data: Path, tmp_path: Path) -> Iterator[Api]:
    """A server that takes files of a few kilobytes, into a folder of its own."""
    settings = sandbox(
        sandbox_data,
        evidence=tmp_path / "proof",
        evidence_limit_bytes=4096,
        evidence_types=("image/png",),
        body_timeout_seconds=1,
    )
    with serving(database, settings) as api:
        yield api


def test_what_is_too_large_is_refused_whether_or_not_it_says_so(small: Api, tmp_path: Path) -> None:
    case = opened(small)
    assert ask(small, case, PNG.ljust(4097, b"x")).json()["code"] == "body_too_large"
    chunked = (PNG.ljust(1000, b"x") for _ in range(9))
    headers = {
        "Authorization": f"Bearer {small.token('moderator')}",
        "Idempotency-Key": str(uuid4()),
        "Content-Type": "image/png",
    }
    path = f"/v1/cases/{case}/evidence"
    assert small.http.post(path, content=chunked, headers=headers).json()["code"] == "body_too_large"
    assert ask(small, case, PDF, "application/pdf").json()["code"] == "file_not_taken"
    assert [file for file in (tmp_path / "proof").rglob("*") if file.is_file()] == []
    sha = added(small, case)["sha256"]
    assert (tmp_path / "proof" / sha[:2] / sha).stat().st_mode & 0o777 == 0o600


def test_a_file_that_comes_too_slowly_is_given_up_and_leaves_nothing(small: Api, tmp_path: Path) -> None:
    case = opened(small)
    head = (
        f"POST /v1/cases/{case}/evidence HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        f"Authorization: Bearer {small.token('moderator')}\r\nIdempotency-Key: {uuid4()}\r\n"
        f"Content-Length: {len(PNG)}\r\n\r\n"
    )
    url = httpx.URL(str(small.http.base_url))
    with socket.create_connection((url.host, url.port or 80), timeout=10) as line:
        line.sendall(head.encode() + PNG[:100])
        answer = line.recv(4096)
    assert answer.startswith(b"HTTP/1.1 408")
    assert [file for file in (tmp_path / "proof").rglob("*") if file.is_file()] == []


def test_a_file_that_was_lost_or_altered_is_a_problem_and_not_an_answer(small: Api, tmp_path: Path) -> None:
    case = opened(small)
    sha = added(small, case)["sha256"]
    place = tmp_path / "proof" / sha[:2] / sha
    whole = place.read_bytes()
    for content in (b"", b"nonsense", whole[:300], whole[:512], whole[:-1] + b"x", whole + b"x"):
        place.write_bytes(content)
        problem = small.refused("GET", f"/v1/cases/{case}/evidence/{sha}", "moderator")
        assert (problem["status"], problem["code"]) == (503, "evidence_unavailable")
        assert str(tmp_path) not in str(problem)
    place.unlink()
    assert small.refused("GET", f"/v1/cases/{case}/evidence/{sha}", "moderator")["status"] == 503


def test_a_folder_that_cannot_be_used_keeps_nothing_and_says_so(small: Api, tmp_path: Path) -> None:
    case = opened(small)
    (tmp_path / "proof").write_text("no folder")
    assert ask(small, case).json()["code"] == "evidence_unavailable"
    assert small.done("GET", f"/v1/cases/{case}/evidence", "moderator")["evidence"] == []


def test_of_two_who_add_the_same_file_at_once_one_does(api: Api, case: str) -> None:
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda person: ask(api, case, party=person), ("m1", "m2", "m3")))
    codes = sorted(answer.json().get("code", "added") for answer in answers)
    assert codes == ["added", "evidence_already_added", "evidence_already_added"]
    assert len(api.done("GET", f"/v1/cases/{case}/evidence", "moderator")["evidence"]) == 1
