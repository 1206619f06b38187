"""The server as a process: how it starts, stops, and takes up what it left."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from api.http.requests import new_id
from api.sandbox import sandbox_token
from api.wiring import desks
from ledger.database import Database
from ledger.journal.journal import Journal
from settlement.commands import Settle
from tests.api.command_line import ROOT, command, environment, is_one_line, zhibo
from tests.api.http.serving import Api, minor, sandbox, serving

_PATIENCE_SECONDS = 60


@contextmanager
def _process(data_folder: Path, **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], str, list[str]]]:
    """`zhibo serve` in the sandbox, on a free port: the process, its address, and the lines it logs."""
    served = {"ZHIBO_SANDBOX": "1", "ZHIBO_PORT": "0", **variables}
    process = subprocess.Popen(
        command("serve"), cwd=ROOT, env=environment(data_folder, **served), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    lines: list[str] = []
    try:
        for line in process.stdout:
            lines.append(line.decode())
            if found := re.search(r'"url":"(http://[^"]+)"', lines[-1]):
                reader = threading.Thread(
                    target=lambda: lines.extend(map(bytes.decode, process.stdout or ()))
                )
                reader.start()
                yield process, found[1], lines
                break
        else:
            raise AssertionError(f"the server did not start: {lines}")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(_PATIENCE_SECONDS)
        reader.join(_PATIENCE_SECONDS)
        process.stdout.close()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP])
def test_a_server_told_to_stop_answers_who_waits_logs_nobodys_name_and_ends_well(
    data_folder: Path, told: signal.Signals
) -> None:
    with _process(data_folder) as (process, url, lines):
        settings = sandbox(data_folder)
        with httpx.Client(base_url=url, timeout=_PATIENCE_SECONDS) as http:
            headers = {"Authorization": f"Bearer {sandbox_token('gateway', party='g', settings=settings)}"}
            for name in ("ana", "bo"):
                response = http.post(
                    "/v1/parties",
                    json={"party": name, "roles": ["viewer"]},
                    headers={**headers, "Idempotency-Key": str(uuid4())},
                )
                assert response.status_code == 201
            http.get("/v1/me/entries?cursor=4711", headers=headers)
            process.send_signal(told)
        assert process.wait(_PATIENCE_SECONDS) == 0
    events = [json.loads(line) for line in lines]
    assert [event["event"] for event in events if event["event"] != "request"] == ["listening", "stopped"]
    assert [event["route"] for event in events if event["event"] == "request"] == [
        "/v1/parties",
        "/v1/parties",
        "/v1/me/entries",
    ]
    for secret in ("ana", "4711", headers["Authorization"][20:60]):
        assert secret not in "".join(lines)


@pytest.mark.parametrize(
    ("variables", "word"),
    [
        ({}, b"ZHIBO_ISSUER"),
        ({"ZHIBO_ISSUER": "https://i.example", "ZHIBO_AUDIENCE": "zhibo"}, b"ZHIBO_JWKS_URL"),
        ({"ZHIBO_SANDBOX": "1", "ZHIBO_HOST": "256.0.0.1"}, b"256.0.0.1"),
        ({"ZHIBO_SANDBOX": "1", "ZHIBO_PORT": "65536"}, b"ZHIBO_PORT"),
    ],
)
def test_a_server_that_cannot_serve_says_why_in_one_line(
    new_folder: Path, variables: dict[str, str], word: bytes
) -> None:
    done = zhibo(new_folder, "serve", **variables)  # type: ignore[arg-type]
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr.decode()
    assert word in done.stderr
    assert not (new_folder / "cluster").exists()


def test_a_taken_port_is_named_in_one_line(data_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = zhibo(data_folder, "serve", ZHIBO_SANDBOX="1", ZHIBO_PORT=port)
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr.decode()
    assert port.encode() in done.stderr


def test_a_run_that_was_accepted_before_a_stop_is_carried_out_after_the_start(
    empty_database: Database, sandbox_data: Path
) -> None:
    run = new_id()
    journal = Journal(empty_database.app, desks())
    with serving(empty_database, sandbox(sandbox_data)) as api:
        streamer = api.streamer()
        api.done("POST", "/v1/rewards", "gateway", {"streamer": streamer, "task": "t", "amount": "3.00"})
        reward = api.done("GET", "/v1/me/entries", "streamer", party=streamer)["lines"][0]
        assert reward["kind"] == "reward"
    _accept(journal, run)
    with serving(empty_database, sandbox(sandbox_data)) as api:
        _finished(api, run)
        assert minor(api.earnings(streamer)["earnings"]["posted"]) == 300


def _accept(journal: Journal, run: UUID) -> None:
    at = time.time_ns() // 1_000
    (outcome,) = journal.decide([Settle(run, "finance:f1", at, None, date(2999, 12, 31), 5_000)])
    assert outcome.refusal is None


def _finished(api: Api, run: UUID) -> None:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while api.done("GET", f"/v1/settlements/{run}", "finance")["state"] != "finished":
        assert time.monotonic() < give_up_at, "the run was not carried out"
        time.sleep(0.05)


def test_ids_of_our_own_sort_by_when_they_were_made() -> None:
    ids = []
    for _ in range(5):
        ids.append(new_id())
        time.sleep(0.002)
    assert ids == sorted(ids)
    assert {(id.version, id.variant) for id in ids} == {(7, "specified in RFC 4122")}
    assert abs((ids[0].int >> 80) - time.time() * 1_000) < 10_000
    assert len({new_id() for _ in range(1_000)}) == 1_000


def test_many_at_once_share_commits_and_each_gets_its_own_answer(own_api: Api) -> None:
    streamer, gift = own_api.streamer(), own_api.gift(5)
    viewers = [own_api.viewer(coins=50) for _ in range(8)]
    answers: dict[str, list[int]] = {}

    def give(viewer: str) -> None:
        answers[viewer] = [minor(own_api.tip(viewer, streamer, gift).json()["balance"]) for _ in range(10)]

    threads = [threading.Thread(target=give, args=(viewer,)) for viewer in viewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE_SECONDS)
    assert answers == {viewer: [45, 40, 35, 30, 25, 20, 15, 10, 5, 0] for viewer in viewers}
    assert minor(own_api.earnings(streamer)["gifts"]["posted"]) == 400
