"""What the books are measured against: the plainest thing that could do part of the same."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from psycopg import Connection

from api.bench.stage import BATCH, VIEWERS
from ledger.database import Database

_BARE_TABLE = """
CREATE TABLE bare (id uuid PRIMARY KEY, other uuid NOT NULL UNIQUE, a bigint NOT NULL, b bigint NOT NULL,
                   c bigint NOT NULL, at timestamptz NOT NULL)
"""
_BARE_INSERT = """
INSERT INTO bare SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::bigint[], %b::bigint[], %b::bigint[],
                                      %b::timestamptz[])
"""
_ROW_TABLE = (
    "CREATE TABLE bare_accounts (id bigint PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 50)"
)
_ROW_LOCK = "SELECT balance FROM bare_accounts WHERE id IN (%s, %s) ORDER BY id FOR UPDATE"
_ROW_MOVE = "UPDATE bare_accounts SET balance = balance + %s WHERE id = %s"


class BareTable:
    """Rows by ``unnest``, a thousand a durable commit, into one table with two unique keys and no checks."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        connection.execute(_BARE_TABLE)

    def rows(self, batches: int) -> float:
        """Rows a second."""
        rows = [self._rows() for _ in range(batches)]
        started = perf_counter()
        for batch in rows:
            self._connection.execute(_BARE_INSERT, batch)
        return batches * BATCH / (perf_counter() - started)

    def _rows(self) -> tuple[list[UUID], list[UUID], list[int], list[int], list[int], list[datetime]]:
        numbers, now = list(range(BATCH)), datetime.now(UTC)
        ids, others = [uuid4() for _ in numbers], [uuid4() for _ in numbers]
        return ids, others, numbers, numbers, numbers, [now] * BATCH


@contextmanager
def bare_table(database: Database) -> Iterator[BareTable]:
    """A bare table beside the books."""
    with database.owner_login.connect() as connection:
        connection.autocommit = True
        try:
            yield BareTable(connection)
        finally:
            connection.execute("DROP TABLE bare")


def row_by_row(database: Database, seconds: float) -> float:
    """Tips a second to one streamer, a transaction each: the best of 1, 8 and 32 connections."""
    with database.owner_login.connect() as connection:
        connection.autocommit = True
        connection.execute(_ROW_TABLE)
        connection.execute(
            "INSERT INTO bare_accounts SELECT i, 1000000000 FROM generate_series(0, %s) AS i", (VIEWERS,)
        )
    try:
        return max(_row_by_row(database, connections, seconds) for connections in (1, 8, 32))
    finally:
        with database.owner_login.connect() as connection:
            connection.execute("DROP TABLE bare_accounts")
            connection.commit()


def _row_by_row(database: Database, connections: int, seconds: float) -> float:
    done = [0] * connections
    start = threading.Barrier(connections + 1)

    def tip(worker: int) -> None:
        with database.owner_login.connect() as connection:
            start.wait()
            end = perf_counter() + seconds
            for number in count(worker * 997):
                if perf_counter() >= end:
                    return
                viewer = 1 + number % VIEWERS
                with connection.pipeline(), connection.transaction():
                    connection.execute(_ROW_LOCK, (0, viewer))
                    connection.execute(_ROW_MOVE, (-5, viewer))
                    connection.execute(_ROW_MOVE, (5, 0))
                done[worker] += 1

    workers = [threading.Thread(target=tip, args=(number,)) for number in range(connections)]
    for worker in workers:
        worker.start()
    start.wait()
    started = perf_counter()
    for worker in workers:
        worker.join()
    return sum(done) / (perf_counter() - started)
