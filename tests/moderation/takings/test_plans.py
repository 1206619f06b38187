"""What money measures would take: pure, never more than is there or was asked, and always in order."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from moderation.measures.kinds import MeasureKind
from moderation.takings.plans import (
    PENALTY_ORDER,
    damages,
    kept,
    liability_cap,
    netted,
    penalty,
    why_not_owed,
)
from moderation.takings.setting_off import charged, why_counted_twice
from moderation.takings.shown import DIRECT, Head, Loss, Preview, Shown, Taking, fen_of

_MINOR = st.integers(min_value=-50, max_value=5_000)
_AVAILABLE = st.fixed_dictionaries(dict.fromkeys(PENALTY_ORDER, _MINOR))


@given(_AVAILABLE, st.none() | st.integers(min_value=1, max_value=60_000), st.booleans())
def test_a_penalty_takes_at_most_what_is_there_and_never_more_than_was_asked(
    available: dict[str, int], asked: int | None, coins_off: bool
) -> None:
    takings = penalty("bo", available, asked, coins_off=coins_off)
    for taking in takings:
        assert 0 < taking.amount_minor <= available[taking.account]
    if asked is not None:
        assert fen_of(takings) <= asked
    assert not coins_off or not {"gifts", "wallet"} & {taking.account for taking in takings}


@given(_AVAILABLE, st.integers(min_value=1, max_value=60_000))
def test_a_penalty_takes_from_an_account_only_what_those_before_it_do_not_have(
    available: dict[str, int], asked: int
) -> None:
    takings = {taking.account: taking.amount_minor for taking in penalty("bo", available, asked)}
    short = asked - sum(
        amount * (10 if account in ("gifts", "wallet") else 1) for account, amount in takings.items()
    )
    for account in PENALTY_ORDER:
        is_emptied = takings.get(account, 0) == max(0, available[account])
        left_is_less_than_a_coin = short < 10 and account in ("gifts", "wallet")
        later = PENALTY_ORDER[PENALTY_ORDER.index(account) + 1 :]
        assert is_emptied or left_is_less_than_a_coin or not any(one in takings for one in later)
    if short >= 10:
        assert all(takings.get(account, 0) == max(0, available[account]) for account in PENALTY_ORDER)


def test_a_penalty_takes_accruals_then_earnings_then_gifts_then_the_wallet() -> None:
    available = {"accruals": 100, "earnings": 200, "gifts": 30, "wallet": 40}
    takings = penalty("bo", available, 755)
    assert [(taking.account, taking.amount_minor) for taking in takings] == [
        ("accruals", 100),
        ("earnings", 200),
        ("gifts", 30),
        ("wallet", 15),
    ]


def test_another_order_is_the_rule_books_to_say() -> None:
    available = {"earnings": 200, "wallet": 40}
    takings = penalty("bo", available, 500, order=("wallet", "earnings"))
    assert [(taking.account, taking.amount_minor) for taking in takings] == [
        ("wallet", 40),
        ("earnings", 100),
    ]


@given(st.integers(0, 10_000), st.integers(-100, 10_000))
def test_damages_take_the_earnings_that_are_there_and_the_rest_is_owed(owed: int, earnings: int) -> None:
    takings = {taking.account: taking.amount_minor for taking in damages("bo", owed, earnings)}
    assert sum(takings.values()) == owed
    assert takings.get("earnings", 0) == min(owed, max(0, earnings))


@given(st.integers(0, 10_000), st.integers(-100, 10_000))
def test_a_claim_is_what_penalties_do_not_cover_and_never_below_nothing(claimed: int, penalty: int) -> None:
    off = netted(claimed, penalty)
    assert 0 <= off <= claimed
    assert claimed - off == max(0, claimed - max(0, penalty))


@given(st.lists(st.tuples(st.sampled_from(("penalty", "damages")), st.integers(1, 100)), max_size=8))
def test_what_is_taken_of_a_case_is_the_loss_or_the_penalties_whatever_comes_first(
    asked: list[tuple[str, int]],
) -> None:
    in_force: dict[UUID, Preview] = {}
    sums = {"penalty": 0, "damages": 0}
    for n, (kind, fen) in enumerate(asked):
        losses = (Loss(Head.PROPERTY, fen, "x"),) if kind == "damages" else ()
        off = netted(fen, charged(in_force.values())["k", "bo"].covering) if losses else 0
        shown = Shown((Taking("earnings", "bo", fen - off),), losses=losses, netted_minor=off)
        preview = Preview(UUID(int=n), "k", MeasureKind(kind), "bo", shown, "moderator:mo", 0)
        if why_counted_twice([preview], in_force) is None:
            in_force[preview.preview] = preview
            sums[kind] += fen
    assert sum(fen_of(one.shown.takings) for one in in_force.values()) == max(sums.values())


def test_only_direct_losses_are_owed() -> None:
    assert all(why_not_owed([Loss(head, 1, "x")]) is None for head in DIRECT)
    for head in set(Head) - DIRECT:
        refusal = why_not_owed([Loss(Head.TRAVEL, 1, "x"), Loss(head, 1, "x")])
        assert refusal is not None
        assert refusal.code == "indirect_loss"


def test_the_liability_cap_is_what_was_paid_less_what_came_back() -> None:
    assert liability_cap(paid_fen=30_000, refunded_fen=0, compensated_fen=25_000) == 5_000
    assert liability_cap(paid_fen=30_000, refunded_fen=10_000, compensated_fen=25_000) == 0


@given(_AVAILABLE, st.integers(0, 60_000))
def test_what_a_lowered_penalty_keeps_are_the_first_of_what_it_took(
    available: dict[str, int], keep: int
) -> None:
    takings = penalty("bo", available, None)
    stays = kept(takings, keep)
    assert all(0 <= amount <= taking.amount_minor for amount, taking in zip(stays, takings, strict=True))
    again = penalty("bo", {t.account: t.amount_minor for t in takings}, keep) if keep else ()
    assert {t.account: t.amount_minor for t in again} == {
        t.account: amount for t, amount in zip(takings, stays, strict=True) if amount
    }
