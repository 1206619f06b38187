"""Tips that go back: those of an unlawful stream to the viewers, a minor's to whoever paid for them."""

from datetime import date
from uuid import uuid4

import pytest

from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import Tip
from moderation.commands import Freeze
from settlement.returns.selections import SessionTips, ViewerTips
from tests.ledger.asked import price, viewer
from tests.settlement.earning import House, at
from tests.settlement.returns.playing import ALWAYS, assert_sound, balance, planned, returned, tips_of


@pytest.fixture
def house(empty_database: Database) -> House:
    """Mei, and two viewers with 1,000 coins each: ana paid their face value, kim 90.00 for hers."""
    house = House(empty_database)
    house.done(viewer("ana"), viewer("kim"), price("rose", 10))
    house.done(
        TopUp(*at(-60), "ana", 1_000, 10_000, "wechat", "w-1"),
        TopUp(*at(-60), "kim", 1_000, 9_000, "wechat", "w-2"),
    )
    return house


def tip(who: str, roses: int, minutes: int) -> Tip:
    return Tip(*at(minutes, id=uuid4(), actor=f"viewer:{who}"), who, "mei", "room", "rose", roses)


@pytest.mark.rule("LIVE-TIP-2")
def test_tips_of_an_unlawful_stream_go_back_to_their_viewers_settled_or_not(house: House) -> None:
    """广电发〔2020〕78号: tips arrive late, and go back to the user when the streamer acts unlawfully."""
    database = house.database
    first = house.live((0, 60))
    house.done(tip("ana", 10, 10), tip("kim", 5, 20), tip("ana", 1, 90))
    before = balance(database, "wallet", "ana"), balance(database, "wallet", "kim"), house.minors().earnings
    assert before == (890, 950, 0)
    house.settle()
    assert house.minors().earnings == 800
    house.done(tip("kim", 7, 30))
    plan = planned(house.journal, SessionTips("mei", first))
    rows = [
        (row.viewer, row.coins, row.unsettled_coins, row.streamer_minor) for row in tips_of(database, plan)
    ]
    assert rows == [("ana", 100, 0, 500), ("kim", 50, 0, 250), ("kim", 70, 70, 0)]
    returned(house.journal, SessionTips("mei", first))
    after = balance(database, "wallet", "ana"), balance(database, "wallet", "kim"), house.minors()
    assert after == (990, 1_000, (0, 50, 0))
    assert balance(database, "gifts", "mei") == 0
    assert house.platform("gift_revenue") == 50
    assert_sound(database)


@pytest.mark.rule("G5")
def test_a_minors_tips_are_refunded_to_whoever_paid_and_the_streamer_owes_what_was_paid_out(
    house: House,
) -> None:
    """Kim is fourteen. Of mei's earnings 3.00 stand frozen: what is missing is owed, and offset later."""
    database = house.database
    house.done(tip("kim", 10, 10), tip("ana", 1, 20))
    house.settle(date(2026, 10, 31))
    house.done(tip("kim", 20, 60 * 24 * 12))
    assert house.minors().earnings == 550
    house.done(Freeze(*at(60 * 24 * 13, actor="moderator:m1"), "mei", "earnings", 300, "c", "R", None))
    returned(house.journal, ViewerTips("kim", *ALWAYS), "minor")
    assert balance(database, "refunds_payable", "kim") == 2_700
    assert balance(database, "wallet", "kim") == 700
    assert balance(database, "gifts", "mei") == 0
    assert house.minors() == (0, 300, 250)
    assert_sound(database)


@pytest.mark.rule("G5")
def test_a_refund_to_a_minor_may_be_a_part_of_what_was_tipped(house: House) -> None:
    """Where the guardian is at fault too, a court gives back a part: 40 % of 10.00, bought for 9.00."""
    house.done(tip("kim", 10, 10))
    returned(house.journal, ViewerTips("kim", *ALWAYS), "minor", 4_000)
    assert balance(house.database, "refunds_payable", "kim") == 360
    house.settle()
    assert house.minors() == (0, 300, 0)
    assert_sound(house.database)
