"""`zhibo appeals` and `zhibo cases preview`: what there is to answer, and the answer."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.cli import Misused, Stop
from api.cli.appeals import answer, list_appeals, show
from api.cli.cases import preview
from api.cli.cases import show as show_case
from api.wiring import House
from moderation.cases.commands import Imposed
from tests.api.command_line import is_one_line, zhibo
from tests.moderation.takings.court import Court
from tests.settlement.payees.sample import MATCHING_KEY, OLD_KEY


@pytest.fixture
def books(court: Court, monkeypatch: pytest.MonkeyPatch) -> Court:
    """A court whose books are those of the command line, with keys."""

    @contextmanager
    def opened() -> Iterator[House]:
        yield House(court.database, court.journal)

    monkeypatch.setattr("api.wiring.open_house", opened)
    monkeypatch.setenv("ZHIBO_SEALING_KEYS", f"2026-10:{base64.b64encode(OLD_KEY).decode()}")
    monkeypatch.setenv("ZHIBO_MATCHING_KEY", base64.b64encode(MATCHING_KEY).decode())
    return court


def test_an_appeal_is_listed_and_shown_and_answered(books: Court, capsys: pytest.CaptureFixture[str]) -> None:
    books.earn(100)
    books.case()
    shown = books.preview("penalty", amount_minor=500)
    appeal = str(books.appeal(books.decide(Imposed("penalty", preview=shown))))
    preview(str(shown), person="ju")
    told = capsys.readouterr().out
    assert "penalty on bo, case k1" in told
    assert "0. 50 智联币 of gifts of bo" in told
    list_appeals(person="ju")
    told = capsys.readouterr().out
    assert "Appeals: 1" in told
    assert "it was not me" not in told
    show(appeal, person="ju")
    assert "    it was not me" in capsys.readouterr().out
    with pytest.raises(Stop):
        show(appeal, person="bo")
    with pytest.raises(Stop):
        preview(str(shown), person="bo")
    with pytest.raises(Stop, match="mo"):
        answer(appeal, "overturned", "looked at again", person="mo")
    answer(appeal, "changed", "looked at again", lowered=["0=2.00"], person="ju")
    show(appeal, person="ju")
    assert "looked at again" in capsys.readouterr().out
    show_case("k1", person="ju")
    assert "扣除违约金，合计 5.00 元，其中经申诉减免 3.00 元" in capsys.readouterr().out
    assert books.held("gifts") == 20
    list_appeals(person="ju")
    assert "Appeals: 0" in capsys.readouterr().out
    acts = books.rows("SELECT act FROM moderation.access_records WHERE actor = 'moderator:ju'")
    assert {("read_preview",), ("read_appeals",), ("read_appeal",), ("appeal_decided",)} <= set(acts)
    books.sound()


@pytest.mark.parametrize(
    ("verdict", "lowered"),
    [("perhaps", []), ("changed", ["0"]), ("changed", ["x=1.00"]), ("changed", ["0=1.001"])],
)
def test_an_answer_that_is_none_is_told_so(verdict: str, lowered: list[str]) -> None:
    with pytest.raises(Misused):
        answer("00000000-0000-0000-0000-000000000001", verdict, "why", lowered=lowered, person="ju")


def test_the_command_line_knows_appeals(data_folder: Path) -> None:
    listed = zhibo(data_folder, "appeals", "list", "--all", "--as", "ju")
    assert listed.returncode == 0, listed.stderr
    assert b"Appeals: 0" in listed.stdout
    missing = zhibo(data_folder, "appeals", "show", "x", "--as", "ju")
    assert missing.returncode == 2
    assert is_one_line(missing.stderr)
