"""The same books with payouts: whoever is judged may be paid meanwhile, of what is not held."""

from datetime import date
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.instants import business_day, date_of
from ledger.journal.commands import Command
from settlement.payees.commands import SetPayeeAccount, Verify
from settlement.payouts.commands import (
    ApprovePayout,
    CancelPayout,
    PayoutFailed,
    PayoutPaid,
    PayoutReturned,
    PayoutUnknown,
    RefusePayout,
    RequestPayout,
    SendPayout,
)
from settlement.policies.publishing import PublishPolicy
from tests.moderation.plain_payouts import ALONE, UNANSWERED, WAITING, PlainPayout, PlainPayouts
from tests.moderation.plain_standing import Amounts
from tests.moderation.watched_books import STREAMERS, WatchedBooks
from tests.settlement.payees.sample import KEYS, NAME, NUMBER, OTHER_NAME, OTHER_NUMBER
from tests.settlement.payouts.playing import policy

TERMS = f"""[payout]
threshold_minor = 0
cycle = "daily"
approval_above_minor = {ALONE}
debt_cap_bps = 5_000
"""
IDENTITIES = dict(zip(STREAMERS, ((NAME, NUMBER), (OTHER_NAME, OTHER_NUMBER)), strict=True))
_PAID_OUT = "SELECT credits_minor - debits_minor FROM ledger.accounts WHERE kind = 'bank'"
#: Of what is available, in per cent; None asks for all there is.
PARTS = st.sampled_from((None, 20, 50, 100, 130))


