"""What is paid depends on what was received and when, not on how it came in; and parts sum to the whole."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.wiring import desks
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.journal import Journal
from moderation.commands import Freeze, Lift
from settlement.commands import Reward
from settlement.policies.classes import Classify
from settlement.sessions.commands import CloseSession, OpenSession, RecordFact
from settlement.statements.gifts import gifts_of_line
from settlement.statements.pricing import Part, Received, Terms, Tier, priced
from settlement.statements.recompute import recompute
from tests.settlement.statements.months import CHANGE, GATEWAY, MODERATOR, OCTOBER, Stage, moments
from tests.settlement.statements.worked import settle, stage_on

DAY = MICROSECONDS_PER_DAY
NOVEMBER = OCTOBER + 31 * DAY
#: The runs of these tests, in order: each settles what was received before the day after its last.
PERIODS = (("2026-09", OCTOBER), ("2026-10", NOVEMBER), ("2026-11-01", NOVEMBER + DAY))

# Pure pricing


class Priced(NamedTuple):
    """Stretches of gifts in the order of time, and the same cut finer: each stretch into pieces."""

    stretches: list[Received]
    pieces: list[list[Received]]


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """Any terms that a policy can come to: the guild's part lies within the share, whatever the quality."""
    guild_bps = draw(st.sampled_from([0, 1, 333, 500, 10_000]) | st.integers(0, 10_000))
    starts = sorted({0, *draw(st.lists(st.integers(1, 400), max_size=3))})
    shares = [draw(st.integers(guild_bps, 10_000)) for _ in starts]
    quality = draw(st.integers(guild_bps - min(shares), 10_000 - max(shares)))
    tiers = tuple(Tier(start, share) for start, share in zip(starts, shares, strict=True))
    guild = draw(st.sampled_from([None, "公会"]))
    return Terms(draw(st.sampled_from(["v1", "v2"])), "standard", tiers, quality, guild, guild_bps)


@st.composite
def stretches(draw: st.DrawFn) -> Priced:
    """A month of one streamer: terms come and go, in and out of sessions."""
    known = draw(st.lists(terms(), min_size=1, max_size=3))
    whole, cut = [], []
    for _ in range(draw(st.integers(1, 8))):
        coins = draw(st.lists(st.integers(1, 250), min_size=1, max_size=6))
        own = draw(st.sampled_from(known)), draw(st.sampled_from([None, "s1", "s2"])), None
        whole.append(Received(*own, len(coins), sum(coins)))
        cut.append([Received(*own, 1, piece) for piece in coins])
    return Priced(whole, cut)


def amounts(parts: Sequence[Part]) -> tuple[int, int, int, int]:
    """Coins, and the streamer's, the guild's and the platform's fen."""
    return (
        sum(part.coins for part in parts),
        sum(part.streamer_minor for part in parts),
        sum(part.guild_minor for part in parts),
        sum(part.platform_minor for part in parts),
    )


def by_segment(parts: Sequence[Part]) -> dict[Any, tuple[int, int, int, int]]:
    """The same, for each segment in each session."""
    found: dict[Any, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.segment, part.session].append(part)
    return {key: amounts(same) for key, same in found.items()}


def half_up(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2))


@given(month=stretches())
def test_parts_of_every_split_sum_to_the_whole_and_none_is_below_zero(month: Priced) -> None:
    parts = priced(month.stretches)
    assert sum(part.coins for part in parts) == sum(stretch.coins for stretch in month.stretches)
    for part in (*parts, *priced(piece for pieces in month.pieces for piece in pieces)):
        shares = part.streamer_minor, part.guild_minor, part.platform_minor
        assert sum(shares) == 10 * part.coins
        assert min(shares) >= 0, f"{part}"
        if part.segment.guild is None:
            assert part.guild_minor == 0


