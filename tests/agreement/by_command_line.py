"""Books kept by the command line alone, and how a day in them is told."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from api.migrations import ready
from ledger.database import Database, DatabaseSettings, open_database
from ledger.journal.commands import derived_id
from tests.api.warm import warm_zhibo

_RUN = re.compile(r"^run +([0-9a-f-]{36})$", re.MULTILINE)


def event(type: str, at: str, **fields: object) -> dict[str, object]:
    """An event of the event file. ``at`` is a moment of 2026 in China, such as 10-16T00:00:00."""
    return {"id": str(uuid4()), "at": f"2026-{at}+08:00", "type": type, **fields}


def opened() -> list[dict[str, object]]:
    """Ana with 100,000 coins, bo to give them to, and a rose for 10: face value 1.00."""
    at = "09-01T12:00:00"
    paid = {"paid": "10000.00", "channel": "wechat", "channel_txn": "w-1"}
    return [
        event("register", at, party="ana", roles=["viewer"]),
        event("register", at, party="bo", roles=["streamer"]),
        event("gift", at, gift="rose", coins=10),
        event("topup", at, viewer="ana", coins=100_000, **paid),
    ]


def roses(at: str, quantity: int, streamer: str = "bo") -> dict[str, object]:
    """Ana gives so many."""
    return event("tip", at, viewer="ana", streamer=streamer, room="r1", gift="rose", quantity=quantity)


class Desk:
    """Somebody at a terminal. The database stays up from one command to the next."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder
        self.database = database

    def did(self, *arguments: str, stdin: bytes = b"") -> str:
        """A command that must succeed; what it printed."""
        done = warm_zhibo(self.folder, *arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def play(self, *events: dict[str, object]) -> None:
        """Replay events, of which none is refused."""
        lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in events)
        refused = self.folder / "refused.jsonl"
        self.did("replay", "-", "--refusals", str(refused), stdin=lines.encode())
        assert refused.read_text() == ""

    def publish(self, policy: str) -> None:
        """Publish a version."""
        self.did("policy", "publish", "-", "--as", "fei", stdin=policy.encode())

    def settle(self, period: str, streamer: str = "bo") -> UUID:
        """Settle a period; the id of the streamer's statement."""
        found = _RUN.search(self.did("settle", period, "--as", "fei", "--yes"))
        assert found, "the run was not named"
        return derived_id(UUID(found[1]), f"settlement:{streamer}")

    def document(self, statement: UUID) -> bytes:
        """The statement as it was issued."""
        return self.did("statement", "show", str(statement), "--format", "json").encode()

    def lines(self, statement: UUID) -> Any:
        """Its lines."""
        return json.loads(self.document(statement))["lines"]


@contextmanager
def desk_in(folder: Path) -> Iterator[Desk]:
    """New books in a folder."""
    with open_database(DatabaseSettings(folder)) as database:
        ready(database)
        yield Desk(folder, database)
