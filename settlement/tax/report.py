"""The quarterly report (涉税信息报送): who was paid how much, by class of income, gross, returns and net.

《互联网平台企业涉税信息报送规定》(国务院令第810号): in the month after each quarter, the identity and the
income of everyone paid through the platform. It is made from what was posted by a moment, so that the same
moment makes the same bytes again, whatever came later.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self, TextIO

from sqlalchemy import Connection, text

from ledger.money import decimal_of
from ledger.sealing import SealedValue, SealingKeys
from settlement.payees.reading import PayeeKind
from settlement.tax.classes import IncomeClass, Part
from settlement.tax.income import income_by_class
from settlement.tax.withholding import IncomeType, income_type

_PERSONS_A_FETCH = 1_000
_QUARTER = re.compile(r"(2[0-9]{3})-Q([1-4])")
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t")

_PERSONS = text("""
    -- A payout that failed never was income; one that came back was, and is returned.
    WITH persons AS (
        SELECT i.number_hash, array_agg(DISTINCT i.payee COLLATE "C") AS parties,
               array_agg(i.payout) FILTER (WHERE i.gross_minor > 0) AS payouts
        FROM settlement.payout_income AS i
        WHERE i.year = :year AND i.month BETWEEN :first_month AND :first_month + 2 AND i.entry <= :upto_seq
          AND NOT EXISTS (SELECT FROM settlement.payout_events AS e
                          WHERE e.payout = i.payout AND e.state = 'failed' AND e.entry <= :upto_seq)
        GROUP BY i.number_hash
    )
    SELECT p.*, v.entry, v.kind, v.party,
           name.key_id AS name_key, name.sealed AS name, number.key_id AS number_key, number.sealed AS number
    FROM persons AS p
    CROSS JOIN LATERAL (
        SELECT * FROM settlement.verifications AS v
        WHERE v.number_hash = p.number_hash AND v.entry <= :upto_seq ORDER BY v.entry DESC LIMIT 1
    ) AS v
    JOIN settlement.sealed_values AS name ON name.entry = v.entry AND name.field = 'name'
    JOIN settlement.sealed_values AS number ON number.entry = v.entry AND number.field = 'number'
    ORDER BY p.number_hash
""")


class Quarter(NamedTuple):
    """A quarter of a year, China time."""

    year: int
    number: int

    @classmethod
    def named(cls, name: str) -> Self:
        """The quarter written 2026-Q4. Raises ``ValueError``."""
        found = _QUARTER.fullmatch(name)
        if not found:
            raise ValueError(f"{name!r} is not a quarter such as 2026-Q4")
        return cls(int(found[1]), int(found[2]))

    @property
    def first_month(self) -> int:
        """1, 4, 7 or 10."""
        return 3 * self.number - 2

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


class Earner(NamedTuple):
    """A class of income of a person or an organisation, opened for finance: not to be kept or logged.

    Amounts in fen. ``gross_minor`` less ``returns_minor`` is ``net_minor``, what was paid, before tax.
    """

    kind: PayeeKind
    name: str
    number: str
    parties: tuple[str, ...]
    income_type: IncomeType
    income_class: IncomeClass
    payouts: int
    gross_minor: int
    returns_minor: int
    net_minor: int
    tax_minor: int


def earners(connection: Connection, keys: SealingKeys, quarter: Quarter, upto_seq: int) -> Iterator[Earner]:
    """Whoever was paid by payouts sent in a quarter, by class of income; in an order that stays.

    As posted up to ``upto_seq``. Read as it is asked for, in constant memory. Raises
    :class:`ledger.sealing.CannotUnseal` where a key is not at hand.
    """
    streamed = connection.execution_options(yield_per=_PERSONS_A_FETCH)
    asked = {"year": quarter.year, "first_month": quarter.first_month, "upto_seq": upto_seq}
    for rows in streamed.execute(_PERSONS, asked).partitions():
        parties = {party for row in rows for party in row.parties}
        income = income_by_class(connection, parties, upto_seq)
        for row in rows:
            yield from _of_person(row, keys, [income[payout] for payout in row.payouts])


def _of_person(
    row: Any, keys: SealingKeys, payouts: Sequence[Mapping[IncomeClass, Part]]
) -> Iterator[Earner]:
    is_organisation = row.kind == "organisation"
    name = keys.unseal(SealedValue(row.entry, "name", row.party, row.name_key, row.name))
    number = keys.unseal(SealedValue(row.entry, "number", row.party, row.number_key, row.number))
    by_class: dict[IncomeClass, list[list[Part]]] = {}
    for payout in payouts:
        theirs: dict[IncomeClass, list[Part]] = {}
        for income_class, part in payout.items():
            theirs.setdefault(IncomeClass.BUSINESS if is_organisation else income_class, []).append(part)
        for income_class, parts in theirs.items():
            by_class.setdefault(income_class, []).append(parts)
    for income_class in IncomeClass:
        if of_class := by_class.get(income_class):
            all_parts = [part for parts in of_class for part in parts]
            yield Earner(
                row.kind,
                name,
                number,
                tuple(row.parties),
                income_type(is_organisation=is_organisation),
                income_class,
                len(of_class),
                *map(sum, zip(*all_parts, strict=True)),
            )


def write_report(
    connection: Connection, keys: SealingKeys, quarter: Quarter, upto_seq: int, file: TextIO
) -> int:
    """Write a report as CSV (RFC 4180), amounts in 元; returns of how many persons and organisations it is.

    A line a person and class of income. A text that a spreadsheet would run as a formula is led by an
    apostrophe, which makes it a text.
    """
    writer = csv.writer(file, lineterminator="\r\n")
    columns = ("quarter", "kind", "name", "number", "parties", "income_type", "income_class", "payouts")
    writer.writerow((*columns, "gross", "returns", "net", "tax_withheld"))
    persons = set()
    for earner in earners(connection, keys, quarter, upto_seq):
        persons.add((earner.kind, earner.number))
        amounts = (earner.gross_minor, earner.returns_minor, earner.net_minor, earner.tax_minor)
        writer.writerow(
            (
                quarter,
                earner.kind,
                _plain(earner.name),
                _plain(earner.number),
                _plain(" ".join(earner.parties)),
                earner.income_type,
                earner.income_class,
                earner.payouts,
                *(decimal_of(amount, "CNY") for amount in amounts),
            )
        )
    return len(persons)


def _plain(value: str) -> str:
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value
