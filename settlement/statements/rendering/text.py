"""A statement as text in columns, for any screen with letters of one width."""

from collections.abc import Iterator, Sequence

from settlement.statements.rendering.cells import Cell, cells_wide, cut
from settlement.statements.rendering.sheet import Sheet, Table

#: The widest a column of names gets: a SHA-256. Longer ones go on in the line below.
_WIDEST = 64
_GAP = "  "


def text_of(sheet: Sheet) -> bytes:
    """The statement in UTF-8, with LF, in columns that line up where Chinese characters are two wide."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(sheet)).encode()


def _lines(sheet: Sheet) -> Iterator[str]:
    yield sheet.title
    yield "=" * cells_wide(sheet.title)
    for table in sheet.tables:
        yield ""
        yield table.title
        yield from table_lines(table, sheet.nothing)


def table_lines(table: Table, nothing: str) -> Iterator[str]:
    """A row in one line; or in two, the second set in a little, where the table says so."""
    head = tuple(map(Cell, table.columns))
    rows = [head, *table.rows, *([table.sums] if table.sums else [])]
    texts = [tuple(cell.written(nothing) for cell in row) for row in rows]
    at_right = _at_right(table)
    first, second = slice(None, table.second_from), slice(table.second_from, None)
    widths = [min(max(map(cells_wide, column)), _WIDEST) for column in zip(*texts, strict=True)]
    indent = " " * min(widths[0] + len(_GAP), 8)
    length = max(
        len(_GAP) * (len(widths[part]) - 1) + sum(widths[part]) + (len(indent) if part is second else 0)
        for part in (first, second)
    )
    for number, line in enumerate(texts):
        if number in (1, len(texts) - 1 if table.sums else 1):
            yield "-" * length
        yield from _row(line[first], widths[first], at_right[first])
        for below in _row(line[second], widths[second], at_right[second]):
            yield indent + below


def _at_right(table: Table) -> Sequence[bool]:
    """Numbers stand to the right. So do the words above them."""
    return [any(cell.is_number for cell in column) for column in zip(*table.rows, strict=True)]


def _row(texts: Sequence[str], widths: Sequence[int], at_right: Sequence[bool]) -> Iterator[str]:
    if not texts:
        return
    pieces = [cut(text, width) for text, width in zip(texts, widths, strict=True)]
    for depth in range(max(map(len, pieces))):
        parts = []
        for piece, width, right in zip(pieces, widths, at_right, strict=True):
            text = piece[depth] if depth < len(piece) else ""
            space = " " * (width - cells_wide(text))
            parts.append(space + text if right else text + space)
        yield _GAP.join(parts)
