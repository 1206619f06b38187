"""What every test may ask for: the real database, empty and migrated; and the table of rules shown."""

import os
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from api.migrations import migrate
from ledger.database import Database, DatabaseSettings, DatabaseUnavailable, DataFolder, open_database


def pytest_xdist_auto_num_workers() -> int:
    """Half as many processes again as there are cores: now and then a test waits for another process."""
    return (3 * (os.cpu_count() or 1) + 1) // 2


_MEMORY = "/dev/shm"
_MEMORY_NEEDED_BYTES = 2 << 30
_SETTINGS_OF_TESTS = """
fsync = off
full_page_writes = off
shared_buffers = 128MB
min_wal_size = 32MB
max_wal_size = 128MB
"""


def _parents() -> Iterator[str]:
    """Where a database may be made: in memory if there is room, since tests wait for the disk most of all."""
    with suppress(OSError):
        room = os.statvfs(_MEMORY)
        if room.f_bavail * room.f_frsize >= _MEMORY_NEEDED_BYTES and not room.f_flag & os.ST_NOEXEC:
            yield _MEMORY
    yield from (tempfile.gettempdir(), "/tmp", "/var/tmp")


def new_data_folder() -> Path:
    """A new folder fit for a ZHIBO_DATA: its path is short, and as root the server's user can reach it."""
    for parent in _parents():
        path = Path(tempfile.mkdtemp(prefix="zb", dir=parent))
        try:
            DataFolder(path).prepare()
        except DatabaseUnavailable:
            shutil.rmtree(path)
        else:
            return path
    raise RuntimeError("no temporary folder here can hold a database")


@pytest.fixture
def new_folder() -> Iterator[Path]:
    """A ZHIBO_DATA of the test's own, in which no database has been made yet."""
    path = new_data_folder()
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def _made() -> Iterator[Path]:
    """A ZHIBO_DATA with empty books in it, which is only ever copied."""
    path = new_data_folder()
    with open_database(DatabaseSettings(path)) as database:
        migrate(database)
    # Nothing of a test has to outlive the machine; what is said of durability is shown in a `new_folder`.
    with (path / "cluster" / "postgresql.auto.conf").open("a") as settings:
        settings.write(_SETTINGS_OF_TESTS)
    yield path
    shutil.rmtree(path)


def copied(made: Path) -> Path:
    """The same beside it: owners, modes and all."""
    copy = Path(tempfile.mkdtemp(prefix="zb", dir=made.parent))
    for item in made.iterdir():
        # The programs are never written to: they need not be there twice.
        how = "-al" if item.name == "programs" else "-a"
        subprocess.run(["cp", how, str(item), str(copy)], check=True)
    DataFolder(copy).prepare()
    return copy


@pytest.fixture
def data_folder(_made: Path) -> Iterator[Path]:
    """A ZHIBO_DATA of the test's own with empty books in it, whose server does not wait for the disk."""
    path = copied(_made)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[Database]:
    """The server all tests share: that of DATABASE_URL, or an embedded one of this run."""
    settings = DatabaseSettings.from_environment()
    if settings.url:
        with open_database(settings) as database:
            yield database
        return
    path = copied(request.getfixturevalue("_made"))
    with open_database(DatabaseSettings(path)) as database:
        yield database
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def _migrated(server: Database) -> Iterator[str]:
    """The name of a migrated database that is only ever copied."""
    with server.scratch() as database:
        migrate(database)
        database.dispose()
        yield database.name


@pytest.fixture(scope="session")
def database(server: Database, _migrated: str) -> Iterator[Database]:
    """A migrated database that the tests share; what one leaves there, the others see."""
    with server.scratch(copy_of=_migrated) as database:
        yield database


@pytest.fixture
def empty_database(server: Database, _migrated: str) -> Iterator[Database]:
    """A migrated database of the test's own, with nothing in it."""
    with server.scratch(copy_of=_migrated) as database:
        yield database


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # With the report, so that it comes along from whichever process ran the test.
    report.user_properties += (
        ("rule", rule)
        for marker in item.iter_markers("rule")
        for rule in marker.args
        if report.when == "call"
    )
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    shown: dict[str, list[str]] = defaultdict(list)
    for report in terminalreporter.getreports("passed"):
        for name, rule in report.user_properties:
            if name == "rule" and report.when == "call":
                shown[str(rule)].append(report.nodeid)
    if not shown:
        return
    terminalreporter.section("rules shown")
    width = max(map(len, shown))
    for rule, tests in sorted(shown.items()):
        terminalreporter.write_line(f"{rule:<{width}}  {len(tests):>3} passed  {_sentence(tests[0])}")


def _sentence(test: str) -> str:
    """What a test's name says."""
    return test.rpartition("::")[2].partition("[")[0].removeprefix("test_").replace("_", " ")
