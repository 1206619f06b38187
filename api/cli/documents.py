"""Documents given on the command line, as files or on standard input, and who hands them in."""

import sys
from pathlib import Path

from api.cli import Misused, Stop

STDIN = "-"


def text_of(file: str, noun: str, longest_bytes: int) -> str:
    """What is written in a file. ``noun`` says what it should be: "policy"."""
    if file == STDIN:
        content = sys.stdin.buffer.read(longest_bytes + 1)
    else:
        with Path(file).open("rb") as opened:
            content = opened.read(longest_bytes + 1)
    if len(content) > longest_bytes:
        raise Stop(f"{file} is too long for a {noun}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Stop(f"{file} is not UTF-8 (byte {error.start + 1})") from None


def called(file: str) -> str:
    """A file as people call it."""
    return "standard input" if file == STDIN else file


def is_file(name: str) -> bool:
    """Whether a name means a file, not a version. Raises :class:`Stop` if it does and there is none."""
    if name == STDIN or Path(name).exists():
        return True
    if "/" in name or name.endswith(".toml"):
        raise Stop(f"there is no file {name}")
    return False


def name_of(person: str | None, deed: str) -> str:
    """Who acts: the name given, or that of the operating system's user. ``deed``: "publishes it"."""
    import getpass

    from api.event_file.fields import Malformed, text

    try:
        return text(getpass.getuser() if person is None else person)
    except (OSError, KeyError):
        raise Stop(f"who {deed}? Say so by --as NAME") from None
    except Malformed as reason:
        raise Misused(f"--as {reason}") from None


def now() -> int:
    """This moment, as an instant."""
    from datetime import UTC, datetime

    from ledger.instants import instant_of

    return instant_of(datetime.now(UTC))
