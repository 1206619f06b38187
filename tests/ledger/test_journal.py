"""The journal: a command is decided once, in its place in the batch, whatever else happens."""

import threading
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from api.audits import all_audits
from api.wiring import desks
from ledger.audits.verify import verify
from ledger.chart import AccountRef
from ledger.database import Database
from ledger.gifts.commands import SetLimits
from ledger.journal import journal as journal_module
from ledger.journal.commands import Command, Outcome, TryAgain
from ledger.journal.journal import Journal
from ledger.journal.reversals import Reverse
from ledger.kernel.refusals import (
    AccountNotFound,
    GiftNotOnSale,
    InsufficientFunds,
    LimitExceeded,
    PaymentAlreadyCredited,
    PriceChanged,
)
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import Reward
from tests.ledger.asked import evening, head, price, streamer, tip, top_up, viewer


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    return Journal(empty_database.app, desks())


def codes(outcomes: Sequence[Outcome]) -> list[str | None]:
    return [outcome.refusal.code if outcome.refusal else None for outcome in outcomes]


def posted(journal: Journal, kind: str, owner: str) -> int:
    statement = text(
        "SELECT credits_minor - debits_minor FROM ledger.accounts WHERE kind = :k AND owner = :o"
    )
    with journal.engine.connect() as connection:
        return int(connection.execute(statement, {"k": kind, "o": owner}).scalar_one())


# Decided once.


def test_a_retry_gets_the_first_answer_though_prices_and_limits_changed_since(journal: Journal) -> None:
    journal.decide(evening())
    first = tip("ana", "bo", "rose", 3)
    (accepted,) = journal.decide([first])
    journal.decide([price("rose", 999), SetLimits(*head(), per_tip=1)])
    (again,) = journal.decide([first])
    assert again == replace(accepted, replayed=True)
    assert [moved.amount_minor for moved in again.moved] == [30]
    assert posted(journal, "gifts", "bo") == 30


def test_a_refusal_is_remembered_with_its_facts_though_the_reason_is_gone(journal: Journal) -> None:
    journal.decide(evening())
    too_much = tip("ana", "bo", "rose", 101)
    (refused,) = journal.decide([too_much])
    assert refused.refusal == InsufficientFunds(
        "wallet", "ana", "ZLB", available_minor=1_000, asked_minor=1_010
    )
    journal.decide([top_up("ana", 5_000)])
    (again,) = journal.decide([too_much])
    assert again == replace(refused, replayed=True)
    assert posted(journal, "wallet", "ana") == 6_000


def test_the_facts_of_every_kind_of_refusal_come_back_as_they_were_first_told(journal: Journal) -> None:
    journal.decide([*evening(), top_up("ana", 1, payment="p1")])
    freeze = Freeze(*head("moderator:m"), "ana", "wallet", 5, "c", "r")
    lifted = Freeze(*head("moderator:m"), "ana", "wallet", 5, "c", "r")
    past = Freeze(*head("moderator:m"), "ana", "wallet", 5, "c", "r", 1)
    journal.decide([freeze, lifted, past, Lift(*head("moderator:m"), lifted.id, "c")])
    unknown = uuid4()
    refused: list[Command] = [
        tip("ana", "bo", "no such\u2028gift"),
        replace(tip("ana", "bo", "rose"), price=11),
        tip("ana", "谁\U0001f3a4", "rose"),
        Reverse(*head("finance:f"), unknown, "r"),
        Lift(*head("moderator:m"), unknown, "c"),
        Lift(*head("moderator:m"), lifted.id, "c"),
        Lift(*head("moderator:m"), past.id, "c"),
        top_up("ana", 1, payment="p1"),
        Forfeit(*head("moderator:m"), freeze.id, 3, "CNY", "c", "r"),
        Forfeit(*head("moderator:m"), freeze.id, 6, "ZLB", "c", "r"),
        tip("ana", "bo", "rose", 10**9),
    ]
    first = journal.decide(refused)
    assert codes(first) == [
        "gift_not_on_sale",
        "price_changed",
        "account_not_found",
        "entry_not_found",
        "freeze_not_found",
        "hold_already_released",
        "hold_expired",
        "payment_already_credited",
        "currency_mismatch",
        "exceeds_hold",
        "insufficient_funds",
    ]
    assert first[0].refusal == GiftNotOnSale("no such\u2028gift")
    assert first[1].refusal == PriceChanged("rose", seen_coins=11, coins=10)
    assert first[2].refusal == AccountNotFound("gifts", "谁\U0001f3a4")
    assert first[7].refusal == PaymentAlreadyCredited("wechat", "p1")
    assert journal.decide(refused) == [replace(outcome, replayed=True) for outcome in first]


