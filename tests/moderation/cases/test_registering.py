"""Roles that whoever is barred or frozen takes on later."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Barrier, Thread

from api.replay import Tally, replay
from ledger.instants import datetime_of, instant_of
from ledger.journal.commands import Command, Outcome
from ledger.journal.expiry import expire
from ledger.parties import Register
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import EVERYTHING, Imposed, LiftMeasure
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
        _at_once(court, *asked)
        assert court.code(top_up(party, 10)) == "not_permitted"
    court.sound()


#: Accounts that a freeze of everything holds whole, each with how many such holds are open.
_FROZEN = """
SELECT kind, frozen_by FROM ledger.accounts
WHERE owner = :owner AND kind IN ('wallet', 'gifts', 'accruals', 'earnings') ORDER BY kind
"""
_WHOLE = [("accruals", 1), ("earnings", 1), ("gifts", 1), ("wallet", 1)]
_FREE = [("accruals", 0), ("earnings", 0), ("gifts", 0), ("wallet", 0)]
_EVERYTHING = Imposed("freeze", account=EVERYTHING)


def test_whose_everything_is_frozen_opens_frozen_accounts(court: Court) -> None:
    court.done(viewer("cai"), top_up("cai", 10))
    court.case("k2", "cai")
    decision = court.deciding(_EVERYTHING, case="k2")
    court.done(decision)
    again = streamer("cai")
    court.done(again)
    assert court.decided(again)[0].replayed
    assert court.rows(_FROZEN, owner="cai") == _WHOLE
    court.earn(20, whom="cai")
    court.settle()
    assert court.balance("gifts", "cai") == 20
    court.sound()
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision.id, 0), "over"))
    assert court.rows(_FROZEN, owner="cai") == _FREE
    court.sound()


def test_a_freeze_that_is_over_or_of_one_kind_freezes_no_new_account(court: Court) -> None:
    court.done(viewer("cai"), top_up("cai", 10))
    court.case("k2", "cai")
    yesterday = instant_of(datetime.now(UTC) - timedelta(days=1))
    court.done(court.deciding(Imposed("freeze", account=EVERYTHING, until=yesterday), case="k2"))
    court.done(court.deciding(Imposed("freeze", account="wallet", amount_minor=10), case="k2"))
    court.done(streamer("cai"))
    expire(court.journal)
    assert court.rows(_FROZEN, owner="cai") == _FREE
    assert court.held("wallet", "cai") == 10
    court.sound()


def test_an_appeal_frees_what_was_opened_frozen_too(court: Court) -> None:
    court.case()
    appeal = court.appeal(court.decide(_EVERYTHING))
    court.done(viewer("bo"))
    assert court.rows(_FROZEN, owner="bo") == _WHOLE
    court.answer(appeal, "overturned")
    assert court.rows(_FROZEN, owner="bo") == _FREE
    court.done(viewer("cai"))
    court.case("k2", "cai")
    again = court.appeal(court.decide(_EVERYTHING, case="k2"), "cai")
    overturn = DecideAppeal(*head("moderator:ju", day=2), again, "overturned", "looked at again")
    court.done(streamer("cai"), overturn)
    assert court.rows(_FROZEN, owner="bo") == court.rows(_FROZEN, owner="cai") == _FREE
    court.sound()


def test_a_refusal_frees_what_was_opened_frozen_too(court: Court) -> None:
    court.earn(6_000)
    court.case()
    preview = court.preview("penalty", amount_minor=52_000)
    decision = court.deciding(Imposed("penalty", preview=preview), _EVERYTHING)
    court.done(decision, viewer("bo"))
    assert court.rows(_FROZEN, owner="bo") == _WHOLE
    court.refuse(decision.id)
    assert court.rows(_FROZEN, owner="bo") == _FREE
    court.sound()


def test_a_freeze_and_what_is_opened_behind_it_in_a_batch_and_lifted_there(court: Court) -> None:
    court.case()
    decision = court.deciding(_EVERYTHING)
    court.done(decision, viewer("bo"))
    assert court.rows(_FROZEN, owner="bo") == _WHOLE
    lift = LiftMeasure(*head("moderator:mo"), measure_id(decision.id, 0), "over")
    court.done(Register(*head("gateway:file"), "bo", ("guild",)), lift)
    assert court.rows(_FROZEN, owner="bo") == _FREE
    court.done(viewer("cai"))
    court.case("k2", "cai")
    second = court.deciding(_EVERYTHING, case="k2")
    court.done(second)
    court.done(streamer("cai"), LiftMeasure(*head("moderator:mo"), measure_id(second.id, 0), "over"))
    assert court.rows(_FROZEN, owner="cai") == _FREE
    court.sound()


def test_of_a_freeze_or_its_end_and_a_registration_at_once_one_sees_the_other(court: Court) -> None:
    for n in range(4):
        party, case = f"s{n}", f"case{n}"
        court.done(viewer(party))
        court.case(case, party)
        freeze = court.deciding(_EVERYTHING, case=case)
        _at_once(court, Register(*head("gateway:file"), party, ("guild",)), freeze)
        assert court.rows(_FROZEN, owner=party) == [("earnings", 1), ("wallet", 1)]
        court.sound()
        _at_once(court, streamer(party), LiftMeasure(*head("moderator:mo"), measure_id(freeze.id, 0), "over"))
        assert court.rows(_FROZEN, owner=party) == _FREE
    court.sound()


def _at_once(court: Court, *asked: Command) -> None:
    both, outcomes = Barrier(len(asked)), list[Outcome]()

    def decide(command: Command) -> None:
        both.wait()
        outcomes.extend(court.journal.decide([command]))

    threads = [Thread(target=decide, args=(command,)) for command in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.refusal for outcome in outcomes] == [None] * len(asked)


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


def test_over_http_whose_identity_is_false_is_paid_nothing_in_another_role(own_api: Api) -> None:
    person = own_api.viewer(coins=10)
    own_api.done("POST", f"/v1/parties/{person}/false-identity", "moderator", {"reason": "not their face"})
    own_api.done("POST", "/v1/parties", "gateway", {"party": person, "roles": ["viewer", "streamer"]})
    earnings = own_api.done("GET", "/v1/me/earnings", "streamer", party=person)
    assert sorted((one["account"], one["amount"]) for one in earnings["freezes"]) == [
        ("accruals", None),
        ("earnings", None),
        ("gifts", None),
    ]
