"""Files that a command writes: whole, or not at all."""

import errno
import fcntl
import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from api.cli import Stop

_SUFFIX = ".unfinished"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def written_anew(path: Path) -> Iterator[TextIO]:
    """A UTF-8 file to write, readable by its owner only, that takes the place of ``path`` once it is whole.

    Until then it stands beside it: a command that is killed leaves the old file, never half a new one. What
    it leaves there, the next one removes. What is not a plain file (a pipe, a device) is written to directly.
    Raises :class:`Stop` when it cannot be written.
    """
    beside: str | None = None
    try:
        with suppress(FileNotFoundError):
            path.stat()
        if path.is_dir():
            raise Stop(f"{path} cannot be written: it is a folder")
        if path.exists() and not path.is_file():
            file = path.open("w", encoding="utf-8", newline="\n")
        else:
            # A link stays a link: what it points to is replaced.
            path = path.resolve()
            _remove_unfinished(path)
            descriptor, beside = _beside(path)
            file = open(descriptor, "w", encoding="utf-8", newline="\n")  # noqa: SIM115
    except OSError as error:
        raise _cannot(path, error) from error
    try:
        try:
            yield file
        except BaseException:
            # It was going to be thrown away; what it cannot take any more does not matter.
            with suppress(OSError):
                file.close()
            raise
        file.close()
        if beside is not None:
            os.replace(beside, path)
            beside = None
    except OSError as error:
        # Nothing that is only read can be full.
        if error.errno in _FULL:
            raise _cannot(path, error) from error
        raise
    finally:
        if beside is not None:
            os.unlink(beside)


def _beside(path: Path) -> tuple[int, str]:
    """A new file beside this one, locked for as long as it is open: so it is seen to be in use."""
    while True:
        descriptor, name = tempfile.mkstemp(prefix=_prefix(path), suffix=_SUFFIX, dir=path.parent)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # Whoever tidies up may have come between.
        if os.fstat(descriptor).st_nlink:
            return descriptor, name
        os.close(descriptor)


def _remove_unfinished(path: Path) -> None:
    """What commands left that were killed while they wrote this file."""
    for left in path.parent.glob(f"{glob.escape(_prefix(path))}{'[a-z0-9_]' * 8}{_SUFFIX}"):
        with suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(descriptor).st_uid == os.geteuid():
                    left.unlink()
            finally:
                os.close(descriptor)


def _prefix(path: Path) -> str:
    return f".{path.name[:100]}."


def _cannot(path: Path, error: OSError) -> Stop:
    return Stop(f"{path} cannot be written: {error.strerror}")
