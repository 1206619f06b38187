"""Crashes: whoever is killed, and whenever, everyone who was answered was told the truth, once.

Every test prints its seed, which pytest shows when it fails; ZHIBO_FAULT_SEED draws the same tips and pauses
again (how far the processes come meanwhile is the machine's).
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from pathlib import Path
from random import Random, SystemRandom
from uuid import UUID, uuid4

import psutil
import pytest
from sqlalchemy import text

from api.migrations import ready
from api.wiring import desks
from ledger.coins.top_ups import TopUp
from ledger.database import Database, DatabaseSettings, open_database
from ledger.gifts.commands import PriceGift, Tip
from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.commands import Reward, Settle, SettlePeriod
from settlement.policies.publishing import PublishPolicy
from settlement.runs import finish, unfinished_runs
from tests.api.command_line import ROOT, environment, zhibo
from tests.api.playing import balances_in
from tests.busy_books import EVENING
from tests.faults.crowd import Crowd
from tests.faults.served import PATIENCE_SECONDS, Served, database_processes, kill, serving
from tests.settlement.policies.writing import sample_policy

#: How many tips are answered between one blow and the next, at the least.
_TIPS_BETWEEN = 100
_STREAMERS = 150
_STREAMERS_A_BATCH = 4

_STATEMENTS = text("""
SELECT run, streamer, coins, gift_share_minor, platform_share_minor, accruals_minor, held_minor,
       convert_from(document, 'UTF8')::jsonb - 'entry' - 'issued_at' - 'inputs' AS content
FROM settlement.statements ORDER BY streamer, run
""")

# Carries out a run in small batches and tells of each.
_SETTLING = """
import sys
from uuid import UUID
from api.wiring import open_house
from settlement import runs
runs.STREAMERS_A_BATCH = int(sys.argv[2])
with open_house() as house:
    for progress in runs.carry_out(house.journal, UUID(sys.argv[1])):
        print(progress.done, flush=True)
"""


@pytest.fixture
def seed() -> int:
    """Of the tips and of the moments at which somebody is killed."""
    seed = int(os.environ.get("ZHIBO_FAULT_SEED") or SystemRandom().getrandbits(32))
    print(f"ZHIBO_FAULT_SEED={seed}")
    return seed


@pytest.fixture
def books(new_folder: Path) -> Iterator[Path]:
    """A data folder whose database is gone at the end, even when a test failed half-way."""
    yield new_folder
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while (left := database_processes(new_folder)) and time.monotonic() < give_up_at:
        for process in left:
            kill(process)
        time.sleep(0.02)


def test_a_server_killed_again_and_again_under_load_loses_and_invents_nothing(
    books: Path, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    with serving(books, tmp_path / "log", random) as served:
        crowd = Crowd(served.port, books, seed)
        crowd.move_in()
        with crowd.tipping(Crowd.insist):
            for blow in range(5):
                crowd.wait_for_answers(_TIPS_BETWEEN)
                time.sleep(random.uniform(0, 0.3))
                served.kill()
                if blow == 1:
                    _killed_while_starting(served, random)
                if blow == 3:
                    # All at once, as when the power fails.
                    for process in database_processes(books):
                        kill(process)
                served.start()
            served.wait_until_ready()
            crowd.wait_for_answers(_TIPS_BETWEEN)
        crowd.ask_again(crowd.some(100), replayed=True)
        assert served.errors() == []
        assert served.stop() == 0
        assert database_processes(books) == [], "the last one out left the database running"
    _assert_told_the_truth(crowd, books)


def test_a_database_killed_again_and_again_under_load_comes_back_by_itself_with_all_it_acknowledged(
    books: Path, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    with serving(books, tmp_path / "log", random) as served:
        crowd = Crowd(served.port, books, seed)
        crowd.move_in()
        with crowd.tipping(Crowd.insist):
            for part in ("postmaster", "zhibo_app", "postmaster", "walwriter", "zhibo_app", "postmaster"):
                crowd.wait_for_answers(_TIPS_BETWEEN)
                time.sleep(random.uniform(0, 0.3))
                kill(_part_of_the_database(books, part, random))
            crowd.wait_for_answers(_TIPS_BETWEEN)
        crowd.ask_again(crowd.some(100), replayed=True)
        assert served.is_running, f"the server went down with its database: {served.last_words()}"
        served.wait_until_ready()
        assert served.stop() == 0
        assert database_processes(books) == [], "the last one out left the database running"
    _assert_told_the_truth(crowd, books)


def test_a_server_told_to_stop_answers_whatever_it_decided(books: Path, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    with serving(books, tmp_path / "log", random) as served:
        crowd = Crowd(served.port, books, seed)
        crowd.move_in()
        for _ in range(2):
            with crowd.tipping(Crowd.give_up):
                crowd.wait_for_answers(_TIPS_BETWEEN)
                time.sleep(random.uniform(0, 0.2))
                assert served.stop() == 0, f"it did not end well: {served.last_words()}"
            # Nobody asked twice, and yet what the books hold is what somebody was told.
            with open_database(DatabaseSettings(books)) as database:
                assert crowd.difference(database) == ""
            served.start()
            served.wait_until_ready()
            assert len(crowd.cut_off) > 0, "nobody was tipping when the server stopped"
            crowd.ask_again(crowd.cut_off, replayed=False)
            crowd.cut_off.clear()
        assert served.errors() == []
        served.stop()
    _assert_told_the_truth(crowd, books)


def test_a_server_told_to_stop_closes_its_door_and_answers_who_is_inside(
    books: Path, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    with serving(books, tmp_path / "log", random) as served:
        crowd = Crowd(served.port, books, seed)
        crowd.move_in()
        inside = [crowd.begin(random) for _ in range(20)]
        served.wait_until_ready()
        served.tell_to_stop()
        served.wait_until_closed()
        assert served.is_running, "it left without answering"
        for rest in inside:
            rest()
        assert served.ended() == 0
        assert crowd.wrong == []
        assert served.errors() == []
    _assert_told_the_truth(crowd, books)


@pytest.mark.parametrize("period", [None, "2026-10"])
def test_a_settlement_run_killed_again_and_again_ends_as_if_it_had_not_been(
    books: Path, tmp_path: Path, seed: int, period: str | None
) -> None:
    random = Random(seed)
    with open_database(DatabaseSettings(books)) as database:
        ready(database)
        run = _run_to_carry_out(Journal(database.app, desks()), random, period)
        database.dispose()
        with database.scratch(copy_of=database.name) as undisturbed:
            finish(Journal(undisturbed.app, desks()), run)
            wanted = _settled(undisturbed)
        assert len(wanted) > _STREAMERS * 2
        for _ in range(4):
            _settle_and_die(books, run, random)
            with database.app.connect() as connection:
                assert unfinished_runs(connection) == [run], "it was over before it was killed"
        with serving(books, tmp_path / "log", random):
            _wait_until_finished(database)
        for found, undisturbed_row in zip_longest(_settled(database), wanted):
            assert found == undisturbed_row
    verified = zhibo(books, "verify")
    assert verified.returncode == 0, verified.stdout.decode()


def _assert_told_the_truth(crowd: Crowd, data_folder: Path) -> None:
    with open_database(DatabaseSettings(data_folder)) as database:
        assert crowd.difference(database) == ""
    verified = zhibo(data_folder, "verify")
    assert verified.returncode == 0, (verified.stdout + verified.stderr).decode()


def _killed_while_starting(served: Served, random: Random) -> None:
    served.start()
    time.sleep(random.uniform(0, 1.5))
    served.kill()


def _part_of_the_database(data_folder: Path, part: str, random: Random) -> psutil.Process:
    """The postmaster, or one of the children whose title has a word."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        processes = database_processes(data_folder)
        found = processes[:1] if part == "postmaster" else [p for p in processes[1:] if _is_called(p, part)]
        if found:
            return random.choice(found)
        time.sleep(0.02)
    raise AssertionError(f"the database has no {part}")


