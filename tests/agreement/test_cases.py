"""From a violation to what follows from it: on evidence, by the rule book, told to the person, reversible."""

from time import time_ns

import msgspec
import pytest

from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, business_day, date_of
from moderation.cases.commands import EVERYTHING, Finding, Imposed, LiftMeasure, OpenCase
from moderation.cases.due import execute_due
from moderation.cases.reading import case_file
from moderation.cases.reasons import MEASURE_NAMES
from moderation.cases.records import read_decisions
from moderation.cases.writing import measure_id
from moderation.commands import Freeze, Lift
from moderation.measures.kinds import MeasureKind
from tests.agreement.deciding import decide, measures_of, told
from tests.api.http.serving import Api, minor
from tests.moderation.evidence.test_http import added
from tests.moderation.lately import EVENING, head, tip
from tests.moderation.takings.court import DIGEST, Court

NOW = time_ns() // 1_000
DAY = MICROSECONDS_PER_DAY


@pytest.fixture
def court(empty_database: Database) -> Court:
    return Court(empty_database)


@pytest.mark.rule("LIVE-MOD-1")
def test_money_is_moved_on_evidence_only_whatever_the_case_came_from(court: Court) -> None:
    court.earn(100)
    court.settle()
    court.case()
    for source in ("spot_check", "report", "regulator"):
        court.done(OpenCase(*head("moderator:mo"), source, source, "bo", None, "seen"))
    preview = court.preview("penalty", amount_minor=100)
    penalty = Imposed("penalty", preview=preview)
    without = decide(court, penalty, rule="illegal_symbols")
    assert court.code(without) == "evidence_required"
    unknown = decide(court, penalty, rule="illegal_symbols", proof=["0" * 64])
    assert court.code(unknown) == "evidence_not_found"
    assert court.held("earnings") == 0
    court.done(decide(court, penalty, rule="illegal_symbols", proof=[DIGEST]))
    assert court.held("earnings") == 100
    court.sound()


@pytest.mark.rule("LIVE-MOD-2", "G4")
def test_one_moderator_freezes_at_once_and_to_take_needs_another(court: Court) -> None:
    court.earn(20_000)
    court.settle()
    court.case()
    court.done(decide(court, Imposed("freeze", account="gifts"), rule="illegal_symbols"))
    assert court.rows("SELECT frozen_by FROM ledger.accounts WHERE kind = 'gifts'") == [(1,)]
    preview = court.preview("penalty", amount_minor=60_000)
    taking = decide(court, Imposed("penalty", preview=preview), rule="illegal_symbols", proof=[DIGEST])
    court.done(taking)
    with court.database.app.connect() as connection:
        assert read_decisions(connection, [taking.id])[taking.id].state == "awaiting_approval"
    before = court.balance("earnings")
    assert not court.execute(taking.id, day=60)
    assert court.balance("earnings") == before
    court.sound()


@pytest.mark.rule("LIVE-MOD-2", "LIVE-MOD-4")
def test_everything_is_frozen_with_what_still_arrives_and_let_go_again(court: Court) -> None:
    court.earn(100)
    court.settle()
    court.case()
    freeze = decide(court, Imposed("freeze", account=EVERYTHING), rule="illegal_symbols")
    court.done(freeze)
    frozen = "SELECT kind FROM ledger.accounts WHERE owner = 'bo' AND frozen_by = 1 ORDER BY 1"
    assert [kind for (kind,) in court.rows(frozen)] == ["accruals", "earnings", "gifts"]
    court.done(tip("ana", "bo", "rose"))
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(freeze.id, 0), "cleared up"))
    assert court.rows(frozen) == []
    court.sound()


@pytest.mark.rule("LIVE-MOD-3")
def test_with_a_measure_the_person_is_told_what_why_how_long_and_how_to_appeal(court: Court) -> None:
    court.case()
    until = NOW + 7 * DAY
    command = decide(
        court,
        Imposed("restrict", feature="tip", until=until),
        Imposed("rectify", until=EVENING + 3 * DAY, note="更换直播间标题"),
        rule="illegal_symbols",
        why="仍在直播",
        proof=[DIGEST],
    )
    court.done(command)
    (text,) = told(court, "bo")
    facts = [
        "k1",
        str(command.id),
        "经查看直播画面属实",
        "illegal_symbols",
        "LIVE-COND-1",
        "严重",
        "证据 1 份",
    ]
    effects = ["限制功能：打赏", "限期改正", "更换直播间标题", "生效", "规则版本 sample"]
    # The day of the decision does not count: seven whole days from the next on.
    last = date_of(business_day(EVENING) + 8)
    appeal = ["如何申诉", f"{last.year}年{last.month}月{last.day}日 00:00"]
    for words in (*facts, *effects, *appeal):
        assert words in text, words
    assert "moderator" not in text
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(command.id, 0), "已改正"))
    assert "限制功能：打赏" in told(court, "bo")[1]
    assert "已改正" in told(court, "bo")[1]
    court.sound()


