"""Penalties and damages of one case: a loss is made good once, whichever of the two was decided first."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from msgspec.structs import replace

from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import Decide, Imposed, LiftMeasure, RefuseDecision
from moderation.cases.writing import measure_id
from moderation.takings.commands import MakePreview
from moderation.takings.reading import previews
from moderation.takings.refusals import PenaltyCountedTwice, PreviewStale
from settlement.commands import Reward
from tests.moderation.lately import head
from tests.moderation.takings.court import Court, loss

_WHY = "the penalty is for the breach, the damages are for the lamp"


@pytest.fixture
def court(court: Court) -> Court:
    """Bo has earned 600.00, and there is a case."""
    court.done(Reward(*head(), "bo", "t", 60_000))
    court.settle()
    court.case()
    return court


def _penalty(court: Court, fen: int, *beside: UUID, why: str | None = None) -> UUID:
    return court.preview("penalty", amount_minor=fen, beside=beside, exceeding=why)


def _damages(court: Court, fen: int, *beside: UUID, why: str | None = None) -> UUID:
    return court.preview("damages", losses=(loss(fen),), beside=beside, exceeding=why)


def _imposed(court: Court, shown: Sequence[UUID]) -> list[Imposed]:
    with court.database.app.connect() as connection:
        found = previews(connection, shown)
    return [Imposed(found[one].kind, "bo", preview=one) for one in shown]


def _deciding(court: Court, *shown: UUID) -> Decide:
    return court.deciding(*_imposed(court, shown))


def _decide(court: Court, *shown: UUID) -> UUID:
    return court.decide(*_imposed(court, shown))


def _no_penalty(court: Court, fen: int, *beside: UUID) -> int:
    """What of a penalty would be counted twice, were it shown."""
    command = MakePreview(*head("moderator:mo"), "k1", "penalty", "bo", fen, beside=beside)
    refusal = court.refusal(command)
    assert isinstance(refusal, PenaltyCountedTwice)
    assert (refusal.preview, refusal.netted_minor, refusal.measure) == (None, 0, "penalty")
    return refusal.covered_minor


def _counted_twice(court: Court, *shown: UUID) -> tuple[str | None, int, int]:
    refusal = court.refusal(_deciding(court, *shown))
    assert isinstance(refusal, PenaltyCountedTwice)
    return refusal.preview, refusal.netted_minor, refusal.covered_minor


def _stale(court: Court, *shown: UUID) -> tuple[str, int, int]:
    refusal = court.refusal(_deciding(court, *shown))
    assert isinstance(refusal, PreviewStale)
    assert (refusal.account, refusal.owner, refusal.reason) == ("penalty_income", "platform", "set_off")
    return refusal.preview, refusal.shown_minor, refusal.available_minor


def _overturn(court: Court, decision: UUID) -> None:
    court.answer(court.appeal(decision), "overturned")


def _shown_net(court: Court, preview: UUID) -> tuple[int, int]:
    """What damages set off, and what they take."""
    with court.database.app.connect() as connection:
        shown = previews(connection, [preview])[preview].shown
    return shown.netted_minor, sum(taking.fen for taking in shown.takings)


def test_a_penalty_is_not_added_to_damages_decided_before_as_it_is_not_the_other_way_round(
    court: Court,
) -> None:
    early = _penalty(court, 5_000)
    _decide(court, _damages(court, 8_000))
    assert _no_penalty(court, 5_000) == 5_000
    assert _no_penalty(court, 20_000) == 8_000
    assert _counted_twice(court, early) == (str(early), 0, 5_000)
    assert court.held("earnings") == 8_000
    court.case("k2")
    court.penalty(5_000, case="k2")
    assert court.held("earnings") == 13_000
    court.sound()


def test_whatever_the_order_within_a_decision_the_penalty_is_set_off_once(court: Court) -> None:
    gross = _damages(court, 8_000)
    assert _no_penalty(court, 5_000, gross) == 5_000
    penalty = _penalty(court, 5_000)
    assert _counted_twice(court, gross, penalty) == (str(gross), 0, 5_000)
    net = _damages(court, 8_000, penalty)
    further = _damages(court, 7_000, penalty, net)
    assert (_shown_net(court, net), _shown_net(court, further)) == ((5_000, 3_000), (0, 7_000))
    _decide(court, further, net, penalty)
    assert court.held("earnings") == 5_000 + 3_000 + 7_000
    court.sound()


@pytest.mark.parametrize("first", ["penalty", "damages"])
def test_a_penalty_that_is_due_besides_damages_says_why_and_covers_nothing(court: Court, first: str) -> None:
    if first == "damages":
        claim = _damages(court, 8_000)
        _decide(court, claim)
    penalty = _penalty(court, 5_000, why=_WHY)
    with court.database.app.connect() as connection:
        assert _WHY.encode() in previews(connection, [penalty])[penalty].document
    _decide(court, penalty)
    if first == "penalty":
        claim = _damages(court, 8_000)
        assert _shown_net(court, claim) == (0, 8_000)
        _decide(court, claim)
    assert court.held("earnings") == 13_000
    court.sound()


def test_damages_that_are_due_besides_penalties_are_not_covered_by_a_later_one(court: Court) -> None:
    _decide(court, _damages(court, 8_000, why="the loss is apart from any penalty"))
    _decide(court, _penalty(court, 5_000))
    # The penalty is there to be set off, by damages that are not besides.
    assert _shown_net(court, _damages(court, 6_000)) == (5_000, 1_000)
    court.sound()


@pytest.mark.parametrize("how", ["overturned", "lifted", "refused"])
def test_damages_that_ended_are_no_reason_against_a_penalty(court: Court, how: str) -> None:
    deciding = _deciding(court, _damages(court, 8_000))
    court.done(deciding)
    _ended(court, deciding, how)
    _decide(court, _penalty(court, 5_000))
    assert court.held("earnings") == 5_000
    court.sound()


def _ended(court: Court, deciding: Decide, how: str) -> None:
    if how == "refused":
        court.done(RefuseDecision(*head("finance:fi"), deciding.id, "not shown"))
        return
    waits = "SELECT state FROM moderation.decision_states WHERE decision = :decision"
    if court.rows(waits, decision=deciding.id) == [("awaiting_approval",)]:
        court.approve(deciding.id)
    if how == "overturned":
        _overturn(court, deciding.id)
    else:
        court.done(LiftMeasure(*head("moderator:mo"), measure_id(deciding.id, 0), "by mistake"))


def test_of_damages_that_an_appeal_lowered_the_rest_is_covered(court: Court) -> None:
    decision = _decide(court, _damages(court, 8_000))
    court.answer(court.appeal(decision), "changed", lowered=((0, 2_000),))
    assert _no_penalty(court, 5_000) == 2_000


def test_a_penalty_in_place_of_one_that_ended_is_what_the_damages_set_off(court: Court) -> None:
    first = _decide(court, _penalty(court, 5_000))
    _decide(court, _damages(court, 8_000))
    assert court.held("earnings") == 8_000
    _overturn(court, first)
    assert _no_penalty(court, 6_000) == 1_000
    _decide(court, _penalty(court, 5_000))
    assert court.held("earnings") == 8_000
    court.sound()


def test_a_penalty_that_others_are_net_of_does_not_cover_damages_decided_before(court: Court) -> None:
    """80.00 are claimed and decided; of another 70.00 a penalty decided with them covers 50.00."""
    penalty = _penalty(court, 5_000)
    net = _damages(court, 7_000, penalty)
    gross = _damages(court, 8_000)
    _decide(court, gross)
    _decide(court, penalty, net)
    assert court.held("earnings") == 8_000 + 5_000 + 2_000
    court.sound()


@pytest.mark.parametrize("together", [False, True])
def test_a_penalty_that_two_claims_were_shown_to_set_off_is_set_off_by_one(
    court: Court, together: bool
) -> None:
    _decide(court, _penalty(court, 5_000))
    one, other = _damages(court, 8_000), _damages(court, 7_000)
    assert (_shown_net(court, one), _shown_net(court, other)) == ((5_000, 3_000), (5_000, 2_000))
    if together:
        assert _stale(court, one, other) == (str(other), 5_000, 0)
    _decide(court, one)
    assert _stale(court, other) == (str(other), 5_000, 0)
    _decide(court, _damages(court, 7_000))
    assert court.held("earnings") == 5_000 + 3_000 + 7_000
    court.sound()


def test_of_two_claims_in_a_batch_the_later_has_to_look_again(court: Court) -> None:
    _decide(court, _penalty(court, 5_000))
    one, other = (_deciding(court, _damages(court, fen)) for fen in (8_000, 7_000))
    outcomes = court.decided(one, replace(other, latest=one.id))
    assert [outcome.refusal.code if outcome.refusal else None for outcome in outcomes] == [
        None,
        "preview_stale",
    ]


@pytest.mark.parametrize("how", ["overturned", "lifted", "refused"])
def test_what_was_shown_net_of_a_penalty_that_ended_since_is_shown_again(court: Court, how: str) -> None:
    deciding = _deciding(court, _penalty(court, 50_100 if how == "refused" else 5_000))
    court.done(deciding)
    claim = _damages(court, 60_000)
    off, _ = _shown_net(court, claim)
    _ended(court, deciding, how)
    assert _stale(court, claim) == (str(claim), off, 0)
    _decide(court, _damages(court, 8_000))
    assert court.held("earnings") == 8_000
    court.sound()


@pytest.mark.parametrize("in_one_batch", [False, True])
@pytest.mark.parametrize(("verdict", "left"), [("overturned", 0), ("changed", 2_000)])
def test_an_appeal_against_the_penalty_that_is_answered_meanwhile_is_seen(
    court: Court, verdict: str, left: int, in_one_batch: bool
) -> None:
    decision = _decide(court, _penalty(court, 5_000))
    appeal, claim = court.appeal(decision), _damages(court, 8_000)
    lowered = ((0, left),) if left else ()
    answering = DecideAppeal(*head("moderator:ju", day=2), appeal, verdict, "so", lowered=lowered)
    deciding = _deciding(court, claim)
    if in_one_batch:
        first, second = court.decided(answering, deciding)
        assert first.refusal is None
        refusal = second.refusal
    else:
        court.done(answering)
        refusal = court.refusal(deciding)
    assert isinstance(refusal, PreviewStale)
    assert (refusal.reason, refusal.shown_minor, refusal.available_minor) == ("set_off", 5_000, left)
    assert str(refusal) == (
        f"50.00 CNY of the case's penalties was set off, and {left // 100}.00 CNY is left to set off now"
    )
    assert _shown_net(court, _damages(court, 8_000)) == (left, 8_000 - left)
    court.sound()


def test_what_is_already_decided_counts_once_however_it_is_named(court: Court) -> None:
    penalty = _penalty(court, 5_000)
    _decide(court, penalty)
    assert _shown_net(court, _damages(court, 8_000, penalty)) == (5_000, 3_000)
