"""Words that people are asked for: a reason, an answer, a promise. They have to say something.

Names are compared as they are, and whatever an event file has as a text is one: it may be blank.
"""

from typing import Any
from unicodedata import category

from api.event_file.fields import Malformed, text

_CONTROLS = r"\u0000-\u001f\u007f-\u009f"
#: What is not seen in the Basic Multilingual Plane, as far as a schema says so besides white space.
_UNSEEN = r"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
#: Hangul fillers and the empty pattern of Braille: letters and a symbol that show nothing.
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"


def words(value: object) -> str:
    """1 to 200 characters of one line, at least one of which is seen."""
    return not_blank(text(value))


def not_blank(said: str) -> str:
    """A text as it is. Raises :class:`Malformed` if nothing of it is seen."""
    if not any(_is_seen(character) for character in said):
        raise Malformed("is blank")
    return said


def _is_seen(character: str) -> bool:
    """Whether it is a letter, number, sign or symbol: not a space, a format character or a lone accent."""
    return category(character)[0] in "LNPS" and character not in _FILLERS


def words_schema(longest: int, besides: str = _CONTROLS) -> dict[str, Any]:
    """The JSON schema of words of so many characters, ``besides`` these: ranges of a regular expression.

    Of the texts of which nothing is seen it knows the likely ones; :func:`not_blank` refuses all.
    """
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": longest,
        "pattern": rf"^[^{besides}]*[^\s{_UNSEEN}{besides}][^{besides}]*$",
    }
