"""The rule book (平台规则): what is banned, what it weighs, what may follow, and what can be switched off."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from ledger.instants import MICROSECONDS_PER_DAY, instant_of
from moderation.measures.kinds import MeasureKind, Severity
from moderation.rules import judging
from moderation.rules.clauses import clause_hash, clauses_of, missing
from moderation.rules.document import GROUPS_OF_CONDUCT, parse, sample
from moderation.rules.judging import Consequence, Mark
from tests.api.http.serving import Api
from tests.moderation.rules.writing import coming, rule_book

_MORNING = instant_of(datetime(2026, 11, 2, 1, tzinfo=UTC))
_DAY = MICROSECONDS_PER_DAY

#: How many items the agreement has in each group, counted by hand; the paragraph on harassment has no number.
_ITEMS = {
    "illegal": 15,
    "state_security": 1,
    "undesirable": 9,
    "harassment": 5,
    "rights_of_others": 5,
    "minors": 4,
    "unfriendly": 7,
    "unprofessional": 4,
    "disrespect": 5,
}


@pytest.mark.rule("LIVE-COND-1", "LIVE-PRIN-1", "LIVE-PRIN-2", "LIVE-COND-2", "LIVE-COND-3")
def test_every_banned_group_and_item_is_in_the_catalogue_and_says_by_a_hash_which_text_it_means() -> None:
    book = sample()
    assert tuple(_ITEMS) == GROUPS_OF_CONDUCT
    meant = clauses_of(book)
    for name, count in _ITEMS.items():
        items = [code for code, item in book.items.items() if item.group == name]
        assert len(items) == count, name
        assert {f"groups.{name}", *(f"items.{code}" for code in items)} <= meant.keys()
    assert len(set(meant.values())) == len(meant), "two items mean one text"
    codes = {
        clause: {code for code, item in book.items.items() if item.clause == clause} for clause in _CITED
    }
    assert codes == _CITED
    # A violation weighs more or less, and each title is ours: that of one item only.
    assert {item.severity for item in book.items.values()} == set(Severity)
    assert len({item.title for item in book.items.values()}) == len(book.items)


_CITED = {
    "LIVE-COND-2": {"unprofessional_advertising"},
    "LIVE-COND-3": {"disrespect_impersonation", "disrespect_false_relation", "report_abuse"},
    "LIVE-PRIN-1": {"unlawful_stream", "collusive_tips"},
    "LIVE-PRIN-2": {"media_reuse"},
    "LIVE-ID-4": {"identity_false"},
    "LIVE-BLK-1": {"blacklisted"},
    "LIVE-MATCH-1": {"scope_mismatch"},
    "LIVE-MOD-5": {"mute_duty"},
}


@pytest.mark.rule("LIVE-COND-1")
def test_the_text_meant_is_found_however_its_lines_are_broken_and_a_word_less_is_another_text() -> None:
    clause = "Eating on camera, or drinking；"
    spoken = {"[items.unfriendly_smoking]": clause_hash(clause)}
    old = sample().items["unfriendly_smoking"].clause_sha256
    book = parse(rule_book(None, None, (f'"{old}"', f'"{spoken["[items.unfriendly_smoking]"]}"')))
    name = "items.unfriendly_smoking"
    assert name not in missing(book, "3.Rude words；Eating on\n  camera, or\n drinking；4.Silence。")
    assert name in missing(book, "3.Rude words；Eating on camera；4.Silence。")


@pytest.mark.rule("LIVE-MATCH-1")
def test_content_outside_the_declared_scope_is_a_breach_with_the_agreements_measures_in_their_order() -> None:
    item = sample().items["scope_mismatch"]
    assert (item.clause, item.severity) == ("LIVE-MATCH-1", Severity.MEDIUM)
    listed = [
        MeasureKind.WARN,
        MeasureKind.REFUSE_PUBLISH,
        MeasureKind.DELETE_CONTENT,
        MeasureKind.RESTRICT,
        MeasureKind.RECTIFY,
        MeasureKind.PAUSE,
        MeasureKind.CLOSE_ACCOUNT,
    ]
    order = list(MeasureKind)
    assert [kind for kind in order if kind in listed] == listed
    allowed = [kind for kind in listed if judging.allowed(sample(), kind, item.severity)]
    # To close an account over this alone is outside the matrix.
    assert allowed == listed[:-1]


@pytest.mark.rule("LIVE-MOD-6")
def test_the_heavier_a_violation_the_more_measures_it_allows_and_a_light_one_closes_no_account() -> None:
    book = sample()
    for lighter, heavier in pairwise(Severity):
        assert set(book.matrix[lighter]) < set(book.matrix[heavier])
    assert not judging.allowed(book, MeasureKind.CLOSE_ACCOUNT, Severity.LOW)
    assert not judging.allowed(book, MeasureKind.PENALTY, Severity.LOW)
    assert {kind for kind in MeasureKind if judging.allowed(book, kind, Severity.CRITICAL)} == set(
        MeasureKind
    )


@pytest.mark.rule("P-POINTS")
def test_points_climb_the_ladder_at_three_six_nine_and_twelve_and_decay_after_ninety_days() -> None:
    book = sample()

    def follows(points: int, days_ago: int = 0) -> list[tuple[str, int | None]]:
        history = [Mark(1, _MORNING - days_ago * _DAY)] * points
        return [(one.kind.value, one.days) for one in judging.consequences(book, history, _MORNING)]

    assert follows(0) == follows(2) == []
    assert follows(3) == follows(5) == [("warn", None), ("pause", 1)]
    assert follows(6) == follows(8) == [("pause", 7), ("restrict", 7)]
    assert follows(9) == follows(11) == [("suspend_service", 30)]
    assert follows(12) == follows(99) == [("terminate_service", None)]
    assert follows(12, days_ago=89) == [("terminate_service", None)]
    assert follows(12, days_ago=90) == []
    assert Consequence(MeasureKind.PAUSE, None, 1) in judging.consequences(
        book, [Mark(judging.points_of(book, "unlawful_stream", Severity.HIGH), _MORNING)], _MORNING
    )


@pytest.mark.rule("P-MUTE")
def test_after_a_mute_tips_rest_for_twice_as_long_and_after_a_penalty_for_three_months() -> None:
    book, mute = sample(), 3 * _DAY
    assert judging.suspended_after_mute(book, _MORNING, _MORNING + mute) == _MORNING + 2 * mute
    thrice = parse(rule_book(None, None, ("mute_factor_bps = 20_000", "mute_factor_bps = 30_000")))
    assert judging.suspended_after_mute(thrice, _MORNING, _MORNING + mute) == _MORNING + 3 * mute
    assert judging.clean_until(book, _MORNING) == instant_of(datetime(2027, 2, 2, 1, tzinfo=UTC))


@pytest.mark.rule("P-APPEAL", "G4")
def test_an_appeal_is_filed_within_seven_days_answered_in_five_working_days_and_money_waits_meanwhile() -> (
    None
):
    book, kinds = sample(), [MeasureKind.PENALTY]
    until = judging.appeal_until(book, kinds, _MORNING)
    assert until == instant_of(datetime(2026, 11, 9, 16, tzinfo=UTC))
    assert judging.execute_at(book, kinds, _MORNING) == until
    answer = judging.answer_by(book, _MORNING)
    assert answer == (instant_of(datetime(2026, 11, 9, 16, tzinfo=UTC)), False)


@pytest.mark.rule("LIVE-MOD-2", "G4")
def test_one_person_freezes_at_once_and_two_take() -> None:
    book = sample()
    assert not judging.needs_second(book, MeasureKind.FREEZE, 10**9, 10**9)
    assert not judging.needs_second(book, MeasureKind.PENALTY, 50_000, 0)
    assert judging.needs_second(book, MeasureKind.PENALTY, 1, 50_000)


@pytest.mark.rule("LIVE-SEV-1")
def test_each_rule_is_switched_off_alone_with_its_reason_and_the_others_stay(own_api: Api) -> None:
    body = {"rule": "LIVE-MOD-7", "is_on": False, "reason": "a court set it aside"}
    switched = own_api.done("POST", "/v1/rule-switches", "finance", body)
    (kept,) = own_api.done("GET", "/v1/rules", "streamer")["switches"]
    assert (kept["rule"], kept["is_on"], kept["reason"]) == ("LIVE-MOD-7", False, "a court set it aside")
    assert kept["switched_at"][:19] >= switched["occurred_at"][:19]
    off = {kind for kind in MeasureKind if judging.is_measure_off(sample(), {kept["rule"]}, kind)}
    assert off == {MeasureKind.PENALTY}
    assert not judging.is_off(sample(), {kept["rule"]}, "scope_mismatch")
    own_api.done("POST", "/v1/rule-switches", "finance", {**body, "is_on": True})
    assert own_api.done("GET", "/v1/rules", "streamer")["switches"][0]["is_on"]


@pytest.mark.rule("LIVE-RULE-1", "G10")
def test_a_rule_book_is_never_changed_and_a_new_version_counts_for_what_is_done_from_then_on(
    own_api: Api,
) -> None:
    soon = coming(1)
    own_api.done("POST", "/v1/rules", "finance", {"document": rule_book("2027", soon)})
    edited = rule_book("2027", coming(2), ("file_days = 7", "file_days = 3"))
    assert own_api.refused("POST", "/v1/rules", "finance", {"document": edited})["code"] == "rule_book_exists"
    before = rule_book("2027a", "2026-01-01T00:00:00+08:00")
    refused = own_api.refused("POST", "/v1/rules", "finance", {"document": before})
    assert refused["code"] == "rule_book_in_the_past"
    standings = [one["standing"] for one in own_api.done("GET", "/v1/rules", "viewer")["rule_books"]]
    assert standings == ["in force", "to come"]
