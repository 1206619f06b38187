"""What every test may ask for: the real database, empty and migrated; and the table of rules shown."""

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from api.migrations import migrate
from ledger.database import Database, DatabaseSettings, DatabaseUnavailable, DataFolder, open_database


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many processes as cores: half of the time a test waits for a server or a commit."""
    return 2 * (os.cpu_count() or 1)


def new_data_folder() -> Path:
    """A new folder fit for a ZHIBO_DATA: its path is short, and as root the server's user can reach it."""
    for parent in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        path = Path(tempfile.mkdtemp(prefix="zb", dir=parent))
        try:
            DataFolder(path).prepare()
        except DatabaseUnavailable:
            shutil.rmtree(path)
        else:
            return path
    raise RuntimeError("no temporary folder here can hold a database")


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """A ZHIBO_DATA of the test's own, in which no database has been made yet."""
    path = new_data_folder()
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def server() -> Iterator[Database]:
    """The server all tests share: that of DATABASE_URL, or an embedded one of this run."""
    settings = DatabaseSettings.from_environment()
    path = new_data_folder()
    try:
        with open_database(DatabaseSettings(path, settings.url, settings.owner_url)) as database:
            yield database
    finally:
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
