"""Roles that a barred person takes on later."""

import json
from io import BytesIO

from api.replay import Tally, replay
from moderation.cases.commands import Imposed, LiftMeasure
from moderation.cases.registering import register
from moderation.cases.writing import measure_id
from tests.ledger.asked import head, tip, top_up, viewer
from tests.moderation.takings.court import Court


def test_nobody_gets_around_a_measure_by_a_new_wallet(court: Court) -> None:
    court.case()
    decision = court.deciding(Imposed("suspend_service"), rule="illegal_symbols")
    court.done(decision)
    assert register(court.journal, viewer("bo")).refusal is None
    again = viewer("bo")
    assert register(court.journal, again).refusal is None
    assert register(court.journal, again).replayed
    assert court.code(top_up("bo", 10)) == "not_permitted"
    court.sound()
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision.id, 0), "over"))
    court.done(top_up("bo", 10))
    assert court.code(tip("bo", "bo", "rose")) is None
    court.sound()


def test_whom_nothing_bars_is_registered_as_before(court: Court) -> None:
    assert register(court.journal, viewer("cai")).refusal is None
    court.done(top_up("cai", 10))
    court.sound()


def test_nobody_gets_around_a_measure_by_registering_through_a_file(court: Court) -> None:
    court.case()
    court.done(court.deciding(Imposed("suspend_service")))
    asked = viewer("bo")
    event = {"type": "register", "id": str(asked.id), "at": "2026-10-02T20:00:00+08:00"}
    lines = json.dumps({**event, "party": "bo", "roles": ["viewer"]}).encode() + b"\n"
    for repeated in (0, 1):
        tally = Tally()
        list(replay(court.journal, BytesIO(lines), tally))
        assert (tally.accepted, tally.repeated, tally.events) == (1, repeated, 1)
    assert court.code(top_up("bo", 10)) == "not_permitted"
    court.sound()