def test_an_id_with_other_content_is_a_conflict_and_the_first_decision_stands(journal: Journal) -> None:
    journal.decide(evening())
    first = tip("ana", "bo", "rose", 3)
    (accepted,) = journal.decide([first])
    others: list[Command] = [
        replace(first, quantity=4),
        replace(first, said_at=None),
        replace(first, price=10),
        Reward(*head(id=first.id), "bo", "task", 5),
    ]
    assert codes(journal.decide(others)) == ["id_conflict"] * 4
    assert journal.decide([first]) == [replace(accepted, replayed=True)]
    assert (posted(journal, "wallet", "ana"), posted(journal, "accruals", "bo")) == (970, 0)


def test_the_time_that_the_server_supplies_is_no_content(journal: Journal) -> None:
    journal.decide(evening())
    over_http = replace(tip("ana", "bo", "rose"), said_at=None)
    (accepted,) = journal.decide([over_http])
    (again,) = journal.decide([replace(over_http, occurred_at=over_http.occurred_at + 60_000_000)])
    assert again == replace(accepted, replayed=True)


def test_the_gateway_hears_a_viewers_answer_and_another_viewer_does_not(journal: Journal) -> None:
    journal.decide(evening())
    asked = tip("ana", "bo", "rose")
    (accepted,) = journal.decide([asked])
    told = journal.decide([replace(asked, actor=who) for who in ("gateway:g2", "viewer:eve", "viewer:ana")])
    assert codes(told) == [None, "id_conflict", None]
    assert told[0] == told[2] == replace(accepted, replayed=True)
    assert told[1].moved == (), "a stranger is told nothing of the first answer"


def test_the_same_id_twice_in_a_batch_is_decided_once(journal: Journal) -> None:
    journal.decide(evening())
    asked = tip("ana", "bo", "rose")
    first, again, other = journal.decide([asked, asked, replace(asked, quantity=2)])
    assert (first.replayed, again, other.refusal is not None) == (False, replace(first, replayed=True), True)
    assert posted(journal, "gifts", "bo") == 10


def test_an_id_may_be_used_for_an_account_only_known_later(journal: Journal) -> None:
    """Refused is decided: the account that opens afterwards changes nothing."""
    asked = top_up("late", 5)
    assert codes(journal.decide([asked, viewer("late"), asked])) == [
        "account_not_found",
        None,
        "account_not_found",
    ]
    assert posted(journal, "wallet", "late") == 0


# Mixed batches.


def test_prices_and_limits_hold_for_what_follows_them_in_the_batch(journal: Journal) -> None:
    outcomes = journal.decide(
        [
            *evening(),
            tip("ana", "bo", "rose"),
            price("rose", 20),
            tip("ana", "bo", "rose"),
            SetLimits(*head(), per_tip=39),
            tip("ana", "bo", "rose", 2),
            SetLimits(*head(), per_day=40),
            tip("ana", "bo", "rose"),
        ]
    )[4:]
    assert codes(outcomes) == [None, None, None, None, "limit_exceeded", None, "limit_exceeded"]
    assert outcomes[4].refusal == LimitExceeded("per_tip", cap=39, used=0, asked=40)
    assert outcomes[6].refusal == LimitExceeded("per_day", cap=40, used=30, asked=20)
    assert posted(journal, "gifts", "bo") == 30


def test_a_batch_may_freeze_what_it_topped_up_and_forfeit_what_it_froze(journal: Journal) -> None:
    freeze = Freeze(*head("moderator:m"), "ana", "wallet", 400, "c", "r")
    forfeit = Forfeit(*head("moderator:m"), freeze.id, 150, "ZLB", "c", "r")
    lift = Lift(*head("moderator:m"), freeze.id, "c")
    outcomes = journal.decide(
        [*evening(), freeze, tip("ana", "bo", "rose", 61), forfeit, lift, tip("ana", "bo", "rose", 61)]
    )
    assert codes(outcomes[4:]) == [None, "insufficient_funds", None, "hold_already_captured", None]
    assert posted(journal, "coins_forfeited", "platform") == 150
    assert posted(journal, "wallet", "ana") == 1_000 - 150 - 610


def test_a_batch_as_a_whole_and_one_by_one_come_to_the_same(
    journal: Journal, database: Database, server: Database, request: pytest.FixtureRequest
) -> None:
    freeze = Freeze(*head("moderator:m"), "ana", "wallet", 400, "c", "r")
    batch: list[Command] = [
        *evening(),
        *(tip("ana", "bo", "rose", n, day=d) for n, d in ((5, 3), (40, 0), (70, 1))),
        freeze,
        tip("ana", "bo", "rose", 20),
        Lift(*head("moderator:m"), freeze.id, "c"),
        tip("ana", "bo", "rose", 20),
    ]
    with server.scratch(copy_of=request.getfixturevalue("_migrated")) as other:
        alone = Journal(other.app, desks())
        one_by_one = [alone.decide([command])[0] for command in batch]
    at_once = journal.decide(batch)
    assert codes(at_once) == codes(one_by_one)
    assert [outcome.moved for outcome in at_once] == [outcome.moved for outcome in one_by_one]


