"""Objections in the busy book: one that waits for its answer, one answered in words, one by an adjustment."""

from collections.abc import Callable
from uuid import UUID

from ledger.journal.commands import derived_id
from ledger.journal.journal import Journal
from settlement.accruals.commands import Adjust
from settlement.objections.commands import Answer, Object

Head = Callable[..., tuple[UUID, str, int, int]]


def play_objections(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """Mei objects to the statement of the run ``settle``. Nothing is moved but by the adjustment."""
    ids["statement"] = derived_id(ids["settle"], "settlement:mei")
    mei, finance = "streamer:mei", "finance:f1"
    journal.decide(
        [
            Object(*head(mei, 1, "objection"), ids["statement"], "mei", "礼物少算了", 1),
            Object(*head(mei, 1, "objected_again"), ids["statement"], "mei", "and all of it"),
            Object(*head(mei, 1, "objection_open"), ids["statement"], "mei", "and once more", 1),
            Object(*head("streamer:bo", 1), ids["statement"], "bo", "it is not bo's"),
            Adjust(*head(finance, 2, "put_right"), "mei", 100, "counted again", "objection"),
        ]
    )
    journal.decide(
        [
            Answer(*head(finance, 2, "answer"), ids["objection"], "已更正", ids["put_right"]),
            Answer(*head(finance, 2), ids["objected_again"], "it is right"),
            Answer(*head(finance, 2), ids["objected_again"], "it is still right"),
        ]
    )
