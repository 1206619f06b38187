"""The bank's batch file: written, carried to the bank, and its result file read back, line by line.

CSV in UTF-8. The result repeats every line it answers as it was written, and adds three columns. A result
file counts wholly or not at all: one line that is unknown, twice there or altered, and nothing is recorded.
A line that is missing is not answered yet.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from uuid import UUID

from ledger.money import decimal_of
from settlement.payouts.channels import Answer, Payment

WRITTEN_COLUMNS = ("batch", "line", "number", "holder", "account", "amount")
RESULT_COLUMNS = (*WRITTEN_COLUMNS, "status", "reference", "reason")
_LONGEST_CHARS = 200
#: Columns whose content is nobody's business in an error message.
_PERSONAL = ("holder", "account")


class BadResultFile(Exception):
    """A result file that does not count. Its text is one line, with the line of the file."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}; nothing of the file was recorded")
        self.line = line


class Result(NamedTuple):
    """What the bank says in one line of its file."""

    line: int
    answer: Answer


def batch_file(batch: UUID, payments: Iterable[tuple[int, Payment]]) -> Iterator[str]:
    """The lines of a batch's file; each payment with its number in the batch, from 1."""
    yield _csv_line(WRITTEN_COLUMNS)
    for number, payment in payments:
        yield _csv_line(_written(batch, number, payment))


def batch_named(text: str) -> UUID:
    """The batch that a result file is about, by its first line. Raises :class:`BadResultFile`."""
    rows = _rows(text)
    first = next(rows, None)
    if first is None:
        raise BadResultFile(2, "the file answers nothing")
    line, row = first
    try:
        return UUID(hex=row[0])
    except ValueError:
        raise BadResultFile(line, "the batch is not one of ours") from None


def results(text: str, batch: UUID, sent: Mapping[int, Payment]) -> list[Result]:
    """What a result file says of a batch; ``sent`` has the payments of its file, by their lines there.

    Raises :class:`BadResultFile` for the first line that is not as it must be.
    """
    found: list[Result] = []
    seen: dict[UUID, int] = {}
    of_number = {payment.number: (number, payment) for number, payment in sent.items()}
    for line, row in _rows(text):
        fields = dict(zip(RESULT_COLUMNS, row, strict=True))
        known = of_number.get(fields["number"])
        if known is None:
            raise BadResultFile(line, f"no payment {fields['number'][:40]!r} is in batch {batch}")
        payment = known[1]
        for name, value in zip(WRITTEN_COLUMNS, _written(batch, *known), strict=True):
            if fields[name] != value:
                is_not = "" if name in _PERSONAL else f": it was {value!r}"
                raise BadResultFile(line, f"the {name} of payment {payment.number} was altered{is_not}")
        if payment.payout in seen:
            first = seen[payment.payout]
            raise BadResultFile(line, f"payment {payment.number} was answered in line {first} already")
        seen[payment.payout] = line
        found.append(Result(line, _answer(line, payment.payout, fields)))
    return found


def _answer(line: int, payout: UUID, fields: Mapping[str, str]) -> Answer:
    match fields["status"]:
        case "paid":
            return Answer(payout, "paid", _said(line, fields, "reference"))
        case "failed":
            return Answer(payout, "failed", _said(line, fields, "reason"))
        case "unknown":
            return Answer(payout, "unknown", _said(line, fields, "reason"))
        case _:
            raise BadResultFile(line, "the status is not one of paid, failed, unknown")


def _said(line: int, fields: Mapping[str, str], name: str) -> str:
    value = fields[name]
    if not 1 <= len(value) <= _LONGEST_CHARS or not value.isprintable():
        raise BadResultFile(line, f"the {name} is not a text of 1 to {_LONGEST_CHARS} characters")
    return value


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != RESULT_COLUMNS:
            raise BadResultFile(1, f"the columns are not {','.join(RESULT_COLUMNS)}")
        for row in reader:
            if len(row) != len(RESULT_COLUMNS):
                raise BadResultFile(reader.line_num, f"it has {len(row)} fields, not {len(RESULT_COLUMNS)}")
            yield reader.line_num, row
    except csv.Error as error:
        raise BadResultFile(reader.line_num, f"it is not CSV: {error}") from None


def _written(batch: UUID, number: int, payment: Payment) -> tuple[str, ...]:
    amount = str(decimal_of(payment.amount_minor, "CNY"))
    return batch.hex, str(number), payment.number, payment.holder, payment.account, amount


def _csv_line(fields: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(fields)
    return line.getvalue()
