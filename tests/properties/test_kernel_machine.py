"""The pure kernel against plain dictionaries: entries of any acts, all of each or nothing."""

from collections import defaultdict
from copy import deepcopy
from itertools import count
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from ledger.chart import CHART, AccountRef, platform_account
from ledger.kernel.accounts import Account, HoldState
from ledger.kernel.books import Books, apply
from ledger.kernel.entries import Act, Bar, Capture, Direction, Entry, Expire, Hold, Open, Release, Transfer
from ledger.kernel.posted import Posted, posted_instant
from tests.properties import bounded
from tests.properties.asking import Draw
from tests.properties.plain_kernel import PlainKernel

NOW = 1_792_000_000_000_000
KINDS = ("tip", "tip", "topup", "settlement", "payout_request", "forfeit", "freeze", "reversal")
GHOST = "nobody"

PLATFORM = [platform_account(kind.name) for kind in CHART.values() if kind.owner == "platform"]
CLEARING = AccountRef("channel_clearing", "wechat")
WALLETS = [AccountRef("wallet", who) for who in ("ana", "ben")]
GIFTS = [AccountRef("gifts", who) for who in ("bo", "mei")]
ACCRUALS = [AccountRef("accruals", who) for who in ("bo", "mei")]
EARNINGS = [AccountRef("earnings", who) for who in ("bo", "mei")]
PEOPLES = [*WALLETS, *GIFTS, *ACCRUALS, *EARNINGS]

LIABILITY, PENALTY = platform_account("coin_liability"), platform_account("penalty_income")
ISSUED, FORFEITED = platform_account("coins_issued"), platform_account("coins_forfeited")
REWARDS, REVENUE = platform_account("reward_expense"), platform_account("gift_revenue")

small = st.sampled_from((1, 5, 10, 40, 100, 400))


def state_of(books: Books) -> object:
    """All that an entry could change but the number it took."""
    return deepcopy((books.accounts, books.holds, books.transfers, books.hold_rows, books.account_rows))


