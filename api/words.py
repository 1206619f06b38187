"""Words that people are asked for: a reason, an answer, a promise. They have to say something.

Names are compared as they are, and whatever an event file has as a text is one: it may be blank.
"""

from typing import Any

from api.event_file.fields import Malformed, text

_CONTROLS = r"\u0000-\u001f\u007f-\u009f"


def words(value: object) -> str:
    """1 to 200 characters of one line, not all of them white space."""
    return not_blank(text(value))


def not_blank(said: str) -> str:
    """A text as it is. Raises :class:`Malformed` if it is nothing but white space."""
    if not said.strip():
        raise Malformed("is blank")
    return said


def words_schema(longest: int, besides: str = _CONTROLS) -> dict[str, Any]:
    """The JSON schema of words of so many characters, ``besides`` these: ranges of a regular expression."""
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": longest,
        "pattern": rf"^[^{besides}]*[^\s{besides}][^{besides}]*$",
    }
