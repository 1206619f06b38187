"""Plans made and carried out as short as a sentence, and what the books say afterwards."""

from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from api.audits import all_audits
from ledger.audits.verify import breaches
from ledger.database import Database
from ledger.journal.journal import Journal
from settlement.returns.carrying import Way, begin_restoring, begin_returns, finish
from settlement.returns.planning import make_plan
from settlement.returns.plans import PlannedReturn, PlanSummary, ReturnPlans
from settlement.returns.selections import Kind, Selection
from settlement.statements.recompute import recompute

#: From before everything to after it.
ALWAYS = (0, 4_000_000_000_000_000)

#: The stage puts a policy of back then into the books behind their back, and these see it.
_STAGED = ("i3_policy_has_one_effect", "i7_policies_follow_each_other")
_BALANCE = text("""
SELECT CASE normal_side WHEN 'credit' THEN credits_minor - debits_minor ELSE debits_minor - credits_minor END
FROM ledger.accounts WHERE kind = :kind AND owner = :owner
""")
_LAST = text("SELECT coalesce(max(seq), 0) FROM ledger.decisions")
_STATEMENTS = text("SELECT statement, document FROM settlement.statements ORDER BY entry")


def last_seq(connection: Connection) -> int:
    """The newest number of the journal."""
    return int(connection.scalar(_LAST) or 0)


def planned(journal: Journal, selection: Selection, kind: Kind = "unlawful", ratio_bps: int = 10_000) -> UUID:
    """A plan, made of what is in the books now."""
    plan = uuid4()
    with journal.engine.begin() as connection:
        make_plan(connection, plan, selection, last_seq(connection), kind, ratio_bps)
    return plan


def carried_out(journal: Journal, plan: UUID, way: Way = "return") -> None:
    """Begun, and carried out to its end."""
    with journal.engine.begin() as connection:
        (begin_returns if way == "return" else begin_restoring)(connection, plan)
    finish(journal, plan, way)


def returned(
    journal: Journal, selection: Selection, kind: Kind = "unlawful", ratio_bps: int = 10_000
) -> UUID:
    """Planned, and carried out."""
    plan = planned(journal, selection, kind, ratio_bps)
    carried_out(journal, plan)
    return plan


def summary(database: Database, plan: UUID) -> PlanSummary:
    """What a plan comes to."""
    with database.app.connect() as connection:
        return ReturnPlans().summary(connection, [plan])[plan]


def tips_of(database: Database, plan: UUID) -> list[PlannedReturn]:
    """All tips of a small plan."""
    with database.app.connect() as connection:
        return list(ReturnPlans().page(connection, plan, limit=10_000))


def balance(database: Database, kind: str, owner: str = "platform") -> int:
    """What an account holds on its normal side."""
    with database.app.connect() as connection:
        found = connection.scalar(_BALANCE, {"kind": kind, "owner": owner})
    assert found is not None, f"{owner} has no {kind}"
    return int(found)


def assert_sound(database: Database) -> None:
    """Every audit passes, and every statement can be made again, byte for byte."""
    with database.owner.connect() as connection:
        found = [(breach.audit.name, breach.row) for breach in breaches(connection, all_audits())]
    found = [breach for breach in found if breach[0] not in _STAGED]
    assert not found, found
    with database.app.connect() as connection:
        for row in connection.execute(_STATEMENTS).all():
            assert recompute(connection, row.statement) == row.document, f"{row.statement} otherwise"
