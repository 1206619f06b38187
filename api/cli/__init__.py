"""The `zhibo` command. `main` is the one place where an error becomes a line for people."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

_FAILED = 1
_MISUSED = 2
_INTERRUPTED = 130
_TERMINATED = 143


class Stop(Exception):
    """The command cannot go on. Its text is one line that says why, and what to do."""


class Misused(Stop):
    """What was asked for cannot be: an argument has a value that it cannot have."""


def main() -> None:
    """Run the command line; the process ends with its status.

    0 when all went well, 1 when something failed (or lines were malformed, or the books are not in
    order), 2 for wrong arguments. Whatever happens, people get one line and no stack trace.
    """
    _open_what_is_closed()
    # What we write is UTF-8 with LF, whatever the terminal's locale says.
    for stream, on_error in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors=on_error, newline="\n")
    # Ends as an exception, so that what was begun is put away: files, and a server of our own.
    signal.signal(signal.SIGTERM, _terminate)
    # So does a terminal that is closed, unless we were told to outlive it (nohup).
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _hang_up)
    sys.exit(_run())


def _run() -> int:
    from typer.exceptions import Abort, TyperException

    from api.cli.app import app

    try:
        status = app(prog_name="zhibo", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        return _say(f"{error.format_message()} (`zhibo --help` shows what there is)", _MISUSED)
    except (KeyboardInterrupt, Abort):
        return _say("interrupted", _INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        _give_up_output()
        return _FAILED
    except (Misused, UnicodeEncodeError) as error:
        return _say(_reason(error), _MISUSED)
    except Exception as error:  # noqa: BLE001 (the one place where nothing may get past)
        if isinstance(error, OSError):
            _give_up_output()
        return _say(_reason(error), _FAILED)
    if status == _INTERRUPTED:
        return _say("interrupted", _INTERRUPTED)
    return status if isinstance(status, int) else 0


def _open_what_is_closed() -> None:
    """A stream that is closed (`>&-`) must not become a file of the books: its number is taken by nothing.

    Reading and writing there fails; what would be said to nobody is not said.
    """
    for number, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one.
            os.set_inheritable(os.open(os.devnull, mode), True)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def _give_up_output() -> None:
    """Python would write what is left at exit, and complain again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(reason: str, status: int) -> int:
    # A terminal that is gone cannot be told anything.
    with suppress(OSError):
        print(f"zhibo: {' '.join(reason.split())}", file=sys.stderr)
    return status


def _reason(error: Exception) -> str:
    """An error as a sentence for people."""
    from api.settings import CannotServe
    from ledger.database import DatabaseUnavailable, as_unavailable
    from ledger.journal.commands import Undecided
    from ledger.journal.history import NoSuchAccount

    if isinstance(error, Stop | CannotServe | DatabaseUnavailable | NoSuchAccount):
        return str(error)
    if isinstance(error, UnicodeEncodeError):
        return "an argument is not UTF-8"
    if isinstance(error, Undecided):
        return f"the books could not decide now, {error}: run this again"
    if isinstance(error, OSError) and error.strerror:
        # The database's own errors have been told apart before: this is a file of the user's, or our output.
        return f"{error.filename or 'reading or writing failed'}: {error.strerror}"
    if unavailable := as_unavailable(error):
        return str(unavailable)
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" in {place.tb_frame.f_globals['__name__']}, line {place.tb_lineno}" if place else ""
    return f"a mistake of ours{where}: {type(error).__name__}: {error}"


def _hang_up(_signal: int, _frame: FrameType | None) -> None:
    # Whoever minds SIGTERM, such as the server, minds this one as well.
    signal.raise_signal(signal.SIGTERM)


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(_TERMINATED)
