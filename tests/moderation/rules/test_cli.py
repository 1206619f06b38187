"""`zhibo rules`, as people run it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.documents import sha256_of
from moderation.rules.document import canonical, parse, sample, sample_text
from tests.api.command_line import is_one_line, said, zhibo
from tests.api.warm import warm_zhibo
from tests.conftest import new_data_folder
from tests.moderation.rules.writing import coming, rule_book


@pytest.fixture(scope="module")
def no_books() -> Iterator[Path]:
    """A data folder in which no books may come to be."""
    folder = new_data_folder()
    yield folder
    assert not (folder / "cluster").exists(), "books were opened for what needs none"
    shutil.rmtree(folder)


def test_a_rule_book_is_checked_and_compared_without_books(no_books: Path, tmp_path: Path) -> None:
    file, gapped = tmp_path / "rules.toml", tmp_path / "gapped.toml"
    file.write_text(rule_book("r1", None, ("file_days = 7", "file_days = 5")), encoding="utf-8")
    gapped.write_text(rule_book("r1", None, ("below_points = 6", "below_points = 5")), encoding="utf-8")
    done = zhibo(no_books, "rules", "check", str(file))
    assert done.stdout.decode().splitlines() == [
        "rule book r1, in force from 2020-01-01 00:00:00 (+08:00)",
        f"{len(sample().items)} items in 10 groups, 5 steps of the ladder",
        f"sha256 {sha256_of(canonical(parse(file.read_text(encoding='utf-8'))))}",
        "remark: it would be in force from the past, which publishing refuses",
    ]
    compared = zhibo(no_books, "rules", "diff", "sample", str(file))
    assert compared.stdout.decode().splitlines() == [
        "  version: sample -> r1",
        "! appeals.file_days: 7 days -> 5 days",
    ]
    wrong = zhibo(no_books, "rules", "check", str(gapped))
    assert (wrong.returncode, wrong.stdout) == (1, b"")
    assert is_one_line(wrong.stderr)
    assert said(wrong, ["gapped.toml: ladder[1].below_points: is 5, and leaves a gap before 6"])
    assert zhibo(no_books, "rules", "show", "sample").stdout.decode() == sample_text()


def test_a_text_that_lacks_a_clause_is_not_the_agreement_that_is_meant(
    no_books: Path, tmp_path: Path
) -> None:
    agreement = tmp_path / "agreement.txt"
    agreement.write_text("别的协议：没有一条相同。", encoding="utf-8")
    done = zhibo(no_books, "rules", "check", "-", "--agreement", str(agreement), stdin=sample_text().encode())
    assert done.returncode == 1
    assert said(done, ["does not have the text meant by groups.illegal, groups.state_security"])


def test_a_rule_book_is_published_listed_and_shown_and_a_rule_switched(
    data_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(rule_book("r1", coming(3)), encoding="utf-8")
    assert warm_zhibo(data_folder, "rules", "show").stdout.decode() == sample_text()
    published = zhibo(data_folder, "rules", "publish", str(file), "--as", "小王")
    assert published.stdout.decode().startswith("published rule book r1 as finance:小王\n")
    again = warm_zhibo(data_folder, "rules", "publish", str(file))
    assert again.returncode == 1
    assert is_one_line(again.stderr)
    assert said(again, ["not published: rule book 'r1' was published before; a change is a new version"])
    off = zhibo(data_folder, "rules", "switch", "unfriendly_smoking", "off", "--reason", "too petty")
    assert off.stdout.decode().startswith("unfriendly_smoking is off as of now, by finance:")
    unknown = warm_zhibo(data_folder, "rules", "switch", "nothing", "off", "--reason", "r")
    assert said(unknown, ["not switched: no rule 'nothing' is in the rule books"])
    misused = warm_zhibo(data_folder, "rules", "switch", "unfriendly", "perhaps", "--reason", "r")
    assert misused.returncode == 2
    blank = warm_zhibo(data_folder, "rules", "switch", "unfriendly", "off", "--reason", " ")
    assert (blank.returncode, said(blank, ["--reason is blank"])) == (2, True)
    listed = zhibo(data_folder, "rules", "list").stdout.decode()
    assert "sample" in listed
    assert "to come" in listed
    assert "too petty" in listed
    assert warm_zhibo(data_folder, "rules", "show", "r1").stdout == file.read_bytes()
