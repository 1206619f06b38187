"""Tips go back: out of the gifts, or out of exactly the shares that were credited for them."""

from io import StringIO
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from api.beancount import export
from ledger.chart import AccountRef
from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import Tip
from ledger.instants import business_day, date_of
from ledger.journal.commands import derived_id
from ledger.journal.history import balance_as_of, trial_balance
from ledger.journal.reversals import Reverse
from ledger.kernel.posted import posted_instant
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.returns.carrying import ACTOR, begin_returns
from settlement.returns.commands import ReturnTip
from settlement.returns.selections import ListedTips, SessionTips, StreamerTips, ViewerTips
from settlement.sessions.commands import CloseSession, OpenSession
from tests.settlement.returns.playing import (
    ALWAYS,
    assert_sound,
    balance,
    carried_out,
    last_seq,
    planned,
    returned,
    summary,
    tips_of,
)
from tests.settlement.statements.months import FINANCE, GATEWAY, MODERATOR, OCTOBER, VIEWER, Stage
from tests.settlement.statements.worked import DAY, HOUR, NOVEMBER, settle, stage_on, worked_month

COINS = 1_000_000


@pytest.fixture
def stage(empty_database: Database) -> Stage:
    return stage_on(empty_database)


def test_what_is_not_settled_goes_back_into_the_wallets_and_is_never_settled(stage: Stage) -> None:
    session = stage.decide(OpenSession, GATEWAY, OCTOBER + DAY, "mei", "r1", "职场", ())
    stage.tip("mei", OCTOBER + DAY + 1, 40)
    stage.tip("mei", OCTOBER + DAY + 2, 2)
    stage.decide(CloseSession, GATEWAY, OCTOBER + DAY + HOUR, session.id)
    stage.tip("mei", OCTOBER + DAY + HOUR, 5)
    plan = returned(stage.journal, SessionTips("mei", session.id))
    found = summary(stage.database, plan)
    assert (found.count, found.coins, found.fen, found.streamers) == (2, 42, 420, ("mei",))
    assert balance(stage.database, "gifts", "mei") == 5
    assert balance(stage.database, "wallet", VIEWER) == COINS - 5
    settle(stage, "2026-10")
    assert balance(stage.database, "gifts", "mei") == 0
    assert balance(stage.database, "earnings", "mei") == 25
    assert_sound(stage.database)


def test_when_all_of_a_settled_month_goes_back_nobody_has_earned_a_fen(empty_database: Database) -> None:
    """Two policies, tiers, a guild, quality marks: every share is taken back exactly as it was credited."""
    month = worked_month(empty_database)
    stage = month.stage
    before = balance(empty_database, "earnings", "bo")
    accrued = balance(empty_database, "earnings", "bo") - sum(
        _of_statement(empty_database, month.statement, "gift_share_minor")
    )
    plan = returned(stage.journal, StreamerTips("bo", *ALWAYS))
    found = summary(empty_database, plan)
    assert found.count == 40
    assert found.streamer_minor == before - accrued
    assert found.streamer_minor + found.guild_minor + found.platform_minor == found.fen
    assert balance(empty_database, "earnings", "bo") - balance(empty_database, "debt", "bo") == accrued
    assert balance(empty_database, "earnings", "公会") - balance(empty_database, "debt", "公会") == 0
    assert balance(empty_database, "gift_revenue") == 0
    assert balance(empty_database, "coins_redeemed") == 0
    assert balance(empty_database, "wallet", VIEWER) == COINS
    assert_sound(empty_database)


def test_tips_of_a_settled_month_are_taken_back_one_by_one_exactly_as_they_were_shown(
    empty_database: Database,
) -> None:
    month = worked_month(empty_database)
    stage, session = month.stage, month.sessions[0]
    first = planned(stage.journal, SessionTips("bo", session))
    rows = tips_of(empty_database, first)
    assert [row.coins for row in rows] == [7, 24]
    assert all(row.unsettled_coins == 0 and row.guild == "公会" for row in rows)
    owed = balance(empty_database, "earnings", "bo") - balance(empty_database, "debt", "bo")
    carried_out(stage.journal, first)
    now = balance(empty_database, "earnings", "bo") - balance(empty_database, "debt", "bo")
    assert owed - now == sum(row.streamer_minor for row in rows)
    assert_sound(empty_database)


