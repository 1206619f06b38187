"""A statement as tables: what every rendering shows, each in its own form.

All numbers of the document are here, and besides them only sums: of the columns, and of the kinds of
earning taken together (合并计算). Rule: LIVE-EARN-5.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from ledger.instants import datetime_of
from ledger.kernel.posted import SEQS_PER_MICROSECOND, posted_instant
from settlement.kinds import EarningKind
from settlement.statements.rendering.cells import Cell, Unit
from settlement.statements.rendering.words import Language, kind_word, reason_word, word

_CHINA = timezone(timedelta(hours=8))

Document = Mapping[str, Any]
Row = tuple[Cell, ...]

_LINE_UNITS = {
    "tier_from_coins": Unit.COINS,
    "share_bps": Unit.SHARE_BPS,
    "quality_bps": Unit.CHANGE_BPS,
    "gifts": Unit.THINGS,
    "coins": Unit.COINS,
    "face_minor": Unit.FEN,
    "amount_minor": Unit.FEN,
    "guild_minor": Unit.FEN,
    "platform_minor": Unit.FEN,
    "count": Unit.THINGS,
}
_GIFT_NAMES = ("session", "policy", "class", "guild")
_GIFT_TERMS = ("tier_from_coins", "share_bps", "quality_bps")
_GIFT_SUMS = ("gifts", "coins", "face_minor", "amount_minor", "guild_minor", "platform_minor")


class Table(NamedTuple):
    """Columns of one kind of thing, a row each, and the sums below them.

    ``second_from`` is where a narrow page breaks each row in two; past the last column it does not.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    sums: Row | None = None
    second_from: int = 99


class Sheet(NamedTuple):
    """A statement laid out in tables, and the moment it was issued, which dates what is made of it."""

    title: str
    tables: tuple[Table, ...]
    nothing: str
    issued_at: datetime


def sheet_of(document: Document, language: Language) -> Sheet:
    """A statement's document (parsed) in tables."""
    laying = _Laying(document, language)
    issued_at = datetime.fromisoformat(document["issued_at"])
    return Sheet(
        f"{word('statement', language)} {document['period']['name']}",
        tuple(table for table in laying.tables() if table.rows),
        word("not_available", language),
        issued_at,
    )


