"""`zhibo payouts` as finance runs it: from the request to the bank's answer, and back."""

import base64
import csv
import stat
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from api.migrations import migrate
from ledger.database import DatabaseSettings, open_database
from tests.api.command_line import Zhibo, is_one_line, zhibo
from tests.api.warm import warm_zhibo
from tests.settlement.payees.sample import MATCHING_KEY, OLD_KEY
from tests.settlement.payouts.playing import Payees

_ENVIRONMENT = {
    "ZHIBO_SANDBOX": "1",
    "ZHIBO_SEALING_KEYS": f"2026-10:{base64.b64encode(OLD_KEY).decode()}",
    "ZHIBO_MATCHING_KEY": base64.b64encode(MATCHING_KEY).decode(),
}


class Desk:
    """Finance at the command line."""

    def __init__(self, data: Path, zhibo: Zhibo = warm_zhibo) -> None:
        self.data = data
        self.zhibo = zhibo

    def run(self, *words: str) -> CompletedProcess[bytes]:
        """`zhibo payouts`, and these words."""
        return self.zhibo(self.data, "payouts", *words, stdin=b"", **_ENVIRONMENT)

    def does(self, *words: str) -> str:
        """The same, which must go well; what it prints."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def is_told(self, *words: str) -> str:
        """The same, which must fail with one line; the line."""
        done = self.run(*words)
        assert done.returncode in (1, 2), done.stdout.decode()
        assert is_one_line(done.stderr), done.stderr.decode()
        return done.stderr.decode()


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    """Books in which Bo and Mei have earned something."""
    with open_database(DatabaseSettings(data_folder, None, None)) as database:
        migrate(database)
        house = Payees(database)
        house.payee("bo", 500_000)
        house.payee("mei", 50_000, name="李雷", number="110101198506153170")
    return Desk(data_folder)


def id_in(said: str) -> str:
    """The first id in what was said."""
    return next(word for word in said.replace(":", " ").split() if word.count("-") == 4)


def test_from_the_request_to_the_banks_answer(desk: Desk, tmp_path: Path) -> None:
    payout = id_in(desk.does("request", "bo", "--as", "f1"))
    assert "somebody else has to look" in desk.is_told("approve", payout, "--as", "f1")
    desk.does("approve", payout, "--as", "f2")
    desk.does("request", "mei", "--as", "f1")
    batch = id_in(desk.does("bank-file", "make", "--as", "f2"))
    out = tmp_path / "batch.csv"
    assert "somebody else" in desk.is_told("bank-file", "write", str(out), "--batch", batch, "--as", "f2")
    assert not out.exists()
    said = desk.does("bank-file", "write", str(out), "--batch", batch, "--as", "f1")
    assert said.startswith("wrote 2 payments, 5,500.00 元")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    first = out.read_bytes()
    desk.does("bank-file", "write", str(out), "--batch", batch, "--as", "f3")
    assert out.read_bytes() == first

    rows = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))
    answers = [["status", "reference", "reason"], ["paid", "B-1", ""], ["failed", "", "no such account"]]
    result = tmp_path / "result.csv"

    def written(rows: list[list[str]]) -> str:
        with result.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return str(result)

    altered = [[*row, *answer] for row, answer in zip(rows, answers, strict=True)]
    altered[2][5] = "500000.00"
    told = desk.is_told("bank-file", "read", written(altered))
    assert "result.csv: line 3: the amount of payment" in told
    assert "nothing of the file was recorded" in told
    answered = written([[*row, *answer] for row, answer in zip(rows, answers, strict=True)])
    assert desk.does("bank-file", "read", answered) == "recorded: 1 paid, 1 failed\n"
    assert desk.does("bank-file", "read", answered) == "recorded: nothing new; 2 were recorded before\n"
    assert " is paid" not in desk.does("list")
    assert "paid by gateway:bank: B-1" in desk.does("show", payout)
    desk.does("returned", payout, "--reason", "account closed", "--as", "f3")
    listed = desk.does("list", "--payee", "bo")
    assert "returned" in listed


def test_an_answer_that_is_lost_is_asked_for(desk: Desk) -> None:
    desk.zhibo = zhibo
    payout = id_in(desk.does("request", "mei", "--amount", "200.00", "--as", "f1"))
    said = desk.does("send", payout, "--fate", "paid_unanswered", "--as", "f1")
    assert "unknown by gateway:sandbox: the answer was lost" in said
    assert desk.does("ask").startswith(f"{payout} paid sandbox-")
    assert desk.does("ask") == "nothing to ask about\n"
    assert desk.does("request-due") == "1 payout asked for\n"
    assert desk.does("request-due") == "0 payouts asked for\n"


_IMPOSSIBLE = (
    ("request bo --amount 1", "--amount is not an amount"),
    ("request nobody", "has no earnings account"),
    ("show x", "'x' is not an id"),
    ("show 00000000-0000-0000-0000-000000000000", "no payout"),
    ("send 00000000-0000-0000-0000-000000000000 --channel bank", "there is no channel"),
    ("send 00000000-0000-0000-0000-000000000000 --fate x", "--fate is one of"),
    ("list --state x", "--state is one of"),
    ("bank-file read /nonexistent/file", "No such file"),
    ("bank-file write out.csv --batch 00000000-0000-0000-0000-000000000000", "no batch"),
)


def test_what_cannot_be_is_told_in_one_line(desk: Desk) -> None:
    for words, reason in _IMPOSSIBLE:
        assert reason in desk.is_told(*words.split()), words