def test_a_tip_that_was_settled_in_between_comes_out_of_its_shares(stage: Stage) -> None:
    stage.tip("mei", OCTOBER + DAY, 101)
    stage.tip("mei", OCTOBER + 2 * DAY, 7)
    plan = planned(stage.journal, StreamerTips("mei", OCTOBER, OCTOBER + DAY + 1))
    settle(stage, "2026-10")
    carried_out(stage.journal, plan)
    assert balance(stage.database, "wallet", VIEWER) == COINS - 7
    assert balance(stage.database, "earnings", "mei") - balance(stage.database, "debt", "mei") == 38
    assert_sound(stage.database)


def test_what_went_back_out_of_shares_alone_is_left_out_of_a_plan_of_the_streamers_tips(stage: Stage) -> None:
    stage.tip("mei", OCTOBER + DAY, 30)
    settle(stage, "2026-10")
    returned(stage.journal, ViewerTips(VIEWER, *ALWAYS))
    found = summary(stage.database, planned(stage.journal, StreamerTips("mei", *ALWAYS)))
    assert (found.count, found.undone_before) == (0, 1)


def test_a_tip_goes_back_once_however_many_plans_it_is_in(stage: Stage) -> None:
    stage.tip("mei", OCTOBER + DAY, 30)
    plans = [planned(stage.journal, StreamerTips("mei", *ALWAYS)) for _ in range(2)]
    for plan in plans:
        carried_out(stage.journal, plan)
    assert balance(stage.database, "wallet", VIEWER) == COINS
    again = planned(stage.journal, ViewerTips(VIEWER, *ALWAYS), "minor")
    found = summary(stage.database, again)
    assert (found.count, found.undone_before) == (0, 1)
    assert _passed(stage.database) == [(plans[1], "undone")]
    assert_sound(stage.database)


def test_what_went_back_cannot_be_reversed_and_what_was_reversed_does_not_go_back(stage: Stage) -> None:
    tips = [stage.tip("mei", OCTOBER + day * DAY, 10) for day in (1, 2, 3)]
    settle(stage, "2026-10")
    later = stage.tip("mei", NOVEMBER, 10)
    plan = planned(stage.journal, StreamerTips("mei", *ALWAYS))
    assert stage.decide(Reverse, FINANCE, NOVEMBER, later, "by mistake").refusal is None
    carried_out(stage.journal, plan)
    assert _passed(stage.database) == [(plan, "undone")]
    for tip in (*tips, later):
        refused = stage.decide(Reverse, FINANCE, NOVEMBER, tip, "again").refusal
        assert refused is not None
        assert refused.code == "already_reversed"
    assert balance(stage.database, "wallet", VIEWER) == COINS
    assert_sound(stage.database)


@pytest.mark.parametrize("reverse_first", [True, False])
def test_a_tip_is_reversed_or_goes_back_never_both_within_a_batch_too(
    stage: Stage, reverse_first: bool
) -> None:
    # What could go back twice is there: another tip.
    tip, _ = stage.tip("mei", OCTOBER + DAY, 10), stage.tip("mei", OCTOBER + 2 * DAY, 10)
    plan = planned(stage.journal, StreamerTips("mei", OCTOBER, OCTOBER + DAY + 1))
    going_back = _going_back(stage, plan, tip)
    reverse = Reverse(uuid4(), FINANCE, NOVEMBER, NOVEMBER, tip, "by mistake")
    first, second = stage.journal.decide([reverse, going_back] if reverse_first else [going_back, reverse])
    assert first.decided
    assert first.refusal is None
    if reverse_first:
        assert not second.decided
    else:
        assert second.refusal is not None
        assert second.refusal.code == "already_reversed"
    assert balance(stage.database, "wallet", VIEWER) == COINS - 10
    carried_out(stage.journal, plan)
    assert balance(stage.database, "gifts", "mei") == 10
    settle(stage, "2026-10")
    assert_sound(stage.database)


def test_a_tip_of_two_plans_goes_back_once_within_a_batch_too(stage: Stage) -> None:
    tip, _ = stage.tip("mei", OCTOBER + DAY, 10), stage.tip("mei", OCTOBER + 2 * DAY, 10)
    plans = [planned(stage.journal, StreamerTips("mei", OCTOBER, OCTOBER + DAY + 1)) for _ in range(2)]
    asked = [_going_back(stage, plan, tip) for plan in plans]
    assert [outcome.decided for outcome in stage.journal.decide(asked)] == [True, False]
    for plan in plans:
        carried_out(stage.journal, plan)
    assert balance(stage.database, "wallet", VIEWER) == COINS - 10
    assert_sound(stage.database)


