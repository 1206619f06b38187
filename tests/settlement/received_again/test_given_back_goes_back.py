"""A tip that a measure took, and an appeal gave back, goes back like one that no measure ever took."""

from uuid import UUID

import pytest
from psycopg.errors import SerializationFailure

from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, business_day, date_of
from ledger.journal.commands import derived_id
from moderation.cases.commands import Imposed
from moderation.cases.due import finish_returns
from settlement.periods import period
from settlement.policies.document import parse
from settlement.policies.trial import trial
from settlement.returns.carrying import ACTOR, begin_returns, finish
from settlement.returns.commands import ReturnTip
from settlement.returns.selections import ViewerTips
from tests.moderation.lately import EVENING
from tests.settlement.policies.writing import sample_policy
from tests.settlement.received_again.tipping import Coins, Going, Room
from tests.settlement.returns.playing import ALWAYS, assert_sound, carried_out, planned

_OUT_OF = "SELECT coins FROM settlement.returned_again ORDER BY entry, received_by"
_TOLD = "SELECT sum(again_coins) FROM settlement.returned_tips"


@pytest.fixture
def room(empty_database: Database) -> Room:
    return Room(empty_database)


@pytest.fixture
def kims(room: Room) -> UUID:
    """Kim tips all coins, a penalty of 50.00 takes 500 of them, and an appeal gives them back."""
    given = room.tipped("kim", 1_000)
    decision = room.punished(500)
    assert room.coins() == Coins(500, 0, 0)
    assert room.left_out(room.planned()) == (0, 1, 0)
    room.overturned(decision)
    assert room.coins() == Coins(1_000, 0, 0)
    return given


def test_what_was_given_back_goes_back_with_what_was_never_taken(room: Room, kims: UUID) -> None:
    before = room.court.balances()
    plan = room.planned()
    assert room.going(plan) == [Going(1_000, 1_000)]
    carried_out(room.court.journal, plan)
    assert room.coins() == Coins(0, 9_000, 0)
    assert room.court.balance("promotion_expense", "platform") == 0
    assert room.court.rows(_OUT_OF) == [(500,)]
    room.settled()
    assert room.coins() == Coins(0, 9_000, 0)
    assert room.earned() == 0
    assert_sound(room.court.database)
    room.restored(plan)
    assert room.court.balances() == before
    room.settled()
    assert (room.coins(), room.earned()) == (Coins(0, 0, 1_000), 5_000)
    assert room.left_out(room.planned()) == (1, 0, 0)
    assert_sound(room.court.database)


def test_what_was_settled_of_both_comes_out_of_the_shares(room: Room, kims: UUID) -> None:
    room.settled()
    before = room.court.balances()
    assert (room.coins(), room.earned()) == (Coins(0, 0, 1_000), 5_000)
    plan = room.planned()
    assert room.going(plan) == [Going(1_000, 0)]
    carried_out(room.court.journal, plan)
    assert (room.coins(), room.earned()) == (Coins(0, 9_000, 0), 0)
    assert room.court.balance("gift_revenue", "platform") == 0
    assert_sound(room.court.database)
    room.restored(plan)
    assert room.court.balances() == before
    room.settled()
    assert room.court.balances() == before
    assert_sound(room.court.database)


def test_what_is_settled_between_plan_and_execution_comes_out_of_the_shares(room: Room, kims: UUID) -> None:
    plan = room.planned()
    room.settled()
    carried_out(room.court.journal, plan)
    assert (room.coins(), room.earned()) == (Coins(0, 9_000, 0), 0)
    assert room.court.rows(_OUT_OF) == []
    assert_sound(room.court.database)


def test_what_was_planned_before_it_was_taken_and_given_back_goes_back_as_it_was_shown(room: Room) -> None:
    room.tipped("kim", 1_000)
    plan = room.planned()
    room.overturned(room.punished(500))
    carried_out(room.court.journal, plan)
    assert room.coins() == Coins(0, 9_000, 0)
    assert room.court.rows(_OUT_OF) == [(500,)]
    assert_sound(room.court.database)


