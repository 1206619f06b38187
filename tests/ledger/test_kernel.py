"""The kernel by example: each refusal, what comes before it, and that nothing moved."""

from collections.abc import Mapping
from copy import deepcopy
from uuid import UUID

import pytest

from ledger.chart import CHART, AccountRef, platform_account
from ledger.kernel.accounts import Account, SpendingWindow
from ledger.kernel.books import Books, UnbackedEntry, apply
from ledger.kernel.entries import (
    Act,
    Bar,
    Capture,
    Entry,
    Expire,
    Hold,
    Limits,
    Open,
    Release,
    Spending,
    Transfer,
)
from ledger.kernel.posted import SEQS_PER_MICROSECOND, Posted, last_seq_at, posted_instant
from ledger.kernel.refusals import (
    REFUSALS,
    AccountFrozen,
    AccountNotFound,
    ExceedsHold,
    HoldAlreadyCaptured,
    HoldAlreadyReleased,
    HoldExpired,
    InsufficientFunds,
    LimitExceeded,
    NotPermitted,
    Refusal,
)

NOW = 1_792_000_000_000_000
WALLET, OTHER, GIFTS = AccountRef("wallet", "ana"), AccountRef("wallet", "ben"), AccountRef("gifts", "bo")
ACCRUALS, EARNINGS = AccountRef("accruals", "bo"), AccountRef("earnings", "bo")
LIABILITY, PENALTY = platform_account("coin_liability"), platform_account("penalty_income")
ISSUED, FORFEITED = platform_account("coins_issued"), platform_account("coins_forfeited")
NOBODY = AccountRef("wallet", "nobody")
HOLD, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
def books() -> Books:
    """Ana has 100 coins, Bo 40 and 9.00 yuan accrued."""
    credits: Mapping[AccountRef, int] = {WALLET: 100, GIFTS: 40, ACCRUALS: 900, LIABILITY: 1_400}
    refs = (WALLET, OTHER, GIFTS, ACCRUALS, EARNINGS, LIABILITY, PENALTY, ISSUED, FORFEITED)
    accounts = {
        ref: Account(number, ref, CHART[ref.kind], credits_minor=credits.get(ref, 0))
        for number, ref in enumerate(refs, start=1)
    }
    return Books(accounts, {}, now=NOW, account_ids=iter(range(50, 60)))


def post(books: Books, *acts: Act, kind: str = "tip", spending: Spending | None = None) -> Posted | Refusal:
    return books.post(Entry(kind, "a test", acts, spending), NOW)


def refused(books: Books, *acts: Act, kind: str = "tip", spending: Spending | None = None) -> Refusal:
    """The refusal of an entry, which has to leave no trace."""
    before = deepcopy((books.accounts, books.holds, books.transfers, books.hold_rows, books.account_rows))
    result = post(books, *acts, kind=kind, spending=spending)
    assert isinstance(result, Refusal), f"posted: {result}"
    assert before == (books.accounts, books.holds, books.transfers, books.hold_rows, books.account_rows)
    return result


def tip(coins: int) -> Transfer:
    return Transfer(WALLET, GIFTS, coins)


def forfeit(coins: int, hold: UUID = HOLD) -> tuple[Act, ...]:
    return Capture(hold, ((FORFEITED, coins),)), Transfer(LIABILITY, PENALTY, 10 * coins)


def available(books: Books, ref: AccountRef) -> int:
    return books.accounts[ref].available_minor


# The refusals, in their order.


def test_an_unknown_account_is_refused_on_either_side(books: Books) -> None:
    assert refused(books, Transfer(NOBODY, GIFTS, 1)) == AccountNotFound("wallet", "nobody")
    assert refused(books, Transfer(WALLET, AccountRef("gifts", "nobody"), 1)) == AccountNotFound(
        "gifts", "nobody"
    )
    assert refused(books, Hold(HOLD, NOBODY, 1), kind="freeze") == AccountNotFound("wallet", "nobody")
    assert refused(books, Bar(NOBODY, "outgoing", NOW), kind="bar") == AccountNotFound("wallet", "nobody")


