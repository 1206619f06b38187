"""A statement as an XLSX workbook: a worksheet for each table."""

import io

from xlsxwriter import Workbook  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from settlement.statements.rendering.cells import Cell, Unit, cells_wide
from settlement.statements.rendering.sheet import Row, Sheet, Table

_NUMBERS = {
    Unit.TEXT: "@",
    Unit.THINGS: "#,##0",
    Unit.COINS: "#,##0",
    Unit.FEN: "#,##0.00",
    Unit.SHARE_BPS: "0.00",
    Unit.CHANGE_BPS: "+0.00;-0.00;0.00",
}
#: A spreadsheet keeps fifteen digits of a number.
_EXACT = 10**15
_WIDEST = 40


def xlsx_of(sheet: Sheet) -> bytes:
    """The statement as a workbook without any formula, dated by its issue: the same bytes each time."""
    file = io.BytesIO()
    workbook = Workbook(file, {"in_memory": True})
    workbook.set_properties({"title": sheet.title, "created": sheet.issued_at.replace(tzinfo=None)})
    formats = {unit: workbook.add_format({"num_format": code}) for unit, code in _NUMBERS.items()}
    bold = {unit: workbook.add_format({"num_format": code, "bold": True}) for unit, code in _NUMBERS.items()}
    heading = workbook.add_format({"bold": True, "bottom": 1})
    for table in sheet.tables:
        _fill(workbook.add_worksheet(table.title), table, heading, formats, bold)
    workbook.close()
    return file.getvalue()


def _fill(
    page: Worksheet, table: Table, heading: Format, formats: dict[Unit, Format], bold: dict[Unit, Format]
) -> None:
    rows = [*table.rows, *([table.sums] if table.sums else [])]
    for column, name in enumerate(table.columns):
        page.write_string(0, column, name, heading)
        texts = (name, *(row[column].written("") for row in rows))
        page.set_column(column, column, min(max(map(cells_wide, texts)) + 2, _WIDEST))
    for number, row in enumerate(table.rows, start=1):
        _write(page, number, row, formats)
    if table.sums:
        _write(page, len(table.rows) + 1, table.sums, bold)
    page.freeze_panes(1, 0)


def _write(page: Worksheet, number: int, row: Row, formats: dict[Unit, Format]) -> None:
    for column, cell in enumerate(row):
        _write_cell(page, number, column, cell, formats[cell.unit])


def _write_cell(page: Worksheet, row: int, column: int, cell: Cell, form: Format) -> None:
    if isinstance(cell.value, int) and abs(cell.value) < _EXACT:
        page.write_number(row, column, cell.number, form)
    else:
        # Text is written as text, never judged: what begins like a formula stays what was written.
        page.write_string(row, column, cell.plain(), form)
