"""A policy and what accrues under it, in one batch: as if each had come alone."""

import pytest

from settlement.policies.publishing import PublishPolicy
from tests.settlement.earning import House, at, commission, sale
from tests.settlement.policies.writing import sample_policy

_NO_COMMERCE = ("commerce = { enabled = true", "commerce = { enabled = false")


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_what_accrues_behind_a_policy_in_its_batch_follows_it(house: House, in_one_batch: bool) -> None:
    asked = (
        commission(),
        sale(),
        PublishPolicy(*at(actor="finance:f1"), sample_policy(None, None, _NO_COMMERCE)),
        sale("O-2"),
    )
    outcomes = house.decided(*asked) if in_one_batch else house.one_by_one(*asked)
    assert not any(outcome.refusal for outcome in outcomes)
    found = house.rows(
        "SELECT reference, amount_minor, policy_version, reason FROM settlement.accruals ORDER BY entry"
    )
    assert found == [("O-1", 1_000, None, None), ("O-2", 0, "2026-10", "kind_disabled")]
