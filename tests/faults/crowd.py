"""A crowd that tips over HTTP, from many threads at once, and remembers every answer it was given.

What it remembers is the model: the books must hold exactly that.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from api.sandbox import sandbox_token
from api.settings import Settings
from ledger.database import Database
from tests.api.playing import balances_in
from tests.faults.served import PATIENCE_SECONDS, Answer, Line

PRICE = 10
PER_TIP = 50
_VIEWERS = tuple(f"v{number}" for number in range(10))
_POOR = _VIEWERS[:2]
_STREAMERS = ("hot", "hot", "hot", "mild", "cold")
_CALLERS = 8
_TIPS_A_BATCH = 40
_PAUSE_SECONDS = 0.05
#: How often somebody asks again what was answered before.
_DOUBTS = 0.05

_REFUSALS = ("limit_exceeded", "insufficient_funds")
_UNDECIDED = ("busy", "try_again")

_IN_THE_BOOKS = text("""
SELECT d.id, coalesce(d.refusal, '') AS refusal, v.owner AS viewer, s.owner AS streamer,
       t.amount_minor AS amount, t.debit_balance_minor AS balance
FROM ledger.decisions AS d
LEFT JOIN ledger.transfers AS t ON t.entry = d.seq
LEFT JOIN ledger.accounts AS v ON v.id = t.debit_account AND v.kind = 'wallet'
LEFT JOIN ledger.accounts AS s ON s.id = t.credit_account AND s.kind = 'gifts'
WHERE d.kind = 'tip'
""")
_COUNTS = text("""
SELECT (SELECT count(*) FROM ledger.decisions), (SELECT count(*) FROM ledger.transfers),
       (SELECT count(*) FROM ledger.tips)
""")


class Tip(NamedTuple):
    """What somebody asks for."""

    id: UUID
    viewer: str
    streamer: str
    quantity: int

    @property
    def body(self) -> dict[str, Any]:
        """As it is sent."""
        return {"streamer": self.streamer, "room": "r", "gift": "rose", "quantity": self.quantity}


class Decided(NamedTuple):
    """What somebody was told: the refusal's code, or what was moved, between whom, and what was left."""

    refusal: str
    viewer: str | None
    streamer: str | None
    amount: int | None
    balance: int | None


