"""Renderings of a statement: nothing of the document is missing, and nothing in it can do harm."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest

from settlement.statements.rendering import FORMATS, LANGUAGES, Language, rendered
from settlement.statements.rendering.cells import cells_wide, cut
from tests.settlement.statements.documents import Document, stored, written

_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_HOSTILE = ("=1+1", "+cmd", "-2", "@SUM(A1)", "  =1+1", "＝1+1", '=HYPERLINK("http://x";"y")', "=1,=2")
both_languages = pytest.mark.parametrize("language", LANGUAGES)


def as_text(document: Document, language: Language = "zh") -> str:
    return rendered(stored(document), FORMATS["text"], language).decode()


def csv_records(document: Document, language: Language = "zh") -> list[list[str]]:
    content = rendered(stored(document), FORMATS["csv"], language).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))


def workbook_cells(document: Document, language: Language = "zh") -> dict[str, list[list[str | Decimal]]]:
    """What a workbook says, by worksheet: read from its XML, with no library that wrote it."""
    content = rendered(stored(document), FORMATS["xlsx"], language)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert all(b"<f>" not in parts.read(name) for name in parts.namelist()), "a cell is a formula"
        shared = [
            "".join(text.text or "" for text in item.iter(f"{_SHEETS}t"))
            for item in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))
        ]
        names = [
            sheet.attrib["name"]
            for sheet in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter(f"{_SHEETS}sheet")
        ]
        pages = [
            ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml"))
            for number in range(1, len(names) + 1)
        ]
    return {
        name: [
            [_read(cell, shared) for cell in row if cell.find(f"{_SHEETS}v") is not None]
            for row in page.iter(f"{_SHEETS}row")
        ]
        for name, page in zip(names, pages, strict=True)
    }


def _read(cell: ElementTree.Element, shared: list[str]) -> str | Decimal:
    value = cell.find(f"{_SHEETS}v")
    assert value is not None
    assert value.text is not None
    return shared[int(value.text)] if cell.attrib.get("t") == "s" else Decimal(value.text)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, int | str]]:
    """Every number and text of a document with its name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    elif value is not None:
        yield name, value


def as_people_count(name: str, value: int | str) -> str:
    """A value of the document as a rendering has to show it."""
    if isinstance(value, int) and name.endswith(("_minor", "_bps")):
        return f"{Decimal(value) / 100:.2f}"
    return str(value)


#: Shown in the words of the language, or on the clocks of China.
_SAID = ("kind", "account", "reason", "issued_at", "cutoff", "minor")


@both_languages
@pytest.mark.parametrize("form", ["text", "csv", "xlsx"])
def test_every_number_and_name_of_the_document_is_shown(form: str, language: Language) -> None:
    document = written()
    if form == "text":
        # Thousands are set apart.
        shown = {part.lstrip("+") for part in as_text(document, language).replace(",", "").split()}
    elif form == "csv":
        shown = {field for record in csv_records(document, language) for field in record}
    else:
        found = (cell for rows in workbook_cells(document, language).values() for row in rows for cell in row)
        shown = {f"{cell:f}" if isinstance(cell, Decimal) else cell for cell in found}
        shown |= {f"{Decimal(cell):.2f}" for cell in shown if re.fullmatch(r"-?\d+(\.\d+)?", cell)}
    for name, value in leaves(document):
        if name in _SAID or (name in ("gifts", "accruals") and isinstance(value, str)):
            continue
        words = as_people_count(name, value).split() if form == "text" else [as_people_count(name, value)]
        assert set(words) <= shown, f"{name} {value!r} is not in the {form} in {language}"
    assert {"10.50"} <= shown, "what was not settled is missing"
    assert any("2026-11-01 10:03:04.000005+08:00" in text for text in (*shown, as_text(document, language)))


@both_languages
def test_what_was_settled_before_is_told_in_dates_and_entries_and_not_in_microseconds(
    language: Language,
) -> None:
    document = written()
    # 2026-10-31 24:00 in China, and the fourth entry of 2026-11-01 10:03:04.000005.
    at, seq = 1_793_462_400_000_000, 1_793_498_584_000_005 * 256 + 3
    document["inputs"]["gifts"] = [["1", str(seq), str(at), str(seq), "40"]]
    document["inputs"]["accruals"] = [["0", "0", "0", "0", "50"]]
    shown = as_text(document, language)
    assert "2026-11-01 00:00:00+08:00" in shown
    assert shown.count("2026-11-01 10:03:04.000005+08:00 #3") >= 2
    assert str(at) not in shown
    assert str(seq) not in shown


