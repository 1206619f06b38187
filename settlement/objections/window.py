"""How long a statement can be objected to. Gap G22; the days are policy data (G10)."""

from collections.abc import Sequence

from ledger.instants import business_day, date_of, end_of_day
from ledger.kernel.posted import posted_instant
from settlement.policies.versions import Version, in_force

#: Where no policy was published when the statement was issued.
DAYS_WITHOUT_POLICY = 30


def heard_until(entry: int, versions: Sequence[Version]) -> int:
    """The first instant at which the statement that an entry issued is final: 24:00 (+08:00) of the last
    day on which it can be objected to.

    The policy in force at its issue says how many days that is after the day of issue; what was published
    later changes nothing.
    """
    issued_at = posted_instant(entry)
    version = in_force([version for version in versions if version.entry <= entry], issued_at)
    days = version.policy.objection_days if version else DAYS_WITHOUT_POLICY
    return end_of_day(date_of(business_day(issued_at) + days))
