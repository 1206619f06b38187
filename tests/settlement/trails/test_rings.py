"""Rings, found in tips as plain numbers: against a slow search that tries every pair of people."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from settlement.trails.persons import joined
from settlement.trails.rings import Gift, rings
from settlement.trails.terms import TrailTerms

TERMS = TrailTerms(least_coins=100, given_bps=5_000, received_bps=2_000)


def gifts(*between: tuple[str, str, int], **others: int) -> list[Gift]:
    """Who gave whom how much; ``others`` is what somebody had from people who are in no ring."""
    given: dict[str, int] = defaultdict(int)
    received: dict[str, int] = defaultdict(int, others)
    for giver, receiver, coins in between:
        given[giver] += coins
        received[receiver] += coins
    return [Gift(a, b, coins, 1, given[a], received[b]) for a, b, coins in between]


def members(found: list[Gift]) -> list[tuple[str, ...]]:
    return [ring.members for ring in rings(found, TERMS)]


def test_two_who_tip_each_other_and_three_in_a_circle_are_rings() -> None:
    pair = ("ana", "bo", 900), ("bo", "ana", 800)
    circle = ("cai", "dan", 400), ("dan", "eve", 400), ("eve", "cai", 400)
    (large, small) = rings(gifts(*pair, *circle), TERMS)
    assert large == (("ana", "bo"), 1_700, 2)
    assert small == (("cai", "dan", "eve"), 1_200, 3)


def test_tips_that_go_one_way_are_no_ring_however_large() -> None:
    assert members(gifts(("ana", "bo", 10**9), ("bo", "cai", 10**9), ("ana", "cai", 10**9))) == []


def test_a_thank_you_is_no_ring() -> None:
    assert members(gifts(("ana", "bo", 10**6), ("bo", "ana", 99))) == []


def test_who_lives_by_an_audience_is_in_no_ring() -> None:
    friends = ("ana", "bo", 900), ("bo", "ana", 800)
    assert members(gifts(*friends, ana=3_200)) == [("ana", "bo")]
    assert members(gifts(*friends, ana=3_201)) == []


def test_who_gives_most_of_it_elsewhere_is_in_no_ring() -> None:
    assert members(gifts(("ana", "bo", 900), ("bo", "ana", 800), ("ana", "zoe", 901))) == []


def test_a_ring_is_found_within_a_circle_of_friends() -> None:
    ring = ("r1", "r2", 50_000), ("r2", "r3", 50_000), ("r3", "r1", 50_000)
    # Each of the friends tips around, and one of them is tipped by the ring: all are one circle.
    friends = [(f"f{n}", f"f{(n + k) % 12}", 150) for n in range(12) for k in (1, 2, 3)]
    bridge = ("r1", "f0", 200), ("f3", "r2", 200)
    audience = {f"f{n}": 100_000 for n in range(12)}
    assert members(gifts(*ring, *friends, *bridge, **audience)) == [("r1", "r2", "r3")]


def test_a_long_ring_is_found_without_running_out_of_stack() -> None:
    people = [f"p{n:05}" for n in range(20_000)]
    circle = [(one, people[(n + 1) % len(people)], 500) for n, one in enumerate(people)]
    assert members(gifts(*circle)) == [tuple(people)]


people = st.integers(0, 7).map(lambda n: f"p{n}")
edges = st.dictionaries(
    st.tuples(people, people).filter(lambda pair: pair[0] != pair[1]), st.integers(1, 400), max_size=25
)


@settings(max_examples=150)
@given(edges)
def test_a_member_reaches_every_other_by_heavy_tips_and_lives_by_them(
    found: dict[tuple[str, str], int],
) -> None:
    asked = gifts(*((giver, receiver, coins) for (giver, receiver), coins in found.items()))
    seen: set[str] = set()
    for ring in rings(asked, TERMS):
        inside = [one for one in asked if {one.giver, one.receiver} <= set(ring.members) and one.coins >= 100]
        reach = {one.giver: {one.giver} for one in inside}
        for _ in ring.members:
            for one in inside:
                reach[one.giver] |= reach.get(one.receiver, {one.receiver})
        for member in ring.members:
            assert reach[member] == set(ring.members)
            out = sum(one.coins for one in inside if one.giver == member)
            back = sum(one.coins for one in inside if one.receiver == member)
            assert 2 * out >= sum(coins for (giver, _), coins in found.items() if giver == member)
            assert 5 * back >= sum(coins for (_, receiver), coins in found.items() if receiver == member)
        assert ring.coins == sum(one.coins for one in inside)
        assert seen.isdisjoint(ring.members)
        seen |= set(ring.members)


@settings(max_examples=100)
@given(edges, st.lists(people, min_size=2, max_size=5, unique=True))
def test_a_ring_that_is_planted_is_found(found: dict[tuple[str, str], int], planted: list[str]) -> None:
    """Whatever honest people do around it: the ring keeps to itself, and gives a hundred times as much."""
    ring = {(one, planted[(n + 1) % len(planted)]): 100_000 for n, one in enumerate(planted)}
    asked = gifts(*((giver, receiver, coins) for (giver, receiver), coins in {**found, **ring}.items()))
    assert any(set(planted) <= set(members) for members, _, _ in rings(asked, TERMS))


def test_parties_in_overlapping_groups_are_one_person() -> None:
    assert joined([["bo", "cai"], ["dan", "eve"], ["cai", "ana"]]) == {
        "ana": "ana",
        "bo": "ana",
        "cai": "ana",
        "dan": "dan",
        "eve": "dan",
    }
