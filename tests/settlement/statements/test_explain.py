"""Explanations: every line of a statement, in words and numbers, to the fen."""

import json
import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4

import pytest

from ledger.database import Database
from settlement.statements.explain import Explanation, NoSuchLine, Receipt, explain
from settlement.statements.reading import NoSuchStatement, statement
from settlement.statements.rendering.explained import explained
from settlement.statements.rendering.words import LANGUAGES, Language
from tests.settlement.statements.worked import Month, worked_month

Line = dict[str, object]


@pytest.fixture(scope="module")
def month(server: Database, _migrated: str) -> Iterator[Month]:
    with server.scratch(copy_of=_migrated) as database:
        yield worked_month(database)


@pytest.fixture
def lines(month: Month) -> list[Line]:
    with month.stage.database.app.connect() as connection:
        document = statement(connection, month.statement).document
    assert document is not None
    found: list[Line] = json.loads(document)["lines"]
    return found


def explanation(month: Month, number: int, **page: int) -> Explanation:
    with month.stage.database.app.connect() as connection:
        return explain(connection, month.statement, number, **page)


def whole(month: Month, number: int, *, limit: int = 4) -> list[Receipt]:
    """All receipts of a line, page by page."""
    found: list[Receipt] = []
    after: int | None = 0
    while after is not None:
        page = explanation(month, number, after=after, limit=limit)
        assert len(page.receipts) <= limit
        found += page.receipts
        after = page.next_cursor
    return found


def test_the_arithmetic_of_every_line_ends_at_its_amount(month: Month, lines: list[Line]) -> None:
    kinds = set()
    for number, line in enumerate(lines, start=1):
        found = explanation(month, number)
        assert found.line == line
        assert found.steps[-1].result == line["amount_minor"], f"line {number}"
        kinds.add(line["kind"])
    assert kinds == {"gift", "task", "commerce", "adjustment"}


def calculated(formula: str) -> list[Decimal]:
    """Both sides of each equation of a formula, worked out anew with decimals."""
    parts = re.split(r" [=→] ", formula.replace(",", ""))
    values = []
    for part in parts:
        sum_of = re.sub(r"([\d.]+) %", r"(\1/100)", part).replace("×", "*").replace("…", "")
        tokens = re.sub(r"(\d+(\.\d+)?)", r"Decimal('\1')", sum_of)
        values.append(Decimal(eval(tokens, {"Decimal": Decimal})))
    return values


def test_every_formula_is_right_as_it_stands(month: Month, lines: list[Line]) -> None:
    """Left and right of each = are the same; right of each → is the fen that half up makes of it."""
    seen = 0
    for number in range(1, len(lines) + 1):
        for step in explanation(month, number).steps:
            left, *right = calculated(step.formula)
            for value in right:
                if "→" in step.formula and value == right[-1]:
                    assert value == left.quantize(Decimal("0.01"), ROUND_HALF_UP), step.formula
                else:
                    assert abs(left - value) < Decimal("0.000001"), step.formula
                seen += 1
    assert seen > 20


def test_the_gifts_of_every_line_add_up_to_its_coins_and_its_amount(month: Month, lines: list[Line]) -> None:
    taken = []
    for number, line in enumerate(lines, start=1):
        receipts = whole(month, number)
        assert sum(receipt.amount_minor for receipt in receipts) == line["amount_minor"], f"line {number}"
        if line["kind"] == "gift":
            assert sum(receipt.coins or 0 for receipt in receipts) == line["coins"], f"line {number}"
            assert line["gifts"] in (None, len(receipts))
            taken += receipts
        else:
            assert line["count"] == len(receipts)
    # The tier of 50 coins ends within the gift of 11: a part of it lies in either line.
    parts = [receipt.coins for receipt in taken if receipt.what == "rose × 11 @ r1"]
    assert sorted(filter(None, parts)) == [3, 8]
    assert sum(receipt.coins or 0 for receipt in taken) == 101


def test_a_line_under_terms_it_shares_with_another_is_what_the_other_leaves(month: Month) -> None:
    """By hand: 19 coins at 50.03 % are 0.95057, half up 0.95; the guild has 5/50.03 of it, 0.0949…, 0.09.

    0.86 remain for two lines. Of the 13 first coins alone come 0.65 and 0.06, so 0.59; the rest is 0.27.
    """
    steps = [step.formula for step in explanation(month, 3).steps]
    assert steps == [
        "13 + 6 = 19",
        "19 × 0.10 = 1.90",
        "1.90 × 50.03 % = 0.95057 → 0.95",
        "0.95 × 5.00 / 50.03 = 0.094943… → 0.09",
        "0.95 - 0.09 = 0.86",
        "0.86 - 0.59 = 0.27",
    ]


def test_goods_that_came_back_are_explained_by_what_is_left(month: Month, lines: list[Line]) -> None:
    number = next(n for n, line in enumerate(lines, start=1) if line["kind"] == "commerce")
    amounts = {receipt.what: receipt.amount_minor for receipt in whole(month, number)}
    # A tenth of 11.11 is 1.11; of O-3 goods of 5.55 came back, which takes 0.55 or 0.56 of it.
    assert amounts["O-2"] == 111
    assert amounts["O-3"] in (55, 56)
    assert sum(amounts.values()) == lines[number - 1]["amount_minor"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_explanation_names_the_version_the_terms_and_the_amount(month: Month, language: Language) -> None:
    found = explanation(month, 6, limit=3)
    text = explained(found, language)
    assert found.version is not None
    for said in ("v2", found.version.sha256, "40.01", "3.30 × 40.01 % = 1.32033 → 1.32", "rose × 1 @ r1"):
        assert said in text, f"{said} is not said"
    assert text.splitlines()[-1].endswith("1.16 元" if language == "zh" else "1.16 CNY")
    assert found.next_cursor == 3


def test_a_line_or_a_statement_that_is_not_there_cannot_be_explained(month: Month, lines: list[Line]) -> None:
    for number in (0, -1, len(lines) + 1):
        with pytest.raises(NoSuchLine, match=f"has {len(lines)} lines"):
            explanation(month, number)
    with month.stage.database.app.connect() as connection, pytest.raises(NoSuchStatement):
        explain(connection, uuid4(), 1)
