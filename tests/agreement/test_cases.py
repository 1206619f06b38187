"""From a violation to what follows from it: on evidence, by the rule book, told to the person, reversible."""

from calendar import monthrange
from collections.abc import Iterable
from time import time_ns
from uuid import UUID

import msgspec
import pytest

from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, business_day, date_of, datetime_of, instant_of
from moderation.cases.commands import EVERYTHING, Decide, Finding, Imposed, LiftMeasure, OpenCase
from moderation.cases.due import execute_due
from moderation.cases.reading import case_file
from moderation.cases.reasons import MEASURE_NAMES
from moderation.cases.records import read_decisions
from moderation.cases.writing import measure_id
from moderation.commands import Freeze, Lift
from moderation.measures.kinds import MeasureKind
from moderation.measures.standing import Measure
from tests.api.http.serving import Api, minor
from tests.moderation.evidence.test_http import added
from tests.moderation.lately import EVENING, head, tip
from tests.moderation.takings.court import DIGEST, Court

NOW = time_ns() // 1_000
DAY = MICROSECONDS_PER_DAY


@pytest.fixture
def court(empty_database: Database) -> Court:
    return Court(empty_database)


def measures_of(court: Court, decision: UUID) -> tuple[Measure, ...]:
    with court.database.app.connect() as connection:
        return read_decisions(connection, [decision])[decision].measures


def told(court: Court, party: str) -> list[str]:
    query = "SELECT text FROM moderation.notices WHERE party = :party ORDER BY number"
    return [text for (text,) in court.rows(query, party=party)]


def decide(
    court: Court, *measures: Imposed, rule: str, why: str | None = None, proof: Iterable[str] = ()
) -> Decide:
    """What a moderator would decide in k1."""
    finding = Finding(rule, tuple(proof), override_reason=why)
    latest = court.rows("SELECT latest FROM moderation.case_states WHERE \"case\" = 'k1'")[0][0]
    return Decide(*head("moderator:mo"), "k1", (finding,), measures, "经查看直播画面属实", latest)


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


@pytest.mark.rule("P-MUTE")
def test_who_is_muted_receives_no_tips_for_twice_as_long_and_both_end_together(court: Court) -> None:
    court.case()
    mute = decide(
        court, Imposed("restrict", feature="comment", until=EVENING + 10 * DAY), rule="undesirable_gossip"
    )
    court.done(mute)
    asked, rests = measures_of(court, mute.id)
    assert (rests.feature, rests.because, rests.follows) == ("receive", "mute", asked.n)
    assert rests.until == EVENING + 20 * DAY
    lasting = decide(
        court, Imposed("restrict", feature="comment", until=NOW + 900 * DAY), rule="undesirable_gossip"
    )
    court.done(lasting)
    assert court.code(tip("ana", "bo", "rose")) == "not_permitted"
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(lasting.id, 0), "by mistake"))
    assert court.code(tip("ana", "bo", "rose")) is None
    court.sound()


@pytest.mark.rule("P-MUTE")
def test_three_clean_months_pass_after_a_penalty_before_tips_are_received_again(court: Court) -> None:
    court.earn(100)
    court.settle()
    court.case()
    preview = court.preview("penalty", amount_minor=100)
    command = decide(
        court,
        Imposed("penalty", preview=preview),
        Imposed("pause", until=EVENING + 5 * DAY),
        rule="unfriendly_smoking",
        why="while minors watched",
        proof=[DIGEST],
    )
    court.done(command)
    clean = next(one for one in measures_of(court, command.id) if one.because == "clean_period")
    # When the pause has ended, three calendar months later, at the same time of day.
    assert clean.until is not None
    ended, clean_at = datetime_of(EVENING + 5 * DAY), datetime_of(clean.until)
    assert (clean_at.year * 12 + clean_at.month) - (ended.year * 12 + ended.month) == 3
    assert clean_at.day == min(ended.day, monthrange(clean_at.year, clean_at.month)[1])
    assert clean_at.time() == ended.time()
    assert court.code(tip("ana", "bo", "rose")) == "not_permitted"
    court.sound()


def penalised(court: Court, *restricted: tuple[str, int]) -> UUID:
    """A penalty, and with it features that are restricted until so many days after the evening."""
    court.earn(100)
    court.settle()
    court.case()
    penalty = Imposed("penalty", preview=court.preview("penalty", amount_minor=100))
    others = (Imposed("restrict", feature=name, until=EVENING + day * DAY) for name, day in restricted)
    why = "while minors watched"
    command = decide(court, penalty, *others, rule="unfriendly_smoking", why=why, proof=[DIGEST])
    court.done(command)
    return command.id