@given(month=stretches())
def test_a_segment_is_rounded_once_and_the_guild_has_its_part_of_it(month: Priced) -> None:
    """Against fractions: a segment's share of face value, half up, and of that what the guild's is of it."""
    segments: dict[Any, list[Part]] = defaultdict(list)
    for part in priced(month.stretches):
        segments[part.segment].append(part)
    for segment, parts in segments.items():
        coins, streamer, guild, platform = amounts(parts)
        gross = half_up(Fraction(10 * coins * segment.share_bps, 10_000))
        assert streamer + guild == gross
        assert platform == 10 * coins - gross
        if segment.guild and segment.share_bps:
            assert guild == half_up(Fraction(gross * segment.guild_bps, segment.share_bps))


@given(month=stretches())
def test_however_finely_time_is_cut_each_stretch_comes_to_the_same(month: Priced) -> None:
    pieces = [piece for cut in month.pieces for piece in cut]
    assert by_segment(priced(pieces)) == by_segment(priced(month.stretches))


@given(month=stretches(), data=st.data())
def test_pieces_of_one_stretch_come_to_the_same_in_any_order(month: Priced, data: st.DataObject) -> None:
    """Gifts of equal time lie in one stretch: which of them arrived first changes nothing."""
    mixed = [piece for cut in month.pieces for piece in data.draw(st.permutations(cut))]
    assert by_segment(priced(mixed)) == by_segment(priced(month.stretches))


# The same in the books


@pytest.fixture(scope="module")
def template(server: Database, _migrated: str) -> Iterator[str]:
    """Books with the stage set, and a guild that bo and mei are of, to be copied."""
    with server.scratch(copy_of=_migrated) as database:
        stage = stage_on(database)
        classified = stage.decide(Classify, GATEWAY, OCTOBER - DAY, "mei", "standard", "公会")
        assert classified.refusal is None
        database.dispose()
        yield database.name


def statements_of(database: Database, streamer: str) -> list[Any]:
    """A streamer's statements, in order: id, entry, run's period and document."""
    asked = text("""
        SELECT s.statement, s.entry, r.period, s.document FROM settlement.statements AS s
        JOIN settlement.runs AS r USING (run) WHERE s.streamer = :streamer ORDER BY s.entry
    """)
    with database.app.connect() as connection:
        return list(connection.execute(asked, {"streamer": streamer}))


def paid(document: bytes) -> Any:
    """What a statement pays for what, and when it is free; not how many gifts a hold happened to cut."""
    found = json.loads(document)
    lines = [
        {key: value for key, value in line.items() if key not in ("gifts", "session")}
        | {"in_session": line["session"] is not None}
        for line in found["lines"]
    ]
    holds = [(hold["available_on"], hold["amount_minor"]) for hold in found["holds"]]
    return lines, holds, found["totals"], found["not_settled"], found["opening"], found["closing"]


_FEW_MOMENTS = st.sampled_from([OCTOBER + 1, OCTOBER + 2 * DAY, CHANGE - 1, CHANGE, NOVEMBER - 1])


@settings(max_examples=20, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    gifts=st.lists(st.tuples(_FEW_MOMENTS, st.integers(1, 60)), min_size=1, max_size=8),
    held=st.integers(0, 90),
    in_session=st.booleans(),
    data=st.data(),
)
def test_the_order_in_which_the_same_gifts_arrive_does_not_change_what_is_paid(
    server: Database,
    template: str,
    gifts: list[tuple[int, int]],
    held: int,
    in_session: bool,
    data: st.DataObject,
) -> None:
    """Bo and mei receive the same at the same moments, in another order, and are paid the same twice."""
    arrivals = {"bo": gifts, "mei": data.draw(st.permutations(gifts))}
    with server.scratch(copy_of=template) as database:
        stage = Stage(database, Journal(database.app, desks()))
        freezes: list[UUID] = []
        for streamer, received in arrivals.items():
            if in_session:
                live = stage.decide(OpenSession, GATEWAY, OCTOBER + 2, streamer, "r1", "职场", ())
                stage.decide(RecordFact, GATEWAY, OCTOBER + 3, live.id, "quality_bps", 77)
                stage.decide(CloseSession, GATEWAY, CHANGE, live.id)
            for at, coins in received:
                stage.tip(streamer, at, coins)
            if held:
                placed = stage.decide(Freeze, MODERATOR, NOVEMBER, streamer, "gifts", held, "c", "r", None)
                freezes += [placed.id] if placed.refusal is None else []
        settle(stage, "2026-10")
        for freeze in freezes:
            assert stage.decide(Lift, MODERATOR, NOVEMBER, freeze, "c").refusal is None
        settle(stage, "2026-11-01", NOVEMBER + DAY)
        bo, mei = ([paid(row.document) for row in statements_of(database, name)] for name in arrivals)
        assert bo == mei
        assert sum(totals["platform_minor"] + totals["gross_minor"] for _, _, totals, *_ in bo) == sum(
            10 * coins for _, coins in gifts
        )


