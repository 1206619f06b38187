"""Classes of income: every fen that was paid is of one, whatever was credited and taken back before."""

from collections import Counter
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from settlement.tax.classes import (
    PERSONAL_CLASSES,
    CameBack,
    Event,
    Failed,
    IncomeClass,
    Moved,
    Part,
    Sent,
    classed,
    split,
)

TIPS, COMMISSION, LABOUR, OTHER = PERSONAL_CLASSES


def paid(amount_minor: int, tax_minor: int = 0) -> Sent:
    return Sent(uuid4(), amount_minor, tax_minor)


def test_a_payout_is_of_the_classes_that_were_credited_in_proportion() -> None:
    first, rest = paid(1_000, 30), paid(2_000)
    found = classed([Moved(TIPS, 1_500), Moved(LABOUR, 1_000), Moved(COMMISSION, 500), first, rest])
    # A third of each: 500, 166.67, 333.33; the fen that is left is of the largest remainder.
    assert found[first.payout] == {
        TIPS: Part(500, 0, 500, 15),
        COMMISSION: Part(167, 0, 167, 5),
        LABOUR: Part(333, 0, 333, 10),
    }
    # Whoever is paid everything is paid exactly what was credited.
    assert {name: part.net_minor for name, part in found[rest.payout].items()} == {
        TIPS: 1_000,
        COMMISSION: 333,
        LABOUR: 667,
    }


def test_what_is_taken_back_comes_out_of_its_class_or_of_all() -> None:
    payout = paid(700)
    found = classed(
        [Moved(TIPS, 800), Moved(COMMISSION, 200), Moved(COMMISSION, -200), Moved(None, -100), payout]
    )
    assert found[payout.payout] == {TIPS: Part(800, 100, 700, 0), COMMISSION: Part(200, 200, 0, 0)}


def test_what_failed_never_was_and_what_came_back_is_a_return() -> None:
    failed, back, last = paid(500, 5), paid(500, 5), paid(500, 5)
    events: list[Event] = [
        *(Moved(TIPS, 600), Moved(TIPS, -100), failed, Failed(failed.payout)),
        *(back, CameBack(back.payout), last),
    ]
    assert classed(events) == {
        back.payout: {TIPS: Part(600, 600, 0, 0)},
        last.payout: {TIPS: Part(500, 0, 500, 5)},
    }


@given(st.integers(0, 10**9), st.dictionaries(st.sampled_from(PERSONAL_CLASSES), st.integers(0, 10**9)))
def test_the_parts_of_a_split_sum_to_it_and_overdraw_nothing(
    amount: int, weights: dict[IncomeClass, int]
) -> None:
    parts = split(amount, weights)
    assert sum(parts.values()) == amount
    if amount <= sum(weights.values()):
        assert all(part <= weights.get(name, 0) for name, part in parts.items())


_CREDITS = st.builds(Moved, st.sampled_from((*PERSONAL_CLASSES, None)), st.integers(1, 10_000))
_STEPS = st.lists(
    st.one_of(
        _CREDITS, st.tuples(st.sampled_from(["takes", "sends", "fails", "returns"]), st.integers(1, 99))
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(_STEPS)
def test_whatever_happens_net_is_what_was_paid_and_nothing_is_lost(steps: list[object]) -> None:
    """Every payout's net sums to its amount; credited is paid, taken back, or there."""
    balance, events = 0, list[Event]()
    standing: dict[UUID, Sent] = {}
    returned: set[UUID] = set()
    for step in steps:
        if isinstance(step, Moved):
            balance += step.amount_minor
            events.append(step)
            continue
        assert isinstance(step, tuple)
        word, number = step
        amount = balance * number // 99
        if word == "takes" and amount:
            events.append(Moved((*PERSONAL_CLASSES, None)[number % 5], -amount))
            balance -= amount
        elif word == "sends" and amount:
            sent = paid(amount, amount * number // 1_000)
            standing[sent.payout] = sent
            events.append(sent)
            balance -= amount
        elif word in ("fails", "returns") and standing.keys() - returned:
            payout = min(standing.keys() - returned, key=str)
            events.append(Failed(payout) if word == "fails" else CameBack(payout))
            balance += standing[payout].amount_minor
            if word == "fails":
                del standing[payout]
            else:
                returned.add(payout)
    found = classed(events)
    assert found.keys() == standing.keys()
    for payout, parts in found.items():
        sent = standing[payout]
        expected = (0, 0) if payout in returned else (sent.amount_minor, sent.tax_minor)
        sums = Counter[str]()
        for part in parts.values():
            assert part.gross_minor - part.returns_minor == part.net_minor >= 0
            assert min(part) >= 0
            sums += Counter(net=part.net_minor, tax=part.tax_minor)
        assert (sums["net"], sums["tax"]) == expected


def test_other_income_is_what_nothing_else_explains() -> None:
    payout = paid(100)
    assert classed([Moved(None, 40), payout])[payout.payout] == {OTHER: Part(100, 0, 100, 0)}
