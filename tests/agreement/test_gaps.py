"""What the agreement leaves open, and how this house answers: gaps G10, G15, G19, G22, over HTTP.

Gifts are played from an event file into books that a server serves; all else is asked of it. Everything
happens yesterday, the last day that can be settled, so that holds and windows lie ahead whenever this runs.
"""

import json
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.wiring import desks
from ledger.database import Database
from ledger.instants import instant_of
from ledger.journal.journal import Journal
from settlement.objections.commands import Object
from settlement.objections.refusals import ObjectionWindowClosed
from settlement.statements.listing import Standing, statement_page
from tests.api.command_line import zhibo
from tests.api.http.serving import Api, Json, minor
from tests.api.playing import balances_in, played
from tests.settlement.policies.writing import SAMPLE, sample_policy

_PATIENCE_SECONDS = 20
_CHINA = timedelta(hours=8)
_OTHER_NUMBERS = (("share_bps = 5000 }]", "share_bps = 4321 }]"), ("hold_days = 7 ", "hold_days = 30 "))


class Yesterday:
    """A server's books, in which ana gives roses of one coin, face value 0.10 each."""

    def __init__(self, api: Api, database: Database) -> None:
        self.api = api
        self.database = database
        self.day: date = (datetime.now(UTC) + _CHINA).date() - timedelta(days=1)
        self._play(
            {"type": "register", "party": "ana", "roles": ["viewer"]},
            {"type": "gift", "gift": "rose", "coins": 1},
            {
                "type": "topup",
                "viewer": "ana",
                "coins": 100_000,
                "paid": "10000.00",
                "channel": "wechat",
                "channel_txn": "w-1",
            },
        )

    def register(self, party: str, role: str) -> None:
        """Somebody new."""
        self.api.done("POST", "/v1/parties", "gateway", {"party": party, "roles": [role]})

    def publish(self, policy: str) -> None:
        """Finance publishes a version."""
        self.api.done("POST", "/v1/policies", "finance", {"document": policy})

    def belongs_to(self, streamer: str, guild: str | None, hour: int = 1) -> None:
        """From an hour before the gifts on, which come at noon."""
        self._play({"type": "class", "streamer": streamer, "class": "standard", "guild": guild}, hour=hour)

    def given(self, streamer: str, roses: int) -> None:
        """Ana gives roses to a streamer."""
        gift = {"viewer": "ana", "streamer": streamer, "room": "r1", "gift": "rose", "quantity": roses}
        self._play({"type": "tip", **gift})

    def settle(self, period: str) -> None:
        """Finance has a period settled."""
        accepted = self.api.ask("POST", "/v1/settlements", "finance", {"period": period})
        assert accepted.status_code == 202, accepted.text
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while self.api.done("GET", accepted.headers["location"], "finance")["state"] != "finished":
            assert time.monotonic() < give_up_at, "the run did not finish"
            time.sleep(0.02)

    def listed(self, streamer: str) -> Json:
        """What the streamer is told of the newest statement."""
        found = self.api.done("GET", "/v1/me/statements", "streamer", party=streamer)["statements"][0]
        assert isinstance(found, dict)
        return found

    def statement(self, streamer: str) -> Any:
        """The newest statement itself."""
        path = f"/v1/statements/{self.listed(streamer)['id']}"
        return self.api.done("GET", path, "streamer", party=streamer)

    def balance(self, kind: str) -> int:
        """What an account of the platform's comes to, fen."""
        lines = self.api.done("GET", "/v1/trial-balance", "finance")["lines"]
        return sum(minor(line["balance"]) for line in lines if line["kind"] == kind)

    def accruals(self, streamer: str) -> int:
        """What waits to be settled, fen."""
        return minor(self.api.earnings(streamer)["accruals"]["posted"])

    def _play(self, *events: Json, hour: int = 12) -> None:
        at = f"{self.day}T{hour:02}:00:00+08:00"
        lines = [json.dumps({"id": str(uuid4()), "at": at, **event}) for event in events]
        result = played(self.database, "\n".join(lines).encode())
        assert (result.refusals, result.malformed) == ([], [])


@pytest.fixture
def yesterday(own_api: Api, empty_database: Database) -> Yesterday:
    return Yesterday(own_api, empty_database)


