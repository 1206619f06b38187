"""A statement as CSV (RFC 4180): one record a row of its tables, each led by the table's name."""

import csv
import io

from settlement.statements.rendering.cells import Cell
from settlement.statements.rendering.sheet import Sheet

#: What a spreadsheet takes for the beginning of a formula, in its full-width forms too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
#: Told by it, Excel reads UTF-8 in China too.
_BYTE_ORDER_MARK = "\ufeff"


def csv_of(sheet: Sheet) -> bytes:
    """The statement in UTF-8 with a byte order mark; amounts in 元 without separators.

    A text that a spreadsheet would run as a formula is led by an apostrophe, which makes it a text.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for table in sheet.tables:
        rows = [tuple(map(Cell, table.columns)), *table.rows, *([table.sums] if table.sums else [])]
        writer.writerows([table.title, *map(_field, row)] for row in rows)
    return (_BYTE_ORDER_MARK + file.getvalue()).encode()


def _field(cell: Cell) -> str:
    text = cell.plain()
    # Spreadsheets overlook what space stands before a formula.
    if not cell.is_number and text.lstrip().startswith(_FORMULA):
        return f"'{text}"
    return text
