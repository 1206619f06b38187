"""What an appeal gives back of gifts and accruals is received as it first was, for the same and on its terms.

Books in which a penalty was imposed and undone are settled as those in which it never was.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from ledger.chart import AccountRef
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, business_day, date_of, datetime_of
from ledger.journal.commands import Command
from ledger.journal.history import balance_as_of
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import Imposed
from settlement.accruals.commands import GiveCommission, RecordSale
from settlement.commands import Reward, SettlePeriod
from settlement.policies.publishing import PublishPolicy
from settlement.runs import finish
from settlement.sessions.commands import CloseSession, OpenSession
from settlement.statements.explain import explain
from tests.ledger.asked import Head
from tests.moderation.lately import EVENING, head, streamer, tip, top_up
from tests.moderation.takings.court import Court
from tests.settlement.policies.writing import sample_policy
from tests.settlement.returns.playing import assert_sound
from tests.settlement.statements.months import Stage

SESSION = UUID(int=7)
HOUR = MICROSECONDS_PER_DAY // 24
DAY = MICROSECONDS_PER_DAY
_STANDARD = """[classes.standard]
hold_days = 7 # 延时到账: days from the one (China) on which it came in until it is free, once settled
tiers = [{ from_coins = 0, share_bps = 5000 }]"""
_FIRST = _STANDARD.replace("hold_days = 7", "hold_days = 60")
_SECOND = _FIRST.replace("5000", "3000")


class Books:
    """A court under two policies, the second from two days after the evening on, with a month of bo's."""

    def __init__(self, database: Database) -> None:
        self.court = Court(database)
        court, changes = self.court, datetime_of(EVENING + 2 * DAY).isoformat()
        policy = sample_policy("v1", "2026-01-01T00:00:00Z", (_STANDARD, _FIRST))
        (first,) = court.done(PublishPolicy(*head("finance:f1"), policy))
        stage = Stage(database, court.journal)
        stage.publish_back_then(sample_policy("v2", changes, (_STANDARD, _SECOND)), first.seq + 1)
        court.done(
            top_up("ana", 10_000),
            OpenSession(*_at(0, id=SESSION), "bo", "room", "scope", ()),
            self.gift(HOUR, 7),
            self.gift(2 * HOUR, 5),
            GiveCommission(*_at(0), "C-1", "bo", "tea", 1_000),
            RecordSale(*_at(2 * HOUR), "O-1", "C-1", "bo", SESSION, 5_000),
            CloseSession(*_at(3 * HOUR), SESSION),
        )
        court.done(
            self.gift(3 * HOUR, 3),
            Reward(*_at(3 * HOUR), "bo", "600 minutes", 333),
            self.gift(DAY, 11),
            self.gift(3 * DAY, 20),
            RecordSale(*_at(3 * DAY), "O-2", "C-1", "bo", None, 7_000),
        )

    def gift(self, after: int, roses: int) -> Command:
        """Ana gives bo so many roses, so long after the evening."""
        given = tip("ana", "bo", "rose", roses)
        return replace(given, occurred_at=EVENING + after, said_at=EVENING + after)

    def punished(self, fen: int | None = None, case: str = "k1") -> UUID:
        """A penalty that was taken."""
        self.court.case(case)
        decision = self.court.penalty(fen, case=case, day=4)
        assert self.court.execute(decision, day=12)
        return decision

    def answered(self, decision: UUID, verdict: str, **changes: Any) -> UUID:
        """Somebody else looked at it again."""
        return self.court.answer(self.court.appeal(decision, day=5), verdict, day=6, **changes)

    def settle(self, day: int = 10) -> dict[str, Any]:
        """What a run settles of bo, through a day: the statement, but for what is of this run alone.

        Each of its lines follows from its receipts.
        """
        run = SettlePeriod(*head("finance:f1", day=30), date_of(business_day(EVENING) + day).isoformat())
        self.court.done(run)
        finish(self.court.journal, run.id)
        query = "SELECT statement, document FROM settlement.statements WHERE run = :run AND streamer = 'bo'"
        [(statement, document)] = self.court.rows(query, run=run.id)
        with self.court.database.app.connect() as connection:
            for number, line in enumerate(json.loads(document)["lines"], start=1):
                found = explain(connection, statement, number)
                assert sum(receipt.amount_minor for receipt in found.receipts) == line["amount_minor"]
        return _terms(json.loads(document))


def _at(after: int, *, id: UUID | None = None) -> Head:
    id, actor, _, _ = head(id=id)
    return id, actor, EVENING + after, EVENING + after


def _terms(document: dict[str, Any]) -> dict[str, Any]:
    """A statement without how many receipts there were, in which sessions by name, and the run's own."""
    told = {name: document[name] for name in ("opening", "closing", "totals", "not_settled")}
    told["lines"] = [
        {name: value for name, value in line.items() if name not in ("gifts", "accruals", "count", "session")}
        | {"in_session": line.get("session") is not None}
        for line in document["lines"]
    ]
    told["holds"] = Counter({hold["available_on"]: hold["amount_minor"] for hold in document["holds"]})
    return told


