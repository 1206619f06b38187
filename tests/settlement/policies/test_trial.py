"""Trying a policy on a period: who would gain or lose, worked out by hand, and nothing moved."""

import pytest
from sqlalchemy import text

from api.wiring import desks
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, datetime_of
from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.commands import Reward, SettlePeriod
from settlement.periods import period
from settlement.policies.classes import Classify
from settlement.policies.document import parse
from settlement.policies.publishing import PublishPolicy
from settlement.policies.trial import NothingToCompare, Sums, Tried, trial
from settlement.runs import finish
from tests.ledger.asked import EVENING, head, price, streamer, tip, top_up, viewer
from tests.settlement.policies.writing import sample_policy

_STEP = "tiers = [{ from_coins = 0, share_bps = 5000 }]"
_TWO_STEPS = (
    "tiers = [{ from_coins = 0, below_coins = 150, share_bps = 4000 }, "
    "{ from_coins = 150, share_bps = 7001 }]"
)


@pytest.fixture
def journal(empty_database: Database) -> Journal:
    """October 2026: Bo got 100 coins and 20.00 for a task, Mei 200, Cai 100 with a guild, Sun nothing."""
    journal = Journal(empty_database.app, desks())
    decided(
        journal,
        viewer("ana"),
        *(streamer(name) for name in ("bo", "mei", "cai", "sun")),
        Register(*head(), "g", ("guild",)),
        price("rose", 10),
        top_up("ana", 1_000),
        PublishPolicy(*head("finance:f1"), sample_policy()),
        Classify(*head(day=-1), "cai", "standard", "g"),
        tip("ana", "bo", "rose", 10),
        Reward(*head(), "bo", "evening", 2_000),
        tip("ana", "mei", "rose", 10),
        tip("ana", "mei", "rose", 10, day=1),
        tip("ana", "cai", "rose", 10),
        # Neither in October: on 30 September, and on 1 November.
        tip("ana", "bo", "rose", 1, day=-20),
        tip("ana", "bo", "rose", 1, day=12),
    )
    return journal


def decided(journal: Journal, *commands: Command) -> None:
    assert [outcome.refusal for outcome in journal.decide(commands)] == [None] * len(commands)


def tried(journal: Journal, *changed: tuple[str, str], name: str = "2026-10") -> dict[str, Tried]:
    policy = parse(sample_policy("tried", None, *changed))
    with journal.engine.connect() as connection:
        return {one.streamer: one for one in trial(connection, policy, period(name))}


def test_a_policy_that_says_the_same_changes_nothing_for_anyone(journal: Journal) -> None:
    found = tried(journal)
    # Half of 10.00, and the task; half of 20.00; half of 10.00, of which the guild has 5 % of 10.00.
    assert {one: both.now for one, both in found.items()} == {
        "bo": Sums(500 + 2_000, 0, 500),
        "mei": Sums(1_000, 0, 1_000),
        "cai": Sums(450, 50, 500),
    }
    assert all(both.tried == both.now for both in found.values())


def test_other_shares_are_worked_out_by_tier_over_the_whole_period(journal: Journal) -> None:
    found = tried(journal, (_STEP, _TWO_STEPS))
    # 150 coins at 40 % are 6.00, 50 at 70.01 % are 3.5005: 3.50, rounded once.
    assert found["mei"].tried == Sums(950, 0, 1_050)
    assert found["mei"].gain_minor == -50
    assert found["bo"].gain_minor == -100
    assert found["cai"].tried == Sums(350, 50, 600)


def test_a_kind_that_would_not_pay_is_lost_and_gifts_go_to_the_platform(journal: Journal) -> None:
    off = ("task = { enabled = true }", "task = { enabled = false }")
    assert tried(journal, off)["bo"].gain_minor == -2_000
    no_gifts = tried(journal, ("gift = { enabled = true }", "gift = { enabled = false }"))
    assert no_gifts["mei"].tried == Sums(0, 0, 2_000)
    assert no_gifts["bo"].tried == Sums(2_000, 0, 1_000)


def test_only_what_was_received_within_the_period_is_tried(journal: Journal) -> None:
    # EVENING is the 20th: on the 21st Mei got 100 coins, and nobody else anything.
    assert {one: both.now for one, both in tried(journal, name="2026-10-21").items()} == {
        "mei": Sums(500, 0, 500)
    }
    assert tried(journal, name="2026-08") == {}
    assert set(tried(journal, name="2026-09")) == {"bo"}


def test_what_was_settled_already_is_tried_all_the_same_and_nothing_moves(journal: Journal) -> None:
    before = tried(journal, (_STEP, _TWO_STEPS))
    run = SettlePeriod(*head("finance:f1"), "2026-10")
    decided(journal, run)
    finish(journal, run.id)
    counted = text("SELECT count(*), sum(credits_minor), sum(held_minor) FROM ledger.accounts")
    with journal.engine.connect() as connection:
        standing = connection.execute(counted).one()
        decisions = connection.scalar(text("SELECT count(*) FROM ledger.decisions"))
    assert tried(journal, (_STEP, _TWO_STEPS)) == before
    with journal.engine.connect() as connection:
        assert connection.execute(counted).one() == standing
        assert connection.scalar(text("SELECT count(*) FROM ledger.decisions")) == decisions
        # What was tried as it stands now is what the run settled, to the fen.
        settled = connection.execute(
            text("""SELECT streamer, gift_share_minor, guild_share_minor, platform_share_minor
                    FROM settlement.statements WHERE streamer <> 'bo'""")
        ).all()
    assert {row[0]: Sums(*row[1:]) for row in settled} == {one: before[one].now for one in ("mei", "cai")}


def test_without_a_policy_there_is_nothing_to_compare_with(empty_database: Database) -> None:
    journal = Journal(empty_database.app, desks())
    with pytest.raises(NothingToCompare, match="no policy is published to compare with"):
        tried(journal)


def test_what_came_under_two_versions_is_compared_with_both(empty_database: Database) -> None:
    """50 % until a moment to come, 40 % from then on; tried: 45 % throughout."""
    journal = Journal(empty_database.app, desks())
    # EVENING and 1,000 days is 16 July 2029, 20:00; the second version is in force a microsecond later.
    moment = datetime_of(EVENING + 1_000 * MICROSECONDS_PER_DAY + 1)
    lower = ("share_bps = 5000", "share_bps = 4000")
    decided(
        journal,
        viewer("ana"),
        streamer("bo"),
        price("rose", 10),
        top_up("ana", 1_000),
        PublishPolicy(*head("finance:f1"), sample_policy()),
        PublishPolicy(*head("finance:f1"), sample_policy("later", moment.isoformat(), lower)),
    )
    decided(
        journal,
        tip("ana", "bo", "rose", 10, day=1_000),
        tip("ana", "bo", "rose", 10, day=1_001),
    )
    found = tried(journal, ("share_bps = 5000", "share_bps = 4500"), name="2029-07")["bo"]
    assert (found.now.streamer_minor, found.tried.streamer_minor) == (500 + 400, 900)
