"""Servers and clients killed, hung or half made: the next who comes finds what was written."""

import signal
import subprocess
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger.database import DataFolder
from ledger.database.embedded import EmbeddedServer
from tests.ledger.embedded_server.using import (
    Another,
    kill_server,
    opened,
    remember,
    remembered,
    servers,
    the_server,
)


def test_a_server_killed_while_nobody_looks_is_started_again(new_folder: Path) -> None:
    another = Another(new_folder).attached()
    with opened(new_folder) as database:
        remember(database, "before")
    another.kill()
    kill_server(new_folder)
    with opened(new_folder) as database:
        assert remembered(database) == ["before"]
    assert servers(new_folder) == []


def test_a_server_killed_under_its_clients_comes_back_at_the_next_connection(new_folder: Path) -> None:
    with opened(new_folder) as database:
        remember(database, "before")
        with database.owner.connect() as connection:
            connection.execute(text("SELECT 1"))
            kill_server(new_folder)
            with pytest.raises(DBAPIError):
                connection.execute(text("SELECT 1"))
        remember(database, "then")
        assert remembered(database) == ["before", "then"]
    assert servers(new_folder) == [], "the server started in between was not stopped"


def test_a_killed_client_does_not_stop_the_server_and_the_next_one_out_does(made: Path) -> None:
    another = Another(made).attached()
    another.kill()
    server = the_server(made)
    with opened(made) as database:
        assert the_server(made) == server, "the running server was not used"
        assert remembered(database) == ["first"]
    assert servers(made) == []


def test_a_folder_opens_after_client_and_server_were_killed_together(made: Path) -> None:
    another = Another(made).attached()
    server = the_server(made)
    server.kill()
    another.kill()
    with opened(made) as database:
        assert remembered(database) == ["first"]


def test_a_process_number_that_now_is_someone_elses_does_not_keep_the_server_from_starting(
    made: Path,
) -> None:
    user = DataFolder(made).server_user
    bystander = subprocess.Popen(["sleep", "60"], user=user.uid if user else None)
    try:
        lines = [bystander.pid, made / "cluster", int(time.time()), 5432, made / "socket", "", "1 1", "ready"]
        stale = "".join(f"{line}\n" for line in lines)
        (made / "cluster" / "postmaster.pid").write_text(stale)
        (made / "socket" / ".s.PGSQL.5432.lock").write_text(stale)
        with opened(made) as database:
            assert remembered(database) == ["first"]
        assert bystander.poll() is None, "a process that is not ours was ended"
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_that_hangs_on_its_way_down_is_ended_by_the_next_who_comes(made: Path) -> None:
    another = Another(made).attached()
    server = the_server(made)
    with psycopg.connect(make_conninfo(**EmbeddedServer(made).parameters("zhibo_owner"))) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        backend.suspend()
        another.kill()
        # Asked to stop as the last one out asks it, it waits for a connection that does not end.
        server.send_signal(signal.SIGINT)
        wait_until_refused(made, "the database system is shutting down")
        came = time.monotonic()
        with opened(made) as database:
            assert time.monotonic() - came < 30
            assert remembered(database) == ["first"]
        connection.close()
    assert servers(made) == []


def test_a_server_that_does_not_stop_when_asked_is_made_to(made: Path) -> None:
    with opened(made) as database:
        remember(database, "second")
        the_server(made).suspend()
        left = time.monotonic()
    assert time.monotonic() - left < 40
    assert servers(made) == [], "the last one out left the server running"
    with opened(made) as database:
        assert remembered(database) == ["first", "second"]


def wait_until_refused(folder: Path, why: str) -> None:
    settings = make_conninfo(**EmbeddedServer(folder).parameters("zhibo_owner"))
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            psycopg.connect(settings).close()
        except psycopg.OperationalError as error:
            if why in str(error):
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody was told that {why}")


def test_a_database_left_half_made_is_made_anew(new_folder: Path) -> None:
    another = Another(new_folder)
    while not (new_folder / "cluster.new" / "base").exists():
        assert another.process.poll() is None, "it finished before it could be killed"
        time.sleep(0.001)
    another.kill()
    assert not (new_folder / "cluster").exists(), "it was killed too late to be half made"
    with opened(new_folder) as database:
        remember(database, "whole")
    assert not (new_folder / "cluster.new").exists()
