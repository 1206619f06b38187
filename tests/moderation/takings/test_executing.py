"""What is decided is held, what is held is taken, and it is exactly what was shown."""

import pytest

from moderation.cases.commands import Imposed
from moderation.commands import Freeze
from moderation.takings.shown import Head
from tests.moderation.lately import head, tip, top_up
from tests.moderation.takings.court import Court, loss


def test_a_penalty_holds_at_the_decision_and_takes_at_its_execution(court: Court) -> None:
    court.earn(500)
    court.settle()
    court.earn(200, day=1)
    court.case()
    decision = court.penalty()
    assert (court.held("earnings"), court.held("gifts")) == (2_500, 200)
    assert (court.balance("earnings"), court.balance("gifts")) == (2_500, 200)
    assert court.execute(decision)
    assert court.balances("bo") == {}
    assert court.balance("penalty_income", "platform") == 2_500 + 2_000
    assert court.balance("coins_forfeited", "platform") == 200
    assert not court.execute(decision, day=10)
    court.sound()


def test_what_arrives_after_the_decision_is_untouched(court: Court) -> None:
    court.earn(500)
    court.case()
    # A preview that takes more than a bound has a clean period imposed: the tip comes before that.
    preview = court.preview("penalty")
    court.earn(100)
    decision = court.decide(Imposed("penalty", "bo", preview=preview))
    assert court.held("gifts") == 500
    assert court.execute(decision)
    assert court.balance("gifts") == 100
    court.settle()
    assert court.balance("earnings") == 500
    court.sound()


def test_a_preview_is_stale_only_if_a_transfer_cannot_be_made_in_full(court: Court) -> None:
    court.earn(500)
    court.case()
    preview = court.preview("penalty", amount_minor=3_000)
    court.done(Freeze(*head("moderator:mo"), "bo", "gifts", 200, "other", "LIVE-MOD-4"))
    court.done(Freeze(*head("moderator:mo"), "bo", "gifts", 1, "other", "LIVE-MOD-4"))
    refusal = court.refusal(court.deciding(Imposed("penalty", "bo", preview=preview)))
    assert refusal is not None
    assert (refusal.code, refusal.shown_minor, refusal.available_minor) == ("preview_stale", 300, 299)  # type: ignore[attr-defined]
    court.earn(10)
    court.decide(Imposed("penalty", "bo", preview=preview))
    assert court.held("gifts") == 300 + 201
    court.sound()


def test_a_preview_is_decided_once_and_only_as_what_it_shows(court: Court) -> None:
    court.earn(500)
    court.case()
    court.case("k2")
    preview = court.preview("penalty", amount_minor=100)
    for imposed, case in (
        (Imposed("damages", "bo", preview=preview), "k1"),
        (Imposed("penalty", "ana", preview=preview), "k1"),
        (Imposed("penalty", "bo", preview=preview), "k2"),
    ):
        assert court.code(court.deciding(imposed, case=case)) == "preview_not_found"
    imposed = Imposed("penalty", "bo", preview=preview)
    assert court.code(court.deciding(imposed, imposed)) == "preview_used"
    court.decide(imposed)
    assert court.code(court.deciding(imposed)) == "preview_used"


def test_two_measures_of_one_decision_share_what_is_there(court: Court) -> None:
    court.earn(500)
    court.settle()
    court.case()
    penalty = court.preview("penalty", amount_minor=1_000)
    greedy = court.preview("damages", losses=(loss(3_000),))
    imposed = [Imposed("penalty", "bo", preview=penalty), Imposed("damages", "bo", preview=greedy)]
    assert court.code(court.deciding(*imposed)) == "penalty_counted_twice"
    netted = court.preview("damages", losses=(loss(5_000),), beside=(penalty,))
    decision = court.decide(imposed[0], Imposed("damages", "bo", preview=netted))
    assert court.held("earnings") == 2_500
    assert court.execute(decision)
    assert (court.balance("earnings"), court.balance("debt")) == (0, 5_000 - 1_000 - 1_500)
    court.sound()


