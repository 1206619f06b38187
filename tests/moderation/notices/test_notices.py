"""Notices: there exactly when what they tell of is, delivered in the end, and seen by one party only."""

import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Connection, text

from ledger.database import Database
from ledger.instants import instant_of
from ledger.journal.journal import Journal
from moderation.notices.delivering import BATCH, Delivered, DueNotice, deliver_due, pause_after
from moderation.notices.reading import inbox, read_notice
from moderation.notices.writing import Notice, insert_notices

AT = instant_of(datetime(2026, 10, 30, 12, tzinfo=UTC))
SECOND = 1_000_000


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    return Journal(empty_database.app, [])


def write(journal: Journal, *parties: str, entry: int = 7) -> None:
    rows = [Notice(party, "decision", "case-1", f"致{party}") for party in parties]
    journal.transact(lambda connection: insert_notices(connection, entry, AT, rows))


def texts(journal: Journal, party: str) -> list[str]:
    with journal.engine.connect() as connection:
        return [notice.text for notice in inbox(connection, party, before=None, limit=50).notices]


def refusing(*parties: str, error: type[Exception] = ConnectionError) -> object:
    def carry(_connection: Connection, notice: DueNotice) -> None:
        if notice.party in parties:
            raise error(f"the secret of {notice.party}")

    return carry


def test_what_was_not_committed_is_told_to_nobody(journal: Journal) -> None:
    with journal.engine.connect() as connection:
        insert_notices(connection, 7, AT, [Notice("ana", "decision", None, "致ana")])
        connection.rollback()
    assert deliver_due(journal, AT) == Delivered(0, 0)


def test_a_notice_shows_once_it_is_delivered_and_is_delivered_once(journal: Journal) -> None:
    write(journal, "ana", "bo")
    assert texts(journal, "ana") == []
    assert deliver_due(journal, AT) == Delivered(2, 0)
    assert deliver_due(journal, AT) == Delivered(0, 0)
    assert (texts(journal, "ana"), texts(journal, "bo")) == (["致ana"], ["致bo"])


def test_a_failure_is_recorded_without_what_it_said_and_keeps_no_other_waiting(journal: Journal) -> None:
    write(journal, "ana", "bo")
    assert deliver_due(journal, AT, refusing("ana")) == Delivered(1, 1)  # type: ignore[arg-type]
    assert (texts(journal, "ana"), texts(journal, "bo")) == ([], ["致bo"])
    with journal.engine.connect() as connection:
        failures = list(
            connection.scalars(text("SELECT failure FROM moderation.deliveries ORDER BY failure"))
        )
    assert failures == ["ConnectionError", None]
    assert deliver_due(journal, AT + pause_after(1) - 1) == Delivered(0, 0)
    assert deliver_due(journal, AT + pause_after(1)) == Delivered(1, 0)
    assert texts(journal, "ana") == ["致ana"]


def test_a_failure_of_the_database_itself_is_undone_and_the_rest_arrives(journal: Journal) -> None:
    def carry(connection: Connection, notice: DueNotice) -> None:
        if notice.party == "ana":
            connection.execute(text("SELECT 1 / 0"))

    write(journal, "ana", "bo")
    assert deliver_due(journal, AT, carry) == Delivered(1, 1)


def test_it_is_tried_again_for_ever_at_longer_intervals(journal: Journal) -> None:
    write(journal, "ana")
    at, pauses = AT, []
    for attempt in range(1, 14):
        assert deliver_due(journal, at, refusing("ana")) == Delivered(0, 1)  # type: ignore[arg-type]
        pauses.append(pause_after(attempt))
        at += pauses[-1]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (30 * SECOND, 3600 * SECOND)
    assert deliver_due(journal, at) == Delivered(1, 0)


def test_two_that_deliver_at_once_share_the_work(journal: Journal) -> None:
    parties = [f"party-{n}" for n in range(3 * BATCH)]
    write(journal, *parties)
    results: list[Delivered] = []
    threads = [threading.Thread(target=lambda: results.append(deliver_due(journal, AT))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.arrived for result in results) == len(parties)
    assert all(texts(journal, party) for party in parties[:3])


def test_the_inbox_is_paged_newest_first_and_tells_how_many_are_unread(journal: Journal) -> None:
    for entry in range(1, 6):
        write(journal, "ana", entry=entry)
    deliver_due(journal, AT)
    with journal.engine.begin() as connection:
        first = inbox(connection, "ana", before=None, limit=2)
        rest = inbox(connection, "ana", before=first.next_cursor, limit=3)
        assert (len(first.notices), len(rest.notices), rest.next_cursor) == (2, 3, None)
        assert first.unread == 5
        numbers = [notice.number for notice in (*first.notices, *rest.notices)]
        assert numbers == sorted(numbers, reverse=True)
        id = first.notices[0].notice
        read = read_notice(connection, "ana", id, AT + SECOND)
        again = read_notice(connection, "ana", id, AT + 2 * SECOND)
        assert read is not None
        assert read == again
        assert read.read_at == datetime(2026, 10, 30, 12, 0, 1, tzinfo=UTC)
        assert inbox(connection, "ana", before=None, limit=2).unread == 4
        assert read_notice(connection, "bo", id, AT) is None
        assert read_notice(connection, "ana", UUID(int=5), AT) is None
