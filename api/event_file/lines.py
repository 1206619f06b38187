"""A stream of bytes as lines of bounded length."""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

#: Of a line's content: its LF, and one CR before that, do not count.
LONGEST_LINE_BYTES = 64 * 1024

_CR_LF_BYTES = 2


class Line(NamedTuple):
    """One line of a file, numbered from 1. ``content`` is None when the line is too long to be an event."""

    number: int
    content: bytes | None
    size_bytes: int


def lines_of(file: BinaryIO) -> Iterator[Line]:
    """Every line, in memory that does not grow with the file, nor with its longest line."""
    number = 0
    while read := file.readline(LONGEST_LINE_BYTES + _CR_LF_BYTES):
        number += 1
        content = read.removesuffix(b"\n").removesuffix(b"\r")
        if len(content) <= LONGEST_LINE_BYTES:
            yield Line(number, content, len(read))
        else:
            yield Line(number, None, len(read) + _skip_rest(file, read))


def _skip_rest(file: BinaryIO, read: bytes) -> int:
    """Go on to the end of a line of which ``read`` was the last piece; returns how many bytes that was."""
    skipped = 0
    while not read.endswith(b"\n") and (read := file.readline(LONGEST_LINE_BYTES)):
        skipped += len(read)
    return skipped
