"""Folders that cannot hold books, and books that cannot be opened: each is told in one line."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.database import DatabaseSettings, DatabaseUnavailable, DataFolder
from tests.ledger.embedded_server.using import (
    IS_ROOT,
    opened,
    refusal,
    remember,
    remembered,
    servers,
)


def test_a_folder_that_holds_something_else_is_refused(new_folder: Path) -> None:
    folder = new_folder / "letters"
    folder.mkdir()
    (folder / "to-my-mother.txt").write_text("...")
    assert "something else" in refusal(folder)
    assert [item.name for item in folder.iterdir()] == ["to-my-mother.txt"]


def test_a_folder_of_another_user_is_refused(new_folder: Path) -> None:
    if IS_ROOT:
        folder = new_folder / "theirs"
        folder.mkdir()
        os.chown(folder, 65534, 65534)
    else:
        folder = Path("/usr")
    assert "belongs to" in refusal(folder)


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's server runs as that user")
def test_as_root_a_folder_the_servers_user_cannot_reach_is_refused(new_folder: Path) -> None:
    closed = new_folder / "closed"
    closed.mkdir(mode=0o700)
    assert f"may not enter {closed}" in refusal(closed / "data")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of its own, mounted for as long as the test needs it."""
    disk = folder / "disk"
    disk.mkdir(mode=0o711, exist_ok=True)
    os.chmod(folder, 0o711)
    options = f"size={megabytes}m,mode=711"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def fill(folder: Path) -> None:
    with opened(folder) as database:
        for _ in range(100):
            remember(database, os.urandom(1_000_000).hex())


@pytest.mark.skipif(not IS_ROOT, reason="only root can mount a small disk")
@pytest.mark.parametrize("megabytes", [10, 48])
def test_a_full_disk_is_named(new_folder: Path, megabytes: int) -> None:
    with small_disk(new_folder, megabytes) as disk:
        assert "the disk that holds the database is full" in refusal(disk / "data")


@pytest.mark.skipif(not IS_ROOT, reason="only root can mount a small disk")
def test_a_disk_that_fills_up_is_named_within_seconds_then_and_ever_after(new_folder: Path) -> None:
    with small_disk(new_folder, 100) as disk:
        folder = disk / "data"
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable, match="disk that holds the database is full"):
            fill(folder)
        for _ in range(2):
            assert "the disk that holds the database is full" in refusal(folder)
        assert time.monotonic() - began < 60
        assert servers(folder) == []


def test_a_folder_where_nothing_may_be_made_is_refused() -> None:
    where = Path("/proc/zhibo") if IS_ROOT else Path("/usr/zhibo")
    assert "/zhibo" in refusal(where)


def test_a_file_in_the_folders_place_is_refused(new_folder: Path) -> None:
    (new_folder / "file").write_text("")
    assert "is not a folder" in refusal(new_folder / "file")


def test_a_path_too_long_for_a_socket_is_refused(new_folder: Path) -> None:
    assert "too long a path" in refusal(new_folder / ("x" * 100))


@pytest.mark.parametrize("sign", [",", "$", '"', "`", "\\", "\n", "\udcff"])
def test_a_path_that_postgresql_would_misread_is_refused_at_once(new_folder: Path, sign: str) -> None:
    assert "cannot be a ZHIBO_DATA" in refusal(new_folder / f"a{sign}b")
    assert sorted(new_folder.iterdir()) == [new_folder / "socket", new_folder / "start.lock"]


def test_a_database_of_another_postgresql_is_refused(made: Path) -> None:
    (made / "cluster" / "PG_VERSION").write_text("17\n")
    assert "was made by PostgreSQL 17, this program carries 18" in refusal(made)


def test_lost_or_foreign_passwords_are_named(made: Path) -> None:
    kept = (made / "passwords.json").read_text()
    (made / "passwords.json").write_text('{"zhibo_owner": "x", "zhibo_app": "y"}')
    assert "does not know the passwords" in refusal(made)
    (made / "passwords.json").write_text("{")
    assert "passwords.json is damaged" in refusal(made)
    (made / "passwords.json").unlink()
    assert "passwords.json is missing" in refusal(made)
    assert servers(made) == [], "a refused start left its server running"
    (made / "passwords.json").write_text(kept)
    with opened(made) as database:
        assert remembered(database) == ["first"]


def test_a_server_that_cannot_start_says_why(made: Path) -> None:
    shutil.rmtree(made / "cluster" / "global")
    assert "does not start: " in refusal(made)


def test_a_refused_folder_is_not_made(new_folder: Path) -> None:
    closed = new_folder / "closed"
    closed.mkdir(mode=0o000)
    wanted = closed / "books"
    with pytest.raises(DatabaseUnavailable, match="may not"):
        DataFolder(wanted).prepare()
    closed.chmod(0o700)
    assert not wanted.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work in another user's folder")
def test_root_makes_no_books_in_a_folder_of_somebody_elses(new_folder: Path) -> None:
    home = new_folder / "home"
    home.mkdir(mode=0o755)
    os.chown(home, 12_345, 12_345)
    with pytest.raises(DatabaseUnavailable, match=r"belongs to user id 12345"):
        DataFolder(home / "zhibo").prepare()
    assert not (home / "zhibo").exists()


def test_a_home_nobody_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBO_DATA", "~nosuchuser/books")
    with pytest.raises(DatabaseUnavailable, match="no such home"):
        DatabaseSettings.from_environment()