@pytest.mark.parametrize(
    ("ends", "refusal"),
    [
        ((Release(HOLD),), HoldAlreadyReleased),
        ((Capture(HOLD, ((OTHER, 1),)),), HoldAlreadyCaptured),
    ],
)
def test_a_hold_ends_once(books: Books, ends: tuple[Act, ...], refusal: type[Refusal]) -> None:
    post(books, Hold(HOLD, WALLET, 30), kind="freeze")
    post(books, *ends, kind="lift")
    assert available(books, WALLET) + available(books, OTHER) == 100
    for again in (Release(HOLD), Expire(HOLD), Capture(HOLD, ((OTHER, 1),))):
        assert isinstance(refused(books, again, kind="lift"), refusal)


def test_an_overdue_hold_can_only_expire(books: Books) -> None:
    post(books, Hold(HOLD, WALLET, 30, expires_at=NOW), kind="freeze")
    assert available(books, WALLET) == 70, "it holds until its expiry is posted"
    assert refused(books, Release(HOLD), kind="lift") == HoldExpired(str(HOLD))
    assert refused(books, *forfeit(30), kind="forfeit") == HoldExpired(str(HOLD))
    assert isinstance(post(books, Expire(HOLD), kind="expiry"), Posted)
    assert available(books, WALLET) == 100
    assert refused(books, Expire(HOLD), kind="expiry") == HoldExpired(str(HOLD))


def test_a_bar_stops_tips_on_both_sides_until_its_time_and_no_forfeit(books: Books) -> None:
    post(books, Bar(WALLET, "outgoing", NOW + 1), kind="bar")
    assert refused(books, tip(1)) == NotPermitted("wallet", "ana", until=NOW + 1)
    post(books, Bar(WALLET, "outgoing", NOW), kind="bar")
    post(books, Bar(GIFTS, "incoming", NOW + 5), kind="bar")
    assert refused(books, tip(1)) == NotPermitted("gifts", "bo", until=NOW + 5)
    assert isinstance(post(books, tip(1), kind="reversal"), Posted)
    assert isinstance(post(books, Transfer(GIFTS, WALLET, 1)), Posted), "an incoming bar lets out"


def test_a_bar_comes_before_a_freeze_and_both_before_limits_and_funds(books: Books) -> None:
    post(books, Hold(HOLD, WALLET, None), kind="freeze")
    spending = Spending(WALLET, 101, 20_000, Limits(per_tip=1))
    assert refused(books, tip(101), spending=spending) == AccountFrozen("wallet", "ana")
    post(books, Bar(GIFTS, "incoming", NOW + 1), kind="bar")
    assert isinstance(refused(books, tip(101), spending=spending), NotPermitted)


def test_a_frozen_account_receives_and_is_forfeited_but_does_not_spend(books: Books) -> None:
    post(books, Hold(HOLD, GIFTS, None), kind="freeze")
    assert isinstance(post(books, tip(10)), Posted)
    assert refused(books, Transfer(GIFTS, WALLET, 1), kind="settlement") == AccountFrozen("gifts", "bo")
    assert isinstance(post(books, *forfeit(50), kind="forfeit"), Posted)
    assert (available(books, GIFTS), books.accounts[GIFTS].is_frozen) == (0, False)


def test_freezes_stack(books: Books) -> None:
    post(books, Hold(HOLD, WALLET, None), Hold(SECOND, WALLET, None), kind="freeze")
    post(books, Release(HOLD), kind="lift")
    assert isinstance(refused(books, tip(1)), AccountFrozen)
    post(books, Release(SECOND), kind="lift")
    assert isinstance(post(books, tip(1)), Posted)


def test_a_capture_takes_at_most_what_is_held_and_frees_the_rest(books: Books) -> None:
    post(books, Hold(HOLD, WALLET, 30), kind="freeze")
    assert refused(books, *forfeit(31), kind="forfeit") == ExceedsHold("ZLB", held_minor=30, asked_minor=31)
    assert isinstance(post(books, *forfeit(12), kind="forfeit"), Posted)
    assert (available(books, WALLET), books.accounts[WALLET].held_minor) == (88, 0)


