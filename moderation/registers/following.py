"""What follows a hit on a blacklist and a false identity: a case, decided at once. LIVE-BLK-1, LIVE-ID-4.

Nothing is taken. The accounts are frozen with all that still arrives, and the person may not stream and not
withdraw; lifting the measures, or an appeal, gives everything back. The case, the register's row and the
decision are one commit.
"""

from uuid import UUID

from sqlalchemy import Connection

from ledger.journal.commands import Outcome, derived_id
from ledger.journal.journal import NOT_DECIDED, Journal
from moderation.cases.commands import EVERYTHING, Decide, Finding, Imposed
from moderation.measures.kinds import Feature, MeasureKind
from moderation.registers.commands import FindIdentityFalse, Hit
from moderation.registers.refusals import NotImposed

_FREEZE = Imposed(MeasureKind.FREEZE.value, account=EVERYTHING)
_AT_ONCE = {
    Hit: (
        "blacklisted",
        (
            _FREEZE,
            Imposed(MeasureKind.RESTRICT.value, feature=Feature.STREAM.value),
            Imposed(MeasureKind.RESTRICT.value, feature=Feature.WITHDRAW.value),
        ),
        "列于警示名单或主播黑名单",
    ),
    FindIdentityFalse: (
        "identity_false",
        (_FREEZE, Imposed(MeasureKind.RECOVER_ACCOUNT.value)),
        "身份资料不实",
    ),
}


class _NotImposed(Exception):
    """The rule book in force does not let it happen: a rule is switched off, say."""


def record_hit(journal: Journal, hit: Hit) -> Outcome:
    """Record a hit once, and stop the person at once. Whoever finds it again gets the first answer.

    If the rule book has no such measure now, there is a case all the same, for people to decide.
    """

    def work(connection: Connection) -> Outcome:
        (outcome,) = journal.decide_in(connection, [hit])
        if _is_new(outcome):
            try:
                with connection.begin_nested():
                    _decide(journal, connection, hit)
            except _NotImposed:
                pass
        return outcome

    return journal.transact(work)


def record_false_identity(journal: Journal, finding: FindIdentityFalse) -> Outcome:
    """Record that an identity is false, and stop the person at once.

    What the rule book does not let happen is not recorded either, and the id stays free.
    """

    def work(connection: Connection) -> Outcome:
        (outcome,) = journal.decide_in(connection, [finding])
        if _is_new(outcome):
            _decide(journal, connection, finding)
        return outcome

    try:
        return journal.transact(work)
    except _NotImposed:
        refusal = NotImposed(finding.party, "identity_false")
        return Outcome(finding.id, NOT_DECIDED, finding.occurred_at, refusal=refusal)


def decision_of(finding: UUID) -> UUID:
    """The id of the decision that followed."""
    return derived_id(finding, "decision")


def _is_new(outcome: Outcome) -> bool:
    return outcome.decided and outcome.refusal is None and not outcome.replayed


def _decide(journal: Journal, connection: Connection, found: Hit | FindIdentityFalse) -> None:
    rule, measures, reason = _AT_ONCE[type(found)]
    decide = Decide(
        decision_of(found.id),
        found.actor,
        found.occurred_at,
        found.said_at,
        found.case,
        (Finding(rule),),
        measures,
        f"{reason}：{found.reason}" if isinstance(found, FindIdentityFalse) else reason,
    )
    (outcome,) = journal.decide_in(connection, [decide])
    if not outcome.decided:
        raise _NotImposed
