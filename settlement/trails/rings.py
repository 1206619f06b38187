"""Rings: people whose tips to each other come back to where they came from. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from settlement.trails.terms import TrailTerms


class Gift(NamedTuple):
    """What one person gave another in a period: coins, in so many tips.

    ``given`` and ``received`` are all the giver gave to anyone, and all the receiver had from anyone.
    """

    giver: str
    receiver: str
    coins: int
    tips: int
    given: int
    received: int


class Ring(NamedTuple):
    """Its members in order, and what they gave each other."""

    members: tuple[str, ...]
    coins: int
    tips: int


def rings(gifts: Iterable[Gift], terms: TrailTerms) -> list[Ring]:
    """Groups in which everybody can be reached from everybody along tips, the largest amount first.

    Each member gives most of what it gives, and has a good part of what it has, within the group: streamers
    who tip a friend out of what an audience gave them are no ring.
    """
    heavy = [gift for gift in gifts if gift.giver != gift.receiver and gift.coins >= terms.least_coins]
    found, left = [], [heavy]
    while left:
        for group in _circles(left.pop()):
            members = _members(group, terms)
            if len(members) == len({gift.giver for gift in group}):
                tips = sum(gift.tips for gift in group)
                found.append(Ring(tuple(sorted(members)), sum(gift.coins for gift in group), tips))
            else:
                left.append([gift for gift in group if gift.giver in members and gift.receiver in members])
    return sorted(found, key=lambda ring: (-ring.coins, ring.members))


def _members(group: Collection[Gift], terms: TrailTerms) -> set[str]:
    """Those of a circle who live by it."""
    out: dict[str, int] = defaultdict(int)
    back: dict[str, int] = defaultdict(int)
    for gift in group:
        out[gift.giver] += gift.coins
        back[gift.receiver] += gift.coins
    givers = {gift.giver for gift in group if out[gift.giver] * 10_000 >= gift.given * terms.given_bps}
    return {
        gift.receiver
        for gift in group
        if gift.receiver in givers and back[gift.receiver] * 10_000 >= gift.received * terms.received_bps
    }


def _circles(gifts: Sequence[Gift]) -> Iterator[list[Gift]]:
    """The gifts within each strongly connected group of two or more people."""
    receivers: dict[str, list[str]] = defaultdict(list)
    for gift in gifts:
        receivers[gift.giver].append(gift.receiver)
    group_of = _groups(receivers)
    within: dict[int, list[Gift]] = defaultdict(list)
    for gift in gifts:
        if group_of[gift.giver] == group_of[gift.receiver]:
            within[group_of[gift.giver]].append(gift)
    yield from within.values()


def _groups(receivers: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Tarjan's strongly connected components, without recursion: each person's group by a number."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    group: dict[str, int] = {}
    path: list[str] = []
    for start in list(receivers):
        if start in number:
            continue
        number[start] = lowest[start] = len(number)
        path.append(start)
        open_people = [(start, iter(receivers[start]))]
        while open_people:
            person, rest = open_people[-1]
            for receiver in rest:
                if receiver not in number:
                    number[receiver] = lowest[receiver] = len(number)
                    path.append(receiver)
                    open_people.append((receiver, iter(receivers.get(receiver, ()))))
                    break
                if receiver not in group:
                    lowest[person] = min(lowest[person], number[receiver])
            else:
                open_people.pop()
                if open_people:
                    above = open_people[-1][0]
                    lowest[above] = min(lowest[above], lowest[person])
                if lowest[person] == number[person]:
                    member = ""
                    while member != person:
                        member = path.pop()
                        group[member] = number[person]
    return group
