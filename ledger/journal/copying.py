"""Copying rows into PostgreSQL while the caller goes on: COPY FROM STDIN, its answer fetched later.

What a batch writes is most of what it costs, so the database inserts the rows of the first commands while
the next are still being decided. psycopg waits for each COPY to end; libpq, which it exposes, need not.
https://www.postgresql.org/docs/current/libpq-copy.html
"""

import select
from collections.abc import Iterable
from types import TracebackType
from typing import Any, LiteralString, NamedTuple, Self

from psycopg import Connection, OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"


class Copy(NamedTuple):
    """Encoded rows, and the ``COPY … FROM STDIN (FORMAT binary)`` that inserts them."""

    statement: LiteralString
    rows: Iterable[bytes]


class Copying:
    """The COPYs of one transaction, one after the other, at most one under way.

    While one is, the connection takes nothing else; leaving the ``with`` block waits for it.
    """

    def __init__(self, connection: Connection[Any]) -> None:
        self._libpq = connection.pgconn
        self._under_way = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.wait()
        elif self._under_way:
            # The transaction is lost already, and with it the rows; the connection has to be free.
            self._answer()

    def start(self, copy: Copy) -> None:
        """Hand over the rows and return while they are being inserted; the COPY before has ended by then.

        Raises what the COPY before it failed with.
        """
        rows = b"".join((_HEADER, *copy.rows, _TRAILER))
        self.wait()
        begun = self._libpq.exec_(copy.statement.encode())
        if begun.status != ExecStatus.COPY_IN:
            raise error_from_result(begun)
        self._under_way = True
        self._hand_over(rows)

    def wait(self) -> None:
        """Wait for the COPY under way, if there is one. Raises what it failed with."""
        if not self._under_way:
            return
        result = self._answer()
        if result is None:
            raise OperationalError("the connection was lost during a COPY")
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)

    def _hand_over(self, rows: bytes) -> None:
        while self._libpq.put_copy_data(rows) == 0:
            self._flush()
        while self._libpq.put_copy_end() == 0:
            self._flush()
        self._flush()

    # Whatever may last is waited for at the socket, where other threads of ours can go on: libpq itself
    # would keep them all waiting, and the database may be waiting for one of them.
    def _flush(self) -> None:
        while self._libpq.flush():
            if self._until(select.POLLIN | select.POLLOUT) & ~select.POLLOUT:
                self._libpq.consume_input()

    def _answer(self) -> Any:
        """The result of the COPY under way. Without it libpq takes no other command."""
        self._under_way = False
        first = result = self._result()
        while result is not None:
            result = self._result()
        return first

    def _result(self) -> Any:
        while self._libpq.is_busy():
            self._until(select.POLLIN)
            self._libpq.consume_input()
        return self._libpq.get_result()

    def _until(self, events: int) -> int:
        """Wait until the socket is ready for one of these, and say for which."""
        waiting = select.poll()
        waiting.register(self._libpq.socket, events)
        return waiting.poll()[0][1]