def test_of_several_tips_in_one_receipt_each_goes_back_on_its_own(room: Room) -> None:
    tips = [room.tipped("kim", coins, later=number) for number, coins in enumerate((100, 70, 30, 200))]
    room.overturned(room.punished(250))
    assert room.court.rows("SELECT amount_minor FROM settlement.received_again") == [(250,)]
    assert room.going(room.back(tips[1])) == [Going(70, 70)]
    assert room.coins().gifts == 330
    # Of the last tip 50 coins were taken; of what was received again 100, 30 and these are left.
    freeze = room.held(310)
    room.settled()
    room.free(freeze)
    assert room.coins().redeemed == 20
    plan = room.planned()
    assert room.going(plan) == [Going(100, 80), Going(30, 30), Going(200, 200)]
    carried_out(room.court.journal, plan)
    assert room.coins()[::2] == (0, 0)
    assert room.earned() == 0
    assert room.court.rows(_OUT_OF) == [(70,), (80,), (30,), (50,)]
    assert room.court.rows(_TOLD) == [(230,)]
    assert_sound(room.court.database)


def test_a_part_of_a_tip_goes_back_out_of_its_own_receipt_first(room: Room, kims: UUID) -> None:
    plan = planned(room.court.journal, ViewerTips("kim", *ALWAYS), "minor", 7_000)
    assert room.going(plan) == [Going(700, 700)]
    carried_out(room.court.journal, plan)
    assert room.court.rows(_OUT_OF) == [(200,)]
    room.settled()
    assert room.coins()[::2] == (0, 300)
    assert_sound(room.court.database)


def test_what_was_taken_and_given_back_again_and_again_goes_back_once(room: Room) -> None:
    room.tipped("ana", 40)
    tips = [room.tipped("kim", coins, later=number + 1) for number, coins in enumerate((100, 70, 30))]
    for coins in (120, 60, 240, 10):
        room.overturned(room.punished(coins))
    plan = room.planned()
    assert room.going(plan) == [Going(100, 100), Going(70, 70), Going(30, 30)]
    room.back(tips[0])
    carried_out(room.court.journal, plan)
    assert room.coins().gifts == 40
    room.settled()
    assert room.coins()[::2] == (0, 40)
    assert_sound(room.court.database)


def test_what_a_lowered_penalty_keeps_is_left_out_with_the_rest_of_its_tip(room: Room) -> None:
    for number in range(3):
        room.tipped("kim", 100, later=number)
    room.overturned(room.punished(250), stays=120)
    plan = room.planned()
    assert (room.going(plan), room.left_out(plan)) == ([Going(100, 100)], (0, 2, 0))
    carried_out(room.court.journal, plan)
    assert room.coins().gifts == 80
    room.settled()
    assert_sound(room.court.database)


def test_what_another_measure_holds_of_it_stays(room: Room) -> None:
    for number in range(3):
        room.tipped("kim", 100, later=number)
    room.overturned(room.punished(200))
    # The oldest: what was received again bears the time of the first.
    freeze = room.held(110)
    plan = room.planned()
    assert (room.going(plan), room.left_out(plan)) == ([Going(100, 100)], (0, 0, 2))
    room.free(freeze)
    assert room.left_out(room.planned()) == (0, 0, 0)
    assert_sound(room.court.database)


def test_what_is_forfeited_of_it_does_not_go_back(room: Room, kims: UUID) -> None:
    plan = room.planned()
    room.forfeited(1)
    assert room.left_out(room.planned()) == (0, 1, 0)
    carried_out(room.court.journal, plan)
    assert room.coins() == Coins(999, 0, 0)
    assert room.court.rows("SELECT reason FROM settlement.passed_returns") == [("taken",)]
    assert_sound(room.court.database)


