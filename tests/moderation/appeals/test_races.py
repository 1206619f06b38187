"""Appeals that meet executions, answers and each other: exactly one consistent result each."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest

from ledger.journal.commands import Command, Outcome, derived_id
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import ExecuteDecision, Imposed
from tests.moderation import saying
from tests.moderation.lately import head
from tests.moderation.takings.court import Court


def _at_once(court: Court, commands: Sequence[Command]) -> list[Outcome]:
    """Each from a thread of its own, all at the same moment."""
    barrier = Barrier(len(commands))

    def decide(command: Command) -> Outcome:
        barrier.wait()
        return court.decided(command)[0]

    with ThreadPoolExecutor(len(commands)) as threads:
        return list(threads.map(decide, commands))


def _codes(outcomes: Sequence[Outcome]) -> list[str]:
    return sorted(outcome.refusal.code if outcome.refusal else "" for outcome in outcomes)


@pytest.mark.parametrize("time", range(4))
def test_an_appeal_filed_while_the_taking_is_executed(court: Court, time: int) -> None:
    court.earn(500)
    court.case()
    before = court.balances()
    decision = court.penalty()
    filing = saying.appeal(head("streamer:bo", day=1), decision, "bo")
    executions: list[Command] = [
        ExecuteDecision(*head("platform:cases", day=9, id=derived_id(decision, f"{n}")), decision)
        for n in range(time)
    ] or [ExecuteDecision(*head("platform:cases", day=9, id=derived_id(decision, "0")), decision)]
    filed, *executed = _at_once(court, [filing, *executions])
    assert filed.refusal is None
    assert [outcome.refusal for outcome in executed] == [None] * len(executed)
    times = sum(outcome.decided for outcome in executed)
    assert times <= 1
    assert court.balance("gifts") == (0 if times else 500)
    assert court.held("gifts") == (0 if times else 500)
    court.answer(filing.id, "overturned")
    assert court.balances() == before
    assert court.held("gifts") == 0
    assert not court.execute(decision)
    court.sound()


def test_two_moderators_answer_one_appeal(court: Court) -> None:
    court.earn(500)
    court.case()
    decision = court.penalty()
    appeal = court.appeal(decision)
    answers = [
        DecideAppeal(*head(f"moderator:j{n}", day=2), appeal, verdict, "so")
        for n, verdict in enumerate(("overturned", "upheld", "overturned"))
    ]
    outcomes = _at_once(court, answers)
    assert _codes(outcomes) == ["", "appeal_already_decided", "appeal_already_decided"]
    upheld = court.rows("SELECT verdict = 'upheld' FROM moderation.appeal_verdicts")[0][0]
    assert court.held("gifts") == (500 if upheld else 0)
    assert court.execute(decision) == upheld
    court.sound()


def test_one_person_appeals_twice_at_once(court: Court) -> None:
    court.earn(500)
    court.case()
    decision = court.penalty()
    filings = [saying.appeal(head("streamer:bo", day=1), decision, "bo") for _ in range(3)]
    assert _codes(_at_once(court, filings)) == ["", "appeal_exists", "appeal_exists"]


def test_the_same_answer_sent_twice_restores_once(court: Court) -> None:
    court.earn(500)
    court.case()
    before = court.balances()
    decision = court.penalty()
    assert court.execute(decision)
    answer = DecideAppeal(*head("moderator:ju", day=2), court.appeal(decision), "overturned", "so")
    outcomes = _at_once(court, [answer] * 4)
    assert sorted(outcome.replayed for outcome in outcomes) == [False, True, True, True]
    assert court.balances() == before
    court.sound()


def test_one_preview_decided_by_two(court: Court) -> None:
    court.earn(500)
    court.case()
    preview = court.preview("penalty", amount_minor=1_000)
    asked = [
        court.deciding(Imposed("penalty", "bo", preview=preview), actor=f"moderator:m{uuid4()}")
        for _ in range(3)
    ]
    assert _codes(_at_once(court, asked)) == ["", "case_decided", "case_decided"]
    assert court.held("gifts") == 100
    court.sound()