def _going_back(stage: Stage, plan: UUID, tip: UUID) -> ReturnTip:
    """What carrying out the plan, which is begun, will ask of a tip."""
    with stage.journal.engine.begin() as connection:
        begin_returns(connection, plan)
        seq = connection.scalar(text("SELECT seq FROM ledger.decisions WHERE id = :tip"), {"tip": tip})
    assert seq is not None
    return ReturnTip(derived_id(plan, f"return:{seq}"), ACTOR, NOVEMBER, None, plan, seq)


def test_what_a_forfeit_took_does_not_go_back(stage: Stage) -> None:
    """A forfeit takes the oldest: 15 of 10, 10 and 10. The second is left out too: a part of it is gone."""
    for day in (1, 2, 3):
        stage.tip("mei", OCTOBER + day * DAY, 10)
    plan = planned(stage.journal, StreamerTips("mei", *ALWAYS))
    freeze = stage.decide(Freeze, MODERATOR, NOVEMBER, "mei", "gifts", 15, "c", "r", None)
    assert stage.decide(Forfeit, MODERATOR, NOVEMBER, freeze.id, None, None, "c", "r").refusal is None
    carried_out(stage.journal, plan)
    assert [reason for _, reason in _passed(stage.database)] == ["taken", "taken"]
    found = summary(stage.database, planned(stage.journal, StreamerTips("mei", *ALWAYS)))
    assert (found.count, found.taken_before, found.undone_before) == (0, 2, 1)
    assert balance(stage.database, "wallet", VIEWER) == COINS - 20
    settle(stage, "2026-10")
    assert balance(stage.database, "gifts", "mei") == 0
    assert_sound(stage.database)


def _forfeit(stage: Stage, coins: int) -> None:
    freeze = stage.decide(Freeze, MODERATOR, NOVEMBER, "mei", "gifts", coins, "c", "r", None)
    assert stage.decide(Forfeit, MODERATOR, NOVEMBER, freeze.id, None, None, "c", "r").refusal is None


def test_a_forfeit_takes_the_oldest_that_has_not_gone_back(stage: Stage) -> None:
    """Of 10, 10 and 10 the first went back: a forfeit of 5 takes of the second, and leaves the third."""
    for day in (1, 2, 3):
        stage.tip("mei", OCTOBER + day * DAY, 10)
    returned(stage.journal, StreamerTips("mei", OCTOBER, OCTOBER + DAY + 1))
    _forfeit(stage, 5)
    found = summary(stage.database, planned(stage.journal, StreamerTips("mei", *ALWAYS)))
    assert (found.count, found.undone_before, found.taken_before) == (1, 1, 1)
    returned(stage.journal, StreamerTips("mei", *ALWAYS))
    assert balance(stage.database, "gifts", "mei") == 5
    settle(stage, "2026-10")
    assert balance(stage.database, "gifts", "mei") == 0
    assert_sound(stage.database)


def test_what_went_back_neither_adds_to_what_is_ready_nor_takes_from_it(stage: Stage) -> None:
    """A forfeit reached into November. Of October's 30, which came late, 15 are ready; 30 more went back."""
    stage.tip("mei", OCTOBER + DAY, 10)
    stage.tip("mei", NOVEMBER + 5 * DAY, 10)
    _forfeit(stage, 15)
    stage.tip("mei", OCTOBER + 3 * DAY, 20)
    stage.tip("mei", OCTOBER + 4 * DAY, 30)
    returned(stage.journal, StreamerTips("mei", OCTOBER + 4 * DAY, NOVEMBER))
    settle(stage, "2026-10")
    assert balance(stage.database, "coins_redeemed") == 15
    settle(stage, "2026-W45", NOVEMBER + 8 * DAY)
    assert balance(stage.database, "gifts", "mei") == 0
    assert_sound(stage.database)


def test_a_settled_tip_that_goes_back_takes_nothing_from_what_is_ready(stage: Stage) -> None:
    stage.tip("mei", OCTOBER + DAY, 10)
    settle(stage, "2026-10")
    stage.tip("mei", NOVEMBER + 5 * DAY, 10)
    _forfeit(stage, 5)
    returned(stage.journal, StreamerTips("mei", OCTOBER, NOVEMBER))
    assert balance(stage.database, "coins_redeemed") == 0
    stage.tip("mei", OCTOBER + 3 * DAY, 20)
    settle(stage, "2026-11-01", NOVEMBER + DAY)
    assert balance(stage.database, "coins_redeemed") == 15
    assert_sound(stage.database)


