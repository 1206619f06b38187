"""Cells: one value of a statement with its unit, and how it is written."""

import unicodedata
from decimal import Decimal
from enum import Enum, auto
from typing import NamedTuple


class Unit(Enum):
    """What a value counts: nothing (it is text), things, coins, fen, or ten-thousandths."""

    TEXT = auto()
    THINGS = auto()
    COINS = auto()
    FEN = auto()
    SHARE_BPS = auto()
    CHANGE_BPS = auto()


#: Fen are written as 元, ten-thousandths as per cent.
PLACES = {Unit.THINGS: 0, Unit.COINS: 0, Unit.FEN: 2, Unit.SHARE_BPS: 2, Unit.CHANGE_BPS: 2}


class Cell(NamedTuple):
    """A value: text, or a whole number of its unit. None is no value."""

    value: str | int | None
    unit: Unit = Unit.TEXT

    @property
    def is_number(self) -> bool:
        """Whether it stands to the right, and can be summed."""
        return self.unit is not Unit.TEXT

    @property
    def number(self) -> Decimal:
        """A number as people count it: 元 of fen, per cent of ten-thousandths. Exact."""
        assert isinstance(self.value, int)
        return Decimal(self.value).scaleb(-PLACES[self.unit])

    def plain(self) -> str:
        """As a program reads it: `1234.50`; nothing for no value."""
        if self.value is None:
            return ""
        return f"{self.number:f}" if isinstance(self.value, int) else self.value

    def written(self, nothing: str) -> str:
        """As people read it: `1,234.50`, a change with its sign; ``nothing`` for no value."""
        if self.value is None:
            return nothing
        if isinstance(self.value, str):
            return self.value
        return f"{self.number:+,f}" if self.unit is Unit.CHANGE_BPS else f"{self.number:,f}"


def cells_wide(text: str) -> int:
    """How many columns of a fixed-width screen a text takes: a Chinese character takes two (UAX #11)."""
    return sum(map(_width, text))


def cut(text: str, columns: int) -> list[str]:
    """A text in pieces of at most so many columns; none of it is lost."""
    pieces = [""]
    room = columns
    for character in text:
        width = _width(character)
        if width > room:
            pieces.append("")
            room = columns
        pieces[-1] += character
        room -= width
    return pieces


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