def test_the_sums_are_those_of_the_lines_and_equal_the_totals() -> None:
    document = written()
    lines, totals = document["lines"], document["totals"]
    sums = {record[0]: record[1:] for record in csv_records(document) if record[1] == "合计"}
    gifts = [line for line in lines if line["kind"] == "gift"]
    summed = ("gifts", "coins", "face_minor", "amount_minor", "guild_minor", "platform_minor")
    assert sums["礼物收益"][-6:] == [
        as_people_count(name, sum(line[name] for line in gifts)) for name in summed
    ]
    assert Decimal(sums["按收益类型合计"][-1]) * 100 == totals["credited_minor"]
    assert Decimal(sums["按收益类型合计"][-1]) * 100 == sum(line["amount_minor"] for line in lines)
    assert Decimal(sums["延时到账"][-1]) * 100 == totals["held_minor"]
    by_kind = {record[1]: record[-1] for record in csv_records(document) if record[0] == "按收益类型合计"}
    assert Decimal(by_kind["礼物"]) + Decimal(by_kind["任务奖励"]) + Decimal(by_kind["带货佣金"]) == Decimal(
        by_kind["合计"]
    )
    change = {record[1]: record[3] for record in csv_records(document) if record[0] == "余额"}
    assert Decimal(change["收益余额"]) * 100 == totals["credited_minor"]


@both_languages
@pytest.mark.parametrize("form", FORMATS)
def test_the_same_document_always_renders_to_the_same_bytes(form: str, language: Language) -> None:
    document = stored(written())
    assert rendered(document, FORMATS[form], language) == rendered(document, FORMATS[form], language)


def test_the_workbook_is_dated_by_its_issue_and_not_by_its_rendering() -> None:
    content = rendered(stored(written()), FORMATS["xlsx"], "en")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        core = parts.read("docProps/core.xml").decode()
        assert {info.date_time[:3] for info in parts.infolist()} == {(1980, 1, 1)}
    assert set(re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", core)) == {"2026-11-01T02:03:04Z"}


def test_json_is_the_document_itself_byte_for_byte() -> None:
    document = stored(written())
    assert rendered(document, FORMATS["json"], "en") == document


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_name_that_looks_like_a_formula_stays_a_text(name: str) -> None:
    document = written()
    document["streamer"] = document["lines"][0]["guild"] = document["lines"][0]["session"] = name
    fields = [field for record in csv_records(document) for field in record]
    hostile = [field for field in fields if field.removeprefix("'") == name]
    assert len(hostile) == 3, "the name is not there as often as it was written"
    assert {field[0] for field in hostile} == {"'"}, f"{name!r} would be run"
    cells = [cell for rows in workbook_cells(document).values() for row in rows for cell in row]
    assert cells.count(name) == 3, "the workbook says something else"


def test_a_negative_amount_in_csv_is_a_number_and_not_a_text() -> None:
    change = next(record for record in csv_records(written()) if record[1] == "待结算礼物")
    assert change[2:5] == ["12400", "-12345", "55"]


@both_languages
def test_columns_line_up_where_chinese_characters_are_two_wide(language: Language) -> None:
    lines = as_text(written(), language).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(("按收益类型合计", "All by kind")))
    table = lines[start + 1 : start + 8]
    assert len({cells_wide(line) for line in table}) == 1, "\n".join(table)
    assert max(map(cells_wide, lines)) <= 120


def test_a_name_too_long_for_its_column_goes_on_below_and_none_of_it_is_lost() -> None:
    document = written()
    document["streamer"] = "龘" * 100
    document["lines"][0]["guild"] = "x" * 200
    text = as_text(document)
    assert max(map(cells_wide, text.splitlines())) <= 170
    assert text.count("龘") == 100
    assert text.count("x") == 200


def test_a_text_is_cut_by_what_it_takes_on_the_screen() -> None:
    assert cells_wide("智联币 e\u0301") == 8
    assert cut("智联币ab", 5) == ["智联", "币ab"]
    assert cut("", 5) == [""]


def test_an_amount_beyond_what_a_spreadsheet_can_count_is_kept_to_the_fen() -> None:
    document = written()
    huge = 2**53 - 1
    document["lines"][0]["face_minor"] = huge
    cells = [cell for rows in workbook_cells(document).values() for row in rows for cell in row]
    assert "90071992547409.91" in cells


def test_a_statement_of_a_flat_run_with_nothing_but_gifts_is_shown() -> None:
    document = written()
    line = {**document["lines"][0], "policy": "flat:5000", "class": None, "guild": None, "guild_minor": 0}
    document |= {"lines": [line], "holds": [], "not_settled": []}
    document["period"] = {"name": "flat", "from": None, "through": "2026-10-31"}
    document["inputs"] |= {"policies": [], "gifts": [], "accruals": []}
    for form in FORMATS:
        assert rendered(stored(document), FORMATS[form], "en")
    text = as_text(document, "en")
    assert "Delayed arrival" not in text
    assert "flat:5000" in text
    json.loads(rendered(stored(document), FORMATS["json"], "en"))
