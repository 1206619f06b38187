"""From the request to the bank: what moves at each step, and what is refused."""

import pytest

from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.reversals import Reverse
from ledger.parties import Register
from moderation.commands import Freeze, Lift
from settlement.payouts.commands import RequestPayout
from settlement.payouts.cycles import request_due
from settlement.payouts.reading import payouts_page
from settlement.policies.publishing import PublishPolicy
from tests.settlement.payouts.playing import MONDAY, PAYOUT_TERMS, Payees, policy


def test_a_paid_payout_moves_net_to_the_bank_and_tax_to_the_office(house: Payees) -> None:
    """10,000.00 in a first month: 10,000 x 80 % - 5,000 = 3,000, at 3 % 90.00 of tax."""
    bo = house.payee("bo", 1_000_000)
    payout = house.did(house.request(bo))
    assert house.balance("earnings", bo) == (1_000_000, 1_000_000)
    house.did(house.approve(payout))
    house.did(house.send(payout))
    assert house.payout(payout).tax_minor == 9_000
    assert house.balance("earnings", bo) == (1_000_000, 1_000_000)
    house.did(house.paid(payout))
    assert house.balance("earnings", bo) == (0, 0)
    assert (house.balance("bank"), house.balance("tax_withheld")) == ((-991_000, 0), (9_000, 0))
    assert house.states(payout) == ["requested", "approved", "sent", "paid"]
    assert house.breaches() == []


def test_within_the_bound_the_policy_approves_and_above_it_only_a_person(house: Payees) -> None:
    bo, mei = house.payee("bo", 100_000), house.payee("mei", 100_001)
    within, above = house.did(house.request(bo)), house.did(house.request(mei))
    assert house.states(within) == ["requested", "approved"]
    assert house.payout(within).approved_by == "policy"
    assert house.states(above) == ["requested"]
    assert house.refused(house.send(above)) == "payout_not_approved"
    house.did(house.approve(above))
    house.did(house.send(above), house.send(within))


def test_a_failed_payout_is_earnings_again_and_its_tax_never_was(house: Payees) -> None:
    bo = house.payee("bo", 1_000_000)
    payout = house.sent(bo)
    house.did(house.failed(payout))
    assert house.balance("earnings", bo) == (1_000_000, 0)
    assert (house.balance("bank"), house.balance("tax_withheld")) == ((0, 0), (0, 0))
    again = house.sent(bo)
    assert house.payout(again).tax_minor == 9_000
    assert house.breaches() == []


def test_what_the_bank_returns_is_earnings_again_with_its_tax(house: Payees) -> None:
    bo = house.payee("bo", 1_000_000)
    payout = house.sent(bo)
    house.did(house.paid(payout), house.returned(payout))
    assert house.balance("earnings", bo) == (1_000_000, 0)
    assert (house.balance("bank"), house.balance("tax_withheld")) == ((0, 0), (0, 0))
    assert house.refused(house.returned(payout)) == "payout_not_paid"
    again = house.sent(bo)
    assert house.payout(again).tax_minor == 9_000
    assert house.breaches() == []


def test_tax_runs_on_through_the_year_and_starts_anew_with_the_next(house: Payees) -> None:
    """50,000.00 a month from October on: 1,050.00, 3,430.00, 3,500.00; in January 1,050.00 again."""
    bo = house.payee("bo")
    taxes = []
    for day in (0, 31, 61, 92):
        house.day = day
        house.earns(bo, 5_000_000)
        payout = house.sent(bo)
        house.did(house.paid(payout))
        taxes.append(house.payout(payout).tax_minor)
    assert taxes == [105_000, 343_000, 350_000, 105_000]
    assert house.breaches() == []


def test_two_parties_of_one_person_are_taxed_as_one(house: Payees) -> None:
    """10,000.00 and then 50,000.00: (60,000 x 80 % - 5,000) = 43,000 at 10 % - 2,520 - 90 = 1,690.00."""
    first, second = house.sent(house.payee("bo", 1_000_000)), house.sent(house.payee("bo-too", 5_000_000))
    assert [house.payout(payout).tax_minor for payout in (first, second)] == [9_000, 169_000]