@pytest.mark.rule("LIVE-MOD-3")
def test_who_is_refused_a_measure_is_told_nothing_and_a_freeze_at_once_is_told_too(court: Court) -> None:
    court.case()
    court.code(decide(court, Imposed("close_account"), rule="undesirable_gossip"))
    assert told(court, "bo") == []
    freeze = Freeze(*head("moderator:mo"), "bo", "gifts", None, "k9", "LIVE-MOD-4")
    court.done(freeze)
    assert court.code(Lift(*head("moderator:bo"), freeze.id, "k9")) == "own_affair"
    court.done(Lift(*head("moderator:mo"), freeze.id, "k9"))
    frozen, lifted = told(court, "bo")
    assert "冻结不是扣除" in frozen
    assert "已解除" in lifted
    with court.database.app.connect() as connection:
        file = case_file(connection, "k9")
    assert file is not None
    assert (file.case.source, file.case.party) == ("freeze", "bo")
    assert [(one.what, one.detail) for one in file.timeline] == [("noted", "frozen"), ("noted", "lifted")]
    court.sound()


@pytest.mark.rule("LIVE-MOD-6")
def test_a_light_violation_closes_no_account_unless_somebody_says_why(court: Court) -> None:
    court.case()
    closing = decide(court, Imposed("close_account"), rule="undesirable_gossip")
    assert court.code(closing) == "override_required"
    heavier = msgspec.structs.replace(
        closing, id=head()[0], findings=(Finding("undesirable_gossip", severity="critical"),)
    )
    assert court.code(heavier) == "override_required"
    court.done(decide(court, Imposed("close_account"), rule="undesirable_gossip", why="the tenth time"))
    court.sound()


@pytest.mark.rule("LIVE-MOD-6")
def test_a_case_has_several_measures_in_their_order(court: Court) -> None:
    court.case()
    asked = (Imposed("warn"), Imposed("delete_content", note="回放"), Imposed("pause", until=NOW + DAY))
    command = decide(court, *asked, rule="illegal_symbols")
    court.done(command)
    kinds = [measure.kind for measure in measures_of(court, command.id) if measure.because is None]
    assert kinds == [MeasureKind.WARN, MeasureKind.DELETE_CONTENT, MeasureKind.PAUSE]
    court.sound()


@pytest.mark.rule("LIVE-MATCH-1")
def test_content_other_than_the_declared_scope_is_found_and_answered_by_any_of_seven_measures(
    court: Court,
) -> None:
    seven = ["warn", "refuse_publish", "delete_content", "restrict", "rectify", "pause", "close_account"]
    assert [kind.value for kind in MeasureKind if kind.value in seven] == seven
    assert set(MEASURE_NAMES) == set(MeasureKind)
    court.case()
    asked = [
        Imposed(
            kind,
            feature="comment" if kind == "restrict" else None,
            until=EVENING + DAY if kind in ("rectify", "restrict") else None,
        )
        for kind in seven
    ]
    command = decide(court, *asked, rule="scope_mismatch", why="again and again")
    court.done(command)
    assert "LIVE-MATCH-1" in told(court, "bo")[0]
    assert "scope_mismatch" in told(court, "bo")[0]
    court.sound()


@pytest.mark.rule("LIVE-MOD-10")
def test_a_wrongful_measure_is_undone_to_the_fen_and_nothing_is_paid_on_top(court: Court) -> None:
    court.earn(20_000)
    court.settle()
    court.case()
    before = court.balances()
    preview = court.preview("penalty", amount_minor=60_000)
    decision = court.decide(Imposed("penalty", preview=preview), Imposed("restrict", feature="withdraw"))
    appeal = court.appeal(decision)
    assert court.execute(decision, day=30) is False
    court.answer(appeal, "overturned")
    assert court.balances() == before
    assert court.held("earnings") == 0
    bars = "SELECT count(*) FROM ledger.accounts WHERE outgoing_barred_until > now()"
    assert court.rows(bars) == [(0,)]
    assert court.execute(decision, day=60) is False
    court.sound()


