"""LIVE-LIAB-2: outages happen; what was paid is credited all the same, once, when the gateway asks again.

The server is a process of its own, killed by kill -9.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from random import Random, random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from api.sandbox import sandbox_token
from api.settings import Settings
from ledger.database import Database, DatabaseSettings, open_database
from tests.api.command_line import zhibo
from tests.api.playing import balances_in
from tests.faults.served import PATIENCE_SECONDS, Answer, Line, Served, serving

_HOLD_THE_WALLET = text("SELECT FROM ledger.accounts WHERE kind = 'wallet' AND owner = 'ana' FOR UPDATE")
_SOMEBODY_WAITS = text("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
_COINS = text(
    "SELECT credits_minor - debits_minor FROM ledger.accounts WHERE kind = 'wallet' AND owner = 'ana'"
)

pytestmark = pytest.mark.rule("LIVE-LIAB-2")


class Gateway:
    """Who tells the server that ana paid 100.00 for 1,000 coins, and again until it is answered."""

    def __init__(self, served: Served, data_folder: Path) -> None:
        self._served = served
        sandbox = Settings(sandbox=True, issuer=None, jwks_url=None, jwks_file=None, data=data_folder)
        self._token = sandbox_token("gateway", party="g", settings=sandbox)

    def registers_ana(self) -> None:
        line = Line(self._served.port)
        body = {"party": "ana", "roles": ["viewer"]}
        answer = line.ask("POST", "/v1/parties", self._token, body, uuid4())
        line.close()
        assert answer is not None
        assert answer.status == 201

    def tells(self, payment: str, key: UUID) -> Answer | None:
        """Once, and waits for the answer; None when the server went away instead."""
        line = Line(self._served.port)
        answer = line.ask("POST", "/v1/topups", self._token, _paid(payment), key)
        line.close()
        return answer

    def only_tells(self, payment: str, key: UUID) -> HTTPConnection:
        """Once, and reads no answer."""
        http = HTTPConnection("127.0.0.1", self._served.port, timeout=PATIENCE_SECONDS)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(key),
        }
        http.request("POST", "/v1/topups", json.dumps(_paid(payment)), headers)
        return http

    def repeats(self, payment: str, key: UUID) -> Answer:
        """To the server, which is started again."""
        self._served.start()
        self._served.wait_until_ready()
        answer = self.tells(payment, key)
        assert answer is not None
        return answer


def _paid(payment: str) -> dict[str, object]:
    paid = {"paid": "100.00", "channel": "wechat", "channel_txn": payment}
    return {"viewer": "ana", "coins": 1_000, **paid}


def wait_until(happened: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.005)


def coins_of_ana(database: Database) -> int:
    with database.app.connect() as connection:
        return int(connection.execute(_COINS).scalar_one())


@pytest.fixture
def database(data_folder: Path) -> Iterator[Database]:
    """The server's books, looked into from outside."""
    with open_database(DatabaseSettings(data_folder)) as database:
        yield database


@pytest.fixture
def served(database: Database, data_folder: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(data_folder, tmp_path / "log", Random()) as served:
        yield served


@pytest.fixture
def gateway(served: Served, data_folder: Path) -> Gateway:
    gateway = Gateway(served, data_folder)
    gateway.registers_ana()
    return gateway


def test_a_payment_that_an_outage_left_undecided_is_credited_once_when_it_is_repeated(
    served: Served, gateway: Gateway, database: Database, data_folder: Path
) -> None:
    """The server has the payment, and waits for the wallet, when it is killed."""
    key = uuid4()
    with database.owner.connect() as holder, ThreadPoolExecutor(1) as pool:
        holder.execute(_HOLD_THE_WALLET)
        telling = pool.submit(gateway.tells, "payment", key)
        with database.owner.connect() as watcher:
            wait_until(lambda: bool(watcher.execute(_SOMEBODY_WAITS).scalar_one()))
        served.kill()
        assert telling.result() is None, "it was answered all the same"
    assert coins_of_ana(database) == 0
    answer = gateway.repeats("payment", key)
    # 0 + 1,000
    assert (answer.status, answer.body["balance"]["amount"]) == (201, "1000")
    assert_credited(database, data_folder, payments=1)


def test_a_payment_credited_before_an_outage_and_never_answered_is_answered_and_not_credited_again(
    served: Served, gateway: Gateway, database: Database, data_folder: Path
) -> None:
    """It is killed once the payment is in the books; the answer reached nobody."""
    key = uuid4()
    unread = gateway.only_tells("payment", key)
    wait_until(lambda: coins_of_ana(database) == 1_000)
    served.kill()
    unread.close()
    answer = gateway.repeats("payment", key)
    assert (answer.status, answer.is_replayed) == (201, True)
    assert answer.body["balance"]["amount"] == "1000"
    # Told of by another id, it is the same payment.
    other = gateway.tells("payment", uuid4())
    assert other is not None
    assert (other.status, other.body["code"]) == (409, "payment_already_credited")
    assert_credited(database, data_folder, payments=1)


def test_whenever_the_outage_comes_each_payment_is_credited_once(
    served: Served, gateway: Gateway, database: Database, data_folder: Path
) -> None:
    for number in range(1, 5):
        key = uuid4()
        unread = gateway.only_tells(f"payment {number}", key)
        time.sleep(random() / 50)
        served.kill()
        unread.close()
        answer = gateway.repeats(f"payment {number}", key)
        # 1,000 more each time.
        assert (answer.status, answer.body["balance"]["amount"]) == (201, str(number * 1_000))
    assert_credited(database, data_folder, payments=4)


def assert_credited(database: Database, data_folder: Path, *, payments: int) -> None:
    """1,000 coins and 100.00 a payment, in books that are in order."""
    assert coins_of_ana(database) == payments * 1_000
    held = {(row["kind"], row["owner"]): row["posted"] for row in balances_in(database)}
    assert held["channel_clearing", "wechat"] == payments * 10_000
    assert held["coin_liability", "platform"] == payments * 10_000
    verified = zhibo(data_folder, "verify")
    assert verified.returncode == 0, verified.stdout.decode()