class PaidBooks(WatchedBooks):
    """Two verified streamers, and what they and finance do."""

    def __init__(self) -> None:
        super().__init__()
        self.payouts = PlainPayouts()
        source = policy(TERMS, "first", "2020-01-01T00:00:00+08:00")
        untaxed = source.replace('method = "cumulative"', 'method = "none"')
        self.court.done(PublishPolicy(*self.head("finance:f0"), untaxed))
        for party, (name, number) in IDENTITIES.items():
            self._may_be_paid(party, name, number)

    def _may_be_paid(self, party: str, name: str, number: str) -> None:
        verified, account = self.head("gateway:file"), self.head(f"streamer:{party}")
        who = (
            KEYS.personal(verified[0], party, "name", name),
            KEYS.personal(verified[0], party, "number", number),
        )
        where = KEYS.personal(account[0], party, "account", "6222020000001234567")
        holder = KEYS.personal(account[0], party, "holder", name)
        self.court.done(
            Verify(*verified, party, "person", *who), SetPayeeAccount(*account, party, "bank", where, holder)
        )

    def frozen(self) -> set[str]:
        """Whose gifts and earnings stand still."""
        return set()

    def held(self) -> Amounts:
        """What payouts hold, too."""
        found = super().held()
        for party in STREAMERS:
            earnings = ("earnings", party)
            found[earnings] = found.get(earnings, 0) + self.payouts.held(party)
        return found

    def compare(self) -> None:
        """Nobody is paid but by a payout, nor twice."""
        super().compare()
        ((paid,),) = self.court.rows(_PAID_OUT)
        assert paid == self.payouts.paid()

    def today(self) -> date:
        return date_of(business_day(self.head("")[2]))

    @rule(party=st.sampled_from(STREAMERS), part=PARTS)
    def ask_to_be_paid(self, party: str, part: int | None) -> None:
        """Of what is not held; half of it to debts."""
        earnings, debt, today = ("earnings", party), ("debt", party), self.today()
        available = self.available()[earnings]
        amount = None if part is None else available * part // 100
        asked = available if amount is None else amount
        offset = self.payouts.to_debts(party, today, asked, self.balances()[debt])
        if (earnings, "outgoing") in self.barred():
            expected: str | None = "not_permitted"
        elif party in self.frozen():
            expected = "account_frozen"
        elif asked > available:
            expected = "insufficient_funds"
        else:
            expected = self.payouts.why_not(party, today, asked - offset)
        command = RequestPayout(*self.head(f"streamer:{party}"), party, amount)
        if expected is None:
            state = "approved" if asked - offset <= ALONE else "requested"
            one = PlainPayout(party, today, asked, offset, asked - offset, state)
            self.payouts.payouts[str(command.id)] = one
        refusal = self.say(command, {account: -offset for account in (earnings, debt) if offset}).refusal
        assert (refusal.code if refusal else None) == expected

    @precondition(lambda self: self.payouts.payouts)
    @rule(data=st.data(), passes=st.sampled_from((True, True, False)), by_payee=st.booleans())
    def look_at_a_payout(self, data: st.DataObject, passes: bool, by_payee: bool) -> None:
        """The payee takes it back, or finance does not pay; its payee does not approve it."""
        id, one = self.a_payout(data, "requested")
        before, finance = one.state, self.head(f"finance:{one.payee if by_payee else 'fi'}")
        command: Command
        if passes:
            command, may = ApprovePayout(*finance, id), before == "requested" and not by_payee
        elif by_payee:
            command, may = CancelPayout(*self.head(f"streamer:{one.payee}"), id), before in WAITING
        else:
            command, may = RefusePayout(*finance, id, "papers missing"), before in WAITING
        if may:
            one.state = "approved" if passes else "ended"
        assert (self.say(command).refusal is None) == may

    @precondition(lambda self: self.payouts.payouts)
    @rule(data=st.data())
    def send_a_payout(self, data: st.DataObject) -> None:
        """Under a bar nothing is sent, nor of what stands still."""
        id, one = self.a_payout(data, "approved")
        is_barred = (("earnings", one.payee), "outgoing") in self.barred()
        stopped = "not_permitted" if is_barred else "account_frozen" if one.payee in self.frozen() else None
        may = one.state == "approved" and stopped is None
        if may:
            one.state = "sent"
        refusal = self.say(SendPayout(*self.head("finance:fo"), id, "sandbox", None)).refusal
        assert (refusal is None) == may
        if stopped:
            assert refusal is not None
            assert refusal.code == stopped

    @precondition(lambda self: self.payouts.payouts)
    @rule(data=st.data(), state=st.sampled_from(("paid", "paid", "failed", "unknown")))
    def hear_of_a_payout(self, data: st.DataObject, state: str) -> None:
        """What was sent is answered, whatever is decided meanwhile."""
        id, one = self.a_payout(data, *UNANSWERED)
        answers = {"paid": PayoutPaid, "failed": PayoutFailed, "unknown": PayoutUnknown}
        may = one.state in UNANSWERED and one.state != state
        if may:
            one.state = state
        moves = {("earnings", one.payee): -one.amount} if state == "paid" else {}
        command = answers[state](*self.head("gateway:bank"), id, "as the bank says")
        assert (self.say(command, moves).refusal is None) == may

    @precondition(lambda self: self.payouts.payouts)
    @rule(data=st.data())
    def get_a_payout_back(self, data: st.DataObject) -> None:
        id, one = self.a_payout(data, "paid")
        may = one.state == "paid"
        if may:
            one.state = "returned"
        command = PayoutReturned(*self.head("finance:fi"), id, "account closed")
        assert (self.say(command, {("earnings", one.payee): one.amount}).refusal is None) == may

    @rule(data=st.data(), party=st.sampled_from(STREAMERS), part=PARTS, until=st.integers(1, 3))
    def be_paid(self, data: st.DataObject, party: str, part: int | None, until: int) -> None:
        """Asked for, approved where that is needed, sent and paid, or not so far."""
        count = len(self.payouts.payouts)
        self.ask_to_be_paid(party=party, part=part)
        if len(self.payouts.payouts) == count:
            return
        one = list(self.payouts.payouts.values())[-1]
        if one.state == "requested":
            self.look_at_a_payout(data=data, passes=True, by_payee=False)
        if until > 1:
            self.send_a_payout(data=data)
        if until > 2:
            self.hear_of_a_payout(data=data, state="paid")

    def a_payout(self, data: st.DataObject, *wanted: str) -> tuple[UUID, PlainPayout]:
        """Mostly the newest payout in such a state, if there is one; or any of the newest."""
        known = self.payouts.payouts
        ids = [id for id, one in known.items() if one.state in wanted][-1:]
        if not ids or data.draw(st.integers(0, 4)) == 0:
            ids = list(known)[-3:]
        id = data.draw(st.sampled_from(ids))
        return UUID(id), known[id]
