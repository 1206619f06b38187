"""A simulated evening keeps what it promises, at any size."""

import json
from collections import Counter
from itertools import islice

import pytest

from api.event_file import command_of
from api.simulate import Evening
from ledger.database import Database
from tests.api.playing import played

TYPES = {"register", "gift", "limit", "topup", "tip", "reward", "freeze", "lift", "forfeit", "settle"}
PROMISED_REFUSALS = {
    "id_conflict",
    "gift_not_on_sale",
    "account_not_found",
    "freeze_not_found",
    "payment_already_credited",
    "account_frozen",
    "limit_exceeded",
    "insufficient_funds",
}


def lines(seed: int, events: int) -> list[str]:
    return list(Evening(seed=seed, events=events).lines())


@pytest.mark.parametrize(("seed", "events"), [(1, 1_000), (2, 1_000), (3, 12_000)])
def test_the_shares_are_as_promised_when_it_is_played(
    empty_database: Database, seed: int, events: int
) -> None:
    said = lines(seed, events)
    types = Counter(json.loads(line)["type"] for line in said)
    result = played(empty_database, "".join(said).encode())
    codes = Counter(row["code"] for row in result.refusals)
    assert result.malformed == []
    assert len(said) == events
    assert types.keys() == TYPES
    assert types["tip"] <= 0.92 * events, f"only {events - types['tip']} lines are not tips"
    assert codes.total() >= 0.10 * events, f"only {codes.total()} were refused: {codes}"
    assert codes.total() <= 0.16 * events, f"as many as {codes.total()} were refused: {codes}"
    assert codes.keys() >= PROMISED_REFUSALS
    commands = Counter(command_of(line.encode()) for line in said)
    repeats = events - len(commands)
    assert 0.003 * events <= repeats <= 0.03 * events, f"{repeats} lines are repeats"


def test_a_few_streamers_have_most_of_the_gifts() -> None:
    given = Counter(
        event["streamer"] for event in map(json.loads, lines(4, 10_000)) if event["type"] == "tip"
    )
    hottest = [tips for _, tips in given.most_common(5)]
    assert sum(hottest) > 0.4 * given.total()


def test_two_evenings_of_one_seed_are_the_same_and_of_another_are_not() -> None:
    assert lines(6, 2_000) == lines(6, 2_000)
    assert lines(6, 2_000) != lines(7, 2_000)


@pytest.mark.parametrize("events", [1, 2, 10, 57, 300])
def test_small_evenings_have_the_asked_number_of_lines_and_end_with_a_settlement(events: int) -> None:
    said = lines(1, events)
    assert len(said) == events
    assert json.loads(said[-1])["type"] == "settle"
    for line in said:
        command_of(line.encode())


def test_viewers_and_streamers_are_as_many_as_asked() -> None:
    said = [json.loads(line) for line in Evening(seed=1, events=3_000, viewers=40, streamers=5).lines()]
    registered = {event["party"] for event in said if event["type"] == "register"}
    assert len([party for party in registered if party.startswith("v")]) == 40
    assert len([party for party in registered if party.startswith("s")]) == 5


def test_the_second_evening_can_be_played_into_the_books_of_the_first(empty_database: Database) -> None:
    for seed in (1, 2):
        result = played(empty_database, "".join(lines(seed, 2_000)).encode())
    assert len(result.refusals) <= 0.16 * 2_000


def test_a_huge_evening_begins_at_once() -> None:
    assert len(list(islice(Evening(seed=1, events=10**9).lines(), 1_000))) == 1_000
