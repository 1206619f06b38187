"""Group commit: who waits shares a commit, in order, and each is told what became of what was asked."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from api.audits import all_audits
from api.wiring import desks
from ledger import group_commit as group_commit_module
from ledger.audits.verify import verify
from ledger.database import Database, DatabaseUnavailable, Login
from ledger.gifts.commands import SetLimits
from ledger.group_commit import CannotDecide, GroupCommit
from ledger.journal.commands import Busy, Command, Outcome, TryAgain
from ledger.journal.journal import Journal
from moderation.commands import Freeze, Lift
from tests.ledger.asked import evening, head, price, streamer, tip, top_up, viewer

PATIENCE_SECONDS = 30


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    journal = Journal(empty_database.app, desks())
    journal.decide(evening())
    return journal


class Heard:
    """What an observer was told: the batches, as their outcomes."""

    def __init__(self) -> None:
        self.batches: list[Sequence[Outcome]] = []

    def committed(self, outcomes: Sequence[Outcome], seconds: float) -> None:
        assert seconds > 0
        self.batches.append(outcomes)


@contextmanager
def wallet_locked(journal: Journal) -> Iterator[None]:
    """Whoever names ana's wallet waits meanwhile, so that others gather behind."""
    with journal.engine.begin() as connection:
        connection.execute(
            text("SELECT 1 FROM ledger.accounts WHERE kind = 'wallet' AND owner = 'ana' FOR UPDATE")
        )
        yield


