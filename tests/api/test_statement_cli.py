"""`zhibo statement`: list, show in every form, recompute and explain; and one line for what cannot be."""

import json
import os
import re
import shutil
import stat
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

from tests.api.command_line import is_one_line, said, zhibo
from tests.api.warm import warm_zhibo
from tests.conftest import new_data_folder

_AT = "2026-10-01T20:00:00+08:00"


class Books(NamedTuple):
    """A folder with books in which bo was settled once, at half of face value; and that statement."""

    folder: Path
    statement: str


def _event(type: str, **fields: object) -> str:
    return json.dumps({"id": str(uuid4()), "at": _AT, "type": type, **fields}, ensure_ascii=False)


@pytest.fixture(scope="module")
def books() -> Iterator[Books]:
    folder = new_data_folder()
    events = [
        _event("register", party="ana", roles=["viewer"]),
        _event("register", party="bo", roles=["streamer"]),
        _event("gift", gift="rose", coins=3),
        _event("topup", viewer="ana", coins=1_000, paid="100.00", channel="wechat", channel_txn="w-1"),
        *(_event("tip", viewer="ana", streamer="bo", room="r1", gift="rose", quantity=n) for n in (1, 2, 4)),
        _event("reward", streamer="bo", task="600 分钟", amount="20.00"),
        _event("settle", through="2026-10-31", share_bps=5_000),
    ]
    played = zhibo(folder, "replay", "-", stdin="\n".join(events).encode())
    assert played.returncode == 0, played.stderr.decode()
    listed = zhibo(folder, "statement", "list", "bo")
    assert listed.returncode == 0, listed.stderr.decode()
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", listed.stdout.decode())
    assert found, listed.stdout.decode()
    yield Books(folder, found[0])
    shutil.rmtree(folder)


def _shown(books: Books, *options: str) -> bytes:
    done = warm_zhibo(books.folder, "statement", "show", books.statement, *options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def test_a_list_tells_what_was_credited_and_whether_it_is_final(books: Books) -> None:
    listed = zhibo(books.folder, "statement", "list", "bo").stdout.decode()
    # 21 coins are 2.10 元, half of it 1.05; and the reward.
    for word in ("21.05", "open", "2026-10-31"):
        assert word in listed, listed


def test_the_text_comes_in_both_languages(books: Books) -> None:
    chinese, english = _shown(books).decode(), _shown(books, "--language", "en").decode()
    assert chinese.startswith("结算单 ")
    assert "任务奖励" in chinese
    assert english.startswith("Statement ")
    assert "Credited to earnings" in english
    assert "21.05" in chinese
    assert "21.05" in english


def test_json_is_the_document_and_recomputing_gives_its_bytes(books: Books) -> None:
    document = _shown(books, "--format", "json")
    assert json.loads(document)["totals"]["credited_minor"] == 2_105
    done = zhibo(books.folder, "statement", "recompute", books.statement)
    assert done.returncode == 0, done.stderr.decode()
    hashes = re.findall(r"sha256 ([0-9a-f]{64})", done.stdout.decode())
    assert hashes == [sha256(document).hexdigest()] * 2
    assert "the same, byte for byte" in done.stdout.decode()


def test_a_workbook_goes_into_a_file_that_only_its_owner_can_read(books: Books, tmp_path: Path) -> None:
    file = tmp_path / "statement.xlsx"
    assert _shown(books, "--format", "xlsx", "--out", str(file)) == b""
    assert zipfile.ZipFile(file).testzip() is None
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert file.read_bytes() == _shown(books, "--format", "xlsx")


def test_csv_has_the_ends_of_line_and_the_mark_that_spreadsheets_want(books: Books) -> None:
    content = _shown(books, "--format", "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n") > 10


def test_a_line_is_explained_and_its_gifts_come_page_by_page(books: Books) -> None:
    done = zhibo(
        books.folder, "statement", "explain", books.statement, "1", "--limit", "2", "--language", "en"
    )
    text = done.stdout.decode()
    assert "2.10 × 50.00 % = 1.05 → 1.05" in text
    assert "rose × 2 @ r1" in text
    assert "rose × 4 @ r1" not in text
    assert text.splitlines()[-2:] == ["This line comes to 1.05 CNY", "more: --after 2"]
    rest = zhibo(books.folder, "statement", "explain", books.statement, "1", "--after", "2").stdout.decode()
    assert "rose × 4 @ r1" in rest
    assert "本行收益 1.05 元" in rest


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("list", "nobody"), "'nobody' has no earnings account"),
        (("show", str(uuid4())), "there is no statement"),
        (("recompute", str(uuid4())), "there is no statement"),
        (("explain", str(uuid4()), "1"), "there is no statement"),
        (("explain", "{statement}", "9"), "has 2 lines, and no line 9"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(books: Books, words: tuple[str, ...], reason: str) -> None:
    done = warm_zhibo(books.folder, "statement", *(word.format(statement=books.statement) for word in words))
    assert done.returncode == 1
    assert is_one_line(done.stderr)
    assert said(done, [reason]), done.stderr.decode()


def test_what_cannot_be_asked_is_said_in_one_line(books: Books) -> None:
    for words in (
        ("show", "7"),
        ("show", books.statement, "--format", "pdf"),
        ("explain", books.statement, "0"),
    ):
        done = warm_zhibo(books.folder, "statement", *words)
        assert done.returncode == 2
        assert is_one_line(done.stderr)