@pytest.mark.rule("LIVE-MOD-1", "LIVE-MOD-2", "LIVE-MOD-3", "LIVE-MOD-6", "LIVE-MOD-7")
def test_over_http_a_violation_becomes_a_decision_a_second_person_agrees_and_its_time_executes_it(
    own_api: Api,
) -> None:
    api = own_api
    viewer, streamer = api.viewer(coins=20_000), api.streamer()
    api.tip(viewer, streamer, api.gift(20_000))
    api.settled()
    assert minor(api.earnings(streamer)["earnings"]["available"]) == 100_000
    about = {"source": "regulator", "party": streamer, "summary": "监管通知"}
    case = api.done("POST", "/v1/cases", "moderator", {"case": "k1", **about}, party="mo")["case"]
    digest = added(api, case)["sha256"]
    api.done("POST", f"/v1/cases/{case}/notes", "moderator", {"note": "画面已核对"}, party="mo")
    asked = {"kind": "penalty", "party": streamer, "amount": "600.00"}
    preview = api.done("POST", f"/v1/cases/{case}/previews", "moderator", asked, party="mo")
    body = {
        "findings": [{"rule": "illegal_symbols", "evidence": [digest]}],
        "measures": [
            {"kind": "penalty", "preview": preview["id"]},
            {"kind": "restrict", "feature": "withdraw"},
            {"kind": "warn"},
        ],
        "reason": "属实",
    }
    path = f"/v1/cases/{case}/decisions"
    assert api.refused("POST", path, "moderator", body, party=streamer)["code"] == "own_affair"
    decision = api.done("POST", path, "moderator", body, party="mo")["id"]
    assert api.refused("POST", path, "moderator", body, party="may")["code"] == "case_decided"
    earnings = api.earnings(streamer)
    assert (minor(earnings["earnings"]["available"]), minor(earnings["earnings"]["posted"])) == (
        40_000,
        100_000,
    )
    assert [(one["account"], minor(one["amount"]), one["case"]) for one in earnings["freezes"]] == [
        ("earnings", 60_000, "k1")
    ]
    waiting = api.done("GET", "/v1/decisions?state=awaiting_approval", "finance", party="fi")["decisions"]
    assert [one["id"] for one in waiting] == [decision]
    approve = f"/v1/decisions/{decision}/approve"
    assert api.refused("POST", approve, "moderator", {}, party="mo")["code"] == "second_person_required"
    api.done("POST", approve, "finance", {}, party="fi")
    journal = api.app.state.service.house.journal
    now = time_ns() // 1_000
    assert execute_due(journal, now) == 0
    assert execute_due(journal, now + 9 * DAY) == 1
    assert minor(api.earnings(streamer)["earnings"]["posted"]) == 40_000
    assert api.penalties() == 60_000
    own = api.done("GET", "/v1/me/standing", "streamer", party=streamer)
    barred = {one["feature"]: one["case"] for one in own["barred"]}
    assert barred["withdraw"] == "k1"
    assert api.refused("POST", "/v1/me/payouts", "streamer", {}, party=streamer)["code"] == "not_permitted"
    (mine,) = api.done("GET", "/v1/me/decisions", "streamer", party=streamer)["decisions"]
    assert (mine["id"], mine["state"]) == (decision, "executed")
    assert api.done("GET", "/v1/me/decisions", "viewer", party=viewer)["decisions"] == []
    file = api.done("GET", f"/v1/cases/{case}/file", "moderator", party="mo")
    assert [one["what"] for one in file["timeline"]] == ["noted", "decided", "approved", "executed"]
    assert (
        api.refused("GET", f"/v1/cases/{case}/file", "moderator", party=streamer)["code"] == "case_not_found"
    )
    withdraw = next(one for one in mine["measures"] if one["feature"] == "withdraw")
    api.done("POST", f"/v1/measures/{withdraw['id']}/lift", "moderator", {"reason": "够了"}, party="mo")
    standing = api.done("GET", f"/v1/parties/{streamer}/standing", "gateway")
    assert "withdraw" not in {one["feature"] for one in standing["barred"]}
    seen = api.done("GET", "/v1/access-records?object=case:k1", "finance")["accesses"]
    assert {"decide", "decision_approved", "case_note", "case_open", "read_case"} <= {
        one["act"] for one in seen
    }
