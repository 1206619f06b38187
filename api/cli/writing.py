"""Files that a command writes: whole, or not at all."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from api.cli import Stop

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def written_anew(path: Path) -> Iterator[TextIO]:
    """A UTF-8 file to write, readable by its owner only, that takes the place of ``path`` once it is whole.

    Until then it stands beside it: a command that is killed leaves the old file, never half a new one.
    What is not a plain file (a pipe, a device) is written to directly. Raises :class:`Stop` when it cannot
    be written.
    """
    beside: str | None = None
    try:
        if path.is_dir():
            raise Stop(f"{path} cannot be written: it is a folder")
        if path.exists() and not path.is_file():
            file = path.open("w", encoding="utf-8", newline="\n")
        else:
            # A link stays a link: what it points to is replaced.
            path = path.resolve()
            prefix, suffix = f".{path.name[:100]}.", ".unfinished"
            descriptor, beside = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=path.parent)
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


def _cannot(path: Path, error: OSError) -> Stop:
    return Stop(f"{path} cannot be written: {error.strerror}")