class Crowd:
    """Viewers, and a gateway that sends their tips in batches."""

    def __init__(self, port: int, data_folder: Path, seed: int) -> None:
        self.told: dict[UUID, Decided] = {}
        self.cut_off: list[Tip] = []
        #: What should not have been answered, in a line each.
        self.wrong: list[str] = []
        self._asked: list[Tip] = []
        self._port = port
        self._seed = seed
        self._evening = 0
        self._settings = Settings(sandbox=True, issuer=None, jwks_url=None, jwks_file=None, data=data_folder)
        self._tokens = {viewer: self._token("viewer", viewer) for viewer in _VIEWERS}
        self._gateway = self._token("gateway", "g")
        self._coins: Counter[str] = Counter()
        self._commands = 0
        self._is_over = threading.Event()
        self._is_lost = threading.Event()

    def move_in(self) -> None:
        """Register everybody, price the gift, set limits, and top up the wallets; some are soon empty."""
        random = Random(f"{self._seed} moving in")
        for viewer in _VIEWERS:
            self._must("POST", "/v1/parties", {"party": viewer, "roles": ["viewer"]}, random)
        for streamer in sorted(set(_STREAMERS)):
            self._must("POST", "/v1/parties", {"party": streamer, "roles": ["streamer"]}, random)
        self._must("PUT", "/v1/gifts/rose", {"coins": PRICE}, random)
        self._must(
            "PUT", "/v1/limits", {"per_tip": PER_TIP, "per_day": 10**9, "tips_per_month": 10**6}, random
        )
        for viewer in _VIEWERS:
            coins = random.randint(1_000, 4_000) if viewer in _POOR else random.randint(10**6, 10**7)
            self._coins[viewer] = coins
            body = {"viewer": viewer, "coins": coins, "paid": f"{coins // 10}.{coins % 10}0"}
            self._must("POST", "/v1/topups", body | {"channel": "wechat", "channel_txn": viewer}, random)

    @contextmanager
    def tipping(self, way: Callable[["Crowd", Random], None]) -> Iterator[None]:
        """Everybody at once, each in a way, until the block is left and the last one has come to an end."""
        self._is_over.clear()
        self._evening += 1
        ways = [way] * _CALLERS
        if way is Crowd.insist:
            ways.append(Crowd.insist_in_batches)
        with ThreadPoolExecutor(len(ways)) as pool:
            callers = [
                pool.submit(one, self, Random(f"{self._seed} {self._evening} {number}"))
                for number, one in enumerate(ways)
            ]
            try:
                yield
            except BaseException:
                self._is_lost.set()
                raise
            finally:
                self._is_over.set()
        for caller in callers:
            caller.result()

    def insist(self, random: Random) -> None:
        """Tip after tip; what is not answered is asked again with the same key until it is."""
        line = Line(self._port)
        while not self._is_over.is_set():
            tip = self._next_tip(random)
            answer = self._insisted(line, "/v1/tips", self._tokens[tip.viewer], tip.body, tip.id)
            self._remember(tip, answer)
        line.close()

    def insist_in_batches(self, random: Random) -> None:
        """The same with many tips at once, sent again until each one was decided."""
        line = Line(self._port)
        while not self._is_over.is_set():
            tips = [self._new_tip(random) for _ in range(_TIPS_A_BATCH)]
            body = [{"id": str(tip.id), "viewer": tip.viewer, **tip.body} for tip in tips]
            outcomes: list[dict[str, Any]] = [{"status": "undecided"}]
            while any(outcome["status"] == "undecided" for outcome in outcomes):
                answer = self._insisted(line, "/v1/tips/batch", self._gateway, body)
                outcomes = answer.body["outcomes"]
            for tip, outcome in zip(tips, outcomes, strict=True):
                accepted = outcome["status"] == "accepted"
                view = outcome["tip"] if accepted else outcome["problem"]
                self._remember(tip, Answer(201 if accepted else 409, view, outcome["replayed"]))
        line.close()

    def give_up(self, random: Random) -> None:
        """Tip after tip, each asked once, until one is not answered."""
        line = Line(self._port)
        while not self._is_over.is_set():
            tip = self._new_tip(random)
            answer = line.ask("POST", "/v1/tips", self._tokens[tip.viewer], tip.body, tip.id)
            if answer is None or answer.status == 503:
                self.cut_off.append(tip)
                break
            self._remember(tip, answer)
        line.close()

    def begin(self, random: Random) -> Callable[[], None]:
        """Send half a tip; what is returned sends the rest and remembers the answer."""
        line, tip = Line(self._port), self._new_tip(random)
        end = line.begin("/v1/tips", self._tokens[tip.viewer], tip.body, tip.id)

        def rest() -> None:
            self._remember(tip, end())
            line.close()

        return rest

    def ask_again(self, tips: Sequence[Tip], *, replayed: bool) -> None:
        """Ask for tips once more; whether they were decided before must come out as said."""
        line = Line(self._port)
        for tip in tips:
            answer = self._insisted(line, "/v1/tips", self._tokens[tip.viewer], tip.body, tip.id)
            if answer.is_replayed is not replayed:
                self.wrong.append(f"tip {tip.id} was {'' if answer.is_replayed else 'not '}decided before")
            self._remember(tip, answer)
        line.close()

    def some(self, count: int) -> list[Tip]:
        """A few tips of viewers that were answered."""
        return Random(self._seed).sample(self._asked, min(count, len(self._asked)))

    def wait_for_answers(self, more: int) -> None:
        """Until so many more tips were answered."""
        wanted = len(self.told) + more
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while len(self.told) < wanted:
            assert time.monotonic() < give_up_at, f"no answers any more, after {len(self.told)}"
            assert not self.wrong, self.wrong[0]
            time.sleep(0.005)

    def difference(self, database: Database) -> str:
        """One line on where the books are not what the crowd was told; empty when they are."""
        if self.wrong:
            return self.wrong[0]
        with database.app.connect() as connection:
            rows = [(row.id, Decided(*row[1:])) for row in connection.execute(_IN_THE_BOOKS)]
            decisions, transfers, tips = connection.execute(_COUNTS).one()
        found = dict(rows)
        for id, told in self.told.items():
            if found.get(id) != told:
                return f"tip {id} was answered {told}, the books have {found.get(id)}"
        for id, decided in rows:
            if id not in self.told:
                return f"the books have tip {id} {decided}, of which nobody was told"
        if len(rows) != len(found):
            return f"{len(rows) - len(found)} tips moved coins twice"
        given = [told for told in self.told.values() if not told.refusal]
        counts = (self._commands + len(self.told), 2 * len(_VIEWERS) + len(given), len(given))
        if (decisions, transfers, tips) != counts:
            return f"there are {decisions, transfers, tips} decisions, transfers and tips, must be {counts}"
        wanted: Counter[tuple[str, str | None]] = Counter()
        for viewer, coins in self._coins.items():
            wanted["wallet", viewer] += coins
        for told in given:
            wanted["wallet", told.viewer] -= told.amount or 0
            wanted["gifts", told.streamer] += told.amount or 0
        held = {(row["kind"], row["owner"]): row["posted"] for row in balances_in(database)}
        for (kind, owner), coins in wanted.items():
            if held.get((kind, str(owner)), 0) != coins:
                return f"{kind} of {owner} is {held.get((kind, str(owner)))}, must be {coins}"
        return ""

    def _insisted(self, line: Line, path: str, token: str, body: object, key: UUID | None = None) -> Answer:
        """The answer, however long it takes; that nothing was decided is none."""
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at and not self._is_lost.is_set():
            answer = line.ask("POST", path, token, body, key)
            if answer is not None and answer.body.get("code") not in _UNDECIDED:
                return answer
            time.sleep(_PAUSE_SECONDS)
        raise AssertionError(f"a tip was not answered for {PATIENCE_SECONDS} s")

    def _remember(self, tip: Tip, answer: Answer) -> None:
        body = answer.body
        if answer.status == 201:
            amount = tip.quantity * PRICE
            if body["amount"] != {"amount": str(amount), "currency": "ZLB"}:
                self.wrong.append(f"tip {tip.id} of {amount} coins was answered {body}")
            told = Decided("", tip.viewer, tip.streamer, amount, int(body["balance"]["amount"]))
        elif body.get("code") in _REFUSALS:
            told = Decided(body["code"], None, None, None, None)
        else:
            self.wrong.append(f"tip {tip.id} was answered {answer.status} {body}")
            return
        if self.told.setdefault(tip.id, told) != told:
            self.wrong.append(f"tip {tip.id} was answered {self.told[tip.id]}, later {told}")

    def _next_tip(self, random: Random) -> Tip:
        """A new one; now and then one that somebody had an answer to."""
        if self._asked and random.random() < _DOUBTS:
            return random.choice(self._asked[-1_000:])
        tip = self._new_tip(random)
        self._asked.append(tip)
        return tip

    def _new_tip(self, random: Random) -> Tip:
        id = UUID(int=random.getrandbits(128), version=4)
        return Tip(id, random.choice(_VIEWERS), random.choice(_STREAMERS), random.randint(1, 6))

    def _must(self, method: str, path: str, body: object, random: Random) -> None:
        line = Line(self._port)
        answer = line.ask(method, path, self._gateway, body, UUID(int=random.getrandbits(128), version=4))
        line.close()
        assert answer is not None, f"{method} {path} was not answered"
        assert answer.status < 300, f"{method} {path}: {answer}"
        self._commands += 1

    def _token(self, role: str, party: str) -> str:
        return sandbox_token(role, party=party, settings=self._settings)
