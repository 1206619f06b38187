"""Which months a run rules out, said before and with it; and what a run says it did not settle."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.cli import Stop
from api.cli.settling import settle_period, show_run
from api.cli.showing import console_on
from api.wiring import House as Whole
from ledger.database import Database
from ledger.instants import instant_of
from ledger.journal.commands import Command
from moderation.commands import Freeze
from settlement.cadence import ruled_out
from settlement.commands import Reward
from settlement.periods import period
from settlement.reading import not_settled, run_of_period
from tests.api.http.serving import Api, sandbox, sandbox_data, serving
from tests.api.work.books import until
from tests.ledger.asked import streamer
from tests.settlement.earning import House, at

__all__ = ["sandbox_data"]

#: A moment after all that is settled here; the books' own clock says when a period is over.
_NOW = instant_of(datetime(2026, 11, 21, tzinfo=UTC))


@pytest.mark.parametrize(
    ("asked", "settled", "months"),
    [
        ("2026-10", [], []),
        ("2026-10-05", [], ["2026-10"]),
        ("2026-W41", [], ["2026-10"]),
        ("2026-W40", [], ["2026-09", "2026-10"]),
        ("2026-W40", ["2026-09-30"], ["2026-10"]),
        ("2026-10-05", ["2026-10-01"], []),
        ("2026-10-01", ["2026-09-30"], []),
        ("2026-10-01", ["2026-09"], ["2026-10"]),
        ("2026-W41", ["2026-W40"], []),
        ("2026-10-05", ["2026-11-01"], ["2026-10"]),
    ],
)
def test_a_day_or_a_week_rules_out_its_month_unless_that_is_so_already(
    asked: str, settled: list[str], months: list[str]
) -> None:
    found = ruled_out(period(asked), [period(name) for name in settled])
    assert [month.name for month in found] == months


@pytest.fixture
def whole(house: House) -> Whole:
    """Mei has a reward of 20.00 and a whole account that is frozen; li has one of 5.00, and no gifts."""
    house.publish()
    commands: list[Command] = [streamer("li"), streamer("nobody")]
    commands += [Reward(*at(), party, "t", minor) for party, minor in (("mei", 2_000), ("li", 500))]
    house.done(*commands, Freeze(*at(actor="moderator:m1"), "mei", "accruals", None, "c1", "R-1"))
    return Whole(house.database, house.journal)


def test_settling_a_day_says_beforehand_what_it_rules_out_and_afterwards_what_it_left(
    whole: Whole, capsys: pytest.CaptureFixture[str]
) -> None:
    state = settle_period(whole, "2026-10-20", "fei", _NOW, is_sure=True)
    said = capsys.readouterr()
    assert said.err == (
        "once 2026-10-20 is settled, 2026-10 can only be settled by days, or by weeks around it\n"
    )
    with whole.database.app.connect() as connection:
        left = not_settled(connection, state.run)
    show_run(state, left, console_on(sys.stdout))
    shown = capsys.readouterr().out
    assert "statements  2 of 3 streamers" in shown
    assert "not settled 1 had nothing\n            20.00 元 of 1 frozen" in shown
    settle_period(whole, "2026-10-20", "fei", _NOW, is_sure=False)
    settle_period(whole, "2026-10-21", "fei", _NOW, is_sure=False)
    assert capsys.readouterr().err == ""


def test_at_a_terminal_whoever_is_not_sure_is_asked(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = iter([False, True])
    monkeypatch.setattr("typer.confirm", lambda *_, **__: next(answers))
    with pytest.raises(Stop, match="nothing was settled"):
        settle_period(whole, "2026-10-20", "fei", _NOW, is_sure=False)
    assert settle_period(whole, "2026-10-20", "fei", _NOW, is_sure=False).statements == 2
    settle_period(whole, "2026-11-20", "fei", _NOW, is_sure=True)


def test_where_nobody_can_be_asked_what_rules_something_out_is_settled_only_by_who_is_sure(
    whole: Whole, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Stop, match="nothing was settled: there is nobody to ask, so say --yes"):
        settle_period(whole, "2026-10-20", "fei", _NOW, is_sure=False)
    assert "once 2026-10-20 is settled" in capsys.readouterr().err
    with whole.database.app.connect() as connection:
        assert run_of_period(connection, "2026-10-20") is None
    settle_period(whole, "2026-10-20", "fei", _NOW, is_sure=True)
    # What goes on in the same way, or is there already, rules nothing out.
    for day in ("2026-10-20", "2026-10-21"):
        settle_period(whole, day, "fei", _NOW, is_sure=False)


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("2029-10-05", "2029-10-05 ends with 2029-10-05, which is not over"),
        ("2026-10-05", "2026-10-05 shares days with 2026-W41, of which there is a run already"),
    ],
)
def test_what_is_refused_anyhow_is_not_said_to_rule_anything_out(
    whole: Whole, capsys: pytest.CaptureFixture[str], name: str, refusal: str
) -> None:
    settle_period(whole, "2026-W41", "fei", _NOW, is_sure=True)
    capsys.readouterr()
    with pytest.raises(Stop, match=refusal):
        settle_period(whole, name, "fei", _NOW, is_sure=False)
    assert capsys.readouterr().err == ""


@pytest.fixture
def own(whole: Whole, empty_database: Database, sandbox_data: Path) -> Iterator[Api]:
    with serving(empty_database, sandbox(sandbox_data)) as api:
        yield api


def test_over_http_the_answer_warns_and_the_run_says_what_it_left(own: Api) -> None:
    key = "00000000-0000-4000-8000-00000000000a"
    first, again = (
        own.ask("POST", "/v1/settlements", "finance", {"period": "2026-10-20"}, key=key) for _ in range(2)
    )
    assert first.content == again.content
    (warning,) = first.json()["warnings"]
    assert "2026-10 can only be settled by days" in warning
    own.done("POST", "/v1/settlements", "finance", {"period": "2026-10-21"})
    retried = own.done("POST", "/v1/settlements", "finance", {"period": "2026-10-20"}, key=key)
    assert retried["warnings"] == [warning]
    where = first.headers["location"]
    until(lambda: own.done("GET", where, "finance")["state"] == "finished", "the run is finished")
    assert own.done("GET", where, "finance")["not_settled"] == [
        {
            "account": "accruals",
            "reason": "frozen",
            "streamers": 1,
            "amount": {"amount": "20.00", "currency": "CNY"},
        }
    ]