class KernelMachine(RuleBasedStateMachine):
    """Posts entries made of pieces that are backed by themselves, in any order and number."""

    def __init__(self) -> None:
        super().__init__()
        refs = [*PLATFORM, CLEARING, *PEOPLES]
        accounts = {ref: Account(n, ref, CHART[ref.kind]) for n, ref in enumerate(refs, start=1)}
        self.books = Books(accounts, {}, now=NOW, account_ids=count(100))
        self.plain = PlainKernel(list(refs), NOW)
        self.ids = 0
        self.newest: dict[AccountRef, int] = defaultdict(int)

    # Pieces of an entry, each backed by itself (I6).

    def tip(self, draw: Draw) -> list[Act]:
        payer = draw(st.sampled_from((*WALLETS, *WALLETS, AccountRef("wallet", GHOST))))
        return [Transfer(payer, draw(st.sampled_from(GIFTS)), draw(small))]

    def top_up(self, draw: Draw) -> list[Act]:
        coins = draw(small)
        return [
            Transfer(ISSUED, draw(st.sampled_from(WALLETS)), coins),
            Transfer(CLEARING, LIABILITY, 10 * coins),
        ]

    def reward(self, draw: Draw) -> list[Act]:
        return [Transfer(REWARDS, draw(st.sampled_from(ACCRUALS)), draw(small))]

    def refund(self, draw: Draw) -> list[Act]:
        """Lowers two accounts on the debit side, which never lack."""
        coins = draw(small)
        wallet = draw(st.sampled_from(WALLETS))
        return [Transfer(wallet, ISSUED, coins), Transfer(LIABILITY, CLEARING, 10 * coins)]

    def accruals_settle(self, draw: Draw) -> list[Act]:
        return [Transfer(draw(st.sampled_from(ACCRUALS)), draw(st.sampled_from(EARNINGS)), draw(small))]

    def hold(self, draw: Draw) -> list[Act]:
        self.ids += 1
        account = draw(st.sampled_from((*PEOPLES, *PEOPLES, AccountRef("gifts", GHOST))))
        expires_at = draw(st.sampled_from((None, None, None, NOW, NOW + 1)))
        return [Hold(UUID(int=self.ids), account, draw(st.one_of(st.none(), small)), expires_at)]

    def end(self, draw: Draw, placed: list[Hold]) -> list[Act]:
        """Ends a hold placed before, perhaps in this very entry, perhaps ended already."""
        holds = [(id, hold["account"], hold["until"]) for id, hold in self.plain.holds.items()]
        holds += [(act.hold, tuple(act.account), act.expires_at) for act in placed]
        if not holds:
            return []
        hold, account, until = draw(st.sampled_from(holds))
        ways = ["capture", "capture", "release", *["expire"] * (until is not None and until <= NOW)]
        way = draw(st.sampled_from(ways))
        if way != "capture":
            return [Release(hold) if way == "release" else Expire(hold)]
        takers = (
            [FORFEITED, AccountRef("gifts", "mei")]
            if account[0] in ("wallet", "gifts")
            else [PENALTY, REVENUE]
        )
        takers = [taker for taker in takers if tuple(taker) != account]
        if draw(st.integers(0, 9)) == 0:
            takers = [*takers, AccountRef(takers[-1].kind, GHOST)]
        to = tuple((taker, draw(small)) for taker in draw(st.lists(st.sampled_from(takers), max_size=3)))
        leaving = sum(minor for taker, minor in to if taker is FORFEITED)
        return [Capture(hold, to), *([Transfer(LIABILITY, PENALTY, 10 * leaving)] if leaving else [])]

    @initialize()
    def everybody_has_something(self) -> None:
        acts: list[Act] = []
        for wallet in WALLETS:
            acts += [Transfer(ISSUED, wallet, 100), Transfer(CLEARING, LIABILITY, 1_000)]
        acts += [Transfer(WALLETS[0], GIFTS[0], 20), *(Transfer(REWARDS, ref, 50) for ref in ACCRUALS)]
        self.post(Entry("gifts given", "a test", tuple(acts)))

    @rule(data=st.data(), pieces=st.integers(0, 4))
    def entry(self, data: st.DataObject, pieces: int) -> None:
        acts: list[Act] = []
        for _ in range(pieces):
            make = data.draw(
                st.sampled_from(
                    (
                        *(self.tip, self.top_up, self.refund, self.reward, self.accruals_settle),
                        *(self.hold, self.hold, None, None, None),
                    )
                )
            )
            placed = [act for act in acts if isinstance(act, Hold)]
            acts += make(data.draw) if make else self.end(data.draw, placed)
        self.post(Entry(data.draw(st.sampled_from(KINDS)), "a test", tuple(acts)))

    @rule(
        account=st.sampled_from((*PEOPLES, AccountRef("wallet", GHOST))),
        direction=st.sampled_from(("outgoing", "incoming")),
        until=st.sampled_from((NOW - 1, NOW, NOW + 1, NOW + 1)),
    )
    def bar(self, account: AccountRef, direction: Direction, until: int) -> None:
        self.post(Entry("bar", "a test", (Bar(account, direction, until),)))

    @rule(with_bar=st.booleans(), with_freeze=st.booleans())
    def newcomer(self, with_bar: bool, with_freeze: bool) -> None:
        self.ids += 1
        ref = AccountRef("wallet", f"newcomer {self.ids}")
        acts: list[Act] = [Open(ref)]
        acts += [Bar(ref, "outgoing", NOW + 1)] if with_bar else []
        acts += [Hold(UUID(int=self.ids), ref, None)] if with_freeze else []
        self.post(Entry("register", "a test", tuple(acts)))

    def post(self, entry: Entry) -> None:
        """Post an entry to both, and look at everything."""
        before = state_of(self.books)
        posted_before, holds_before = deepcopy(self.books.accounts), deepcopy(self.books.holds)
        marks = len(self.books.transfers), len(self.books.hold_rows), len(self.books.account_rows)
        code = self.plain.post(entry)
        if not any(isinstance(act, Open) for act in entry.acts):
            self.apply_leaves_no_trace(entry, code)
        result = self.books.post(entry, NOW)
        if code is not None:
            assert not isinstance(result, Posted), f"{entry} was posted, not refused {code}"
            assert result.code == code, f"{entry} was refused {result.code}, not {code}"
            assert state_of(self.books) == before, f"the refused {entry} left a trace"
        else:
            assert isinstance(result, Posted), f"{entry} was refused {result}"
            self.look_at_numbers(result, marks)
        self.compare()
        assert posted_before.keys() <= self.books.accounts.keys()
        assert holds_before.keys() <= self.books.holds.keys()

    def apply_leaves_no_trace(self, entry: Entry, code: str | None) -> None:
        """What is handed to ``apply`` stays as it is, and it says what ``Books.post`` says."""
        accounts, holds = deepcopy(self.books.accounts), deepcopy(self.books.holds)
        (result,), after = apply(self.books.accounts, self.books.holds, [(entry, NOW)], now=NOW)
        assert (self.books.accounts, self.books.holds) == (accounts, holds), (
            f"apply of {entry} changed its input"
        )
        assert getattr(result, "code", None) == code, f"{entry} came to {result}, not {code}"
        assert all(after.accounts[ref] is not account for ref, account in self.books.accounts.items())

    def look_at_numbers(self, posted: Posted, marks: tuple[int, int, int]) -> None:
        """Numbers rise in every account, and an entry lies within one microsecond."""
        touched = [
            *((row.seq, row.entry, row.debit.ref) for row in self.books.transfers[marks[0] :]),
            *((row.seq, row.entry, row.credit.ref) for row in self.books.transfers[marks[0] :]),
            *((row.seq, row.entry, row.account.ref) for row in self.books.hold_rows[marks[1] :]),
            *((row.seq, row.entry, row.account.ref) for row in self.books.account_rows[marks[2] :]),
        ]
        for seq, entry, ref in sorted(touched):
            assert entry == posted.seq
            assert posted_instant(seq) == posted_instant(entry), "an entry was posted at two instants"
            assert seq > self.newest[ref], f"{ref} was touched twice by number {seq}"
            self.newest[ref] = seq
            assert self.books.accounts[ref].last_seq >= seq

    def compare(self) -> None:
        """Every balance, held amount and freeze; and I1, I2, I6 over all of it."""
        of = self.books.accounts
        assert {ref: account.posted_minor for ref, account in of.items()} == self.plain.posted
        for ref, account in of.items():
            assert account.held_minor == self.plain.held(ref), f"held on {ref}"
            assert account.frozen_by == self.plain.frozen_by(ref), f"freezes of {ref}"
            assert not account.kind.limited or account.available_minor >= 0, f"{ref} fell below zero"
        for currency in ("ZLB", "CNY"):
            sides = [a.debits_minor - a.credits_minor for a in of.values() if a.kind.currency == currency]
            assert sum(sides) == 0, f"debits and credits in {currency} differ"
        coins = sum(a.posted_minor for a in of.values() if a.ref.kind in ("wallet", "gifts"))
        assert of[LIABILITY].posted_minor == 10 * coins, "coins are not backed at face value"
        states = {id: (tuple(h.account), h.amount_minor, h.ended) for id, h in self.books.holds.items()}
        assert states == {id: (h["account"], h["amount"], h["end"]) for id, h in self.plain.holds.items()}
        assert all(isinstance(hold, HoldState) for hold in self.books.holds.values())


def test_the_kernel_moves_and_refuses_as_plain_dictionaries_do() -> None:
    run_state_machine_as_test(KernelMachine, settings=bounded(examples=150, steps=40))
