"""An explanation in words and numbers, in Chinese or English."""

from ledger.instants import datetime_of
from settlement.kinds import EarningKind
from settlement.statements.explain import Explanation
from settlement.statements.rendering.cells import Cell, Unit
from settlement.statements.rendering.sheet import Table, in_china
from settlement.statements.rendering.text import table_lines
from settlement.statements.rendering.words import Language, kind_word, word


def explained(explanation: Explanation, language: Language) -> str:
    """A line of a statement explained, as text in columns: what it is, the arithmetic, and its receipts."""
    line = explanation.line
    is_gift = line["kind"] == EarningKind.GIFT
    nothing = word("not_available", language)

    def said(name: str) -> Cell:
        return Cell(word(name, language))

    facts = [
        (said("number"), Cell(str(explanation.statement))),
        (said("period"), Cell(explanation.period)),
        (said("line"), Cell(str(explanation.number))),
        (said("kind"), Cell(kind_word(line["kind"], language))),
        (said("session"), Cell(line["session"])),
        (said("policy"), Cell(line["policy"])),
    ]
    if explanation.version is not None:
        version = explanation.version
        facts += [
            (said("effective_at"), Cell(in_china(datetime_of(version.effective_at).isoformat()))),
            (said("sha256"), Cell(version.sha256)),
        ]
    if is_gift:
        facts += [
            (said("class"), Cell(line["class"])),
            (said("tier_from_coins"), Cell(Cell(line["tier_from_coins"], Unit.COINS).written(nothing))),
            (said("share_bps"), Cell(Cell(line["share_bps"], Unit.SHARE_BPS).written(nothing))),
            (said("quality_bps"), Cell(Cell(line["quality_bps"], Unit.CHANGE_BPS).written(nothing))),
            (said("guild"), Cell(line["guild"])),
        ]
    steps = [(Cell(word(step.name, language)), Cell(step.formula)) for step in explanation.steps]
    receipts = [
        (
            Cell(in_china(datetime_of(receipt.occurred_at).isoformat())),
            Cell(str(receipt.entry)),
            Cell(receipt.what),
            *([Cell(receipt.coins, Unit.COINS)] if is_gift else []),
            Cell(receipt.amount_minor, Unit.FEN),
        )
        for receipt in explanation.receipts
    ]
    columns = ("occurred_at", "entry", "receipt", *(["coins"] if is_gift else []), "amount_minor")
    tables = (
        Table(word("statement_line", language), (word("item", language), word("value", language)), facts),
        Table(word("arithmetic", language), (word("item", language), word("value", language)), steps),
        Table(word("receipts", language), tuple(word(name, language) for name in columns), receipts),
    )
    lines = []
    for table in tables:
        if table.rows:
            lines += [table.title, *table_lines(table, nothing), ""]
    amount = Cell(line["amount_minor"], Unit.FEN).written(nothing)
    lines.append(f"{word('amount_of_line', language)} {amount} {word('yuan', language)}")
    return "".join(f"{text.rstrip()}\n" for text in lines)