@pytest.mark.rule("G10")
@pytest.mark.parametrize(
    ("changed", "share_bps", "amount", "held_days"),
    [
        # As it is shipped: 1,000 coins have a face value of 100.00; half of it, held for 7 days.
        ((), 5_000, 5_000, 7),
        # Another house's numbers: 100.00 × 43.21 % = 43.21, held for 30 days.
        (_OTHER_NUMBERS, 4_321, 4_321, 30),
    ],
    ids=["the sample", "other numbers"],
)
def test_shares_and_holds_are_numbers_of_the_published_policy_of_which_a_sample_is_shipped(
    yesterday: Yesterday,
    changed: tuple[tuple[str, str], ...],
    share_bps: int,
    amount: int,
    held_days: int,
) -> None:
    checked = zhibo(SAMPLE.parent, "policy", "check", str(SAMPLE))
    assert checked.returncode == 0, checked.stderr.decode()
    yesterday.register("bo", "streamer")
    # Without a policy nothing is settled: there are no numbers to fall back on.
    refused = yesterday.api.refused("POST", "/v1/settlements", "finance", {"period": "2026-10"})
    assert refused["code"] == "no_policy"
    yesterday.publish(sample_policy(None, None, *changed))
    yesterday.given("bo", 1_000)
    yesterday.settle(str(yesterday.day))
    found = yesterday.statement("bo")
    (line,) = found["lines"]
    assert (line["share_bps"], line["amount_minor"]) == (share_bps, amount)
    (hold,) = found["holds"]
    free_on = yesterday.day + timedelta(days=held_days)
    assert (hold["amount_minor"], hold["available_on"]) == (amount, free_on.isoformat())


@pytest.mark.rule("G15")
def test_odd_fen_go_to_the_platform_a_loss_is_its_own_and_nothing_accrues_before_the_money_is_there(
    yesterday: Yesterday,
) -> None:
    api = yesterday.api
    yesterday.register("bo", "streamer")
    api.done("POST", "/v1/ip-cases", "gateway", {"case": "K-1", "streamer": "bo", "work": "a stream"})
    api.done("POST", "/v1/ip-costs", "gateway", {"case": "K-1", "amount": "50.00", "voucher": "V-1"})

    def comes_in(amount: str) -> tuple[int, int]:
        """Of proceeds: what bo's accruals, and the platform's income, come to after them."""
        api.done("POST", "/v1/ip-proceeds", "gateway", {"case": "K-1", "amount": amount})
        return yesterday.accruals("bo"), yesterday.balance("ip_income")

    # A case that is open and has cost something is no earning yet, nor a debt.
    assert yesterday.accruals("bo") == 0
    assert minor(api.earnings("bo")["earnings"]["posted"]) == 0
    # 30.00 − 50.00 = −20.00: the loss is the platform's, who has paid 20.00 so far.
    assert comes_in("30.00") == (0, 0)
    assert yesterday.balance("enforcement_cost") == 2_000
    # 30.03 − 20.00 = 10.03, halved: 5.01 and 5.02, the odd fen to the platform.
    assert comes_in("30.03") == (501, 502)
    assert yesterday.balance("enforcement_cost") == 0
    # 0.01 is an odd fen altogether; three of them are the platform's: 5.02 + 0.03.
    for income in (503, 504, 505):
        assert comes_in("0.01") == (501, income)
    # 0.02 is not odd: 5.01 + 0.01, 5.05 + 0.01.
    assert comes_in("0.02") == (502, 506)
    # To the fen: 30.00 + 30.03 + 3 × 0.01 + 0.02 − 50.00 = 10.08 = 5.02 + 5.06, and so much is in the bank.
    assert yesterday.balance("bank") == 502 + 506 == 1_008


@pytest.mark.rule("G15")
@pytest.mark.parametrize(
    ("share_bps", "split"),
    [
        # 0.10 × 45 % = 0.045, a half up: 0.05. 0.90 × 45 % = 0.405: 0.41. 1.00 × 45 % = 0.45.
        (4_500, {"lu": (5, 5), "bo": (41, 49), "mei": (45, 55)}),
        # 0.10 × 44.99 % = 0.04499: 0.04. 0.90 × 44.99 % = 0.40491: 0.40. 1.00 × 44.99 % = 0.4499: 0.45.
        (4_499, {"lu": (4, 6), "bo": (40, 50), "mei": (45, 55)}),
    ],
)
def test_a_share_is_rounded_half_up_to_the_fen_and_the_platform_has_the_rest(
    yesterday: Yesterday, share_bps: int, split: dict[str, tuple[int, int]]
) -> None:
    yesterday.publish(sample_policy(None, None, ("share_bps = 5000 }]", f"share_bps = {share_bps} }}]")))
    for streamer, roses in (("lu", 1), ("bo", 9), ("mei", 10)):
        yesterday.register(streamer, "streamer")
        yesterday.given(streamer, roses)
    yesterday.settle(str(yesterday.day))
    for streamer, (amount, platform) in split.items():
        (line,) = yesterday.statement(streamer)["lines"]
        assert (line["amount_minor"], line["platform_minor"]) == (amount, platform), streamer


