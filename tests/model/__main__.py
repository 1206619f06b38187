"""What an event file must make of empty books: `python -m tests.model FILE --refusals OUT --balances OUT`."""

import argparse
import sys
from pathlib import Path

from tests.model.books import PlainBooks, replay, write_jsonl


def main() -> int:
    """Write the expected refusals and balances; malformed lines to stderr, and 1 if there were any."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--refusals", type=Path, required=True, metavar="OUT")
    parser.add_argument("--balances", type=Path, required=True, metavar="OUT")
    given = parser.parse_args()
    books = PlainBooks()
    try:
        with given.file.open("rb") as file, given.refusals.open("w", encoding="utf-8", newline="\n") as out:
            malformed = replay(file, books, out)
        with given.balances.open("w", encoding="utf-8", newline="\n") as out:
            for balance in books.balances():
                write_jsonl(out, balance)
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    for line, reason in malformed:
        print(f"line {line}: {reason}", file=sys.stderr)
    return 1 if malformed else 0


sys.exit(main())
