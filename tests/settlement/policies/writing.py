"""Policies as short as a sentence: the sample of docs/policies, with this and that changed."""

from pathlib import Path

SAMPLE = Path(__file__).parents[3] / "docs" / "policies" / "standard.toml"


def sample_policy(
    version: str | None = None, effective_at: str | None = None, *changed: tuple[str, str]
) -> str:
    """The sample's text under another version and time; ``changed``: pieces, and what is there instead."""
    text = SAMPLE.read_text(encoding="utf-8")
    pieces = list(changed)
    if version is not None:
        pieces.append(('version = "2026-10"', f'version = "{version}"'))
    if effective_at is not None:
        pieces.append(("effective_at = 2026-10-01T00:00:00+08:00", f"effective_at = {effective_at}"))
    for piece, instead in pieces:
        assert piece in text, f"the sample has no {piece!r}"
        text = text.replace(piece, instead, 1)
    return text