class _Laying:
    """Lays one document out in one language."""

    def __init__(self, document: Document, language: Language) -> None:
        self._document = document
        self._language = language
        numbered = list(enumerate(document["lines"], start=1))
        self._gifts = [(n, line) for n, line in numbered if line["kind"] == EarningKind.GIFT]
        self._others = [(n, line) for n, line in numbered if line["kind"] != EarningKind.GIFT]

    def tables(self) -> Iterator[Table]:
        yield self._head()
        yield self._totals()
        yield self._by_kind()
        yield self._gift_lines()
        yield self._other_lines()
        yield self._holds()
        yield self._not_settled()
        yield self._returned()
        yield self._balances()
        yield self._inputs()
        yield self._policies()
        yield self._strata()

    def _head(self) -> Table:
        document, period = self._document, self._document["period"]
        return self._pairs(
            "statement",
            ("number", document["statement"]),
            ("streamer", document["streamer"]),
            ("period", period["name"]),
            ("from", period["from"]),
            ("through", period["through"]),
            ("issued_at", in_china(document["issued_at"])),
            ("run", document["run"]),
            ("entry", document["entry"]),
            ("format", document["format"]),
        )

    def _totals(self) -> Table:
        totals = self._document["totals"]
        names = ("gross", "guild", "credited", "held", "available", "platform")
        rows = [
            (self._said(f"total_{name}"), _fen(totals[f"{name}_minor"]), self._said("yuan")) for name in names
        ]
        return self._table("totals", ("item", "amount", "unit"), rows)

    def _by_kind(self) -> Table:
        rows, lines = [], self._document["lines"]
        for kind in dict.fromkeys(line["kind"] for line in lines):
            theirs = [line for line in lines if line["kind"] == kind]
            count = _sum([line["gifts"] if kind == EarningKind.GIFT else line["count"] for line in theirs])
            earned = sum(line["amount_minor"] for line in theirs)
            rows.append((Cell(kind_word(kind, self._language)), Cell(count, Unit.THINGS), _fen(earned)))
        return self._summed("by_kind", ("kind", "count", "amount_minor"), rows)

    def _gift_lines(self) -> Table:
        names = (*_GIFT_NAMES, *_GIFT_TERMS, *_GIFT_SUMS)
        rows = [(_things(n), *(_cell(line, name) for name in names)) for n, line in self._gifts]
        unsummed = 1 + len(_GIFT_NAMES) + len(_GIFT_TERMS)
        return self._summed(
            "gift_lines", ("line", *names), rows, unsummed=unsummed, second_from=1 + len(_GIFT_NAMES)
        )

    def _other_lines(self) -> Table:
        rows = [
            (
                _things(n),
                Cell(kind_word(line["kind"], self._language)),
                *(_cell(line, name) for name in ("session", "policy", "count", "amount_minor")),
            )
            for n, line in self._others
        ]
        columns = ("line", "kind", "session", "policy", "count", "amount_minor")
        return self._summed("other_lines", columns, rows, unsummed=4)

    def _holds(self) -> Table:
        rows = [
            (Cell(hold["available_on"]), Cell(hold["hold"]), _fen(hold["amount_minor"]))
            for hold in self._document["holds"]
        ]
        return self._summed("holds", ("available_on", "hold", "amount"), rows, unsummed=2)

    def _not_settled(self) -> Table:
        rows = []
        for left in self._document["not_settled"]:
            unit = Unit.COINS if left["account"] == "gifts" else Unit.FEN
            rows.append(
                (
                    self._said(f"{left['account']}_account"),
                    Cell(left["minor"], unit),
                    self._said("coins" if unit is Unit.COINS else "yuan"),
                    Cell(reason_word(left["reason"], self._language)),
                )
            )
        return self._table("not_settled", ("account", "amount", "unit", "reason"), rows)

    def _returned(self) -> Table:
        """Tips that went back since the statement before, and those that stand again."""
        rows = [
            (
                self._said(way),
                Cell(flow["tips"], Unit.THINGS),
                Cell(flow["coins"], Unit.COINS),
                Cell(flow["unsettled_coins"], Unit.COINS),
                _fen(flow["earnings_minor"]),
                _fen(flow["debt_minor"]),
            )
            for way in ("returned", "restored")
            if (flow := self._document.get(way))
        ]
        columns = ("item", "gifts", "coins", "unsettled_coins", "earnings_changed", "debt_changed")
        return self._table("returned_tips", columns, rows)

    def _balances(self) -> Table:
        opening, closing = self._document["opening"], self._document["closing"]
        rows = []
        for name, unit in (
            ("gifts_coins", Unit.COINS),
            ("accruals_minor", Unit.FEN),
            ("earnings_minor", Unit.FEN),
        ):
            rows.append(
                (
                    self._said(f"{name.partition('_')[0]}_account"),
                    Cell(opening[name], unit),
                    Cell(closing[name] - opening[name], unit),
                    Cell(closing[name], unit),
                    self._said("coins" if unit is Unit.COINS else "yuan"),
                )
            )
        return self._table("balances", ("account", "opening", "change", "closing", "unit"), rows)

    def _inputs(self) -> Table:
        inputs = self._document["inputs"]
        return self._pairs(
            "inputs",
            ("through_seq", inputs["through_seq"]),
            ("pinned_seq", inputs["pinned_seq"]),
            ("cutoff", in_china(inputs["cutoff"])),
        )

    def _policies(self) -> Table:
        policies = self._document["inputs"]["policies"]
        rows = [(Cell(policy["version"]), Cell(policy["sha256"])) for policy in policies]
        return self._table("policies", ("version", "sha256"), rows)

    def _strata(self) -> Table:
        """What earlier outflows had taken of the receipts: each range up to its mark."""
        rows = [
            (
                self._said(f"{account}_account"),
                *(Cell(numbered(int(stratum[n]))) for n in (0, 1)),
                Cell(_marked(int(stratum[2]))),
                Cell(numbered(int(stratum[3]))),
                Cell(int(stratum[4]), Unit.COINS if account == "gifts" else Unit.FEN),
            )
            for account in ("gifts", "accruals")
            for stratum in self._document["inputs"][account]
        ]
        columns = ("account", "from_seq", "to_seq", "mark_at", "mark_seq", "part")
        return self._table("strata", columns, rows)._replace(second_from=3)

    def _said(self, name: str) -> Cell:
        return Cell(word(name, self._language))

    def _pairs(self, title: str, *pairs: tuple[str, str | None]) -> Table:
        return self._table(
            title, ("item", "value"), [(self._said(name), Cell(value)) for name, value in pairs]
        )

    def _table(self, title: str, columns: Iterable[str], rows: Sequence[Row]) -> Table:
        return Table(word(title, self._language), tuple(word(name, self._language) for name in columns), rows)

    def _summed(
        self,
        title: str,
        columns: Iterable[str],
        rows: Sequence[Row],
        *,
        unsummed: int = 1,
        second_from: int = 99,
    ) -> Table:
        """A table whose columns are summed, the first ``unsummed`` of them left out."""
        table = self._table(title, columns, rows)
        if not rows:
            return table
        sums = (
            Cell(_sum([cell.value for cell in column]), column[0].unit)
            for column in list(zip(*rows, strict=True))[unsummed:]
        )
        blanks = (Cell("") for _ in range(unsummed - 1))
        return table._replace(sums=(self._said("sum"), *blanks, *sums), second_from=second_from)


def _cell(line: Mapping[str, Any], name: str) -> Cell:
    return Cell(line[name], _LINE_UNITS.get(name, Unit.TEXT))


def _sum(values: Sequence[object]) -> int | None:
    """What a column comes to. A gift that a tier cuts in two has no count: then their number is not told."""
    numbers = [value for value in values if isinstance(value, int)]
    return sum(numbers) if len(numbers) == len(values) else None


def _fen(minor: int) -> Cell:
    return Cell(minor, Unit.FEN)


def _things(number: int) -> Cell:
    return Cell(number, Unit.THINGS)


def numbered(seq: int) -> str | None:
    """A number of the journal as people read it: when it was posted, and which of that microsecond it is.

    None for the one before all of them.
    """
    if not seq:
        return None
    return f"{in_china(datetime_of(posted_instant(seq)).isoformat())} #{seq % SEQS_PER_MICROSECOND}"


def _marked(instant: int) -> str | None:
    return in_china(datetime_of(instant).isoformat()) if instant else None


def in_china(moment: str) -> str:
    """A time of the document as the clocks of China show it, nothing of it lost."""
    return datetime.fromisoformat(moment).astimezone(_CHINA).isoformat(sep=" ")
