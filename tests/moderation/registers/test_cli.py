"""`zhibo blacklist` and `zhibo trails`: files are read strictly, and nothing of them is said again."""

from pathlib import Path

import pytest

from api.cli import Stop
from api.cli.listing import people
from tests.api.command_line import is_one_line, zhibo
from tests.settlement.payees.sample import KEYS, LICENCE, NAME, NUMBER, OTHER_NUMBER


def test_a_file_is_read_by_its_columns_and_hashed() -> None:
    lines = ["姓名,证件号码,备注", f"{NAME},{NUMBER},a", f",{LICENCE},b"]
    found = list(people(lines, KEYS))
    assert [one.number for one in found] == [KEYS.digest("number", NUMBER), KEYS.digest("number", LICENCE)]
    assert [one.name for one in found] == [KEYS.digest("name", NAME), None]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "names no column"),
        (["who,what", "a,b"], "names no column"),
        (["number", NUMBER, NUMBER[:-1] + "1"], "line 3"),
        (["number,name", f",{NAME}"], "line 2"),
        (["name,number", NAME], "line 2"),
    ],
)
def test_a_file_that_is_no_list_is_refused_by_its_line_and_not_its_content(
    lines: list[str], said: str
) -> None:
    with pytest.raises(Stop) as stopped:
        list(people(lines, KEYS))
    assert said in str(stopped.value)
    assert NUMBER[:10] not in str(stopped.value)


def test_a_list_is_read_in_and_trails_are_shown(data_folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"number,name\n{NUMBER},{NAME}\n{OTHER_NUMBER},\n", encoding="utf-8")
    arguments = ("blacklist", "import", str(file), "--list", "主播黑名单", "--as", "mo")
    done = zhibo(data_folder, *arguments, ZHIBO_SANDBOX="1")
    assert done.returncode == 0, done.stderr
    assert "2 on the list" in done.stdout.decode()
    assert b"no trail" in zhibo(data_folder, "trails", "--since", "2026-01-01", "--as", "mo").stdout
    day = zhibo(data_folder, "trails", "--since", "2026-01-01", "--until", "2026-01-01", "--as", "mo")
    assert b"2026-01-01 00:00:00 to 2026-01-02 00:00:00" in day.stdout
    backwards = zhibo(data_folder, "trails", "--since", "2026-02-01", "--until", "2026-01-01")
    assert backwards.returncode == 2
    assert is_one_line(backwards.stderr)
