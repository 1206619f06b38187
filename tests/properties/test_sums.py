"""Sums that must come out: parts and wholes, there and back, in whatever order."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from ledger.chart import CHART, AccountRef, platform_account
from ledger.instants import business_day, date_of, datetime_of, day_of, end_of_day, instant_of, month_of
from ledger.kernel.accounts import Account
from ledger.kernel.books import Books, apply
from ledger.kernel.entries import Entry, Transfer
from ledger.kernel.posted import Posted
from ledger.money import BPS, minor_of, money, share_of
from settlement.shares import split_gifts
from tests.properties import bounded

CHINA = timezone(timedelta(hours=8))
WALLETS = [AccountRef("wallet", who) for who in ("ana", "ben", "cai")]
GIFTS = [AccountRef("gifts", who) for who in ("bo", "mei")]
ISSUED = platform_account("coins_issued")
REWARDS, ACCRUALS = platform_account("reward_expense"), AccountRef("accruals", "bo")

amounts = st.integers(1, 10**12)
minors = st.integers(0, 10**18)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
dates = st.dates(date(2000, 1, 1), date(2999, 12, 30))


def accounts() -> dict[AccountRef, Account]:
    refs = [*WALLETS, *GIFTS, ISSUED, REWARDS, ACCRUALS]
    rich = dict.fromkeys((*WALLETS, *GIFTS), 10**15)
    return {
        ref: Account(number, ref, CHART[ref.kind], credits_minor=rich.get(ref, 0))
        for number, ref in enumerate(refs, start=1)
    }


def totals(books: Books) -> dict[AccountRef, tuple[int, int]]:
    return {ref: (account.posted_minor, account.held_minor) for ref, account in books.accounts.items()}


#: Transfers that need no backing: between people who hold coins, or of money.
transfers = st.one_of(
    st.builds(Transfer, st.sampled_from(WALLETS), st.sampled_from(GIFTS), amounts),
    st.builds(Transfer, st.sampled_from(GIFTS), st.sampled_from(WALLETS), amounts),
    st.builds(Transfer, st.just(REWARDS), st.just(ACCRUALS), amounts),
)
entries = st.lists(
    st.lists(transfers, min_size=1, max_size=5).map(lambda acts: Entry("moved", "a test", tuple(acts))),
    max_size=8,
)


# Money.


@given(amount=minors, share_bps=st.integers(0, BPS))
@bounded(300)
def test_a_share_is_rounded_half_up_and_the_parts_make_the_whole(amount: int, share_bps: int) -> None:
    share = share_of(amount, share_bps)
    exact = Fraction(amount * share_bps, BPS)
    assert -Fraction(1, 2) < share - exact <= Fraction(1, 2)
    assert 0 <= share <= amount


@given(coins=st.integers(0, 10**15), share_bps=st.integers(0, BPS))
@bounded(300)
def test_the_two_parts_of_settled_gifts_make_their_face_value(coins: int, share_bps: int) -> None:
    split = split_gifts(coins, share_bps)
    assert split.streamer_minor + split.platform_minor == 10 * coins
    assert min(split) >= 0


@given(amount=minors, currency=st.sampled_from(("ZLB", "CNY")))
@bounded(300)
def test_minor_units_survive_being_shown_as_money(amount: int, currency: str) -> None:
    assert minor_of(money(amount, currency)) == amount


# Instants.


@given(moment=moments)
@bounded(300)
def test_an_instant_is_its_moment_and_its_day_is_chinas(moment: datetime) -> None:
    assert datetime_of(instant_of(moment)) == moment
    assert date_of(business_day(instant_of(moment))) == moment.astimezone(CHINA).date()


@given(day=dates)
@bounded(300)
def test_a_day_ends_where_the_next_begins_and_lies_in_its_month(day: date) -> None:
    number = day_of(day)
    assert date_of(number) == day
    assert business_day(end_of_day(day) - 1) == number
    assert business_day(end_of_day(day)) == number + 1
    first, after = (date_of(end) for end in month_of(number))
    assert (first.day, after.day, first <= day < after) == (1, 1, True)
    assert (first.year, first.month) == (day.year, day.month)
    assert (after - timedelta(days=1)).month == day.month


# What an account has spent.


@given(
    tips=st.lists(
        st.tuples(st.integers(20_000, 20_100), st.integers(1, 1_000)),
        max_size=40,
    )
)
@bounded(300)
def test_spending_counts_days_and_months_as_a_naive_recount_does(tips: Sequence[tuple[int, int]]) -> None:
    account = Account(1, WALLETS[0], CHART["wallet"])
    for done, (day, amount) in enumerate(tips, start=1):
        account.count_spending(day, amount)
        by_day: dict[int, list[int]] = defaultdict(list)
        by_month: dict[tuple[int, int], list[int]] = defaultdict(list)
        for at, minor in tips[:done]:
            by_day[at].append(minor)
            by_month[date_of(at).year, date_of(at).month].append(minor)
        for at in (*by_day, 19_999, 20_050, 20_101):
            month = by_month[date_of(at).year, date_of(at).month]
            assert account.spent_on(at) == (sum(by_day[at]), len(by_day[at]))
            assert account.spent_in_month_of(at) == (sum(month), len(month))


# Entries.


@given(given_entries=entries)
@bounded(150)
def test_reversing_every_entry_restores_every_balance(given_entries: list[Entry]) -> None:
    books = Books(accounts(), {}, now=1)
    before = totals(books)
    posted = [entry for entry in given_entries if isinstance(books.post(entry, 0), Posted)]
    for entry in reversed(posted):
        acts = [act for act in reversed(entry.acts) if isinstance(act, Transfer)]
        back = tuple(Transfer(act.credit, act.debit, act.amount_minor) for act in acts)
        assert isinstance(books.post(Entry("reversal", "a test", back), 0), Posted)
    assert totals(books) == before


@given(mine=entries, yours=entries, order=st.randoms(use_true_random=False))
@bounded(150)
def test_two_posters_come_to_the_same_totals_in_whatever_order(
    mine: list[Entry], yours: list[Entry], order: object
) -> None:
    mixed = [(entry, order.random()) for entry in (*mine, *yours)]  # type: ignore[attr-defined]
    one_way = [*mine, *yours]
    another = [entry for entry, _ in sorted(mixed, key=lambda pair: pair[1])]
    results = []
    for way in (one_way, another):
        outcomes, books = apply(accounts(), {}, [(entry, 0) for entry in way], now=1)
        assert all(isinstance(outcome, Posted) for outcome in outcomes), "nobody lacks funds here"
        results.append(totals(books))
    assert results[0] == results[1]


@given(given_entries=entries, cut=st.integers(0, 8))
@bounded(150)
def test_a_batch_cut_anywhere_comes_to_the_same(given_entries: list[Entry], cut: int) -> None:
    at_once, whole = apply(accounts(), {}, [(entry, 0) for entry in given_entries], now=1)
    first, half = apply(accounts(), {}, [(entry, 0) for entry in given_entries[:cut]], now=1)
    then, rest = apply(half.accounts, half.holds, [(entry, 0) for entry in given_entries[cut:]], now=1)
    assert totals(rest) == totals(whole)
    assert [type(outcome) for outcome in first + then] == [type(outcome) for outcome in at_once]
