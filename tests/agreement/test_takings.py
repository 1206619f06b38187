"""What the platform may take, claim and owe: shown first, at most what is there, and never twice."""

from typing import Any

import pytest

from ledger.database import Database
from ledger.journal.reversals import Reverse
from moderation.cases.commands import ApproveDecision, Imposed
from moderation.cases.due import due_decisions
from moderation.rules.publishing import SwitchRule
from moderation.takings.commands import MakePreview
from moderation.takings.refusals import AboveLiabilityCap
from moderation.takings.shown import DIRECT, Head
from settlement.commands import Reward
from settlement.returns.carrying import finish
from settlement.returns.selections import Kind, ViewerTips
from settlement.treasury.commands import PayInDebt
from tests.moderation.lately import head, tip, top_up
from tests.moderation.takings.court import Court, loss


@pytest.fixture
def court(empty_database: Database) -> Court:
    return Court(empty_database)


def _earn(court: Court, fen: int) -> None:
    """So much is earned by bo, and settled."""
    court.done(Reward(*head(), "bo", "t", fen))
    court.settle()


@pytest.mark.rule("LIVE-MOD-7")
def test_earnings_of_500_are_cleared_and_the_entry_cites_the_case(court: Court) -> None:
    _earn(court, 50_000)
    court.case("k7")
    preview = court.preview("penalty", "k7")
    decision = court.decide(Imposed("penalty", "bo", preview=preview), case="k7")
    assert court.balance("earnings") == 50_000
    assert court.execute(decision)
    assert (court.balance("earnings"), court.balance("penalty_income", "platform")) == (0, 50_000)
    executed = "SELECT id, cause FROM ledger.decisions WHERE kind = 'decision_executed'"
    ((entry, cause),) = court.rows(executed)
    assert cause == f"case:k7 decision:{decision}"
    # What it took is undone by an appeal, and by nothing else.
    assert court.code(Reverse(*head("finance:f1"), entry, "so")) == "not_reversible"
    court.sound()


@pytest.mark.rule("LIVE-MOD-7")
def test_a_penalty_takes_accruals_earnings_gifts_and_coins_in_this_order_and_at_most_what_is_there(
    court: Court,
) -> None:
    _earn(court, 300)
    court.done(Reward(*head(), "bo", "t", 200))
    court.earn(40)
    court.case()
    preview = court.preview("penalty", amount_minor=650)
    decision = court.decide(Imposed("penalty", "bo", preview=preview))
    assert court.execute(decision)
    assert [court.balance(kind) for kind in ("accruals", "earnings", "gifts")] == [0, 0, 25]
    assert court.balance("penalty_income", "platform") == 650
    assert court.execute(court.penalty(1_000_000))
    assert court.balances("bo") == {}
    court.sound()


@pytest.mark.rule("LIVE-SEV-1", "LIVE-MOD-7")
def test_with_its_part_about_coins_switched_off_a_penalty_takes_earnings_only(court: Court) -> None:
    _earn(court, 300)
    court.earn(40)
    court.case()
    shown_before = court.preview("penalty")
    court.done(SwitchRule(*head("moderator:mo"), "LIVE-MOD-7/coins", False, "a court said so"))
    decide = court.deciding(Imposed("penalty", "bo", preview=shown_before))
    assert court.code(decide) == "rule_switched_off"
    assert court.execute(court.penalty())
    assert (court.balance("earnings"), court.balance("gifts")) == (0, 40)
    court.sound()


@pytest.mark.rule("LIVE-SEV-1", "LIVE-MOD-7")
@pytest.mark.parametrize("rule", ["LIVE-MOD-7", "LIVE-MOD-7/coins", "illegal_symbols"])
def test_what_was_decided_by_a_rule_is_neither_agreed_to_nor_taken_while_that_rule_is_off(
    court: Court, rule: str
) -> None:
    """A penalty of 600.00 waits for a second person, one of 4.00 for its day: 60.00 of gifts stand held."""
    court.earn(6_040)
    court.case()
    soon = court.penalty(400)
    large = court.deciding(Imposed("penalty", "bo", preview=court.preview("penalty", amount_minor=60_000)))
    court.done(large)
    court.done(SwitchRule(*head("finance:fi"), rule, False, "a court said so"))
    assert court.code(ApproveDecision(*head("finance:fi"), large.id)) == "rule_switched_off"
    assert not court.execute(soon)
    with court.database.app.connect() as connection:
        assert due_decisions(connection, head(day=9)[2]) == []
    assert (court.balance("gifts"), court.held("gifts")) == (6_040, 6_040)
    court.done(SwitchRule(*head("finance:fi"), rule, True, "another court said so"))
    court.approve(large.id)
    assert court.execute(soon)
    assert court.execute(large.id)
    assert court.balance("gifts") == 0
    court.sound()