def test_an_empty_batch_is_no_trouble(journal: Journal) -> None:
    assert journal.decide([]) == []


@pytest.mark.parametrize(
    "owner", ["主播 \U0001f3a4", "e\u0301", "é", "\uff61", "a" * 200, "\U0010ffff", "'; --", "%s", "{}"]
)
def test_owners_are_any_text_and_compared_exactly(journal: Journal, owner: str) -> None:
    outcomes = journal.decide(
        [
            viewer(owner),
            streamer(owner),
            price(owner, 7),
            top_up(owner, 100, payment=owner),
            tip(owner, owner, owner, 2),
            top_up(f"{owner} ", 1),
        ]
    )
    assert codes(outcomes) == [None] * 5 + ["account_not_found"]
    assert (posted(journal, "wallet", owner), posted(journal, "gifts", owner)) == (86, 14)


def test_accounts_can_open_at_the_end_of_a_long_batch(journal: Journal) -> None:
    """By then its first transfers are on their way to the database, and the connection is busy."""
    journal.decide(evening())
    batch: list[Command] = [*[tip("ana", "bo", "rose") for _ in range(90)] * 6]
    batch += [viewer(f"late {n}") for n in range(5)]
    batch += [top_up("late 4", 50), tip("late 4", "bo", "rose")]
    outcomes = journal.decide(batch)
    assert codes(outcomes) == [None] * len(batch)
    assert posted(journal, "gifts", "bo") == 91 * 10
    assert posted(journal, "wallet", "late 4") == 40


# Limits of days and months that are told of late. LIVE-TIP-5.


def test_a_month_is_counted_in_full_when_its_tips_come_after_a_later_month_in_one_batch(
    journal: Journal,
) -> None:
    journal.decide([*evening(), SetLimits(*head(), per_month=100)])
    journal.decide([tip("ana", "bo", "rose", 4, day=-10)])
    journal.decide([tip("ana", "bo", "rose", 4, day=0)])
    november, late = journal.decide([tip("ana", "bo", "rose", day=20), tip("ana", "bo", "rose", 3, day=1)])
    assert november.refusal is None
    assert late.refusal == LimitExceeded("per_month", cap=100, used=80, asked=30)


def test_a_late_day_keeps_counting_where_it_left_off(journal: Journal) -> None:
    journal.decide([*evening(), SetLimits(*head(), per_day=50, tips_per_day=3)])
    for day in (0, 5, 0, 5, 0):
        assert codes(journal.decide([tip("ana", "bo", "rose", day=day)])) == [None]
    fourth, too_much = journal.decide([tip("ana", "bo", "rose"), tip("ana", "bo", "rose", 4, day=5)])
    assert fourth.refusal == LimitExceeded("tips_per_day", cap=3, used=3, asked=1)
    assert too_much.refusal == LimitExceeded("per_day", cap=50, used=20, asked=40)
    assert not verify(journal.engine, all_audits())


def test_a_reversed_tip_does_not_reopen_the_day(journal: Journal) -> None:
    journal.decide([*evening(), SetLimits(*head(), per_day=50)])
    full = tip("ana", "bo", "rose", 5)
    back = Reverse(*head("finance:f"), full.id, "by mistake")
    assert codes([*journal.decide([full]), *journal.decide([back])]) == [None, None]
    assert posted(journal, "wallet", "ana") == 1_000
    assert codes(journal.decide([tip("ana", "bo", "rose")])) == ["limit_exceeded"]


# What another writer decided while this one waited for its locks.


def while_locked(journal: Journal, first: Sequence[Command], then: Sequence[Command]) -> list[Outcome]:
    """Decide ``then`` in a transaction that began, and looked around, before ``first`` was committed."""
    outcomes: list[Outcome] = []
    with journal.engine.begin() as connection:
        assert codes(journal.decide_in(connection, first)) == [None] * len(first)
        waiting = threading.Thread(target=lambda: outcomes.extend(journal.decide(then)))
        waiting.start()
        wait_for_a_lock(journal)
    waiting.join()
    return outcomes


def wait_for_a_lock(journal: Journal) -> None:
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with journal.engine.connect() as connection:
        for _ in range(2_000):
            if connection.execute(waits).scalar_one():
                return
            connection.rollback()
    raise AssertionError("nobody waited")


Then = Callable[[], Command]


