"""Trying a policy counts what a measure took, and an appeal gave back, once."""

from collections.abc import Iterator

import pytest

from ledger.database import Database
from ledger.instants import business_day, date_of
from settlement.periods import period
from settlement.policies.document import parse
from settlement.policies.publishing import PublishPolicy
from settlement.policies.trial import Sums, Tried, trial
from tests.moderation.lately import EVENING, head, tip
from tests.settlement.policies.writing import sample_policy
from tests.settlement.received_again.selling import Shop
from tests.settlement.returns.playing import assert_sound

_THE_DAY = date_of(business_day(EVENING)).isoformat()
_HALF, _THIRTY = "share_bps = 5000", "share_bps = 3000"


def opened(database: Database) -> Shop:
    """On the evening bo was given 60 and 40 coins, and earned 5.00; two days after, 30 coins and 7.00."""
    shop = Shop(database)
    shop.court.done(
        PublishPolicy(*head("finance:f1"), sample_policy("v1", "2026-01-01T00:00:00Z")),
        *(tip("ana", "bo", "rose", roses, day=day) for roses, day in ((6, 0), (4, 0), (3, 2))),
    )
    shop.sold("O-1", 500)
    shop.sold("O-2", 700, day=2)
    return shop


@pytest.fixture
def shop(empty_database: Database) -> Shop:
    return opened(empty_database)


@pytest.fixture
def others(server: Database, _migrated: str) -> Iterator[Shop]:
    """The same once more."""
    with server.scratch(copy_of=_migrated) as database:
        yield opened(database)


def tried(shop: Shop, name: str = _THE_DAY) -> list[Tried]:
    policy = parse(sample_policy("tried", None, (_HALF, _THIRTY)))
    with shop.court.database.app.connect() as connection:
        return list(trial(connection, policy, period(name)))


def test_what_was_given_back_counts_once_on_both_sides(shop: Shop) -> None:
    expected = [Tried("bo", Sums(500 + 500, 0, 500), Sums(300 + 500, 0, 700))]
    assert tried(shop) == expected
    # All of it, then some gifts of a day, and again: what is received again is taken again.
    for fen in (None, 1_500, 600):
        decision = shop.punished(fen)
        assert tried(shop) == expected
        shop.overturned(decision)
        assert tried(shop) == expected
    assert shop.court.rows("SELECT count(*) > 3 FROM settlement.received_again") == [(True,)]
    assert_sound(shop.court.database)


def test_goods_that_returned_do_not_count_wherever_their_commission_lay(shop: Shop, others: Shop) -> None:
    shop.overturned(shop.punished(1_000))
    for one in (shop, others):
        one.came_back("O-1", 200)
        one.came_back("O-2", 700)
    found = tried(shop)
    assert found == tried(others)
    assert found[0].now.streamer_minor == 500 + 300
    later = date_of(business_day(EVENING) + 2).isoformat()
    assert tried(shop, later) == tried(others, later)
    assert tried(shop, later)[0].now == Sums(150, 0, 150)
