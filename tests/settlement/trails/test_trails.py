"""Trails over real books: silent on honest traffic, and right about what is planted into it."""

from collections.abc import Iterator

import pytest

from ledger.database import Database
from ledger.journal.reversals import Reverse
from settlement.trails.reading import Trail
from tests.settlement.payees.sample import BANK_ACCOUNT, OTHER_NAME, OTHER_NUMBER, account, verification
from tests.settlement.trails.traffic import Traffic


@pytest.fixture(scope="module")
def busy(server: Database, _migrated: str) -> Iterator[Traffic]:
    """Honest traffic: 300 viewers, 20 streamers of whom half tip too, two of them good friends."""
    with server.scratch(copy_of=_migrated) as database:
        traffic = Traffic(database, seed=20261020)
        viewers = traffic.people((f"v{n:03}" for n in range(300)), "viewer")
        streamers = traffic.people((f"s{n:02}" for n in range(10)), "streamer")
        streamers += traffic.people((f"s{n:02}" for n in range(10, 20)), "viewer", "streamer")
        traffic.honest(viewers + streamers[10:], streamers, 4_000)
        traffic.people(["fan"], "viewer")
        # Whoever has an audience thanks a friend, who thanks back: neither lives by it.
        for friend in ("s10", "s11"):
            traffic.spread("fan", friend, 60)
        traffic.spread("s10", "s11", 8)
        traffic.spread("s11", "s10", 8)
        yield traffic


def test_honest_traffic_leaves_no_trail(busy: Traffic) -> None:
    assert busy.trails() == []


def test_a_ring_of_two_and_one_of_four_are_found_in_it(busy: Traffic) -> None:
    pair = busy.people(["rx", "ry"], "viewer", "streamer")
    circle = busy.people(["c1", "c2", "c3", "c4"], "viewer", "streamer")
    for ring, planes in ((pair, 20), (circle, 10)):
        for giver, receiver in zip(ring, ring[1:] + ring[:1], strict=True):
            busy.spread(giver, receiver, planes)
    # An honest viewer who likes one of them is no part of it.
    busy.spread("v000", "rx", 10)
    assert busy.trails() == [
        Trail("ring", ("c1", "c2", "c3", "c4"), ("c1", "c2", "c3", "c4"), 20_000, 40),
        Trail("ring", ("rx", "ry"), ("rx", "ry"), 20_000, 40),
    ]


def test_who_tips_oneself_or_a_second_self_is_found(empty_database: Database) -> None:
    traffic = Traffic(empty_database)
    traffic.people(["bo"], "viewer", "streamer")
    traffic.people(["bo2", "mei"], "viewer", "streamer")
    traffic.people(["dan"], "streamer")
    traffic.spread("bo", "bo", 3)
    traffic.is_one_person("bo", "bo2")
    traffic.spread("bo2", "bo", 4)
    # Mei's tips to dan end in mei's own account: dan was verified in mei's name once, and paid there.
    traffic.did([verification("mei", OTHER_NAME, OTHER_NUMBER), verification("dan", OTHER_NAME, "P1234567")])
    traffic.did(
        [account("mei", OTHER_NAME, BANK_ACCOUNT + "1"), account("dan", OTHER_NAME, BANK_ACCOUNT + "1")]
    )
    traffic.spread("mei", "dan", 5)
    assert traffic.trails() == [
        Trail("shared_payee", ("mei",), ("dan",), 2_500, 5),
        Trail("shared_payee", ("bo2",), ("bo",), 2_000, 4),
        Trail("self_tip", ("bo",), ("bo",), 1_500, 3),
    ]


def test_a_ring_through_a_second_self_closes(empty_database: Database) -> None:
    traffic = Traffic(empty_database)
    traffic.people(["bo", "mei"], "viewer", "streamer")
    traffic.people(["bo2"], "streamer")
    # Bo tips mei, and mei tips bo2; nothing comes back to bo, until bo2 turns out to be bo.
    traffic.spread("bo", "mei", 10)
    traffic.spread("mei", "bo2", 10)
    assert traffic.trails() == []
    traffic.is_one_person("bo", "bo2")
    assert traffic.trails() == [Trail("ring", ("bo", "mei"), ("bo2", "mei"), 10_000, 20)]


def test_many_tips_just_under_the_limit_in_minutes_are_a_burst(empty_database: Database) -> None:
    traffic = Traffic(empty_database)
    traffic.people(["ana", "ben", "cai"], "viewer")
    traffic.people(["bo"], "streamer")
    traffic.did(traffic.tip("ana", "bo", "castle", minutes=2 * n) for n in range(5))
    # As many, but a day between them; and as quick, but small.
    traffic.did(traffic.tip("ben", "bo", "castle", minutes=1_440 * n) for n in range(5))
    traffic.did(traffic.tip("cai", "bo", "plane", minutes=n) for n in range(9))
    assert traffic.trails() == [Trail("tips_just_under", ("ana",), ("bo",), 4_950, 5)]


def test_accounts_that_each_stop_just_under_the_days_limit_are_found(empty_database: Database) -> None:
    traffic = Traffic(empty_database)
    mules = traffic.people([f"m{n}" for n in range(4)], "viewer")
    traffic.people(["whale"], "viewer")
    traffic.people(["bo", "mei"], "streamer")
    for mule in mules:
        # 19 planes and more: 9,520 of 10,000 coins, a plane an hour from 10:00 on, so within one day.
        traffic.did(traffic.tip(mule, "bo", "plane", minutes=n * 11) for n in range(19))
        traffic.did([traffic.tip(mule, "bo", "rose", 4, minutes=210)])
    traffic.did(traffic.tip("whale", "mei", "plane", minutes=n * 11) for n in range(19))
    (trail,) = traffic.trails()
    assert trail == Trail("days_just_under", tuple(mules), ("bo",), 4 * 9_520, 4 * 20)


def test_what_was_undone_leaves_no_trail(empty_database: Database) -> None:
    traffic = Traffic(empty_database)
    traffic.people(["bo"], "viewer", "streamer")
    tips = [traffic.tip("bo", "bo", "plane", minutes=n * 60) for n in range(3)]
    traffic.did(tips)
    assert [trail.coins for trail in traffic.trails()] == [1_500]
    traffic.did(Reverse(*traffic.head("finance:f1"), tip.id, "by mistake") for tip in tips[1:])
    assert traffic.trails() == []


def test_only_the_period_asked_about_is_read(busy: Traffic) -> None:
    from settlement.trails.reading import trails  # noqa: PLC0415

    with busy.database.app.connect() as connection:
        assert trails(connection, 0, 1_000_000) == []
