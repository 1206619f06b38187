"""Cycles (结算周期): at the end of one, whoever has enough to be paid out is, without asking."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy import text as text_sql

from ledger.instants import date_of
from ledger.journal.commands import derived_id
from ledger.journal.journal import Journal
from settlement.payouts.commands import RequestPayout
from settlement.payouts.terms import cycle_at
from settlement.policies.versions import in_force, versions

_BATCH = 500
_ACTOR = "system:cycle"
#: What the ids of these requests are derived from, with the payee and the cycle.
_CAUSE = UUID("7a1b3c52-6c1e-8d50-9f3e-5d1f0c2a4b60")

# Whether each can be paid, the desk judges under the locks: these are those it is worth asking about.
_WORTH_ASKING = text_sql("""
SELECT a.owner FROM ledger.accounts AS a
WHERE a.kind = 'earnings' AND a.owner > :after AND a.frozen_by = 0
  AND a.credits_minor - a.debits_minor - a.held_minor >= :threshold
  AND EXISTS (SELECT FROM settlement.payee_accounts AS p WHERE p.party = a.owner)
  AND NOT EXISTS (SELECT FROM settlement.payouts AS o
                  WHERE o.payee = a.owner AND o.state IN ('requested', 'approved', 'sent', 'unknown'))
ORDER BY a.owner
LIMIT :batch
""")


def request_due(journal: Journal, instant: int) -> int:
    """Ask for the payouts of a cycle, all that is available each; returns how many there are of them.

    Done again in the same cycle it asks nobody twice, also not who has cancelled since. Without a policy
    nobody is asked.
    """
    with journal.engine.connect() as connection:
        version = in_force(versions(connection), instant)
        if version is None:
            return 0
        terms = version.policy.payout
        first, _ = cycle_at(instant, terms.cycle)
        due = list(_worth_asking(connection, max(terms.threshold_minor, 1)))
    asked = 0
    for start in range(0, len(due), _BATCH):
        commands = [
            RequestPayout(
                derived_id(_CAUSE, f"{date_of(first)} {terms.cycle} {payee}"), _ACTOR, instant, None, payee
            )
            for payee in due[start : start + _BATCH]
        ]
        outcomes = journal.decide(commands)
        asked += sum(1 for o in outcomes if o.decided and o.refusal is None and not o.replayed)
    return asked


def _worth_asking(connection: Connection, threshold_minor: int) -> Iterator[str]:
    after = ""
    while True:
        page = list(
            connection.scalars(_WORTH_ASKING, {"after": after, "threshold": threshold_minor, "batch": _BATCH})
        )
        yield from page
        if len(page) < _BATCH:
            return
        after = page[-1]