@pytest.mark.rule("LIVE-MOD-8")
def test_of_a_loss_of_800_with_a_penalty_of_500_taken_300_remain_unless_overridden(court: Court) -> None:
    _earn(court, 100_000)
    court.case()
    assert court.execute(court.penalty(50_000))
    losses = (loss(60_000), loss(15_000, Head.LAWYER_FEE), loss(5_000, Head.TRAVEL))
    claim = court.preview("damages", losses=losses)
    assert court.execute(court.decide(Imposed("damages", "bo", preview=claim)))
    assert court.balance("damages_income", "platform") == 30_000
    assert court.balance("earnings") == 20_000
    # The penalty was set off once: a further claim is owed in full.
    further = court.preview("damages", losses=(loss(1_000),))
    assert court.execute(court.decide(Imposed("damages", "bo", preview=further)))
    assert court.balance("damages_income", "platform") == 31_000
    overridden = court.preview("damages", losses=losses, exceeding="the loss is apart from the penalty")
    assert court.execute(court.decide(Imposed("damages", "bo", preview=overridden)))
    assert (court.balance("earnings"), court.balance("debt")) == (0, 80_000 - 19_000)
    court.sound()


@pytest.mark.rule("LIVE-MOD-8")
def test_damages_shown_before_a_penalty_was_decided_do_not_count_it_twice(court: Court) -> None:
    _earn(court, 100_000)
    court.case()
    claim = court.preview("damages", losses=(loss(80_000),))
    court.penalty(50_000)
    refusal = court.refusal(court.deciding(Imposed("damages", "bo", preview=claim)))
    assert refusal is not None
    assert (refusal.code, refusal.covered_minor) == ("penalty_counted_twice", 50_000)  # type: ignore[attr-defined]


@pytest.mark.rule("LIVE-MOD-8")
@pytest.mark.parametrize("first", ["penalty", "damages"])
def test_a_loss_of_80_and_a_penalty_of_50_come_to_80_whichever_is_decided_first(
    court: Court, first: str
) -> None:
    _earn(court, 50_000)
    court.case()
    penalty: dict[str, Any] = {"amount_minor": 5_000}
    losses: dict[str, Any] = {"losses": (loss(8_000),)}
    if first == "penalty":
        court.decide(Imposed("penalty", "bo", preview=court.preview("penalty", **penalty)))
        court.decide(Imposed("damages", "bo", preview=court.preview("damages", **losses)))
        assert court.held("earnings") == 8_000
        return
    shown_before = court.preview("penalty", **penalty)
    court.decide(Imposed("damages", "bo", preview=court.preview("damages", **losses)))
    assert court.previewing("penalty", "k1", "bo", **penalty) == "penalty_counted_twice"
    assert court.code(court.deciding(Imposed("penalty", "bo", preview=shown_before))) == (
        "penalty_counted_twice"
    )
    assert court.held("earnings") == 8_000
    besides = court.preview("penalty", **penalty, exceeding="for the breach, not for the lamp")
    court.decide(Imposed("penalty", "bo", preview=besides))
    assert court.held("earnings") == 13_000
    court.sound()


@pytest.mark.rule("LIVE-MOD-8")
def test_of_claims_of_80_and_70_one_is_net_of_a_penalty_of_50(court: Court) -> None:
    _earn(court, 50_000)
    court.case()
    court.penalty(5_000)
    claims = [court.preview("damages", losses=(loss(fen),)) for fen in (8_000, 7_000)]
    imposed = [Imposed("damages", "bo", preview=claim) for claim in claims]
    assert court.code(court.deciding(*imposed)) == "preview_stale"
    court.decide(imposed[0])
    assert court.code(court.deciding(imposed[1])) == "preview_stale"
    court.decide(Imposed("damages", "bo", preview=court.preview("damages", losses=(loss(7_000),))))
    assert court.held("earnings") == 8_000 + 7_000


@pytest.mark.rule("LIVE-IP-2")
def test_of_a_claim_of_5000_with_earnings_of_3000_2000_are_receivable(court: Court) -> None:
    _earn(court, 3_000)
    court.case()
    preview = court.preview("damages", losses=(loss(5_000, Head.THIRD_PARTY_CLAIM),))
    decide = court.deciding(Imposed("damages", "bo", preview=preview))
    court.done(decide)
    # Nothing is offset before a second person approved, and the time to appeal is over.
    assert not court.execute(decide.id)
    court.approve(decide.id)
    assert court.execute(decide.id)
    assert (court.balance("earnings"), court.balance("debt")) == (0, 2_000)
    assert court.balance("damages_income", "platform") == 5_000
    assert court.balance("penalty_income", "platform") == 0
    court.sound()


