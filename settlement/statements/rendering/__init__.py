"""Renderings of a statement (结算单): the same document as JSON, text, CSV or XLSX, in Chinese or English.

The document is what was issued; a rendering adds nothing but sums, and the same document always renders to
the same bytes.
"""

import json
from collections.abc import Callable
from typing import NamedTuple

from settlement.statements.rendering.csv import csv_of
from settlement.statements.rendering.sheet import Sheet, sheet_of
from settlement.statements.rendering.text import text_of
from settlement.statements.rendering.words import LANGUAGES, Language
from settlement.statements.rendering.xlsx import xlsx_of

__all__ = ["FORMATS", "LANGUAGES", "Format", "Language", "rendered"]


class Format(NamedTuple):
    """A form in which a statement can be had."""

    name: str
    media_type: str
    render: Callable[[Sheet], bytes] | None


#: By name; the document itself comes first.
FORMATS: dict[str, Format] = {
    form.name: form
    for form in (
        Format("json", "application/json", None),
        Format("text", "text/plain; charset=utf-8", text_of),
        Format("csv", "text/csv; charset=utf-8", csv_of),
        Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_of),
    )
}


def rendered(document: bytes, form: Format, language: Language) -> bytes:
    """A stored document in a form: JSON is the very bytes that were issued, whatever the language."""
    if form.render is None:
        return document
    return form.render(sheet_of(json.loads(document), language))
