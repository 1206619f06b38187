"""Publishing and switching: versions follow each other and never change, a switch has a reason."""

import threading
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.wiring import desks
from ledger.database import Database
from ledger.documents import sha256_of
from ledger.instants import instant_of
from ledger.journal.commands import Outcome
from ledger.journal.journal import Journal
from ledger.versions import NoSuchVersion, standing_of
from moderation.rules.document import canonical, parse, sample, sample_text
from moderation.rules.publishing import PublishRules, SwitchRule
from moderation.rules.switches import switched_off, switches
from moderation.rules.versions import in_force, rule_books, text_of, version_named
from tests.ledger.asked import EVENING, head
from tests.moderation.rules.writing import coming, rule_book


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    return Journal(empty_database.app, desks())


def publish(journal: Journal, *sources: str) -> list[Outcome]:
    return journal.decide([PublishRules(*head("moderator:m1"), source) for source in sources])


def switch(journal: Journal, *switched: tuple[str, bool]) -> list[str]:
    """Switch one after the other; what each was refused for."""
    outcomes = journal.decide(
        [SwitchRule(*head("moderator:m1"), rule, is_on, "because") for rule, is_on in switched]
    )
    return [outcome.refusal.code if outcome.refusal else "" for outcome in outcomes]


def codes(outcomes: list[Outcome]) -> list[str]:
    return [outcome.refusal.code if outcome.refusal else "" for outcome in outcomes]


def test_before_any_is_published_the_sample_is_in_force_at_every_time(journal: Journal) -> None:
    with journal.engine.connect() as connection:
        (only,) = rule_books(connection)
        assert text_of(connection, "sample") == (sample_text(), canonical(sample()))
    assert (only.entry, only.version, only.book) == (0, "sample", sample())
    assert only.sha256 == sha256_of(canonical(sample()))
    for at in (0, EVENING, instant_of(datetime(2199, 1, 1, tzinfo=UTC))):
        assert in_force([only], at) == only
        assert standing_of(only, [only], at) == "in force"


def test_a_rule_book_is_published_with_its_text_its_bytes_and_their_hash(journal: Journal) -> None:
    source = rule_book("r1", coming(1))
    (outcome,) = publish(journal, source)
    assert outcome.refusal is None
    with journal.engine.connect() as connection:
        before, version = rule_books(connection)
        assert text_of(connection, "r1") == (source, canonical(parse(source)))
        with pytest.raises(NoSuchVersion, match="no rule book 'r2' was published"):
            text_of(connection, "r2")
        assert rule_books(connection, outcome.seq - 1) == [before]
        row = connection.execute(text("SELECT sha256, published_by FROM moderation.rule_books")).one()
    assert (version.entry, version.version, version.book) == (outcome.seq, "r1", parse(source))
    assert (row.sha256.hex(), row.published_by) == (version.sha256, "moderator:m1")
    assert version_named([before, version], "r1") == version
    with pytest.raises(NoSuchVersion):
        version_named([before, version], "r2")


def test_what_is_done_counts_by_the_rules_of_its_time(journal: Journal) -> None:
    publish(journal, rule_book("r1", coming(10)), rule_book("r2", coming(20)))
    with journal.engine.connect() as connection:
        sample_book, first, second = found = rule_books(connection)
    assert in_force(found, first.effective_at - 1) == sample_book
    assert in_force(found, first.effective_at) == first
    assert in_force(found, second.effective_at - 1) == first
    assert in_force(found, second.effective_at) == second
    standings = [standing_of(version, found, first.effective_at) for version in found]
    assert standings == ["superseded", "in force", "to come"]


def test_a_version_that_cannot_follow_is_refused_with_its_reason(journal: Journal) -> None:
    same = coming(30)
    outcomes = publish(
        journal,
        rule_book("late", "2026-01-01T00:00:00+08:00"),
        rule_book("sample", coming(1)),
        rule_book("r1", same),
        rule_book("r1", coming(40)),
        rule_book("as-late", same),
        rule_book("earlier", coming(29)),
        rule_book("r2", coming(31)),
    )
    assert codes(outcomes) == [
        "rule_book_in_the_past",
        "rule_book_exists",
        "",
        "rule_book_exists",
        "rule_book_not_later",
        "rule_book_not_later",
        "",
    ]
    told = [str(outcome.refusal) for outcome in outcomes]
    assert told[0].startswith("rule book 'late' would be in force from 2025-12-31T16:00:00Z, and it is ")
    assert told[1] == "rule book 'sample' was published before; a change is a new version"
    assert "not after 'r1', which is from 20" in told[4]


def test_of_two_who_publish_for_the_same_time_at_once_one_is_refused(journal: Journal) -> None:
    at, ready, found = coming(30), threading.Barrier(2), []

    def race(name: str) -> None:
        ready.wait()
        found.extend(publish(journal, rule_book(name, at)))

    racers = [threading.Thread(target=race, args=(name,)) for name in ("one", "two")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert sorted(codes(found)) == ["", "rule_book_not_later"]


def test_a_rule_is_off_from_when_it_is_switched_until_it_is_switched_on(journal: Journal) -> None:
    assert switch(
        journal, ("LIVE-MOD-7", False), ("LIVE-MOD-7/coins", False), ("unfriendly_smoking", False)
    ) == ["", "", ""]
    with journal.engine.connect() as connection:
        assert switched_off(connection) == {"LIVE-MOD-7", "LIVE-MOD-7/coins", "unfriendly_smoking"}
        before = max(one.entry for one in switches(connection))
    assert switch(journal, ("LIVE-MOD-7", True), ("LIVE-MOD-7", True), ("LIVE-MOD-7/coins", False)) == [
        "",
        "rule_already_switched",
        "rule_already_switched",
    ]
    with journal.engine.connect() as connection:
        assert switched_off(connection) == {"LIVE-MOD-7/coins", "unfriendly_smoking"}
        assert switched_off(connection, before) == {"LIVE-MOD-7", "LIVE-MOD-7/coins", "unfriendly_smoking"}
        last = {one.rule: one for one in switches(connection)}["LIVE-MOD-7"]
    assert (last.is_on, last.reason, last.switched_by) == (True, "because", "moderator:m1")


def test_only_a_rule_that_some_rule_book_names_can_be_switched(journal: Journal) -> None:
    new = ("[items.unfriendly_smoking]", "[items.unfriendly_eating]")
    assert switch(journal, ("LIVE-MOD-99", False), ("unfriendly_eating", False), ("LIVE-MOD-7 ", False)) == (
        ["rule_not_found"] * 3
    )
    publish(journal, rule_book("r1", coming(1), new))
    assert switch(journal, ("unfriendly_eating", False), ("unfriendly", False), ("G5", False)) == ["", "", ""]
    assert switch(journal, ("LIVE-COND-1", True)) == ["rule_already_switched"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE moderation.rule_books SET source = 'x'",
        "DELETE FROM moderation.rule_books",
        "UPDATE moderation.rule_switches SET is_on = true",
        "DELETE FROM moderation.rule_switches",
    ],
)
def test_the_database_itself_refuses_to_change_what_was_published_or_switched(
    journal: Journal, statement: str
) -> None:
    publish(journal, rule_book("r1", coming(1)))
    switch(journal, ("LIVE-MOD-7", False))
    with pytest.raises(DBAPIError) as refused, journal.engine.begin() as connection:
        connection.execute(text(statement))
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)