@pytest.fixture
def books(empty_database: Database) -> Books:
    return Books(empty_database)


@pytest.fixture
def others(server: Database, _migrated: str) -> Iterator[Books]:
    """The same books once more."""
    with server.scratch(copy_of=_migrated) as database:
        yield Books(database)


@pytest.fixture(scope="module")
def unpunished(server: Database, _migrated: str) -> dict[str, Any]:
    """What is settled when nothing was imposed."""
    with server.scratch(copy_of=_migrated) as database:
        return Books(database).settle()


def test_what_a_penalty_took_is_settled_as_if_it_never_had(books: Books, unpunished: dict[str, Any]) -> None:
    books.answered(books.punished(), "overturned")
    assert books.settle() == unpunished
    assert_sound(books.court.database)


def test_what_was_given_back_can_be_taken_and_given_back_again(
    books: Books, unpunished: dict[str, Any]
) -> None:
    for case, fen in (("k1", 3_533), ("k2", None), ("k3", 900)):
        books.answered(books.punished(fen, case), "overturned")
    assert books.settle() == unpunished
    assert_sound(books.court.database)


@pytest.mark.parametrize("fen", [400, 3_533], ids=["within an accrual", "within the gifts of a day"])
def test_a_penalty_that_is_lowered_leaves_what_a_lower_one_would_have(
    books: Books, others: Books, fen: int
) -> None:
    books.answered(books.punished(), "changed", lowered=((0, fen),))
    others.punished(fen)
    assert books.settle() == others.settle()
    assert_sound(books.court.database)


def test_of_two_who_appeal_the_second_is_given_back_what_the_first_was_not(
    books: Books, unpunished: dict[str, Any]
) -> None:
    books.court.done(streamer("mei"))
    books.court.case()
    penalty = books.court.preview("penalty")
    decision = books.court.decide(
        Imposed("penalty", "bo", preview=penalty), Imposed("restrict", "mei", feature="tip"), day=4
    )
    assert books.court.execute(decision, day=12)
    books.answered(decision, "changed", lowered=((0, 3_533),))
    books.court.answer(books.court.appeal(decision, "mei", day=5), "overturned", day=6)
    assert books.settle() == unpunished
    assert_sound(books.court.database)


def test_what_comes_back_after_a_settlement_is_settled_by_the_next_on_its_own_terms(
    books: Books, unpunished: dict[str, Any]
) -> None:
    decision = books.punished(3_533)
    first = books.settle()
    assert {line["policy"] for line in first["lines"]} == {"v1", "v2"}
    books.answered(decision, "overturned")
    second = books.settle(day=11)
    told = [
        (line["kind"], line["policy"], line["in_session"], line["amount_minor"]) for line in second["lines"]
    ]
    assert told == [
        ("gift", "v1", True, 600),
        ("gift", "v1", False, 400),
        ("commerce", "v2", False, 700),
        ("commerce", "v1", True, 500),
        ("task", "v1", False, 333),
    ]
    credited = [statement["totals"]["credited_minor"] for statement in (first, second, unpunished)]
    assert credited[0] + credited[1] == credited[2]
    assert first["holds"] + second["holds"] == unpunished["holds"]
    assert_sound(books.court.database)


def test_gifts_on_the_same_terms_come_back_in_one_piece_and_each_accrual_by_itself(books: Books) -> None:
    books.answered(books.punished(), "overturned")
    rows = books.court.rows(
        "SELECT a.kind, r.amount_minor, d.kind FROM settlement.received_again AS r"
        " JOIN ledger.transfers AS t ON t.seq = r.receipt"
        " JOIN ledger.accounts AS a ON a.id = t.credit_account"
        " LEFT JOIN ledger.decisions AS d ON d.seq = r.accrual ORDER BY t.seq"
    )
    gifts = [amount for kind, amount, _ in rows if kind == "gifts"]
    assert gifts == [120, 30, 110, 200]
    assert [row[1:] for row in rows if row[0] == "accruals"] == [
        (500, "sale"),
        (333, "reward"),
        (700, "sale"),
    ]


def test_it_counts_from_when_it_was_given_back_and_not_twice_before_it_was_taken(books: Books) -> None:
    books.answered(books.punished(), "overturned")
    with books.court.database.app.connect() as connection:
        for kind, minor in (("gifts", 460), ("accruals", 1_533)):
            ref = AccountRef(kind, "bo")
            assert balance_as_of(connection, ref, EVENING + 11 * DAY) == minor
            assert balance_as_of(connection, ref, EVENING + 13 * DAY) == 0
            assert balance_as_of(connection, ref, EVENING + 60 * DAY) == minor


def test_an_answer_that_is_sent_again_gives_nothing_back_again(books: Books) -> None:
    appeal = books.court.appeal(books.punished(), day=5)
    command = DecideAppeal(*head("moderator:ju", day=6), appeal, "overturned", "looked at again")
    (first,) = books.court.decided(command)
    before = books.court.balances()
    (again,) = books.court.decided(command)
    assert (again.replayed, again.seq, again.refusal) == (True, first.seq, None)
    assert books.court.balances() == before
