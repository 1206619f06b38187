"""Live sessions: one at a time for each streamer, measured by facts that later facts correct."""

import threading
from uuid import UUID, uuid4

import pytest

from ledger.instants import datetime_of
from ledger.journal.commands import Outcome
from settlement.sessions.commands import CloseSession, OpenSession, RecordFact
from settlement.sessions.reading import Session, sessions_of
from tests.ledger.asked import EVENING, streamer
from tests.settlement.earning import MINUTE, House, at


def opened(minutes: int = 0, party: str = "mei", id: UUID | None = None) -> OpenSession:
    return OpenSession(*at(minutes, id=id), party, "room", "scope", ("gala",))


def test_a_session_is_opened_measured_and_closed_in_one_batch(house: House) -> None:
    session = house.live((0, 90), "gala", minutes=90, face_shown=1, quality_bps=-250)
    query = "SELECT session, streamer, room, scope, tags, opened_at FROM settlement.sessions"
    assert house.rows(query) == [(session, "mei", "room", "scope", ["gala"], datetime_of(EVENING))]
    assert house.rows("SELECT session, closed_at FROM settlement.session_ends") == [
        (session, datetime_of(EVENING + 90 * MINUTE))
    ]
    assert house.rows("SELECT metric, value FROM settlement.facts ORDER BY entry") == [
        ("minutes", 90),
        ("face_shown", 1),
        ("quality_bps", -250),
    ]


def test_a_streamer_has_one_session_at_a_time(house: House) -> None:
    first = opened()
    assert house.refusal(first) is None
    assert house.refusal(opened(5)) == "session_open"
    assert house.refusal(CloseSession(*at(60), first.id)) is None
    assert house.refusal(opened(59)) == "session_open"
    assert house.refusal(opened(60)) is None


def test_so_it_is_within_one_batch(house: House) -> None:
    first = opened()
    outcomes = house.decided(first, opened(5), CloseSession(*at(60), first.id), opened(60))
    assert [o.refusal.code if o.refusal else None for o in outcomes] == [None, "session_open", None, None]


def test_two_who_open_at_once_open_one(house: House) -> None:
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.extend(house.decided(opened()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [outcome.refusal.code for outcome in outcomes if outcome.refusal]
    assert (len(outcomes), refused) == (4, ["session_open"] * 3)
    assert house.rows("SELECT count(*) FROM settlement.sessions") == [(1,)]


def test_what_does_not_fit_a_session_is_refused(house: House) -> None:
    session = opened(10)
    house.done(session)
    assert house.refusal(opened(party="nobody")) == "account_not_found"
    assert house.refusal(CloseSession(*at(9), session.id)) == "ends_before_it_began"
    assert house.refusal(CloseSession(*at(10), uuid4())) == "session_not_found"
    assert house.refusal(RecordFact(*at(10), uuid4(), "minutes", 1)) == "session_not_found"
    assert house.refusal(CloseSession(*at(30), session.id)) is None
    assert house.refusal(CloseSession(*at(40), session.id)) == "session_closed"


def test_a_session_opened_elsewhere_meanwhile_can_be_closed_by_who_repeats_its_opening(house: House) -> None:
    session = opened()
    house.done(session)
    again = house.decided(session, RecordFact(*at(5), session.id, "minutes", 5))
    assert [outcome.refusal for outcome in again] == [None, None]
    assert again[0].replayed


@pytest.mark.parametrize("upto", ["opened", "closed", "marked", "corrected"])
def test_sessions_are_read_as_they_stood_at_a_number(house: House, upto: str) -> None:
    house.done(streamer("bo"))
    first, other = opened(0), opened(0, "bo")
    seqs = {"opened": house.done(first)[0].seq}
    house.done(other)
    seqs["closed"] = house.done(CloseSession(*at(60), first.id))[0].seq
    seqs["marked"] = house.measure(first.id, "quality_bps", 300)
    seqs["corrected"] = house.measure(first.id, "quality_bps", -100)
    house.done(opened(100))
    end = None if upto == "opened" else EVENING + 60 * MINUTE
    quality = {"marked": 300, "corrected": -100}.get(upto, 0)
    with house.database.app.connect() as connection:
        found = sessions_of(connection, ["mei"], seqs[upto])
    assert found == {"mei": [Session(first.id, EVENING, end, quality)]}


def test_sessions_are_read_in_the_order_of_time_and_nobody_elses(house: House) -> None:
    house.done(streamer("bo"))
    ids = [house.live((start, start + 10), quality_bps=start) for start in (0, 10, 30)]
    house.live_as("bo", (5, 50))
    with house.database.app.connect() as connection:
        found = sessions_of(connection, ["mei", "nobody"], 2**62)
    assert {party: [s.session for s in theirs] for party, theirs in found.items()} == {"mei": ids}
    assert [s.quality_bps for s in found["mei"]] == [0, 10, 30]
