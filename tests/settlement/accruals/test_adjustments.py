"""Adjustments: up they accrue, down they take what is there, and the rest is owed."""

from settlement.accruals.commands import Adjust, Promote
from settlement.commands import Reward
from tests.settlement.earning import House, at


def adjust(amount: int, party: str = "mei", reference: str | None = None) -> Adjust:
    return Adjust(*at(actor="finance:f1"), party, amount, "counted twice", reference)


def test_one_in_the_streamers_favour_accrues_and_is_settled_by_the_next_run(house: House) -> None:
    house.done(adjust(1_234, reference="objection 7"))
    assert house.minors() == (1_234, 0, 0)
    assert house.rows("SELECT kind, amount_minor, reference, reason FROM settlement.accruals") == [
        ("adjustment", 1_234, "objection 7", "counted twice")
    ]
    house.settle()
    assert house.minors() == (0, 1_234, 0)


def test_one_to_the_streamers_disadvantage_takes_accruals_then_earnings_then_owes(house: House) -> None:
    house.done(Reward(*at(), "mei", "evening", 1_000))
    house.settle()
    house.done(Reward(*at(), "mei", "morning", 400))
    house.done(adjust(-300))
    assert house.minors() == (100, 1_000, 0)
    house.done(adjust(-1_200))
    assert house.minors() == (0, 0, 100)
    assert house.platform("adjustments") == -1_500
    query = (
        "SELECT accruals_minor, earnings_minor, debt_minor, reason FROM settlement.deductions ORDER BY entry"
    )
    assert house.rows(query) == [(300, 0, 0, "counted twice"), (100, 1_000, 100, "counted twice")]


def test_several_in_a_batch_see_each_other(house: House) -> None:
    house.done(adjust(500), adjust(-200), adjust(-400))
    assert house.minors() == (0, 0, 100)


def test_nobody_is_adjusted_who_does_not_earn(house: House) -> None:
    assert house.refusal(adjust(1, "nobody")) == "account_not_found"
    assert house.refusal(adjust(-1, "nobody")) == "account_not_found"


def test_corrections_are_possible_while_other_kinds_are_disabled(house: House) -> None:
    house.publish("task", "interaction_promo")
    house.done(
        adjust(500),
        Reward(*at(), "mei", "evening", 1_000),
        Promote(*at(), "mei", None, "P-1", 700),
        Promote(*at(), "mei", None, None, 700),
    )
    assert house.minors().accruals == 500
    assert house.rows("SELECT kind, reason FROM settlement.accruals ORDER BY entry") == [
        ("adjustment", "counted twice"),
        ("task", "kind_disabled"),
        ("interaction_promo", "kind_disabled"),
        ("interaction_promo", "no_permission"),
    ]


def test_a_promotion_is_of_a_session_of_that_streamer(house: House) -> None:
    session = house.live((0, 10))
    house.done(Promote(*at(), "mei", session, "P-1", 700))
    assert house.rows("SELECT session, reference FROM settlement.accruals") == [(session, "P-1")]
    other = Promote(*at(), "mei", at()[0], "P-1", 700)
    assert house.refusal(other) == "session_not_found"
