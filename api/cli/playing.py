"""`zhibo replay`: an event file into the books, with progress, refusals and malformed lines told."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter
from typing import BinaryIO, TextIO

from api.cli import Stop
from api.cli.showing import progress
from api.cli.writing import written_anew
from api.replay import RefusedEvent, Tally, replay
from api.wiring import open_house

_STDIN = "-"
_CHUNK_BYTES = 1 << 20


def play(file: str, refusals: Path | None) -> Tally:
    """Play a file, or standard input, and tell on stderr what came of it.

    Raises :class:`Stop` when the file cannot be read or the refusals cannot be written, before anything
    is played if that can be known; ``DatabaseUnavailable`` and ``TryAgain`` as they come.
    """
    started = perf_counter()
    tally = Tally()
    with ExitStack() as stack:
        events = stack.enter_context(_opened(file))
        _refuse_overwriting(events, refusals)
        # Before the database: what cannot be written is known before anything is played.
        out = stack.enter_context(written_anew(refusals)) if refusals else None
        house = stack.enter_context(open_house())
        advance = stack.enter_context(progress("replay", _size_bytes(events), _megabytes))
        for played in replay(house.journal, events, tally):
            if out is not None:
                _write(out, played.refused)
            for line, reason in played.malformed:
                print(f"line {line}: {reason}", file=sys.stderr)
            advance(played.size_bytes)
    _summarise(tally, perf_counter() - started)
    return tally


def _write(out: TextIO, refused: list[RefusedEvent]) -> None:
    out.writelines(f'{{"line": {line}, "id": "{id}", "code": "{code}"}}\n' for line, id, code in refused)


def _summarise(tally: Tally, seconds: float) -> None:
    print(
        f"{tally.events:,} events in {seconds:,.1f} s: {tally.accepted:,} accepted, ", end="", file=sys.stderr
    )
    print(
        f"{tally.refused.total():,} refused; {tally.repeated:,} of them had been decided before",
        file=sys.stderr,
    )
    for code, times in tally.refused.most_common():
        print(f"{times:>12,} {code}", file=sys.stderr)
    if tally.malformed:
        lines = "line was" if tally.malformed == 1 else "lines were"
        print(f"{tally.malformed:,} malformed {lines} skipped", file=sys.stderr)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    try:
        # Not `sys.stdin`: an interrupted run must not wait for what its reader still waits for.
        events = open(0 if file == _STDIN else file, "rb", buffering=_CHUNK_BYTES, closefd=file != _STDIN)  # noqa: SIM115
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}") from error
    yield events
    # Only at its end: closing waits for the reader, and that may wait for a pipe when we were interrupted.
    events.close()


def _refuse_overwriting(events: BinaryIO, refusals: Path | None) -> None:
    if refusals is None or not refusals.is_file():
        return
    if os.path.samestat(os.fstat(events.fileno()), refusals.stat()):
        raise Stop(f"{refusals} is the file to be played: the refusals need another")


def _size_bytes(events: BinaryIO) -> int | None:
    status = os.fstat(events.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _megabytes(size_bytes: float) -> str:
    return f"{size_bytes / 1_000_000:,.1f} MB"
