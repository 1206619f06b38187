"""Publishing: versions follow each other in time, are never changed, and say what they are refused for."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.wiring import desks
from ledger.database import Database
from ledger.documents import sha256_of
from ledger.instants import MICROSECONDS_PER_DAY, instant_of
from ledger.journal.commands import Outcome
from ledger.journal.journal import Journal
from ledger.versions import NoSuchVersion, standing_of
from settlement.policies.document import canonical, parse
from settlement.policies.publishing import PublishPolicy
from settlement.policies.versions import in_force, text_of, versions
from tests.ledger.asked import EVENING, head
from tests.settlement.policies.writing import sample_policy

_MAJOR = ("major = false", "major = true")


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    return Journal(empty_database.app, desks())


def publish(journal: Journal, *sources: str) -> list[Outcome]:
    return journal.decide([PublishPolicy(*head("finance:f1"), source) for source in sources])


def coming(days: float) -> str:
    """So many days from now, as a policy says it."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def published(journal: Journal) -> list[str]:
    with journal.engine.connect() as connection:
        return [version.version for version in versions(connection)]


def test_a_policy_is_published_with_its_text_its_bytes_and_their_hash(journal: Journal) -> None:
    source = sample_policy()
    (outcome,) = publish(journal, source)
    assert outcome.refusal is None
    policy = parse(source)
    with journal.engine.connect() as connection:
        (version,) = versions(connection)
        assert text_of(connection, "2026-10") == (source, canonical(policy))
        row = connection.execute(text("SELECT document, sha256 FROM settlement.policies")).one()
        with pytest.raises(NoSuchVersion, match="no policy '2026-11' was published"):
            text_of(connection, "2026-11")
    assert version == (outcome.seq, "2026-10", instant_of(policy.effective_at), version.sha256, policy)
    assert (row.document, row.sha256.hex()) == (canonical(policy), sha256_of(canonical(policy)))
    assert version.sha256 == row.sha256.hex()


def test_the_same_command_again_gets_the_first_answer_and_publishes_nothing(journal: Journal) -> None:
    command = PublishPolicy(*head("finance:f1"), sample_policy())
    (first,), (again,) = journal.decide([command]), journal.decide([command])
    assert (again.seq, again.refusal, again.replayed) == (first.seq, None, True)
    assert published(journal) == ["2026-10"]


def test_a_version_is_refused_if_its_name_was_used_even_for_the_same_text(journal: Journal) -> None:
    _, again, other = publish(
        journal,
        sample_policy(),
        sample_policy(),
        sample_policy("2026-10", coming(30), ("hold_days = 7", "hold_days = 9")),
    )
    for outcome in (again, other):
        assert outcome.refusal is not None
        assert str(outcome.refusal) == "policy '2026-10' was published before; a change is a new version"
    assert published(journal) == ["2026-10"]


def test_a_version_is_refused_if_it_would_be_in_force_already(journal: Journal) -> None:
    publish(journal, sample_policy())
    at = datetime.now(UTC).replace(microsecond=0)
    (outcome,) = publish(journal, sample_policy("late", at.isoformat()))
    assert outcome.refusal is not None
    assert outcome.refusal.code == "policy_in_the_past"
    assert str(outcome.refusal).startswith(
        f"policy 'late' would be in force from {at.isoformat().replace('+00:00', 'Z')}, and it is "
    )
    assert published(journal) == ["2026-10"]


def test_the_first_version_may_be_in_force_from_any_time(journal: Journal) -> None:
    (outcome,) = publish(journal, sample_policy("first", "2001-01-01T00:00:00Z", _MAJOR))
    assert outcome.refusal is None


def test_a_version_is_refused_if_one_published_before_is_in_force_as_late(journal: Journal) -> None:
    same = coming(60)
    outcomes = publish(
        journal,
        sample_policy(),
        sample_policy("second", same),
        sample_policy("earlier", coming(59)),
        sample_policy("as-late", same),
        sample_policy("third", coming(61)),
    )
    codes = [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]
    assert codes == [None, None, "policy_not_later", "policy_not_later", None]
    assert "not after 'second', which is from 20" in str(outcomes[2].refusal)
    assert published(journal) == ["2026-10", "second", "third"]


def test_a_major_change_gives_the_notice_that_the_version_in_force_promises(journal: Journal) -> None:
    """Not the notice it promises itself, nor that of a version still to come."""
    outcomes = publish(
        journal,
        sample_policy("first", None, ("notice_days = 7", "notice_days = 10")),
        sample_policy("to-come", coming(5), ("notice_days = 7", "notice_days = 30")),
        sample_policy("too-soon", coming(9.99), _MAJOR),
        sample_policy("in-time", coming(10.01), _MAJOR),
        sample_policy("minor", coming(11)),
    )
    codes = [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]
    assert codes == [None, None, "policy_notice_too_short", None, None]
    assert "with 10 days of notice it can be in force from " in str(outcomes[2].refusal)


def test_of_two_who_publish_for_the_same_time_at_once_one_is_refused(journal: Journal) -> None:
    publish(journal, sample_policy())
    at, ready, found = coming(30), threading.Barrier(2), []

    def race(name: str) -> None:
        ready.wait()
        found.extend(publish(journal, sample_policy(name, at)))

    racers = [threading.Thread(target=race, args=(name,)) for name in ("one", "two")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    codes = sorted(outcome.refusal.code if outcome.refusal else "" for outcome in found)
    assert codes == ["", "policy_not_later"]
    assert len(published(journal)) == 2


def test_what_happens_counts_by_the_version_in_force_then_and_the_first_covers_what_was_before(
    journal: Journal,
) -> None:
    publish(journal, sample_policy(), sample_policy("second", coming(30)), sample_policy("third", coming(60)))
    with journal.engine.connect() as connection:
        found = versions(connection)
        upto_the_first = versions(connection, found[1].entry - 1)
        assert versions(connection, found[1].entry) == found[:2]
    first, second, third = found
    moments = {
        0: first,
        first.effective_at - 1: first,
        first.effective_at: first,
        second.effective_at - 1: first,
        second.effective_at: second,
        third.effective_at - 1: second,
        third.effective_at: third,
        third.effective_at + 1: third,
    }
    for moment, expected in moments.items():
        assert in_force(found, moment) == expected
    assert upto_the_first == [first]
    assert in_force(upto_the_first, third.effective_at) == first
    assert in_force([], EVENING) is None
    standings = [standing_of(version, found, second.effective_at) for version in found]
    assert standings == ["superseded", "in force", "to come"]
    before_any = [standing_of(version, found, first.effective_at - MICROSECONDS_PER_DAY) for version in found]
    assert before_any == ["in force", "to come", "to come"]


@pytest.mark.parametrize("deed", ["SET source = 'x'", "SET effective_at = now()", None])
def test_the_database_itself_refuses_to_change_a_published_version(
    journal: Journal, deed: str | None
) -> None:
    publish(journal, sample_policy())
    statement = f"UPDATE settlement.policies {deed}" if deed else "DELETE FROM settlement.policies"
    with pytest.raises(DBAPIError) as refused, journal.engine.begin() as connection:
        connection.execute(text(statement))
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)
    assert published(journal) == ["2026-10"]


def test_a_refused_publishing_is_decided_for_ever(journal: Journal) -> None:
    publish(journal, sample_policy())
    at = EVENING
    command = PublishPolicy(uuid4(), "finance:f1", at, at, sample_policy())
    (first,), (again,) = journal.decide([command]), journal.decide([command])
    assert again.replayed
    assert again.refusal == first.refusal is not None