def test_a_missing_taker_is_named_before_the_hold_that_has_ended(books: Books) -> None:
    post(books, Hold(HOLD, WALLET, 30), kind="freeze")
    post(books, Release(HOLD), kind="lift")
    asked = Capture(HOLD, ((OTHER, 99), (NOBODY, 1)))
    assert refused(books, asked, kind="forfeit") == AccountNotFound("wallet", "nobody")


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        (Limits(per_tip=19), LimitExceeded("per_tip", cap=19, used=0, asked=20)),
        (Limits(per_day=49), LimitExceeded("per_day", cap=49, used=30, asked=20)),
        (Limits(tips_per_day=2), LimitExceeded("tips_per_day", cap=2, used=2, asked=1)),
        (Limits(per_month=69), LimitExceeded("per_month", cap=69, used=50, asked=20)),
        (Limits(tips_per_month=3), LimitExceeded("tips_per_month", cap=3, used=3, asked=1)),
        (Limits(20, 50, 70, 3, 4), None),
    ],
)
def test_exactly_at_a_limit_passes_and_one_more_does_not(
    books: Books, limits: Limits, refusal: Refusal | None
) -> None:
    books.accounts[WALLET].window = SpendingWindow(20_000, 30, 2, 50, 3)
    spending = Spending(WALLET, 20, 20_000, limits)
    if refusal is None:
        assert isinstance(post(books, tip(20), spending=spending), Posted)
        assert books.accounts[WALLET].spent_on(20_000) == (50, 3)
    else:
        assert refused(books, tip(20), spending=spending) == refusal


def test_a_limit_comes_before_funds_and_a_refused_tip_counts_nothing(books: Books) -> None:
    spending = Spending(WALLET, 101, 20_000, Limits(per_day=100))
    assert isinstance(refused(books, tip(101), spending=spending), LimitExceeded)
    without = Spending(WALLET, 101, 20_000, Limits())
    expected = InsufficientFunds("wallet", "ana", "ZLB", available_minor=100, asked_minor=101)
    assert refused(books, tip(101), spending=without) == expected
    assert books.accounts[WALLET].spent_on(20_000) == (0, 0)


def test_what_is_held_cannot_be_spent_nor_held_again(books: Books) -> None:
    post(books, Hold(HOLD, WALLET, 30), kind="freeze")
    assert refused(books, tip(71)) == InsufficientFunds("wallet", "ana", "ZLB", 70, 71)
    assert refused(books, Hold(SECOND, WALLET, 71), kind="freeze") == InsufficientFunds(
        "wallet", "ana", "ZLB", 70, 71
    )
    assert isinstance(post(books, tip(70)), Posted)


def test_an_account_of_the_debit_side_falls_by_a_credit_and_has_no_floor(books: Books) -> None:
    assert isinstance(post(books, Transfer(WALLET, ISSUED, 100), Transfer(LIABILITY, PENALTY, 1_000)), Posted)
    assert books.accounts[ISSUED].posted_minor == -100


# Entries of several acts.


def test_an_entry_happens_as_a_whole_or_not_at_all(books: Books) -> None:
    acts = (tip(60), Hold(HOLD, WALLET, 30), Hold(SECOND, GIFTS, None), Transfer(GIFTS, WALLET, 10), tip(21))
    assert refused(books, *acts, kind="moved") == InsufficientFunds("wallet", "ana", "ZLB", 20, 21)


def test_a_refused_entry_leaves_the_holds_it_ended_open(books: Books) -> None:
    post(books, Hold(HOLD, WALLET, 30), kind="freeze")
    post(books, Hold(SECOND, WALLET, None), kind="freeze")
    refused(books, Release(SECOND), *forfeit(30), tip(71), kind="forfeit")
    assert books.end_of(HOLD) is None
    assert books.end_of(SECOND) is None


def test_each_act_sees_the_ones_before_it(books: Books) -> None:
    acts = (Transfer(GIFTS, WALLET, 40), tip(140), Hold(HOLD, GIFTS, 140), Capture(HOLD, ((WALLET, 140),)))
    result = post(books, *acts, kind="moved")
    assert isinstance(result, Posted)
    assert [row.debit_balance_minor for row in result.transfers] == [0, 0, 0]
    assert available(books, WALLET) == 140


