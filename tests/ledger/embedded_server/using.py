"""Using a data folder: from here, from another process, and what runs in it."""

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from ledger.database import Database, DatabaseSettings, DatabaseUnavailable, open_database

ROOT = Path(__file__).parents[3]


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
    found = [
        process
        for process in psutil.process_iter(["cmdline", "name", "ppid"])
        if process.info["name"] == "postgres" and mark in (process.info["cmdline"] or [])
    ]
    # For a moment, a child of a server is still called as the server is.
    parents = {process.pid for process in found}
    return [process for process in found if process.info["ppid"] not in parents]


def the_server(folder: Path) -> psutil.Process:
    found = servers(folder)
    assert len(found) == 1, f"one server was expected, {len(found)} run"
    return found[0]


def kill_server(folder: Path) -> None:
    server = the_server(folder)
    server.kill()
    psutil.wait_procs([server])


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
