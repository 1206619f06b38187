"""Rule books as short as a sentence: the sample that is shipped, with this and that changed."""

from datetime import UTC, datetime, timedelta

from moderation.rules.document import sample_text


def rule_book(version: str | None = None, effective_at: str | None = None, *changed: tuple[str, str]) -> str:
    """The sample's text under another version and time; ``changed``: pieces, and what is there instead."""
    text, pieces = sample_text(), list(changed)
    if version is not None:
        pieces.append(('version = "sample"', f'version = "{version}"'))
    if effective_at is not None:
        pieces.append(("effective_at = 2020-01-01T00:00:00+08:00", f"effective_at = {effective_at}"))
    for piece, instead in pieces:
        assert piece in text, f"the sample has no {piece!r}"
        text = text.replace(piece, instead, 1)
    return text


def coming(days: float) -> str:
    """So many days from now, as a rule book says it."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