def test_what_follows_a_registration_decided_elsewhere_finds_the_account(journal: Journal) -> None:
    journal.decide(evening())
    register = viewer("ben")
    outcomes = while_locked(
        journal, [register, top_up("ben", 5), top_up("ana", 1)], [register, top_up("ben", 7)]
    )
    assert (codes(outcomes), outcomes[0].replayed) == ([None, None], True)
    assert posted(journal, "wallet", "ben") == 12


def test_what_follows_a_price_decided_elsewhere_is_sold_at_it(journal: Journal) -> None:
    journal.decide(evening())
    cheaper = price("rose", 3)
    outcomes = while_locked(
        journal, [cheaper, tip("ana", "bo", "rose")], [cheaper, tip("ana", "bo", "rose", 2)]
    )
    assert (codes(outcomes), outcomes[0].replayed) == ([None, None], True)
    assert [moved.amount_minor for moved in outcomes[1].moved] == [6]


def test_what_follows_limits_decided_elsewhere_stays_within_them(journal: Journal) -> None:
    journal.decide(evening())
    limits = SetLimits(*head(), per_day=30)
    outcomes = while_locked(
        journal, [limits, tip("ana", "bo", "rose", 2)], [limits, tip("ana", "bo", "rose", 2)]
    )
    assert codes(outcomes) == [None, "limit_exceeded"]


def test_what_follows_a_freeze_decided_elsewhere_finds_it(journal: Journal) -> None:
    journal.decide(evening())
    freeze = Freeze(*head("moderator:m"), "ana", "wallet", 30, "c", "r")
    outcomes = while_locked(journal, [freeze], [freeze, Lift(*head("moderator:m"), freeze.id, "c")])
    assert (codes(outcomes), outcomes[0].replayed) == ([None, None], True)
    assert not verify(journal.engine, all_audits())


# The database goes away.


def test_a_lost_connection_is_tried_again_and_nobody_notices(journal: Journal) -> None:
    journal.decide(evening())
    killed = False

    def work(connection: object) -> list[Outcome]:
        nonlocal killed
        outcomes = journal.decide_in(connection, [asked])  # type: ignore[arg-type]
        if not killed:
            killed = True
            with journal.engine.connect() as other:
                other.execute(_END_OTHERS)
        return outcomes

    asked = tip("ana", "bo", "rose")
    (outcome,) = journal.transact(work)
    assert (killed, outcome.refusal, outcome.replayed) == (True, None, False)
    assert posted(journal, "gifts", "bo") == 10


_END_OTHERS = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
)


def test_a_writer_that_always_loses_is_told_to_try_again_and_nothing_was_decided(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "PAUSE_SECONDS", 0.001)
    journal.decide(evening())
    asked = tip("ana", "bo", "rose")
    tries = 0

    def work(connection: object) -> None:
        nonlocal tries
        tries += 1
        journal.decide_in(connection, [asked])  # type: ignore[arg-type]
        connection.execute(text("DO $$ BEGIN RAISE serialization_failure; END $$"))  # type: ignore[attr-defined]

    with pytest.raises(TryAgain, match="8 tries"):
        journal.transact(work)
    assert tries == journal_module.ATTEMPTS
    (outcome,) = journal.decide([asked])
    assert not outcome.replayed


def test_an_account_is_locked_by_whoever_names_it(journal: Journal) -> None:
    """The kinds and owners of a batch are looked up as pairs: nobody is mixed up with a namesake."""
    journal.decide([*evening(), Register(*head(), "ana", ("streamer",)), viewer("bo"), top_up("bo", 100)])
    outcomes = journal.decide([tip("ana", "bo", "rose"), tip("bo", "ana", "rose", 2)])
    assert codes(outcomes) == [None, None]
    refs = (
        AccountRef("wallet", "ana"),
        AccountRef("gifts", "ana"),
        AccountRef("wallet", "bo"),
        AccountRef("gifts", "bo"),
    )
    assert [posted(journal, *ref) for ref in refs] == [990, 20, 80, 10]


def test_ids_of_any_version_are_kept_apart(journal: Journal) -> None:
    ids = [UUID(int=n) for n in (1, 2, 1 << 127)]
    assert (
        codes(journal.decide([viewer("ana"), *(replace(top_up("ana", 1), id=id) for id in ids)]))
        == [None] * 4
    )


def test_threads_that_are_asked_the_same_at_once_never_wait_for_each_other_for_good(journal: Journal) -> None:
    # Prices lock no account: only the id keeps the second from deciding it again.
    for _ in range(20):
        asked = [price(f"gift {number}", 1) for number in range(300)]
        told: list[Sequence[Outcome]] = []
        threads = [
            threading.Thread(
                target=lambda asked=asked, told=told: told.append(journal.decide(asked)), daemon=True
            )
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(told) == 2, "a thread still waits"
        assert [outcome.seq for outcome in told[0]] == [outcome.seq for outcome in told[1]]