def clean_until(court: Court, decision: UUID) -> int:
    """When its clean months end, by the decision and by the account."""
    (clean,) = (one for one in measures_of(court, decision) if one.because == "clean_period")
    assert clean.until is not None
    barred = "SELECT incoming_barred_until FROM ledger.accounts WHERE kind = 'gifts' AND owner = 'bo'"
    assert court.rows(barred) == [(datetime_of(clean.until),)]
    return clean.until


def three_months_after(day: int) -> int:
    """After so many days after the evening, at its time, on the same day of the month or on its last."""
    moment = datetime_of(EVENING + day * DAY)
    year, month = divmod(moment.year * 12 + moment.month - 1 + 3, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return instant_of(moment.replace(year=year, month=month + 1, day=day))


@pytest.mark.rule("P-MUTE")
def test_the_clean_months_count_from_when_what_came_with_the_penalty_was_lifted(court: Court) -> None:
    decision = penalised(court, ("withdraw", 40), ("tip", 20))
    _, withdraw, tips, *_ = measures_of(court, decision)
    assert clean_until(court, decision) == three_months_after(40)
    court.done(LiftMeasure(*head("moderator:mo", day=2), withdraw.measure, "it is enough"))
    assert "限制功能：接收打赏的期限相应缩短，至 " in told(court, "bo")[-1]
    assert clean_until(court, decision) == three_months_after(20)
    court.done(LiftMeasure(*head("moderator:mo", day=3), tips.measure, "it is enough"))
    assert clean_until(court, decision) == three_months_after(3)
    court.sound()


@pytest.mark.rule("P-MUTE", "LIVE-MOD-10")
def test_the_clean_months_do_not_count_from_what_an_appeal_undid(court: Court) -> None:
    decision = penalised(court, ("withdraw", 40), ("tip", 20))
    _, withdraw, *_ = measures_of(court, decision)
    court.done(LiftMeasure(*head("moderator:mo", day=1), withdraw.measure, "it is enough"))
    assert clean_until(court, decision) == three_months_after(20)
    court.answer(court.appeal(decision), "changed", ended=(2,))
    assert clean_until(court, decision) == three_months_after(1)
    assert "限制功能：接收打赏的期限相应缩短，至 " in told(court, "bo")[-1]
    court.sound()


@pytest.mark.rule("P-MUTE")
def test_two_penalties_at_once_are_followed_by_the_same_three_months(court: Court) -> None:
    court.earn(100)
    court.settle()
    court.case()
    first = court.preview("penalty", amount_minor=100)
    second = court.preview("penalty", amount_minor=50, beside=(first,))
    penalties = (Imposed("penalty", preview=preview) for preview in (first, second))
    command = decide(court, *penalties, rule="unfriendly_smoking", why="twice", proof=[DIGEST])
    court.done(command)
    clean = [one.until for one in measures_of(court, command.id) if one.because == "clean_period"]
    assert clean == [three_months_after(0)] * 2
    court.sound()


@pytest.mark.rule("P-POINTS")
def test_points_add_up_to_the_next_step_of_the_ladder_and_decay(court: Court) -> None:
    court.case()
    found = []
    for day in (0, 1, 2):
        command = msgspec.structs.replace(
            decide(court, Imposed("warn"), rule="illegal_symbols"), occurred_at=EVENING + day * DAY
        )
        court.done(command)
        steps = [one for one in measures_of(court, command.id) if one.because == "points"]
        found.append(
            [(one.kind.value, one.feature, one.until and one.until - command.occurred_at) for one in steps]
        )
    assert found[0] == [("warn", None, None), ("pause", None, DAY)]
    assert found[1] == [("pause", None, 7 * DAY), ("restrict", "receive", 7 * DAY)]
    assert found[2] == [("suspend_service", None, 30 * DAY)]
    later = msgspec.structs.replace(
        decide(court, Imposed("warn"), rule="illegal_symbols"), occurred_at=EVENING + 91 * DAY
    )
    court.done(later)
    kinds = [one.kind.value for one in measures_of(court, later.id) if one.because == "points"]
    # Of the three before, only that of the third day still counts.
    assert kinds == ["pause", "restrict"]
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