def test_what_is_held_stays_held(stage: Stage) -> None:
    """It is the oldest, if it is known when it is planned; else what is left when its turn comes."""
    for day in (1, 2, 3):
        stage.tip("mei", OCTOBER + day * DAY, 10)
    before = planned(stage.journal, StreamerTips("mei", *ALWAYS))
    stage.decide(Freeze, MODERATOR, NOVEMBER, "mei", "gifts", 15, "c", "r", None)
    found = summary(stage.database, planned(stage.journal, StreamerTips("mei", *ALWAYS)))
    assert (found.count, found.held_before) == (1, 2)
    carried_out(stage.journal, before)
    assert _passed(stage.database) == [(before, "held"), (before, "held")]
    assert balance(stage.database, "gifts", "mei") == 20
    assert_sound(stage.database)


def test_of_a_viewers_tips_those_that_another_measure_holds_are_left_out(stage: Stage) -> None:
    """15 of mei's 10, 10 and 10 coins are held, from the oldest on; of bo's nothing is."""
    stage.tip("bo", OCTOBER, 10)
    for day in (1, 2, 3):
        stage.tip("mei", OCTOBER + day * DAY, 10)
    stage.decide(Freeze, MODERATOR, NOVEMBER, "mei", "gifts", 15, "c", "r", None)
    plan = planned(stage.journal, ViewerTips(VIEWER, *ALWAYS))
    found = summary(stage.database, plan)
    assert (found.count, found.held_before) == (2, 2)
    carried_out(stage.journal, plan)
    assert _passed(stage.database) == []
    assert (balance(stage.database, "gifts", "mei"), balance(stage.database, "gifts", "bo")) == (20, 0)
    assert_sound(stage.database)


def test_a_tip_of_which_a_part_was_settled_goes_back_out_of_both(stage: Stage) -> None:
    """Of 10 and 10, five are held: the second is settled by half, and the rest of it waits."""
    stage.tip("mei", OCTOBER + DAY, 10)
    stage.tip("mei", OCTOBER + 2 * DAY, 10)
    freeze = stage.decide(Freeze, MODERATOR, NOVEMBER, "mei", "gifts", 5, "c", "r", None)
    settle(stage, "2026-10")
    stage.decide(Lift, MODERATOR, NOVEMBER, freeze.id, "c")
    plan = planned(stage.journal, StreamerTips("mei", OCTOBER + 2 * DAY, NOVEMBER))
    (row,) = tips_of(stage.database, plan)
    assert (row.coins, row.unsettled_coins, row.streamer_minor, row.platform_minor) == (10, 5, 25, 25)


@pytest.fixture
def kims_stage(stage: Stage) -> Stage:
    """Kim bought 105 coins for 10.00 and then 100 for 9.00."""
    stage.decide(Register, GATEWAY, OCTOBER, "kim", ("viewer",))
    stage.decide(TopUp, GATEWAY, OCTOBER, "kim", 105, 1_000, "wechat", str(uuid4()))
    stage.decide(TopUp, GATEWAY, OCTOBER, "kim", 100, 900, "wechat", str(uuid4()))
    return stage


def _kims_tip(stage: Stage, at: int, coins: int, streamer: str = "mei") -> UUID:
    outcome = stage.decide(Tip, "viewer:kim", at, "kim", streamer, "r1", "rose", coins)
    assert outcome.refusal is None
    return outcome.id


def test_a_minors_tips_are_owed_as_they_were_paid_for_and_never_go_into_a_wallet(kims_stage: Stage) -> None:
    stage = kims_stage
    _kims_tip(stage, OCTOBER + DAY, 5)
    _kims_tip(stage, OCTOBER + 2 * DAY, 110)
    settle(stage, "2026-10")
    _kims_tip(stage, NOVEMBER + DAY, 90, "lu")
    plan = returned(stage.journal, ViewerTips("kim", *ALWAYS), "minor")
    found = summary(stage.database, plan)
    assert (found.coins, found.refund_minor, found.promotion_minor) == (205, 1_900, 150)
    assert [row.refund_minor for row in tips_of(stage.database, plan)] == [48, 952 + 90, 810]
    assert balance(stage.database, "refunds_payable", "kim") == 1_900
    assert balance(stage.database, "wallet", "kim") == 0
    assert balance(stage.database, "gifts", "lu") == 0
    assert balance(stage.database, "earnings", "mei") - balance(stage.database, "debt", "mei") == 0
    assert balance(stage.database, "gift_revenue") == 0
    assert_sound(stage.database)


