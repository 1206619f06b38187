"""Activities: who enrolled under which rules, who is awarded, who is disqualified and by which fact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settlement.accruals.commands import WithdrawAward
from settlement.accruals.judging import Judgement, Result, Rules, judge
from settlement.sessions.live import Live, Measured
from tests.ledger.asked import streamer
from tests.settlement.earning import House, activity, at, enrol, judged

_RESULTS = "SELECT result, rests_on FROM settlement.activity_results ORDER BY entry"


def withdraw(reason: str = "votes were bought") -> WithdrawAward:
    return WithdrawAward(*at(3_000, actor="gateway:ops"), "gala", "mei", reason)


@pytest.fixture
def gala(house: House) -> House:
    """The gala is published, and mei has enrolled."""
    house.done(activity(), enrol())
    return house


def test_who_keeps_the_rules_is_awarded(gala: House) -> None:
    gala.live((0, 60), "gala", face_shown=1, interactions=60)
    gala.live((70, 130), "gala", "other", face_shown=1, interactions=40)
    assert gala.refusal(judged()) is None
    assert gala.minors() == (50_000, 0, 0)
    assert gala.refusal(judged()) == "already_evaluated"


def test_who_did_not_enrol_gets_nothing_and_it_says_so(house: House) -> None:
    (published,) = house.done(activity())
    house.live((0, 60), "gala", face_shown=1, interactions=100)
    assert house.refusal(judged()) is None
    assert house.rows(_RESULTS) == [("NOT_ENROLLED", published.seq)]
    assert house.rows("SELECT amount_minor, reason FROM settlement.accruals") == [(0, "NOT_ENROLLED")]


@pytest.mark.parametrize(
    ("on_air", "tags", "measured", "result"),
    [
        ((-120, -60), ("gala",), {"face_shown": 1, "interactions": 100}, "OUT_OF_WINDOW"),
        ((-60, 0), ("gala",), {"face_shown": 1, "interactions": 100}, "OUT_OF_WINDOW"),
        ((120, 180), ("gala",), {"face_shown": 1, "interactions": 100}, "OUT_OF_WINDOW"),
        ((0, 60), ("other",), {"face_shown": 1, "interactions": 100}, "WRONG_CONTENT"),
        ((0, 60), ("gala",), {"face_shown": 0, "interactions": 100}, "FACE_NOT_SHOWN"),
        ((0, 60), ("gala",), {"interactions": 100}, "FACE_NOT_SHOWN"),
        ((0, 60), ("gala",), {"face_shown": 1, "interactions": 99}, "LOW_INTERACTION"),
        ((0, 60), ("gala",), {"face_shown": 1}, "LOW_INTERACTION"),
        ((-60, 1), ("gala",), {"face_shown": 1, "interactions": 100}, "AWARDED"),
        ((119, 180), ("gala",), {"face_shown": 1, "interactions": 100}, "AWARDED"),
    ],
)
def test_each_rule_disqualifies_by_its_code(
    gala: House, on_air: tuple[int, int], tags: tuple[str, ...], measured: dict[str, int], result: str
) -> None:
    gala.live(on_air, *tags, **measured)
    assert gala.refusal(judged()) is None
    assert [row[0] for row in gala.rows(_RESULTS)] == [result]
    assert gala.minors().accruals == (50_000 if result == "AWARDED" else 0)


def test_a_disqualification_names_the_fact_it_rests_on(gala: House) -> None:
    gala.live((0, 30), "gala", face_shown=1, interactions=100)
    hidden = gala.live((40, 60), "gala", interactions=100)
    fact = gala.measure(hidden, "face_shown", 0)
    gala.done(judged())
    assert gala.rows(_RESULTS) == [("FACE_NOT_SHOWN", fact)]


def test_rules_that_change_after_enrolment_change_nothing_until_enrolled_again(house: House) -> None:
    house.done(streamer("bo"), activity(), enrol(), enrol("bo"), activity("v2", award=10_000))
    house.done(enrol("bo"))
    for party in ("mei", "bo"):
        house.live_as(party, (0, 60), "gala", face_shown=1, interactions=100)
        house.done(judged(party))
    assert (house.minors("mei").accruals, house.minors("bo").accruals) == (50_000, 10_000)


def test_published_rules_stay_as_they_are(gala: House) -> None:
    assert gala.refusal(activity(award=1)) == "activity_version_exists"
    assert gala.refusal(enrol(minutes=120)) == "activity_over"
    assert gala.refusal(enrol("nobody")) == "account_not_found"


def test_an_award_whose_facts_are_corrected_is_taken_back_before_settlement(gala: House) -> None:
    session = gala.live((0, 60), "gala", face_shown=1, interactions=100)
    (award,) = gala.done(judged())
    fact = gala.measure(session, "face_shown", 0)
    gala.done(judged())
    assert gala.minors() == (0, 0, 0)
    assert gala.platform("award_expense") == 0
    assert gala.rows(_RESULTS)[-1] == ("FACE_NOT_SHOWN", fact)
    taken = gala.rows("SELECT accrual, amount_minor, earnings_minor, reason FROM settlement.withdrawals")
    assert taken == [(award.seq, 50_000, 0, "FACE_NOT_SHOWN")]
    gala.settle()
    assert gala.minors() == (0, 0, 0)


def test_one_who_was_wrongly_disqualified_is_awarded_after_the_correction(gala: House) -> None:
    session = gala.live((0, 60), "gala", face_shown=0, interactions=100)
    gala.done(judged())
    gala.measure(session, "face_shown", 1)
    gala.done(judged())
    assert gala.minors().accruals == 50_000


def test_a_withdrawn_award_stays_withdrawn(gala: House) -> None:
    gala.live((0, 60), "gala", face_shown=1, interactions=100)
    assert gala.refusal(withdraw()) == "award_not_found"
    gala.done(judged())
    assert gala.refusal(withdraw()) is None
    assert gala.minors() == (0, 0, 0)
    assert gala.refusal(withdraw()) == "award_withdrawn"
    assert gala.refusal(judged()) == "award_withdrawn"


def test_it_all_holds_within_one_batch(gala: House) -> None:
    gala.live((0, 60), "gala", face_shown=1, interactions=100)
    outcomes = gala.decided(judged(), judged(), withdraw(), judged())
    codes = [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]
    assert codes == [None, "already_evaluated", None, "award_withdrawn"]
    assert gala.minors() == (0, 0, 0)


def test_an_award_withdrawn_after_settlement_comes_out_of_the_earnings(gala: House) -> None:
    gala.live((0, 60), "gala", face_shown=1, interactions=100)
    gala.done(judged())
    gala.settle()
    assert gala.minors() == (0, 50_000, 0)
    gala.done(withdraw())
    assert gala.minors() == (0, 0, 0)
    assert gala.rows("SELECT amount_minor, earnings_minor FROM settlement.withdrawals") == [(0, 50_000)]


_RULES = Rules(1, 0, 100, "gala", 10, True, 5_000)


@st.composite
def a_session(draw: st.DrawFn) -> Live:
    opened = draw(st.integers(-50, 120))
    entry = draw(st.integers(2, 1_000))
    tags = draw(st.sets(st.sampled_from(["gala", "other"])))
    live = Live(None, entry, "mei", frozenset(tags), opened, opened + draw(st.integers(0, 60)))  # type: ignore[arg-type]
    for metric, most in (("face_shown", 1), ("interactions", 12)):
        if draw(st.booleans()):
            live.facts[metric] = Measured(draw(st.integers(0, most)), draw(st.integers(2_000, 3_000)))
    return live


@given(st.lists(a_session(), max_size=5))
def test_who_is_awarded_kept_every_rule_and_who_is_not_broke_one(sessions: list[Live]) -> None:
    on = [live for live in sessions if live.is_on_in(_RULES.since, _RULES.until)]
    found = judge(_RULES, on, sessions[-1] if sessions else None)
    counted = [live for live in on if "gala" in live.tags]
    faces = all("face_shown" in live.facts and live.facts["face_shown"].value for live in counted)
    interactions = sum(live.facts["interactions"].value for live in counted if "interactions" in live.facts)
    deserved = bool(counted) and faces and interactions >= _RULES.minimum_interactions
    assert (found.result is Result.AWARDED) == deserved
    entries = {_RULES.entry} | {live.entry for live in sessions}
    assert found.rests_on in entries | {fact.entry for live in sessions for fact in live.facts.values()}
    assert judge(_RULES, on, sessions[-1] if sessions else None) == Judgement(*found)