def test_what_fails_lowers_the_tax_of_what_follows(house: Payees) -> None:
    """The first 10,000.00 stays in flight while the other party's 50,000.00 is sent, and fails then."""
    bo, too = house.payee("bo", 1_000_000), house.payee("too", 5_000_000)
    first, second = house.sent(bo), house.sent(too)
    house.did(house.failed(first), house.paid(second))
    assert house.payout(second).tax_minor == 169_000
    # The year stands at 50,000.00: 1,050.00 are due, 1,600.00 were withheld. The rest is carried.
    again = house.sent(bo, 400_000)
    assert house.payout(again).tax_minor == 0
    assert house.breaches() == []


def test_an_organisation_is_not_withheld_and_hands_in_its_invoice_first(house: Payees) -> None:
    studio = house.payee(
        "studio", 5_000_000, name="上海样例文化工作室", number="91310000MA1FL0001L", kind="organisation"
    )
    payout = house.did(house.request(studio))
    house.did(house.approve(payout))
    assert house.refused(house.send(payout)) == "invoice_required"
    house.invoice(studio, "INV-1", 4_999_999)
    assert house.refused(house.send(payout)) == "invoice_required"
    house.invoice(studio, "INV-2", 1)
    house.did(house.send(payout), house.paid(payout))
    assert (house.balance("bank"), house.balance("tax_withheld")) == ((-5_000_000, 0), (0, 0))
    house.earns(studio, 100_000)
    house.day = 1
    more = house.did(house.request(studio))
    assert house.refused(house.send(more)) == "invoice_required"


def test_a_payee_has_one_payout_in_flight(house: Payees) -> None:
    bo = house.payee("bo", 1_000_000)
    first = house.did(house.request(bo, 20_000))
    assert house.refused(house.request(bo, 20_000)) == "payout_in_flight"
    house.did(house.send(first))
    assert house.refused(house.request(bo, 20_000)) == "payout_in_flight"
    house.did(house.unknown(first))
    assert house.refused(house.request(bo, 20_000)) == "payout_in_flight"
    house.did(house.failed(first))
    house.did(house.request(bo, 20_000))


def test_a_payee_is_paid_once_a_cycle(empty_database: Database) -> None:
    house = Payees(empty_database, PAYOUT_TERMS.replace("daily", "weekly"))
    bo = house.payee("bo", 1_000_000)
    first = house.sent(bo, 20_000)
    house.did(house.paid(first))
    house.day = 6
    refusal = house.say(house.request(bo, 20_000))[0].refusal
    assert str(refusal) == "payouts are weekly: the next can be asked for on 2026-10-12"
    house.day = 7
    second = house.sent(bo, 20_000)
    house.did(house.failed(second))
    house.did(house.request(bo, 20_000))


def test_below_the_threshold_nothing_is_paid_and_nothing_set_off(house: Payees) -> None:
    bo = house.payee("bo", 1_000_000)
    house.owes(bo, 5_000)
    # 50.00 of 149.99 go to the debt first.
    refusal = house.say(house.request(bo, 14_999))[0].refusal
    assert str(refusal) == "99.99 CNY would be paid; payouts begin at 100.00 CNY"
    assert house.refused(house.request(bo, 9_999)) == "below_threshold"
    assert house.balance("debt", bo) == (5_000, 0)
    assert house.balance("earnings", bo) == (1_000_000, 0)


def test_debts_come_first_up_to_the_months_cap(house: Payees) -> None:
    """Half of a month goes to debts: of 400.00 asked for, 200.00; asking again does not take more."""
    bo = house.payee("bo", 40_000)
    house.owes(bo, 90_000)
    payout = house.did(house.request(bo))
    assert (house.payout(payout).offset_minor, house.payout(payout).amount_minor) == (20_000, 20_000)
    assert (house.balance("earnings", bo), house.balance("debt", bo)) == ((20_000, 20_000), (70_000, 0))
    house.did(house.cancel(payout, f"streamer:{bo}"))
    again = house.did(house.request(bo))
    assert (house.payout(again).offset_minor, house.payout(again).amount_minor) == (0, 20_000)
    house.did(house.send(again), house.paid(again))
    house.earns(bo, 40_000)
    house.day = 1
    # 200.00 + 400.00 this month, half of it 300.00, less the 200.00 given.
    third = house.did(house.request(bo))
    assert house.payout(third).offset_minor == 10_000
    assert house.balance("debt", bo) == (60_000, 0)
    house.did(house.cancel(third, f"streamer:{bo}"))
    house.day = 31
    assert house.payout(house.did(house.request(bo))).offset_minor == 15_000
    assert house.breaches() == []


