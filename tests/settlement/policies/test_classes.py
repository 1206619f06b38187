"""Classes of streamers: what was told counts from when it occurred."""

import json
from uuid import uuid4

import pytest

from api.event_file import Malformed, command_of
from api.wiring import desks
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.policies.classes import Classify, classes_of
from settlement.policies.publishing import PublishPolicy
from tests.ledger.asked import EVENING, head, streamer
from tests.settlement.policies.writing import sample_policy


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    journal = Journal(empty_database.app, desks())
    guild = Register(*head(), "g", ("guild",))
    journal.decide([streamer("bo"), streamer("mei"), streamer("quiet"), guild])
    return journal


def told(day: int, who: str, streamer_class: str, guild: str | None = None) -> Classify:
    return Classify(*head(day=day), who, streamer_class, guild)


def test_a_class_counts_from_when_it_occurred_and_the_later_told_of_one_moment(journal: Journal) -> None:
    journal.decide([PublishPolicy(*head("finance:f1"), sample_policy())])
    outcomes = journal.decide(
        [
            told(5, "bo", "standard"),
            told(0, "bo", "new", "g"),
            told(0, "mei", "new"),
            told(0, "mei", "signed", "g"),
        ]
    )
    assert [outcome.refusal for outcome in outcomes] == [None] * 4
    later = EVENING + 5 * MICROSECONDS_PER_DAY
    with journal.engine.connect() as connection:
        assert classes_of(connection, ["bo", "mei", "quiet"]) == {
            "bo": [(EVENING, "new", "g"), (later, "standard", None)],
            "mei": [(EVENING, "signed", "g")],
        }
        assert classes_of(connection, ["bo", "mei"], outcomes[0].seq) == {"bo": [(later, "standard", None)]}
        assert classes_of(connection, []) == {}


def test_a_class_of_nobody_for_a_guild_that_is_none_or_in_no_policy_is_refused(journal: Journal) -> None:
    before, *_ = journal.decide([told(0, "bo", "new")])
    journal.decide([PublishPolicy(*head("finance:f1"), sample_policy())])
    outcomes = [
        before,
        *journal.decide(
            [
                told(0, "nobody", "nowhere"),
                told(0, "bo", "new", "no guild"),
                told(0, "bo", "nwe"),
                told(0, "bo", "new"),
            ]
        ),
    ]
    assert [str(outcome.refusal) for outcome in outcomes] == [
        "no published policy has a class 'new'",
        "'nobody' has no gifts account",
        "'no guild' has no earnings account",
        "no published policy has a class 'nwe'",
        "None",
    ]
    with journal.engine.connect() as connection:
        assert classes_of(connection, ["bo"]) == {"bo": [(EVENING, "new", None)]}


def test_the_class_standard_needs_no_policy(journal: Journal) -> None:
    (outcome,) = journal.decide([told(0, "bo", "standard")])
    assert outcome.refusal is None


def event(**fields: str | None) -> bytes:
    said = {"id": str(uuid4()), "at": "2026-10-20T20:00:00+08:00", "type": "class", **fields}
    return json.dumps(said).encode()


def test_a_line_of_an_event_file_tells_a_class(journal: Journal) -> None:
    line = event(streamer="bo", guild="g", **{"class": "standard"})
    (outcome,) = journal.decide([command_of(line)])
    assert outcome.refusal is None
    with journal.engine.connect() as connection:
        assert classes_of(connection, ["bo"]) == {"bo": [(EVENING, "standard", "g")]}


def test_a_line_in_which_the_guild_is_the_streamer_or_forgotten_is_malformed() -> None:
    with pytest.raises(Malformed, match="guild is the streamer"):
        command_of(event(streamer="bo", guild="bo", **{"class": "new"}))
    with pytest.raises(Malformed, match="guild"):
        command_of(event(streamer="bo", **{"class": "new"}))
