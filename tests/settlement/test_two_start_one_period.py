"""Two who start the same new period at once have one run of it, as those do who come one after the other."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from api.cli import Stop
from api.cli.settling import settle_period
from api.wiring import House as Whole
from api.wiring import desks
from ledger.database import Database
from ledger.journal.commands import Command, Outcome
from ledger.journal.journal import Journal
from settlement.commands import Reward, SettlePeriod
from settlement.reading import RunState
from settlement.run_refusals import PeriodOverlaps
from tests.api.http.serving import Api, sandbox, sandbox_data, serving
from tests.settlement.earning import House, at

__all__ = ["sandbox_data"]

_PATIENCE_SECONDS = 60
_NOW = at(30 * 24 * 60)[2]


class _Together(Journal):
    """A journal that accepts a run once the other one is about to, too."""

    def __init__(self, database: Database, barrier: Barrier) -> None:
        super().__init__(database.app, desks())
        self._barrier = barrier

    def decide(self, commands: Sequence[Command]) -> list[Outcome]:
        self._barrier.wait(_PATIENCE_SECONDS)
        return super().decide(commands)


@pytest.fixture
def paid(house: House) -> House:
    """Mei has a reward of 20.00 that waits to be settled."""
    house.publish()
    house.done(Reward(*at(), "mei", "t", 2_000))
    return house


def started(house: House, barrier: Barrier, period: str, person: str) -> RunState:
    whole = Whole(house.database, _Together(house.database, barrier))
    return settle_period(whole, period, person, _NOW, is_sure=True)


def test_both_at_the_command_line_go_on_with_the_run_of_one_of_them(paid: House) -> None:
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(started, paid, barrier, "2026-10", name) for name in ("fei", "lin")]
        states = [one.result(_PATIENCE_SECONDS) for one in running]
    assert states[0] == states[1]
    assert states[0].finished_at is not None
    assert states[0].accruals_minor == 2_000
    # And whoever comes afterwards does the same.
    later = settle_period(Whole(paid.database, paid.journal), "2026-10", "wei", _NOW, is_sure=False)
    assert later == states[0]


def test_who_started_another_period_of_the_same_days_is_told_which_one_there_is(paid: House) -> None:
    barrier = Barrier(2)
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(started, paid, barrier, name, "fei") for name in ("2026-10", "2026-W41")]
        failures = [one.exception(_PATIENCE_SECONDS) for one in running]
    (failure,) = [failure for failure in failures if failure is not None]
    assert isinstance(failure, Stop)
    assert "shares days with" in str(failure)


def test_in_one_batch_the_second_is_told_of_the_run_that_the_first_began(paid: House) -> None:
    first, second = (SettlePeriod(*at(actor=f"finance:{who}"), "2026-10") for who in ("fei", "lin"))
    accepted, refused = paid.decided(first, second)
    assert accepted.refusal is None
    assert refused.refusal == PeriodOverlaps("2026-10", "2026-10", str(first.id))
    assert str(refused.refusal) == f"there is a run of 2026-10 already: {first.id}"
    # As somebody is who comes later.
    (later,) = paid.decided(SettlePeriod(*at(actor="finance:wei"), "2026-10"))
    assert later.refusal == refused.refusal


@pytest.fixture
def own(paid: House, empty_database: Database, sandbox_data: Path) -> Iterator[Api]:
    with serving(empty_database, sandbox(sandbox_data)) as api:
        yield api


def test_over_http_all_but_one_are_told_the_run_whether_at_once_or_later(own: Api) -> None:
    asked = ("POST", "/v1/settlements", "finance", {"period": "2026-10"})
    with ThreadPoolExecutor(4) as threads:
        answers = [
            one.result(_PATIENCE_SECONDS) for one in [threads.submit(own.ask, *asked) for _ in range(4)]
        ]
    answers.append(own.ask(*asked))
    accepted = [answer for answer in answers if answer.status_code == 202]
    assert len(accepted) == 1
    run = accepted[0].json()["id"]
    for answer in answers:
        if answer is not accepted[0]:
            problem = answer.json()
            assert (answer.status_code, problem["code"], problem["run"]) == (409, "period_overlaps", run)
            assert problem["detail"] == f"there is a run of 2026-10 already: {run}"
    assert own.done("GET", f"/v1/settlements/{run}", "finance")["period"] == "2026-10"
