"""A wrongful measure is undone, and nothing more is owed for it."""

import pytest

from ledger.database import Database
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import Imposed
from settlement.commands import Reward
from tests.moderation import saying
from tests.moderation.lately import head
from tests.moderation.takings.court import Court, loss


@pytest.fixture
def court(empty_database: Database) -> Court:
    return Court(empty_database)


@pytest.mark.rule("LIVE-MOD-10", "G4")
def test_a_measure_revoked_leaves_the_balances_as_before_plus_what_accrued_since(court: Court) -> None:
    court.earn(500)
    court.settle()
    court.earn(120)
    court.done(Reward(*head(), "bo", "t", 777))
    court.case()
    before = court.balances()
    penalty = court.preview("penalty")
    damages = court.preview("damages", losses=(loss(90_000),), beside=(penalty,))
    decision = court.decide(
        Imposed("penalty", "bo", preview=penalty), Imposed("damages", "bo", preview=damages)
    )
    assert court.execute(decision)
    assert court.balance("debt") == 90_000 - 2_500 - 1_200 - 777
    court.done(Reward(*head(day=3), "bo", "t", 5_000))
    court.answer(court.appeal(decision), "overturned")
    after = court.balances()
    gained = {ref: after.get(ref, 0) - before.get(ref, 0) for ref in after.keys() | before.keys()}
    assert {(ref.kind, amount) for ref, amount in gained.items() if amount} == {
        ("accruals", 5_000),
        ("reward_expense", 5_000),
    }
    # It is undone, and not compensated for.
    assert court.balance("refunds_payable") == 0
    court.sound()


@pytest.mark.rule("LIVE-MOD-10")
def test_what_a_measure_took_is_settled_once_when_it_is_given_back(court: Court) -> None:
    court.earn(1_000)
    court.done(Reward(*head(), "bo", "t", 777))
    court.case()
    decision = court.penalty(5_000)
    assert court.execute(decision)
    court.settle()
    assert court.balance("earnings") == (1_000 - 422) * 5
    court.answer(court.appeal(decision), "overturned")
    for _ in range(2):
        court.settle()
        assert [court.balance(kind) for kind in ("accruals", "earnings", "gifts")] == [0, 5_000 + 777, 0]
    court.sound()


@pytest.mark.rule("G4")
def test_an_appeal_comes_in_time_waits_for_somebody_else_and_is_answered_once(court: Court) -> None:
    court.earn(500)
    court.case()
    decision = court.penalty()
    late = saying.appeal(head("streamer:bo", day=8), decision, "bo", "too late")
    assert court.code(late) == "appeal_too_late"
    appeal = court.appeal(decision, day=6)
    assert not court.execute(decision)
    own = DecideAppeal(*head("moderator:mo", day=7), appeal, "upheld", "I was right")
    assert court.code(own) == "second_person_required"
    court.answer(appeal, "upheld")
    assert court.execute(decision)
    assert court.balances("bo") == {}
    court.sound()