def test_who_asked_is_paid_or_made_the_batch_cannot_let_it_pass(house: Payees) -> None:
    bo = house.payee("bo", 500_000)
    payout = house.did(house.request(bo, by="finance:f1"))
    assert house.refused(house.approve(payout, "finance:f1")) == "same_person"
    assert house.refused(house.approve(payout, "finance:bo")) == "same_person"
    house.did(house.approve(payout, "finance:f2"))
    assert house.refused(house.approve(payout, "finance:f3")) == "payout_already_approved"
    assert house.refused(house.send(payout, channel="bank")) == "batch_required"
    batch = house.did(house.batch(payout, by="finance:f3"))
    assert house.refused(house.send(payout, batch, by="finance:f3")) == "same_person"
    assert house.refused(house.send(payout, batch, by="finance:bo")) == "same_person"
    house.did(house.send(payout, batch, by="finance:f1"))
    assert house.states(payout) == ["requested", "approved", "sent"]


def test_until_it_is_sent_it_can_be_cancelled_or_refused_and_then_no_more(house: Payees) -> None:
    bo, mei = house.payee("bo", 500_000), house.payee("mei", 500_000)
    payout = house.did(house.request(bo))
    assert house.refused(house.cancel(payout, "streamer:mei")) == "payout_not_found"
    house.did(house.cancel(payout, "streamer:bo"))
    assert house.balance("earnings", bo) == (500_000, 0)
    assert house.refused(house.approve(payout)) == "payout_closed"
    refused = house.did(house.request(mei))
    house.did(house.refuse(refused))
    assert house.refused(house.cancel(refused, "streamer:mei")) == "payout_closed"
    sent = house.sent(bo)
    assert house.refused(house.cancel(sent, "streamer:bo")) == "payout_already_sent"
    assert house.refused(house.refuse(sent)) == "payout_already_sent"
    assert house.refused(house.send(sent)) == "payout_already_sent"
    assert house.balance("earnings", bo) == (500_000, 500_000)


def test_a_final_answer_is_final(house: Payees) -> None:
    bo = house.payee("bo", 500_000)
    waiting = house.did(house.request(bo))
    assert house.refused(house.paid(waiting)) == "payout_not_sent"
    house.did(house.approve(waiting), house.send(waiting), house.unknown(waiting), house.paid(waiting))
    for answer in (house.paid(waiting, "B-2"), house.failed(waiting), house.unknown(waiting)):
        assert house.refused(answer) == "payout_already_answered"
    assert house.balance("earnings", bo) == (0, 0)


def test_a_freeze_stops_a_request_and_a_sending_but_never_an_answer(house: Payees) -> None:
    bo = house.payee("bo", 500_000)
    asked = house.did(house.request(bo, 20_000))
    freeze = house.did(Freeze(*house.head("moderator:m1"), bo, "earnings", None, "c1", "LIVE-MOD-4"))
    assert house.refused(house.send(asked)) == "account_frozen"
    house.did(Lift(*house.head("moderator:m1"), freeze, "c1"), house.send(asked))
    house.did(Freeze(*house.head("moderator:m1"), bo, "earnings", None, "c1", "LIVE-MOD-4"))
    house.did(house.paid(asked))
    assert house.balance("earnings", bo) == (480_000, 0)
    assert house.refused(house.request(bo, 20_000)) == "account_frozen"
    assert house.breaches() == []


@pytest.mark.rule("JD-KYC-1")
def test_who_is_not_verified_or_named_no_account_is_not_paid(house: Payees) -> None:
    house.did(Register(*house.head("gateway:file"), "bo", ("streamer",)))
    house.earns("bo", 500_000)
    assert house.refused(house.request("bo")) == "payee_not_verified"
    house.verified("bo", name="王小明", number="11010119900307571X")
    assert house.refused(house.request("bo")) == "payee_account_required"
    assert house.balance("earnings", "bo") == (500_000, 0)


def test_what_is_asked_of_nobody_or_without_a_policy_is_refused(empty_database: Database) -> None:
    house = Payees(empty_database, None)
    bo = house.payee("bo", 500_000)
    assert house.refused(house.request(bo)) == "no_policy"
    assert house.refused(house.request("nobody")) == "account_not_found"
    assert house.refused(house.request(bo, 500_001)) == "insufficient_funds"
    assert house.refused(house.approve(RequestPayout(*house.head("x"), bo).id)) == "payout_not_found"


