"""`zhibo payees`, `objections`, `adjust` and `debts`: what finance does, and no name in a shell's history."""

import base64
import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from api.migrations import migrate
from ledger.database import DatabaseSettings, open_database
from tests.api.command_line import Zhibo, is_one_line, zhibo
from tests.api.warm import warm_zhibo
from tests.settlement.payees.sample import (
    BANK_ACCOUNT,
    BORN,
    LICENCE,
    MATCHING_KEY,
    NAME,
    NUMBER,
    OLD_KEY,
    OTHER_NAME,
    STUDIO,
)

_ENVIRONMENT = {
    "ZHIBO_SEALING_KEYS": f"2026-10:{base64.b64encode(OLD_KEY).decode()}",
    "ZHIBO_MATCHING_KEY": base64.b64encode(MATCHING_KEY).decode(),
}
_EVENTS = """\
{"id": "00000000-0000-4000-8000-000000000001", "at": "2026-10-01T20:00:00+08:00", "type": "register", \
"party": "bo", "roles": ["streamer"]}
{"id": "00000000-0000-4000-8000-000000000002", "at": "2026-10-01T20:00:00+08:00", "type": "guild", \
"party": "mcn"}
"""


class Desk:
    """Finance at the command line."""

    def __init__(self, data: Path, zhibo: Zhibo = warm_zhibo) -> None:
        self.data = data
        self.zhibo = zhibo

    def run(self, *words: str, said: object = None) -> CompletedProcess[bytes]:
        raw = said.encode() if isinstance(said, str) else b"" if said is None else json.dumps(said).encode()
        return self.zhibo(self.data, *words, stdin=raw, **_ENVIRONMENT)

    def does(self, *words: str, said: object = None) -> str:
        done = self.run(*words, said=said)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def is_told(self, *words: str, said: object = None) -> str:
        done = self.run(*words, said=said)
        assert done.returncode in (1, 2), done.stdout.decode()
        assert is_one_line(done.stderr), done.stderr.decode()
        return done.stderr.decode()


@pytest.fixture
def desk(data_folder: Path) -> Desk:
    """Books with a streamer and a guild."""
    with open_database(DatabaseSettings(data_folder, None, None)) as database:
        migrate(database)
    desk = Desk(data_folder)
    desk.does("replay", "-", said=_EVENTS)
    return desk


def test_finance_says_who_is_paid_and_where_and_nothing_personal_is_repeated(desk: Desk) -> None:
    person = {"kind": "person", "name": NAME, "number": NUMBER, "birth_date": BORN}
    assert desk.does("payees", "verify", "bo", "--as", "fei", said=person) == "verified bo\n"
    account = {"channel": "bank", "account": BANK_ACCOUNT, "holder": NAME}
    desk.does("payees", "account", "bo", said=account)
    shown = desk.does("payees", "show", "bo")
    assert "bank ****4567 of 王**" in shown
    assert NUMBER not in shown
    wrong = desk.is_told("payees", "account", "bo", said={**account, "channel": "wechat", "account": "一"})
    assert wrong == "zhibo: standard input: account: is not an openid\n"
    assert "verified name" in desk.is_told("payees", "account", "bo", said={**account, "holder": OTHER_NAME})
    slip = desk.is_told("payees", "verify", "bo", said={**person, "number": NUMBER[:-1] + "1"})
    assert "check digit" in slip
    assert NUMBER[:-1] not in slip
    assert "is not JSON" in desk.is_told("payees", "verify", "bo", said="name=x")
    studio = {"kind": "organisation", "name": STUDIO, "number": LICENCE, "representative": NAME}
    desk.does("payees", "verify", "mcn", said=studio)
    assert "over 1,000.00 元" in desk.does("payees", "invoice", "mcn", "24312", "1000.00")
    assert "already" in desk.is_told("payees", "invoice", "mcn", "24312", "1000.00")
    assert "has not been verified" in desk.is_told("payees", "show", "nobody")


def test_finance_corrects_and_a_debt_is_paid_in(desk: Desk) -> None:
    desk.zhibo = zhibo
    said = desk.does("adjust", "bo", "--amount", "-12.50", "--reason", "paid twice", "--as", "fei")
    assert "of -12.50 元 to bo" in said
    assert desk.does("debts", "list") == "bo owes 12.50 元\n"
    paid = desk.does("debts", "pay-in", "bo", "2.50", "--reference", "B-1")
    assert paid == "paid in 2.50 元; bo owes 10.00 元\n"
    assert "was already recorded" in desk.is_told("debts", "pay-in", "bo", "2.50", "--reference", "B-1")
    assert "owes 10.00" in desk.is_told("debts", "pay-in", "bo", "10.01", "--reference", "B-2")
    assert "--amount" in desk.is_told("adjust", "bo", "--amount", "12.5", "--reason", "r")
    assert desk.does("objections", "list") == "no objection waits for an answer\n"
    nowhere = "00000000-0000-4000-8000-00000000000f"
    assert "no objection" in desk.is_told("objections", "answer", nowhere, "--text", "no")
