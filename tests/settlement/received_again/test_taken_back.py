"""An accrual that a measure took and an appeal gave back is taken back like one that no measure ever took."""

import pytest

from ledger.database import Database
from ledger.journal.reversals import Reverse
from moderation.commands import Freeze, Lift
from settlement.accruals.commands import Adjust, ReturnGoods
from tests.moderation.lately import head
from tests.settlement.received_again.selling import Minors, Shop
from tests.settlement.returns.playing import assert_sound


@pytest.fixture
def shop(empty_database: Database) -> Shop:
    return Shop(empty_database)


def test_goods_that_return_come_out_of_what_was_received_again(shop: Shop) -> None:
    shop.sold("O-1", 500)
    shop.sold("O-2", 700, day=1)
    shop.overturned(shop.punished())
    assert shop.minors() == Minors(1_200, 0, 0, 1_200)
    shop.came_back("O-1", 500)
    assert shop.minors() == Minors(700, 0, 0, 700)
    assert shop.withdrawn() == [(500, 0, 0)]
    shop.settled()
    assert shop.minors() == Minors(0, 700, 0, 700)
    assert_sound(shop.court.database)


def test_a_part_of_it_returns_first_and_the_rest_once_it_was_settled(shop: Shop) -> None:
    shop.sold("O-1", 500)
    shop.overturned(shop.punished(400))
    # 1.00 of it lies where it came in, 4.00 were received again.
    shop.came_back("O-1", 300)
    assert shop.minors() == Minors(200, 0, 0, 200)
    assert shop.settled() == {"O-1": 200}
    assert shop.minors() == Minors(0, 200, 0, 200)
    shop.came_back("O-1", 200)
    assert shop.minors() == Minors(0, 0, 0, 0)
    assert shop.withdrawn() == [(300, 0, 0), (0, 200, 0)]
    assert_sound(shop.court.database)


def test_what_a_lowered_penalty_kept_is_owed(shop: Shop) -> None:
    shop.sold("O-1", 500)
    shop.overturned(shop.punished(), stays=300)
    assert shop.minors() == Minors(200, 0, 0, 500)
    shop.came_back("O-1", 500)
    assert shop.minors() == Minors(0, 0, 300, 0)
    assert shop.withdrawn() == [(200, 0, 300)]
    assert_sound(shop.court.database)


def test_what_was_taken_and_given_back_again_and_again_is_taken_back_once(shop: Shop) -> None:
    shop.sold("O-1", 500)
    shop.sold("O-2", 700, day=1)
    for fen in (450, 300, 900):
        shop.overturned(shop.punished(fen))
    assert shop.minors() == Minors(1_200, 0, 0, 1_200)
    shop.came_back("O-1", 120)
    shop.came_back("O-1", 380)
    assert shop.withdrawn() == [(120, 0, 0), (380, 0, 0)]
    assert shop.minors() == Minors(700, 0, 0, 700)
    # Nothing of another sale went: what returns of it is all there.
    shop.came_back("O-2", 700)
    assert shop.minors() == Minors(0, 0, 0, 0)
    assert_sound(shop.court.database)


def test_what_a_run_took_in_part_is_taken_back_from_both(shop: Shop) -> None:
    shop.sold("O-1", 500)
    shop.overturned(shop.punished())
    freeze = Freeze(*head("moderator:mo"), "bo", "accruals", 350, "c", "R-1")
    shop.court.done(freeze)
    shop.settled()
    shop.court.done(Lift(*head("moderator:mo"), freeze.id, "c"))
    assert shop.minors() == Minors(350, 150, 0, 500)
    shop.came_back("O-1", 500)
    assert shop.minors() == Minors(0, 0, 0, 0)
    assert shop.withdrawn() == [(350, 150, 0)]
    assert_sound(shop.court.database)


def test_a_sale_that_finance_reversed_is_not_taken_back_again(shop: Shop) -> None:
    sale = shop.sold("O-1", 500)
    shop.sold("O-2", 700, day=1)
    shop.overturned(shop.punished(500))
    shop.court.done(Reverse(*head("finance:f1", day=13), sale, "by mistake"))
    assert shop.minors() == Minors(700, 0, 0, 700)
    shop.came_back("O-1", 500)
    assert shop.minors() == Minors(700, 0, 0, 700)
    assert shop.withdrawn() == []
    shop.settled()
    assert_sound(shop.court.database)


@pytest.mark.parametrize("in_one_batch", [False, True])
def test_a_deduction_takes_the_oldest_of_what_a_return_left(shop: Shop, in_one_batch: bool) -> None:
    shop.sold("O-1", 500)
    shop.sold("O-2", 700, day=1)
    shop.overturned(shop.punished(500))
    commands = (
        ReturnGoods(*head(day=20), "O-1", 2_000),
        Adjust(*head("finance:f1", day=20), "bo", -250, "counted twice"),
        ReturnGoods(*head(day=20), "O-1", 3_000),
        ReturnGoods(*head(day=20), "O-2", 7_000),
    )
    if in_one_batch:
        shop.court.done(*commands)
    else:
        for command in commands:
            shop.court.done(command)
    # Of 5.00, 2.00 return and 2.50 are deducted: 0.50 are left of it, and 2.50 are owed.
    assert shop.withdrawn() == [(200, 0, 0), (50, 0, 250), (700, 0, 0)]
    assert shop.minors() == Minors(0, 0, 250, 0)
    assert_sound(shop.court.database)