def test_the_first_refusal_of_the_order_wins_whatever_the_order_of_acts(books: Books) -> None:
    post(books, Hold(HOLD, WALLET, 30), kind="freeze")
    exceeding, missing = Capture(HOLD, ((OTHER, 31),)), Transfer(WALLET, AccountRef("gifts", "nobody"), 1)
    for acts in ((exceeding, missing), (missing, exceeding)):
        assert isinstance(refused(books, *acts, kind="moved"), AccountNotFound)


def test_a_hold_placed_and_ended_in_one_entry_cannot_end_there_twice(books: Books) -> None:
    acts = (Hold(HOLD, WALLET, 30), Release(HOLD), Release(HOLD))
    assert isinstance(refused(books, *acts, kind="moved"), HoldAlreadyReleased)


def test_an_account_can_be_opened_and_used_in_one_batch(books: Books) -> None:
    assert isinstance(post(books, Open(NOBODY), Hold(HOLD, NOBODY, None), kind="register"), Posted)
    assert books.accounts[NOBODY].id == 50
    assert isinstance(post(books, Transfer(GIFTS, NOBODY, 5), kind="reversal"), Posted)
    assert isinstance(refused(books, Transfer(NOBODY, GIFTS, 5)), AccountFrozen)


@pytest.mark.parametrize(
    "acts",
    [
        (Transfer(ISSUED, WALLET, 1),),
        (Transfer(WALLET, FORFEITED, 1),),
        (Transfer(LIABILITY, PENALTY, 10),),
        (Transfer(WALLET, FORFEITED, 1), Transfer(LIABILITY, PENALTY, 11)),
    ],
)
def test_coins_without_their_face_value_are_a_bug(books: Books, acts: tuple[Act, ...]) -> None:
    with pytest.raises(UnbackedEntry):
        post(books, *acts, kind="moved")


def test_what_is_handed_to_apply_stays_as_it_is(books: Books) -> None:
    before = deepcopy(books.accounts)
    outcomes, after = apply(books.accounts, books.holds, [(Entry("tip", "t", (tip(30),)), NOW)] * 4, now=NOW)
    assert [type(outcome) for outcome in outcomes] == [Posted, Posted, Posted, InsufficientFunds]
    assert (books.accounts, books.holds) == (before, {})
    assert available(after, WALLET) == 10


# Numbers.


def test_an_entry_has_one_posting_time_however_many_entries_share_a_microsecond(books: Books) -> None:
    acts = tuple(Transfer(WALLET, GIFTS, 1) if n % 2 else Transfer(GIFTS, WALLET, 1) for n in range(100))
    seqs = [row.seq for _ in range(3) for row in post(books, *acts, kind="moved").transfers]  # type: ignore[union-attr]
    assert seqs == sorted(set(seqs))
    assert [posted_instant(seqs[at]) for at in (0, 99, 100, 199, 200, 299)] == [NOW] * 4 + [NOW + 1] * 2


def test_numbers_go_on_behind_the_newest_though_the_clock_went_back(books: Books) -> None:
    ahead = (NOW + 1_000) * SEQS_PER_MICROSECOND
    books.accounts[GIFTS].last_seq = ahead
    later = Books(books.accounts, {}, now=NOW)
    result = post(later, tip(1))
    assert isinstance(result, Posted)
    assert result.seq == ahead + 1


def test_the_last_number_of_an_instant_is_before_the_first_of_the_next() -> None:
    assert posted_instant(last_seq_at(NOW)) == NOW
    assert posted_instant(last_seq_at(NOW) + 1) == NOW + 1


def test_the_refusals_stand_in_the_order_of_the_design() -> None:
    order = [
        "id_conflict",
        "gift_not_on_sale",
        "price_changed",
        "account_not_found",
        "entry_not_found",
        "not_reversible",
        "already_reversed",
        "freeze_not_found",
        "hold_already_released",
        "hold_already_captured",
        "hold_expired",
        "payment_already_credited",
        "currency_mismatch",
        "not_permitted",
        "account_frozen",
        "exceeds_hold",
        "limit_exceeded",
        "insufficient_funds",
    ]
    assert list(REFUSALS)[: len(order)] == order