def _is_called(process: psutil.Process, word: str) -> bool:
    try:
        return word in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def _run_to_carry_out(journal: Journal, random: Random, period: str | None) -> UUID:
    """Books in which most streamers have something to settle, and a run that was accepted.

    Without a period it is at a flat share.
    """

    def head(actor: str) -> tuple[UUID, str, int, int]:
        return uuid4(), actor, EVENING, EVENING

    names = [f"s{number:03}" for number in range(_STREAMERS)]
    commands: list[Command] = [
        Register(*head("gateway:file"), "ana", ("viewer",)),
        *(Register(*head("gateway:file"), name, ("streamer",)) for name in names),
        PriceGift(*head("gateway:file"), "rose", 1),
        TopUp(*head("gateway:file"), "ana", 10**6, 10**7, "wechat", "w-1"),
    ]
    for name in names:
        if random.random() < 0.8:
            commands.append(Tip(*head("viewer:ana"), "ana", name, "r", "rose", random.randint(1, 3_000)))
        if random.random() < 0.4:
            commands.append(Reward(*head("gateway:file"), name, "task", random.randint(1, 99_999)))
    if period is None:
        settle: Command = Settle(*head("finance:f1"), date(2026, 12, 31), 3_333)
    else:
        commands.append(PublishPolicy(*head("finance:f1"), sample_policy()))
        settle = SettlePeriod(*head("finance:f1"), period)
    outcomes = [*journal.decide(commands), *journal.decide([settle])]
    assert [outcome.refusal for outcome in outcomes if outcome.refusal] == []
    return settle.id


def _settle_and_die(data_folder: Path, run: UUID, random: Random) -> None:
    settling = subprocess.Popen(
        [sys.executable, "-c", _SETTLING, str(run), str(_STREAMERS_A_BATCH)],
        cwd=ROOT,
        env=environment(data_folder),
        stdout=subprocess.PIPE,
    )
    with settling:
        assert settling.stdout is not None
        for _ in range(random.randint(1, 6)):
            assert settling.stdout.readline(), "the run did not go on"
        time.sleep(random.uniform(0, 0.01))
        settling.kill()


def _wait_until_finished(database: Database) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        with database.app.connect() as connection:
            if not unfinished_runs(connection):
                return
        time.sleep(0.02)
    raise AssertionError("the server did not finish the run")


def _settled(database: Database) -> list[object]:
    """Every statement, and every balance."""
    with database.app.connect() as connection:
        return [*connection.execute(_STATEMENTS), *balances_in(database)]
