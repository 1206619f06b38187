"""Reading a blacklist's file: CSV, of which nothing but keyed hashes leaves this module."""

import csv
import getpass
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from time import time_ns
from typing import NamedTuple
from uuid import uuid4

from api.cli import Misused, Stop
from api.event_file.fields import Malformed, text
from api.screening import screen_new
from api.sealing import require_sealing_keys
from api.settings import Settings
from api.wiring import open_house
from ledger.sealing import SealingKeys, matched
from moderation.registers.commands import Hit, ImportBlacklist, Listed
from settlement.payees.identity import number_fault

_STDIN = "-"
_MOST_BYTES = 50_000_000
_MOST_PEOPLE = 200_000
_NUMBERS, _NAMES = ("number", "证件号码", "身份证号"), ("name", "姓名")


class Imported(NamedTuple):
    """How many a file named, and who of them was found."""

    named: int
    hits: Sequence[Hit]


def import_file(file: str, name: str, person: str | None) -> Imported:
    """Read a file in as a list, and look for those on it. Raises :class:`Stop`, never with a number in it."""
    try:
        called, by = text(name), text(getpass.getuser() if person is None else person)
    except Malformed as reason:
        raise Misused(f"--list and --as: one {reason}") from None
    except (OSError, KeyError):
        raise Stop("who reads it in? Say so by --as NAME") from None
    keys = require_sealing_keys(Settings.from_environment())
    listed = tuple(people(_content(file).splitlines(), keys))
    if not listed:
        raise Stop(f"{file} names nobody")
    at = time_ns() // 1_000
    with open_house() as house:
        command = ImportBlacklist(uuid4(), f"moderator:{by}", at, None, called, listed)
        house.journal.decide([command])
        return Imported(len({one.number for one in listed}), screen_new(house.journal, command.id, at))


def people(lines: Iterable[str], keys: SealingKeys) -> Iterator[Listed]:
    """Those a CSV names, hashed. Raises :class:`Stop`, which names the line and nothing that is in it."""
    rows = csv.DictReader(lines)
    columns = rows.fieldnames or ()
    numbers = next((column for column in columns if column.strip() in _NUMBERS), None)
    names = next((column for column in columns if column.strip() in _NAMES), None)
    if numbers is None:
        raise Stop(f"the first line names no column {' or '.join(_NUMBERS)}")
    for count, row in enumerate(rows, start=1):
        if count > _MOST_PEOPLE:
            raise Stop(f"more than {_MOST_PEOPLE:,} lines: read the list in by parts")
        number = row[numbers] or ""
        faults = [
            number_fault(is_organisation=is_organisation, number=number, birth_date=None)
            for is_organisation in (False, True)
        ]
        if all(faults):
            raise Stop(f"line {rows.line_num}: the number {faults[0]}; nothing was read in")
        name = (row[names] or "") if names is not None else ""
        named = keys.digest("name", name) if matched("name", name) else None
        yield Listed(keys.digest("number", number), named)


def _content(file: str) -> str:
    try:
        if file == _STDIN:
            content = sys.stdin.buffer.read(_MOST_BYTES + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise Stop(f"{file} is too long for a list")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Stop(f"{file} is not UTF-8 (byte {error.start + 1})") from None