def test_a_part_of_a_minors_tips_goes_back_and_the_rest_is_settled_as_ever(kims_stage: Stage) -> None:
    """A third of 10 and 11: seven coins of 21, spread by running difference."""
    stage = kims_stage
    tips = tuple(_kims_tip(stage, OCTOBER + day * DAY, 9 + day) for day in (1, 2))
    plan = returned(stage.journal, ListedTips("kim", tips), "minor", 3_333)
    assert [row.coins for row in tips_of(stage.database, plan)] == [3, 4]
    assert balance(stage.database, "gifts", "mei") == 14
    settle(stage, "2026-10")
    assert balance(stage.database, "gifts", "mei") == 0
    assert balance(stage.database, "earnings", "mei") == 70
    refused = stage.decide(Reverse, FINANCE, NOVEMBER, tips[0], "all of it").refusal
    assert refused is not None
    assert refused.code == "already_reversed"
    assert_sound(stage.database)


def test_what_was_returned_and_stands_again_is_earned_under_its_own_terms(empty_database: Database) -> None:
    """What was settled is the streamer's to the fen; what was not is settled as of when it was given."""
    month = worked_month(empty_database)
    stage = month.stage
    late = stage.tip("bo", OCTOBER + 20 * DAY, 77)
    assert late
    kinds = [("earnings", "bo"), ("debt", "bo"), ("earnings", "公会"), ("gifts", "bo"), ("wallet", VIEWER)]
    kinds += [
        (kind, "platform") for kind in ("gift_revenue", "coins_redeemed", "coin_liability", "adjustments")
    ]
    before = [balance(empty_database, *account) for account in kinds]
    plan = returned(stage.journal, StreamerTips("bo", *ALWAYS))
    assert before != [balance(empty_database, *account) for account in kinds]
    carried_out(stage.journal, plan, "restore")
    assert before == [balance(empty_database, *account) for account in kinds]
    carried_out(stage.journal, plan, "restore")
    assert before == [balance(empty_database, *account) for account in kinds]
    settle(stage, "2026-11-01", NOVEMBER + DAY)
    assert balance(empty_database, "gifts", "bo") == 0
    # In force then: 40.01 %.
    assert balance(empty_database, "earnings", "bo") + balance(empty_database, "earnings", "公会") == (
        before[0] + before[2] + 308
    )
    assert_sound(empty_database)


def test_what_stands_again_is_there_once_at_every_moment_and_gone_while_it_was_back(stage: Stage) -> None:
    stage.tip("mei", OCTOBER + DAY, 40)
    gifts, wallet = AccountRef("gifts", "mei"), AccountRef("wallet", VIEWER)
    plan = returned(stage.journal, StreamerTips("mei", *ALWAYS))
    with stage.database.app.connect() as connection:
        back = posted_instant(last_seq(connection))
    carried_out(stage.journal, plan, "restore")
    with stage.database.app.connect() as connection:
        again = posted_instant(last_seq(connection))

        def there(instant: int) -> tuple[int, int]:
            return balance_as_of(connection, gifts, instant), balance_as_of(connection, wallet, instant)

        moments = (OCTOBER, OCTOBER + DAY, back, again)
        assert [there(moment) for moment in moments] == [
            (0, COINS),
            (40, COINS - 40),
            (0, COINS),
            (40, COINS - 40),
        ]
        for moment in moments:
            lines = {line.kind: line.balance_minor for line in trial_balance(connection, as_of=moment)}
            assert (lines.get("gifts", 0), lines["wallet"]) == there(moment)
    with stage.database.owner.connect() as connection:
        written = StringIO()
        export(connection, written)
    days = [line[:10] for line in written.getvalue().splitlines() if line.endswith('* "tip_restoration"')]
    assert days == [str(date_of(business_day(again)))]


def test_what_the_viewer_has_spent_the_platform_bears(stage: Stage) -> None:
    stage.tip("mei", OCTOBER + DAY, COINS)
    plan = returned(stage.journal, StreamerTips("mei", *ALWAYS))
    stage.tip("lu", OCTOBER + 2 * DAY, 1)
    carried_out(stage.journal, plan, "restore")
    assert balance(stage.database, "gifts", "mei") == COINS
    assert balance(stage.database, "wallet", VIEWER) == COINS - 1
    assert balance(stage.database, "adjustments") == COINS * 10
    assert_sound(stage.database)


def _of_statement(database: Database, statement: UUID, column: str) -> tuple[int, ...]:
    with database.app.connect() as connection:
        query = text(f"SELECT {column} FROM settlement.statements WHERE statement = :statement")
        return tuple(connection.scalars(query, {"statement": statement}))


def _passed(database: Database) -> list[tuple[UUID, str]]:
    with database.app.connect() as connection:
        rows = connection.execute(text("SELECT plan, reason FROM settlement.passed_returns ORDER BY tip"))
        return [(row.plan, row.reason) for row in rows]
