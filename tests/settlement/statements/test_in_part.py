"""Receipts taken in parts: withdrawn, cut by what is held, deducted from, reversed. All of it adds up."""

import json
from datetime import date
from uuid import UUID

import pytest

from ledger.database import Database
from ledger.journal.reversals import Reverse
from moderation.commands import Freeze, Lift
from settlement.accruals.commands import Adjust, RecordSale
from settlement.commands import Reward
from settlement.statements.explain import explain
from tests.settlement.earning import House, at, commission, returned, sale
from tests.settlement.returns.playing import assert_sound, balance
from tests.settlement.statements.months import FINANCE, MODERATOR, Stage
from tests.settlement.statements.months import OCTOBER as BEGINNING
from tests.settlement.statements.worked import DAY, settle, stage_on

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31)


def frozen(house: House, amount: int) -> UUID:
    """So much of mei's accruals is set aside."""
    freeze = Freeze(*at(6, actor="moderator:m1"), "mei", "accruals", amount, "case", "R-1")
    house.done(freeze)
    return freeze.id


def lifted(house: House, freeze: UUID) -> None:
    """It is free again."""
    house.done(Lift(*at(7, actor="moderator:m1"), freeze, "case"))


def reversed_by_finance(entry: UUID) -> Reverse:
    """An entry was a mistake."""
    return Reverse(*at(8, actor="finance:f1"), entry, "by mistake")


def deducted(amount: int) -> Adjust:
    """Finance takes something back."""
    return Adjust(*at(9, actor="finance:f1"), "mei", -amount, "counted twice")


def settled(house: House, through: date) -> list[tuple[str, int]]:
    """What a run settles: the lines of its statement, which sum to what moved; each line explained."""
    before = house.minors()
    house.settle(through)
    after = house.minors()
    rows = house.rows(
        "SELECT statement, document FROM settlement.statements JOIN settlement.runs USING (run) "
        "WHERE through = :through AND streamer = 'mei'",
        through=through,
    )
    if not rows:
        assert after == before
        return []
    [(statement, content)] = rows
    document = json.loads(content)
    moved = before.accruals - after.accruals
    assert moved == after.earnings - before.earnings == document["totals"]["credited_minor"]
    assert moved == sum(line["amount_minor"] for line in document["lines"])
    with house.database.app.connect() as connection:
        for number, line in enumerate(document["lines"], start=1):
            found = explain(connection, statement, number)
            assert sum(receipt.amount_minor for receipt in found.receipts) == line["amount_minor"]
            assert all(receipt.amount_minor >= 0 for receipt in found.receipts)
    return [(line["kind"], line["amount_minor"]) for line in document["lines"]]


def test_a_withdrawn_accrual_cut_by_a_hold_is_settled_to_the_fen(house: House) -> None:
    # Of 10.00 were 4.00 withdrawn and 3.00 are held: 3.00 now, and 3.00 when they are free.
    house.done(commission(), sale(), returned(price=4_000))
    freeze = frozen(house, 300)
    assert settled(house, OCTOBER) == [("commerce", 300)]
    lifted(house, freeze)
    assert settled(house, NOVEMBER) == [("commerce", 300)]
    assert house.minors() == (0, 600, 0)
    assert_sound(house.database)


def test_what_is_withdrawn_after_a_cut_comes_out_of_the_rest(house: House) -> None:
    house.done(commission(), sale())
    freeze = frozen(house, 600)
    assert settled(house, OCTOBER) == [("commerce", 400)]
    lifted(house, freeze)
    house.done(returned(price=2_500))
    freeze = frozen(house, 100)
    assert settled(house, NOVEMBER) == [("commerce", 250)]
    lifted(house, freeze)
    house.done(returned(price=500))
    assert settled(house, DECEMBER) == [("commerce", 50)]
    assert house.minors() == (0, 700, 0)
    assert_sound(house.database)


def test_accruals_before_and_after_the_one_that_is_cut_are_taken_once(house: House) -> None:
    # 20.00, then 10.00 less 4.00, then 5.00: the 7.00 that are held cut the second.
    house.done(Reward(*at(1), "mei", "evening", 2_000), commission(), sale(), returned(price=4_000))
    house.done(Reward(*at(6), "mei", "morning", 500))
    freeze = frozen(house, 700)
    assert settled(house, OCTOBER) == [("commerce", 400), ("task", 2_000)]
    lifted(house, freeze)
    house.done(returned(price=1_000))
    assert settled(house, NOVEMBER) == [("commerce", 100), ("task", 500)]
    assert house.minors() == (0, 3_000, 0)
    assert_sound(house.database)