def wait_until(reached: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(PATIENCE_SECONDS * 100):
        if reached():
            return
        pause.wait(0.01)
    raise AssertionError("it never came so far")


def posted(journal: Journal, kind: str, owner: str) -> int:
    statement = text(
        "SELECT credits_minor - debits_minor FROM ledger.accounts WHERE kind = :k AND owner = :o"
    )
    with journal.engine.connect() as connection:
        return int(connection.execute(statement, {"k": kind, "o": owner}).scalar_one())


def codes(answers: Sequence[object]) -> list[str | None]:
    found = []
    for answer in answers:
        assert isinstance(answer, Outcome), answer
        found.append(answer.refusal.code if answer.refusal else None)
    return found


def cannot_revive() -> None:
    """What an embedded server says that does not start any more."""
    raise DatabaseUnavailable("the server does not start")


#: NUL cannot be stored. The doors refuse it; here it comes past them.
POISON = "room \0"


def poisoned() -> Command:
    return replace(tip("ana", "bo", "rose"), room=POISON)


def test_commands_of_all_kinds_are_decided_in_the_order_in_which_they_came(journal: Journal) -> None:
    freeze = Freeze(*head("moderator:m"), "ana", "wallet", None, "c", "r")
    commands: list[Command] = [
        price("rose", 20),
        tip("ana", "bo", "rose"),
        freeze,
        tip("ana", "bo", "rose"),
        Lift(*head("moderator:m"), freeze.id, "c"),
        viewer("ben"),
        top_up("ben", 50),
        tip("ben", "bo", "rose", 2),
        SetLimits(*head(), per_tip=10),
        tip("ben", "bo", "rose"),
    ]

    async def ask(group: GroupCommit) -> list[Outcome]:
        return list(await asyncio.gather(*(group.decided(command) for command in commands)))

    heard = Heard()
    with GroupCommit(journal, heard) as group:
        outcomes = asyncio.run(ask(group))
    assert codes(outcomes) == [
        None,
        None,
        None,
        "account_frozen",
        None,
        None,
        None,
        None,
        None,
        "limit_exceeded",
    ]
    assert [outcome.id for outcome in outcomes] == [command.id for command in commands]
    seqs = [outcome.seq for outcome in outcomes]
    assert seqs == sorted(seqs)
    assert [outcome.id for batch in heard.batches for outcome in batch] == [
        command.id for command in commands
    ]


def test_those_who_come_while_a_batch_commits_share_the_next(journal: Journal) -> None:
    heard = Heard()
    with GroupCommit(journal, heard) as group, ThreadPoolExecutor(21) as callers:
        with wallet_locked(journal):
            first = callers.submit(group.decide, tip("ana", "bo", "rose"))
            wait_until(lambda: group.depth == 0 and first.running())
            others = [callers.submit(group.decide, tip("ana", "bo", "rose")) for _ in range(20)]
            wait_until(lambda: group.depth == 20)
        assert codes([future.result(PATIENCE_SECONDS) for future in (first, *others)]) == [None] * 21
    assert [len(batch) for batch in heard.batches] == [1, 20]
    assert posted(journal, "gifts", "bo") == 210


def test_threads_and_coroutines_ask_side_by_side(journal: Journal) -> None:
    async def ask(group: GroupCommit) -> list[object]:
        single = [group.decided(tip("ana", "bo", "rose")) for _ in range(20)]
        several = group.all_decided([tip("ana", "bo", "rose") for _ in range(20)])
        alone, together = await asyncio.gather(asyncio.gather(*single), several)
        return [*alone, *together]

    with GroupCommit(journal) as group, ThreadPoolExecutor(8) as callers:
        threads = [callers.submit(group.decide, tip("ana", "bo", "rose")) for _ in range(20)]
        loops = [callers.submit(lambda: asyncio.run(ask(group))) for _ in range(2)]
        answers = [future.result(PATIENCE_SECONDS) for future in threads]
        told = [answer for loop in loops for answer in loop.result(PATIENCE_SECONDS)]
    assert codes([*answers, *told]) == [None] * 100
    assert (posted(journal, "wallet", "ana"), posted(journal, "gifts", "bo")) == (0, 1_000)
    assert not verify(journal.engine, all_audits())


def test_the_culprit_alone_cannot_be_decided_and_the_others_are(journal: Journal) -> None:
    commands = [tip("ana", "bo", "rose") for _ in range(13)]
    commands[7] = replace(commands[7], room=POISON)

    async def ask(group: GroupCommit) -> list[Outcome | Exception]:
        return await group.all_decided(commands)

    with GroupCommit(journal) as group:
        answers = asyncio.run(ask(group))
        assert isinstance(answers[7], CannotDecide)
        assert codes([*answers[:7], *answers[8:]]) == [None] * 12
        healed = replace(commands[7], room="room")
        assert codes([group.decide(healed)]) == [None], "what could not be decided was not decided"
    assert posted(journal, "gifts", "bo") == 130


def test_two_culprits_among_many_callers_are_told_and_nobody_else(journal: Journal) -> None:
    commands: list[Command] = [tip("ana", "bo", "rose") for _ in range(10)]
    commands[2], commands[9] = poisoned(), poisoned()

    async def ask(group: GroupCommit) -> list[object]:
        return list(await asyncio.gather(*map(group.decided, commands), return_exceptions=True))

    with GroupCommit(journal) as group:
        answers = asyncio.run(ask(group))
    culprits = [number for number, answer in enumerate(answers) if isinstance(answer, CannotDecide)]
    assert culprits == [2, 9]
    assert codes([answer for number, answer in enumerate(answers) if number not in culprits]) == [None] * 8
    assert posted(journal, "gifts", "bo") == 80


def test_beyond_its_bound_the_queue_is_busy_and_undecided(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit_module, "QUEUE_BOUND", 5)
    turned_away = tip("ana", "bo", "rose")
    with GroupCommit(journal) as group, ThreadPoolExecutor(6) as callers:
        with wallet_locked(journal):
            first = callers.submit(group.decide, tip("ana", "bo", "rose"))
            wait_until(lambda: group.depth == 0 and first.running())
            waiting = [callers.submit(group.decide, tip("ana", "bo", "rose")) for _ in range(5)]
            wait_until(lambda: group.depth == 5)
            with pytest.raises(Busy):
                group.decide(turned_away)
        assert codes([future.result(PATIENCE_SECONDS) for future in (first, *waiting)]) == [None] * 6
        assert not group.decide(turned_away).replayed
    assert posted(journal, "gifts", "bo") == 70


def test_closing_decides_what_waits_and_takes_no_more(journal: Journal) -> None:
    group = GroupCommit(journal)
    with ThreadPoolExecutor(12) as callers:
        with wallet_locked(journal):
            waiting = [callers.submit(group.decide, tip("ana", "bo", "rose"))]
            wait_until(lambda: waiting[0].running() and group.depth == 0)
            waiting += [callers.submit(group.decide, tip("ana", "bo", "rose")) for _ in range(9)]
            wait_until(lambda: group.depth >= 9)
            closing = callers.submit(group.close)
            wait_until(lambda: not group.is_open)
            with pytest.raises(Busy):
                group.decide(tip("ana", "bo", "rose"))
        assert codes([future.result(PATIENCE_SECONDS) for future in waiting]) == [None] * 10
        closing.result(PATIENCE_SECONDS)
    assert posted(journal, "gifts", "bo") == 100


@pytest.mark.parametrize("revive", [None, cannot_revive], ids=["server of one's own", "embedded"])
def test_when_the_database_is_gone_every_caller_is_told_to_try_again(
    empty_database: Database, revive: Callable[[], None] | None
) -> None:
    gone = {**empty_database.app_login.parameters, "host": "/nonexistent"}
    database = Database(
        empty_database.owner_login, Login(gone, revive=revive), is_embedded=revive is not None
    )
    commands = [tip("ana", "bo", "rose") for _ in range(5)]

    async def ask(group: GroupCommit) -> list[object]:
        return list(await asyncio.gather(*map(group.decided, commands), return_exceptions=True))

    with GroupCommit(Journal(database.app, desks())) as group, ThreadPoolExecutor(1) as callers:
        thread = callers.submit(group.decide, tip("ana", "bo", "rose"))
        answers = asyncio.run(ask(group))
        assert isinstance(thread.exception(PATIENCE_SECONDS), TryAgain)
    assert [type(answer) for answer in answers] == [TryAgain] * 5


def test_a_caller_who_gave_up_does_not_hurt_the_others(journal: Journal) -> None:
    async def ask(group: GroupCommit) -> tuple[Outcome, bool]:
        gave_up = asyncio.ensure_future(group.decided(left))
        stayed = asyncio.ensure_future(group.decided(tip("ana", "bo", "rose")))
        await asyncio.sleep(0.05)
        gave_up.cancel()
        await asyncio.to_thread(unlock.set)
        return await stayed, gave_up.cancelled()

    left, unlock, locked = tip("ana", "bo", "rose"), threading.Event(), threading.Event()

    def keep_locked() -> None:
        with wallet_locked(journal):
            locked.set()
            unlock.wait(PATIENCE_SECONDS)

    keeper = threading.Thread(target=keep_locked)
    keeper.start()
    locked.wait(PATIENCE_SECONDS)
    with GroupCommit(journal) as group:
        outcome, cancelled = asyncio.run(ask(group))
        assert (outcome.refusal, cancelled) == (None, True)
        assert group.decide(left).replayed, "the command was asked and is decided, whoever listens"
    keeper.join()


def test_a_loop_that_is_gone_took_only_its_own_callers_with_it(journal: Journal) -> None:
    left, stays = tip("ana", "bo", "rose"), tip("ana", "bo", "rose")

    async def leave_early(group: GroupCommit) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(group.decided(left), 0.05)

    with GroupCommit(journal) as group, ThreadPoolExecutor(1) as callers:
        with wallet_locked(journal):
            asyncio.run(leave_early(group))
            other = callers.submit(group.decide, stays)
            wait_until(lambda: group.depth == 1)
        assert codes([other.result(PATIENCE_SECONDS)]) == [None]
        assert group.decide(left).replayed


def test_nobody_new_and_nothing_asked_is_no_trouble(journal: Journal) -> None:
    with GroupCommit(journal) as group:
        assert asyncio.run(group.all_decided([])) == []
        assert codes([group.decide(streamer("mei"))]) == [None]