Arrivals = list[tuple[str, int, int]]


def arrivals() -> st.SearchStrategy[Arrivals]:
    """What arrives between two runs, dated anywhere: gifts, rewards, and freezes that come and go."""
    kinds = st.sampled_from(["gift", "gift", "gift", "reward", "freeze", "lift"])
    return st.lists(st.tuples(kinds, moments(), st.integers(1, 70)), max_size=7)


@settings(max_examples=20, phases=(Phase.generate,), deadline=None, suppress_health_check=list(HealthCheck))
@given(before_each_run=st.tuples(arrivals(), arrivals(), arrivals()))
def test_a_late_fact_is_settled_exactly_once_by_the_first_run_that_can(
    server: Database, template: str, before_each_run: tuple[Arrivals, Arrivals, Arrivals]
) -> None:
    """The first that is carried out after it arrived, ends after it happened, and finds the gifts free."""
    with server.scratch(copy_of=template) as database:
        stage = Stage(database, Journal(database.app, desks()))
        waiting: dict[UUID, tuple[int, int]] = {}
        rewards: list[tuple[int, int]] = []
        freezes: list[UUID] = []
        expected: dict[UUID, dict[str, int]] = {}
        accrued: dict[str, int] = {}
        for (period, cutoff), arriving in zip(PERIODS, before_each_run, strict=True):
            for kind, at, amount in arriving:
                if kind == "gift":
                    waiting[stage.tip("bo", at, amount)] = at, amount
                elif kind == "reward":
                    assert stage.decide(Reward, GATEWAY, at, "bo", "t", amount).refusal is None
                    rewards.append((at, amount))
                elif kind == "freeze":
                    placed = stage.decide(Freeze, MODERATOR, at, "bo", "gifts", None, "c", "r", None)
                    freezes.append(placed.id)
                elif freezes:
                    assert stage.decide(Lift, MODERATOR, at, freezes.pop(), "c").refusal is None
            settle(stage, period, cutoff)
            if not freezes:
                ready = [tip for tip, (at, _) in waiting.items() if at < cutoff]
                expected |= {tip: {period: waiting.pop(tip)[1]} for tip in ready}
            accrued[period] = sum(amount for at, amount in rewards if at < cutoff)
            rewards = [(at, amount) for at, amount in rewards if at >= cutoff]
        assert settled_gifts(database, "bo") == expected
        found = {row.period: json.loads(row.document) for row in statements_of(database, "bo")}
        for period, amount in accrued.items():
            lines = found[period]["lines"] if period in found else []
            assert sum(line["amount_minor"] for line in lines if line["kind"] == "task") == amount
        with database.app.connect() as connection:
            for row in statements_of(database, "bo"):
                assert recompute(connection, row.statement) == row.document, "recomputed otherwise"


def settled_gifts(database: Database, streamer: str) -> dict[UUID, dict[str, int]]:
    """Of each tip, how many coins the run of which period settled; nobody gets less than nothing of it."""
    found: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    with database.app.connect() as connection:
        for row in statements_of(database, streamer):
            lines = [line for line in json.loads(row.document)["lines"] if line["kind"] == "gift"]
            for number, line in enumerate(lines):
                assert line["guild_minor"] >= 0
                for gift in gifts_of_line(connection, row.statement, number):
                    assert min(gift.streamer_minor, gift.guild_minor, gift.platform_minor) >= 0
                    found[gift.entry][row.period] += gift.coins
    return found