def test_a_payout_to_an_account_the_channel_does_not_reach_is_not_sent(house: Payees) -> None:
    bo = house.payee("bo", 50_000, channel="wechat", account="openid-123456")
    payout = house.did(house.request(bo))
    batch = house.did(house.batch(payout))
    assert house.refused(house.send(payout, batch)) == "wrong_channel"
    house.did(house.send(payout))


def test_a_whole_life_in_one_batch_comes_to_the_same(house: Payees) -> None:
    bo = house.payee("bo", 1_000_000)
    request = house.request(bo)
    house.did(
        request,
        house.approve(request.id),
        house.send(request.id),
        house.unknown(request.id),
        house.paid(request.id),
        house.returned(request.id),
    )
    assert house.states(request.id) == ["requested", "approved", "sent", "unknown", "paid", "returned"]
    assert house.balance("earnings", bo) == (1_000_000, 0)
    assert house.breaches() == []


def test_a_payout_is_not_undone_behind_its_back(house: Payees) -> None:
    bo = house.payee("bo", 500_000)
    house.owes(bo, 1_000)
    payout = house.sent(bo, 50_000)
    paid = house.did(house.paid(payout))
    for entry in (payout, paid):
        assert house.refused(Reverse(*house.head("finance:f1"), entry, "by mistake")) == "not_reversible"
    back = house.did(house.returned(payout))
    assert house.refused(Reverse(*house.head("finance:f1"), back, "by mistake")) == "not_reversible"
    assert house.balance("earnings", bo) == (499_000, 0)


def test_at_the_end_of_a_cycle_whoever_has_enough_is_paid_out_once(house: Payees) -> None:
    bo, mei, cai = house.payee("bo", 50_000), house.payee("mei", 9_999), house.payee("cai", 500_000)
    house.did(Register(*house.head("gateway:file"), "nobody", ("streamer",)))
    house.earns("nobody", 500_000)
    house.did(Freeze(*house.head("moderator:m1"), cai, "earnings", None, "c1", "LIVE-MOD-4"))
    assert [request_due(house.journal, MONDAY) for _ in range(2)] == [1, 0]
    assert house.balance("earnings", bo) == (50_000, 50_000)
    assert house.balance("earnings", mei) == (9_999, 0)
    with house.database.app.connect() as connection:
        (payout,) = payouts_page(connection, limit=9).payouts
    assert (payout.requested_by, payout.state) == ("system:cycle", "approved")
    house.did(house.cancel(payout.payout, "streamer:bo"))
    assert request_due(house.journal, MONDAY) == 0
    assert request_due(house.journal, MONDAY + MICROSECONDS_PER_DAY) == 1


def test_of_which_nothing_would_be_left_is_not_sent(empty_database: Database) -> None:
    """August and September 50,000.00 each: 1,050.00, then 70,000 at 10 % - 2,520 = 4,480.00 in all.

    November, after a gap, when only months in a row count: 80,080 - 5,000 = 75,080 at 10 % - 2,520 = 4,988.00
    are due, 508.00 more than was withheld; of 100.00 nothing would be left.
    """
    house = Payees(empty_database, None)
    house.did(PublishPolicy(*house.head("finance:f0"), policy().replace('"since_first"', '"consecutive"')))
    bo = house.payee("bo")
    for day, amount in ((-65, 5_000_000), (-34, 5_000_000)):
        house.day = day
        house.earns(bo, amount)
        house.did(house.paid(house.sent(bo)))
    house.day = 40
    house.earns(bo, 10_000)
    payout = house.did(house.request(bo))
    assert house.refused(house.send(payout)) == "nothing_left_after_tax"
    assert house.balance("earnings", bo) == (10_000, 10_000)


def test_what_is_said_to_be_sent_before_a_month_that_counts_already_counts_in_that_month(
    house: Payees,
) -> None:
    """50,000.00 in November: 1,050.00. As if in October: 75,000 at 10 % - 2,520 - 1,050 = 3,930.00."""
    bo = house.payee("bo", 10_000_000)
    house.day = 31
    house.did(house.paid(house.sent(bo, 5_000_000)))
    house.day = 1
    late = house.sent(bo, 5_000_000)
    assert house.payout(late).tax_minor == 393_000
    assert house.breaches() == []