def test_a_refused_decision_takes_nothing(court: Court) -> None:
    court.earn(6_000)
    court.case()
    command = court.deciding(Imposed("penalty", "bo", preview=court.preview("penalty")))
    court.done(command)
    assert court.held("gifts") == 6_000
    court.refuse(command.id)
    assert court.held("gifts") == 0
    assert not court.execute(command.id)
    assert court.balance("gifts") == 6_000
    court.sound()


def test_what_the_case_froze_before_is_taken_first_when_the_rest_is_gone(court: Court) -> None:
    court.done(Freeze(*head("moderator:mo"), "ana", "wallet", 600, "k1", "LIVE-MOD-4"))
    court.done(tip("ana", "bo", "rose", 40))
    court.prove("k1")
    preview = court.preview("penalty", "k1", "ana")
    decision = court.decide(Imposed("penalty", "ana", preview=preview))
    assert court.held("wallet", "ana") == 600
    assert court.execute(decision)
    assert court.balances("ana") == {}
    court.sound()


def test_what_another_case_froze_is_not_taken(court: Court) -> None:
    court.done(Freeze(*head("moderator:mo"), "ana", "wallet", 600, "other", "LIVE-MOD-4"))
    court.case("k1", "ana")
    decision = court.penalty(party="ana")
    assert court.held("wallet", "ana") == 1_000
    assert court.execute(decision)
    assert court.balance("wallet", "ana") == 600
    court.sound()


@pytest.mark.parametrize("case", ["k1", "another"])
def test_an_account_that_is_frozen_whole_is_there_to_be_taken_from_and_stays_frozen(
    court: Court, case: str
) -> None:
    court.earn(500)
    court.settle()
    court.case()
    court.done(Freeze(*head("moderator:mo"), "bo", "earnings", None, case, "LIVE-MOD-4"))
    assert court.execute(court.penalty(2_000))
    assert court.balance("earnings") == 500
    frozen = "SELECT frozen_by FROM ledger.accounts WHERE owner = 'bo' AND kind = 'earnings'"
    assert court.rows(frozen) == [(1,)]
    court.sound()


def test_damages_of_a_viewer_become_a_debt_that_was_not_there_before(court: Court) -> None:
    court.case("k1", "ana")
    preview = court.preview("damages", "k1", "ana", losses=(loss(700), loss(300, Head.LAWYER_FEE)))
    decision = court.decide(Imposed("damages", "ana", preview=preview))
    assert court.execute(decision)
    assert court.balance("debt", "ana") == 1_000
    assert court.balance("damages_income", "platform") == 1_000
    court.sound()


def test_compensation_is_owed_to_the_viewer_at_most_up_to_what_was_paid(court: Court) -> None:
    court.done(top_up("ana", 2_000))
    court.case("k1", "ana")
    first = court.preview("compensation", "k1", "ana", losses=(loss(25_000),))
    second = court.preview("compensation", "k1", "ana", losses=(loss(5_001),))
    decision = court.decide(Imposed("compensation", "ana", preview=first))
    assert court.execute(decision)
    assert court.balance("refunds_payable", "ana") == 25_000
    refusal = court.refusal(court.deciding(Imposed("compensation", "ana", preview=second)))
    assert refusal is not None
    assert (refusal.code, refusal.cap_minor) == ("above_liability_cap", 5_000)  # type: ignore[attr-defined]
    third = court.preview("compensation", "k1", "ana", losses=(loss(5_001),), exceeding="the law says so")
    assert court.execute(court.decide(Imposed("compensation", "ana", preview=third)))
    assert court.balance("refunds_payable", "ana") == 30_001
    court.sound()


@pytest.mark.parametrize("whom", ["nobody", "bo"])
def test_there_has_to_be_somebody_and_something(court: Court, whom: str) -> None:
    court.case()
    code = "account_not_found" if whom == "nobody" else "nothing_to_take"
    assert court.previewing("penalty", "k1", whom) == code
    assert court.previewing("penalty", "k9", whom) == "case_not_found"