@pytest.mark.rule("G19")
def test_a_guild_has_a_part_only_of_the_streamers_who_are_told_to_be_of_it(yesterday: Yesterday) -> None:
    """The sample gives a guild 5 % of face value, out of its streamer's half."""
    yesterday.publish(sample_policy())
    yesterday.register("公会", "guild")
    for streamer, roses in (("bo", 1_000), ("mei", 1_000), ("lu", 333), ("left", 1_000)):
        yesterday.register(streamer, "streamer")
        if streamer in ("mei", "lu"):
            yesterday.belongs_to(streamer, "公会")
        if streamer == "left":
            yesterday.belongs_to(streamer, "公会")
            yesterday.belongs_to(streamer, None, hour=11)
        yesterday.given(streamer, roses)
    yesterday.settle(str(yesterday.day))
    split = {}
    for streamer in ("bo", "mei", "lu", "left"):
        (line,) = yesterday.statement(streamer)["lines"]
        split[streamer] = line["guild"], line["amount_minor"], line["guild_minor"], line["platform_minor"]
    assert split == {
        # By default there is no guild: 100.00 in halves.
        "bo": (None, 5_000, 0, 5_000),
        # 50.00 of 100.00, less 5.00 for the guild; the platform's half stays whole.
        "mei": ("公会", 4_500, 500, 5_000),
        # 16.65 of 33.30; 5 % of 33.30 is 1.665, half up 1.67; 16.65 − 1.67 = 14.98.
        "lu": ("公会", 1_498, 167, 1_665),
        # Who left the guild an hour before the gift came has none.
        "left": (None, 5_000, 0, 5_000),
    }
    # 5.00 + 1.67
    (earned,) = [row for row in balances_in(yesterday.database) if row["owner"] == "公会"]
    assert (earned["kind"], earned["posted"]) == ("earnings", 667)


@pytest.mark.rule("G19")
def test_a_policy_may_give_guilds_nothing(yesterday: Yesterday) -> None:
    yesterday.publish(sample_policy(None, None, ("[guild]\nshare_bps = 500", "[guild]\nshare_bps = 0")))
    yesterday.register("公会", "guild")
    yesterday.register("mei", "streamer")
    yesterday.belongs_to("mei", "公会")
    yesterday.given("mei", 1_000)
    yesterday.settle(str(yesterday.day))
    (line,) = yesterday.statement("mei")["lines"]
    # 100.00 in halves.
    assert (line["guild"], line["amount_minor"], line["guild_minor"]) == (None, 5_000, 0)


@pytest.mark.rule("G22")
@pytest.mark.parametrize("days", [7, 1])
def test_a_statement_is_objected_to_for_as_many_days_as_the_policy_says_and_then_it_is_final(
    yesterday: Yesterday, empty_database: Database, days: int
) -> None:
    """Objected to in time and put right by an adjustment; from the end of the last day on it is final."""
    api = yesterday.api
    yesterday.publish(sample_policy(None, None, ("objection_days = 7", f"objection_days = {days}")))
    yesterday.register("bo", "streamer")
    yesterday.given("bo", 1_000)
    yesterday.settle(str(yesterday.day))
    listed = yesterday.listed("bo")
    path = f"/v1/statements/{listed['id']}"
    issued = api.ask("GET", path, "streamer", party="bo").content
    # Issued on some day of China: `days` more days, to 24:00 of the last of them.
    issued_on = datetime.fromisoformat(listed["issued_at"]).astimezone(UTC) + _CHINA
    midnight = datetime.combine(issued_on.date() + timedelta(days=days + 1), datetime.min.time(), UTC)
    until = midnight - _CHINA
    assert datetime.fromisoformat(listed["objections_until"]) == until
    assert listed["standing"] == "open"

    said = api.done("POST", f"{path}/objections", "streamer", {"text": "少算一笔", "line": 1}, party="bo")
    assert yesterday.listed("bo")["standing"] == "objected"
    # 10 coins were missing: 1.00 × 50 % = 0.50.
    correction = {
        "streamer": "bo",
        "amount": "0.50",
        "reason": "ten roses were missing",
        "reference": said["id"],
    }
    put_right = api.done("POST", "/v1/adjustments", "finance", correction)
    unreasoned = {**correction, "reason": ""}
    assert api.refused("POST", "/v1/adjustments", "finance", unreasoned)["code"] == "invalid"
    answer = {"text": "确实少算", "adjustment": put_right["id"]}
    api.done("POST", f"/v1/objections/{said['id']}/answer", "finance", answer)
    assert yesterday.listed("bo")["standing"] == "open"

    # The server's clock is ours, so the end of the window is asked of the books behind it.
    last, final = instant_of(until) - 1, instant_of(until)
    with empty_database.app.connect() as connection:
        standing = [statement_page(connection, "bo", at).statements[0].standing for at in (last, final)]
    assert standing == [Standing.OPEN, Standing.FINAL]
    journal, statement = Journal(empty_database.app, desks()), UUID(listed["id"])
    too_late = Object(uuid4(), "streamer:bo", final, None, statement, "bo", "还有一笔")
    assert journal.decide([too_late])[0].refusal == ObjectionWindowClosed(listed["id"], final)
    # Of 50.00 nothing changed; 0.50 waits for the next run.
    assert api.ask("GET", path, "streamer", party="bo").content == issued
    assert minor(api.earnings("bo")["earnings"]["posted"]) == 5_000
    assert yesterday.accruals("bo") == 50