@pytest.mark.rule("LIVE-LIAB-3", "G13")
def test_who_paid_300_and_was_given_250_can_be_given_50_more(court: Court) -> None:
    court.done(top_up("ana", 2_000))
    court.case("k1", "ana")
    given = court.preview("compensation", "k1", "ana", losses=(loss(25_000),))
    assert court.execute(court.decide(Imposed("compensation", "ana", preview=given)))
    asked = {"losses": (loss(10_000),)}
    assert court.previewing("compensation", "k1", "ana", **asked) == "above_liability_cap"
    rest = court.preview("compensation", "k1", "ana", losses=(loss(5_000),))
    assert court.execute(court.decide(Imposed("compensation", "ana", preview=rest)))
    assert court.balance("refunds_payable", "ana") == 30_000
    assert court.previewing("compensation", "k1", "ana", losses=(loss(1),)) == "above_liability_cap"
    # The clause itself yields to the law, if somebody says which.
    law = court.preview("compensation", "k1", "ana", exceeding="Civil Code 1179", **asked)
    assert court.execute(court.decide(Imposed("compensation", "ana", preview=law)))
    assert court.balance("adjustments", "platform") == 40_000
    court.sound()


@pytest.mark.rule("LIVE-LIAB-3", "G13")
def test_what_comes_back_of_damages_is_no_refund_and_what_comes_back_of_tips_is(court: Court) -> None:
    """Ana paid 300.00 for coins, and 100.00 of damages that are overturned; tips for 20.00 go back, and stand
    again.
    """
    court.done(top_up("ana", 2_000))
    court.case("k1", "ana")
    claim = court.preview("damages", "k1", "ana", losses=(loss(10_000),))
    decision = court.decide(Imposed("damages", "ana", preview=claim))
    assert court.execute(decision)
    court.done(PayInDebt(*head("finance:f1", day=9), "ana", 10_000, "b1"))
    court.answer(court.appeal(decision, "ana"), "overturned")
    assert court.balance("refunds_payable", "ana") == 10_000
    assert _cap(court) == 30_000
    court.done(tip("ana", "bo", "rose", 20, day=1))
    court.case("k2", "ana")
    plan = court.tips_shown("k2", "ana", of=ViewerTips, kind="minor")
    back = court.preview("return_minors_tips", "k2", "ana", plan=plan)
    returned = court.decide(Imposed("return_minors_tips", "ana", preview=back), case="k2")
    assert court.execute(returned)
    finish(court.journal, plan.plan)
    assert court.balance("refunds_payable", "ana") == 12_000
    assert _cap(court) == 28_000
    court.answer(court.appeal(returned, "ana"), "overturned")
    finish(court.journal, plan.plan, "restore")
    assert _cap(court) == 30_000
    court.sound()


def _cap(court: Court) -> int:
    """What may be given to ana as compensation."""
    command = MakePreview(*head("moderator:mo"), "k1", "compensation", "ana", losses=(loss(1_000_000),))
    refusal = court.refusal(command)
    assert isinstance(refusal, AboveLiabilityCap)
    return refusal.cap_minor


@pytest.mark.rule("LIVE-SEV-1")
@pytest.mark.parametrize(
    ("measure", "clause"),
    [
        ("penalty", "LIVE-MOD-7"),
        ("damages", "LIVE-MOD-8"),
        ("compensation", "LIVE-LIAB-3"),
        ("return_tips", "P-HOLD"),
        ("return_minors_tips", "G5"),
    ],
)
def test_while_its_clause_is_off_a_measure_is_not_even_shown(court: Court, measure: str, clause: str) -> None:
    court.earn(100)
    court.case("k1", "ana")
    asked: dict[str, Any] = {"exceeding": "the law says so"}
    if measure in ("damages", "compensation"):
        asked["losses"] = (loss(100),)
    if measure.startswith("return"):
        kind: Kind = "unlawful" if measure == "return_tips" else "minor"
        asked = {"plan": court.tips_shown("k1", "ana", of=ViewerTips, kind=kind)}
    court.done(SwitchRule(*head("finance:fi"), clause, False, "a court said so"))
    assert court.previewing(measure, "k1", "ana", **asked) == "rule_switched_off"
    court.done(SwitchRule(*head("finance:fi"), clause, True, "another court said so"))
    assert court.previewing(measure, "k1", "ana", **asked) is None


@pytest.mark.rule("LIVE-LIAB-4")
@pytest.mark.parametrize("measure", ["damages", "compensation"])
def test_lost_profit_is_owed_by_nobody(court: Court, measure: str) -> None:
    court.case()
    assert court.previewing(measure, "k1", "bo", losses=(loss(100, Head.LOST_PROFIT),)) == "indirect_loss"
    assert Head.LOST_PROFIT not in DIRECT
    assert court.rows("SELECT count(*) FROM moderation.previews") == [(0,)]


@pytest.mark.rule("G4")
def test_a_deduction_stands_held_until_the_time_to_appeal_is_over(court: Court) -> None:
    _earn(court, 60_000)
    court.case()
    decide = court.deciding(Imposed("penalty", "bo", preview=court.preview("penalty")))
    court.done(decide)
    assert court.held("earnings") == 60_000
    assert not court.execute(decide.id), "above the bound a second person has to agree"
    court.approve(decide.id)
    assert not court.execute(decide.id, day=6), "the time to appeal is not over"
    assert court.execute(decide.id, day=9)
    assert (court.balance("earnings"), court.held("earnings")) == (0, 0)
    court.sound()
