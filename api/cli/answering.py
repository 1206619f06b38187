"""How objections are shown at the command line, and what an answer may say."""

from collections.abc import Iterator

from api.cli import Misused
from api.cli.moments import written
from api.event_file.fields import Malformed
from api.http.settlement.statements import said_text
from settlement.objections.reading import Objection


def said(text: str) -> str:
    """The text of an answer. Raises :class:`Misused`."""
    try:
        return said_text(text)
    except Malformed as reason:
        raise Misused(f"--text {reason}") from None


def objection_lines(objection: Objection) -> Iterator[str]:
    """An objection and its answer in some lines."""
    to = f"line {objection.line} of statement" if objection.line else "statement"
    yield f"objection {objection.objection} of {objection.streamer} to {to} {objection.statement}"
    yield from _quoted(written(objection.occurred_at), objection.text)
    if objection.answer:
        put_right = f", put right by {objection.answer.adjustment}" if objection.answer.adjustment else ""
        yield from _quoted(
            f"{written(objection.answer.occurred_at)} answered{put_right}", objection.answer.text
        )


def _quoted(when: str, text: str) -> Iterator[str]:
    yield f"  {when}"
    for line in text.splitlines():
        yield f"    {line}"
