"""Roles that a barred person takes on later."""

import json
from io import BytesIO
from threading import Barrier, Thread

from api.replay import Tally, replay
from ledger.instants import datetime_of
from ledger.journal.commands import Outcome
from moderation.cases.commands import Imposed, LiftMeasure
from moderation.cases.writing import measure_id
from tests.api.http.serving import Api
from tests.moderation.lately import EVENING, head, streamer, tip, top_up, viewer
from tests.moderation.takings.court import Court


def test_nobody_gets_around_a_measure_by_a_new_wallet(court: Court) -> None:
    court.case()
    decision = court.deciding(Imposed("suspend_service"), rule="illegal_symbols")
    court.done(decision)
    court.done(viewer("bo"))
    again = viewer("bo")
    court.done(again)
    assert court.decided(again)[0].replayed
    assert court.code(top_up("bo", 10)) == "not_permitted"
    court.sound()
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision.id, 0), "over"))
    court.done(top_up("bo", 10))
    assert court.code(tip("bo", "bo", "rose")) is None
    court.sound()


def test_whom_nothing_bars_is_registered_as_before(court: Court) -> None:
    court.done(viewer("cai"), top_up("cai", 10))
    barred = "SELECT count(*) FROM ledger.accounts WHERE owner = 'cai' AND incoming_barred_until > now()"
    assert court.rows(barred) == [(0,)]
    court.sound()


def test_what_is_imposed_in_a_batch_bars_what_is_opened_behind_it(court: Court) -> None:
    court.case()
    top_up_too = top_up("bo", 10)
    *_, refused = court.decided(court.deciding(Imposed("suspend_service")), viewer("bo"), top_up_too)
    assert refused.refusal is not None
    assert refused.refusal.code == "not_permitted"
    court.sound()


def test_of_a_measure_and_a_registration_at_once_one_sees_the_other(court: Court) -> None:
    for n in range(4):
        party, case = f"s{n}", f"case{n}"
        court.done(streamer(party))
        court.case(case, party)
        asked = [viewer(party), court.deciding(Imposed("suspend_service"), case=case)]
        both, outcomes = Barrier(2), list[Outcome]()

        def decide(command: object, both: Barrier = both, outcomes: list[Outcome] = outcomes) -> None:
            both.wait()
            outcomes.extend(court.journal.decide([command]))  # type: ignore[list-item]

        threads = [Thread(target=decide, args=(command,)) for command in asked]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [outcome.refusal for outcome in outcomes] == [None, None]
        assert court.code(top_up(party, 10)) == "not_permitted"
    court.sound()


def test_nobody_gets_around_a_measure_by_registering_through_a_file(court: Court) -> None:
    court.case()
    court.done(court.deciding(Imposed("suspend_service")))
    asked = viewer("bo")
    event = {"type": "register", "id": str(asked.id), "at": datetime_of(EVENING).isoformat()}
    lines = json.dumps({**event, "party": "bo", "roles": ["viewer"]}).encode() + b"\n"
    for repeated in (0, 1):
        tally = Tally()
        list(replay(court.journal, BytesIO(lines), tally))
        assert (tally.accepted, tally.repeated, tally.events) == (1, repeated, 1)
    assert court.code(top_up("bo", 10)) == "not_permitted"
    court.sound()


def test_over_http_it_is_one_of_the_batch_and_counted(own_api: Api) -> None:
    def accepted() -> float:
        text = own_api.http.get("/metrics").text
        (line,) = (line for line in text.splitlines() if 'zhibo_decisions_total{outcome="accepted"}' in line)
        return float(line.rpartition(" ")[2])

    before = accepted()
    streamer = own_api.streamer()
    false = {"reason": "face does not match"}
    own_api.done("POST", f"/v1/parties/{streamer}/false-identity", "moderator", false)
    assert accepted() == before + 2
    own_api.done("POST", "/v1/parties", "gateway", {"party": streamer, "roles": ["viewer"]})
    paid = {"viewer": streamer, "coins": 10, "paid": "1.00", "channel": "wechat", "channel_txn": "w-barred"}
    assert own_api.refused("POST", "/v1/topups", "gateway", paid)["code"] == "not_permitted"