def test_who_was_given_back_between_looking_and_locking_is_looked_at_again(room: Room) -> None:
    tip = room.entry_of(room.tipped("kim", 1_000))
    plan = room.planned()
    decision = room.punished(500)
    journal = room.court.journal
    with journal.engine.begin() as connection:
        begin_returns(connection, plan)
    command = ReturnTip(derived_id(plan, f"return:{tip}"), ACTOR, EVENING, None, plan, tip)
    with journal.engine.begin() as connection:
        looked = journal.open(connection, [command])
        room.overturned(decision)
        with pytest.raises(SerializationFailure):
            journal.decide_opened(connection, looked)
        connection.rollback()
    finish(journal, plan)
    assert room.coins() == Coins(0, 9_000, 0)
    assert_sound(room.court.database)


@pytest.mark.parametrize("is_cut", [False, True])
def test_shares_of_one_receipt_sum_to_what_was_credited_for_it(room: Room, is_cut: bool) -> None:
    """Two runs, the tier ends within the receipt, a guild has its part, and all is held for long."""
    room.under_a_policy()
    tips = [room.tipped("kim", coins, later=number + 1) for number, coins in enumerate((13, 7, 31, 1, 9))]
    room.overturned(room.punished(55))
    freeze = room.held(17) if is_cut else None
    room.settled(flat=False)
    if freeze:
        room.free(freeze)
        room.settled(flat=False)
    for given in (tips[1], tips[4], tips[0]):
        room.back(given)
    assert_sound(room.court.database)
    room.back()
    assert (room.earned(), room.earned("公会"), room.coins().redeemed) == (0, 0, 0)
    assert room.court.balance("debt") == room.court.balance("debt", "公会") == 0
    assert room.court.balance("gift_revenue", "platform") == 0
    assert_sound(room.court.database)


def test_it_goes_back_by_a_decision_too_whatever_else_went_back_meanwhile(room: Room) -> None:
    court = room.court
    room.tipped("ana", 100)
    room.tipped("kim", 30, day=1)
    room.overturned(room.punished(60))
    before = court.balances()
    preview, plan = court.tips_back(court.case("k9"), days=(0, 1))
    kims = room.back()
    decision = court.decide(Imposed("return_tips", "bo", preview=preview), case="k9", day=4)
    assert court.execute(decision, day=12)
    finish(court.journal, plan)
    assert finish_returns(court.journal, EVENING + 13 * MICROSECONDS_PER_DAY) == 1
    assert room.coins().gifts == 0
    assert court.rows(_OUT_OF) == [(60,)]
    room.overturned(decision)
    room.restored(plan)
    room.restored(kims)
    assert court.balances() == before
    assert_sound(court.database)


def test_of_what_is_to_go_back_a_decision_sees_that_something_of_it_was_taken(room: Room) -> None:
    court = room.court
    room.tipped("ana", 100)
    room.tipped("kim", 30, day=1)
    room.overturned(room.punished(60))
    preview, _ = court.tips_back(court.case("k9"), days=(0, 1))
    room.forfeited(1)
    refused = court.refusal(court.deciding(Imposed("return_tips", "bo", preview=preview), case="k9", day=4))
    assert refused is not None
    assert (refused.code, getattr(refused, "reason", None)) == ("preview_stale", "taken")


def test_a_trial_does_not_count_what_went_back_out_of_what_was_received_again(room: Room) -> None:
    room.under_a_policy()
    room.tipped("kim", 30)
    room.tipped("ana", 50, later=1)
    room.overturned(room.punished(60))
    assert _faces_tried(room) == (800, 800)
    room.back()
    assert _faces_tried(room) == (500, 500)


def _faces_tried(room: Room) -> tuple[int, int]:
    """The face value of what is shared on the evening, by the policy there is and by another."""
    policy = parse(sample_policy("tried", None, ("share_bps = 5000", "share_bps = 3000")))
    the_day = period(date_of(business_day(EVENING)).isoformat())
    with room.court.database.app.connect() as connection:
        [tried] = trial(connection, policy, the_day)
    return sum(tried.now), sum(tried.tried)