@pytest.mark.parametrize("deduct_first", [True, False])
def test_what_a_deduction_cut_is_withdrawn_and_settled_as_far_as_it_is_left(
    house: House, deduct_first: bool
) -> None:
    house.done(commission(), sale(), sale("O-2", 50_000))
    asked = (deducted(300), returned(price=4_000))
    for one in asked if deduct_first else reversed(asked):
        house.done(one)
    freeze = frozen(house, 5_200)
    assert settled(house, OCTOBER) == [("commerce", 100)]
    lifted(house, freeze)
    house.done(returned(price=1_000), returned("O-2", 10_000))
    assert settled(house, NOVEMBER) == [("commerce", 4_100)]
    assert house.minors() == (0, 4_200, 0)
    assert_sound(house.database)


def test_the_reversal_of_an_accrual_settled_in_part_takes_that_part_of_the_oldest_others(
    house: House,
) -> None:
    first = sale()
    house.done(commission(), first, sale("O-2", 50_000), sale("O-3", 20_000))
    freeze = frozen(house, 7_700)
    assert settled(house, OCTOBER) == [("commerce", 300)]
    lifted(house, freeze)
    # 3.00 of the 10.00 are earnings already: they come out of the next sale's 50.00.
    house.done(reversed_by_finance(first.id))
    freeze = frozen(house, 2_000)
    assert settled(house, NOVEMBER) == [("commerce", 4_700)]
    lifted(house, freeze)
    house.done(returned("O-2", 1_000))
    assert settled(house, DECEMBER) == [("commerce", 2_000)]
    assert house.minors() == (0, 6_900, 0)
    assert_sound(house.database)


def test_a_reversal_in_between_leaves_the_cut_accrual_alone(house: House) -> None:
    other = sale("O-2", 50_000)
    house.done(commission(), sale(), other, returned(price=4_000))
    freeze = frozen(house, 5_300)
    assert settled(house, OCTOBER) == [("commerce", 300)]
    lifted(house, freeze)
    house.done(reversed_by_finance(other.id))
    assert settled(house, NOVEMBER) == [("commerce", 300)]
    assert_sound(house.database)


def test_what_was_withdrawn_of_a_later_accrual_does_not_count_against_an_earlier_period(
    house: House,
) -> None:
    # Of November's 10.00 a deduction takes 3.00, before October's 20.00 are told; 4.00 are withdrawn.
    november = RecordSale(*at(60 * 24 * 20), "O-1", "C-1", "mei", None, 10_000)
    house.done(commission(), november)
    house.done(deducted(300))
    house.done(returned(price=4_000), Reward(*at(1), "mei", "evening", 2_000))
    assert settled(house, OCTOBER) == [("task", 1_700)]
    assert settled(house, NOVEMBER) == [("commerce", 300), ("task", 300)]
    assert house.minors() == (0, 2_300, 0)
    assert_sound(house.database)


def test_the_reversal_of_a_tip_settled_in_part_takes_that_part_of_the_oldest_others(
    empty_database: Database,
) -> None:
    """Of 10, 50 and 20 coins are 3 settled; the first is reversed, and 3 of the second go with it."""
    stage = stage_on(empty_database)
    first, *_ = (stage.tip("mei", BEGINNING + day * DAY, coins) for day, coins in ((1, 10), (2, 50), (3, 20)))
    for period, cutoff, held, left in (("2026-10", 31, 77, 77), ("2026-11-01", 32, 20, 20)):
        freeze = _frozen_gifts(stage, held)
        settle(stage, period, BEGINNING + cutoff * DAY)
        assert balance(stage.database, "gifts", "mei") == left
        assert stage.decide(Lift, MODERATOR, BEGINNING, freeze, "c").refusal is None
        if period == "2026-10":
            assert stage.decide(Reverse, FINANCE, BEGINNING, first, "by mistake").refusal is None
    settle(stage, "2026-11-02", BEGINNING + 33 * DAY)
    assert balance(stage.database, "gifts", "mei") == 0
    assert_sound(stage.database)


def _frozen_gifts(stage: Stage, coins: int) -> UUID:
    freeze = stage.decide(Freeze, MODERATOR, BEGINNING, "mei", "gifts", coins, "c", "r", None)
    assert freeze.refusal is None
    return freeze.id
