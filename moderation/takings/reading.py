"""Reading takings: previews as they were shown and what was remitted of them; what else bears on them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import Connection, select, text

from ledger.chart import AccountRef
from ledger.instants import instant_of
from moderation.measures.kinds import MeasureKind
from moderation.rules.switches import PENALTY_TAKES_COINS, switched_off
from moderation.takings.judging import Facts
from moderation.takings.plans import liability_cap
from moderation.takings.shown import RETURNS, PlanShown, Preview, fen_of, shown_in
from moderation.takings.tables import previews as _previews
from moderation.takings.tables import remissions

_CHARGES = frozenset({MeasureKind.PENALTY, MeasureKind.DAMAGES})

_USED = text("SELECT preview FROM moderation.measures WHERE preview = ANY (:previews)")

_IN_FORCE = text("""
SELECT m.preview
FROM moderation.measures AS m
JOIN moderation.decisions AS d USING (decision)
WHERE m.kind IN ('penalty', 'damages') AND d."case" = ANY (:cases)
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
""")

_GOING_BACK = text("""
SELECT p.document
FROM moderation.previews AS p
JOIN moderation.measures AS m ON m.preview = p.preview
JOIN moderation.decision_states AS s ON s.decision = m.decision
WHERE p.plan IS NOT NULL AND s.state IN ('awaiting_approval', 'decided', 'executing')
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
  AND (CAST(:parties AS text[]) IS NULL
       OR EXISTS (SELECT FROM moderation.measure_holds AS h
                  WHERE h.measure = m.measure AND h.owner = ANY (:parties)))
""")

_COMPENSATIONS = text("""
SELECT m.preview
FROM moderation.measures AS m
WHERE m.kind = 'compensation' AND m.party = ANY (:parties)
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
""")

_PAID = text("""
SELECT wallet.owner, sum(top_up.paid_minor)::bigint AS minor
FROM ledger.accounts AS wallet
JOIN ledger.transfers AS t ON t.credit_account = wallet.id
JOIN ledger.top_ups AS top_up ON top_up.entry = t.entry
WHERE wallet.kind = 'wallet' AND wallet.owner = ANY (:parties)
  AND NOT EXISTS (SELECT FROM ledger.reversals AS r WHERE r.reversed = t.entry)
GROUP BY wallet.owner
""")

# What came back of what was paid for coins. That alone comes out of the coins' liability: a minor's tips that
# go back; and when such tips stand again, it goes into it again. Nothing else counts: compensation, given and
# taken back (adjustments), is counted by its decisions; what was paid on damages or penalties that were
# overturned (damages_income, penalty_income) was never paid for coins; and what is paid out (bank,
# channel_clearing) was counted when it was owed.
_REFUNDED = text("""
SELECT payable.owner,
       sum(t.amount_minor * CASE WHEN t.credit_account = payable.id THEN 1 ELSE -1 END)::bigint AS minor
FROM ledger.accounts AS payable
JOIN ledger.transfers AS t ON payable.id IN (t.credit_account, t.debit_account)
JOIN ledger.accounts AS other
  ON other.id = CASE WHEN t.credit_account = payable.id THEN t.debit_account ELSE t.credit_account END
WHERE payable.kind = 'refunds_payable' AND payable.owner = ANY (:parties)
  AND other.kind = 'coin_liability'
GROUP BY payable.owner
""")

_FREEZES = text("""
SELECT placed."case", a.owner, h.hold
FROM (SELECT "case", "freeze" AS hold FROM moderation.freezes WHERE "case" = ANY (:cases)
      UNION
      SELECT d."case", mh.hold
      FROM moderation.decisions AS d
      JOIN moderation.measures AS m ON m.decision = d.decision AND m.kind = 'freeze'
      JOIN moderation.measure_holds AS mh ON mh.measure = m.measure
      WHERE d."case" = ANY (:cases)) AS placed
JOIN ledger.holds AS h ON h.hold = placed.hold AND h.ended IS NULL AND h.amount_minor IS NOT NULL
JOIN ledger.accounts AS a ON a.id = h.account
WHERE a.kind IN ('accruals', 'earnings', 'gifts', 'wallet')
ORDER BY h.placed_seq
""")


def previews(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Preview]:
    """Those of the previews that were made, with what appeals remitted of them so far."""
    named = list(ids)
    if not named:
        return {}
    remitted: dict[UUID, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    query = select(remissions.c.preview, remissions.c.n, remissions.c.amount_minor)
    for row in connection.execute(query.where(remissions.c.preview.in_(named))):
        remitted[row.preview][row.n] += row.amount_minor
    found = {}
    for row in connection.execute(select(_previews).where(_previews.c.preview.in_(named))):
        shown = shown_in(row.document)
        back = remitted.get(row.preview)
        found[row.preview] = Preview(
            row.preview,
            row.case,
            MeasureKind(row.kind),
            row.party,
            shown,
            row.made_by,
            instant_of(row.made_at),
            tuple(back[n] for n in range(len(shown.takings))) if back else (),
        )
    return found


def facts(connection: Connection, decided: Sequence[Preview]) -> Facts:
    """What bears on a decision that rests on these previews; read under the locks of case and accounts."""
    if not decided:
        return Facts()
    charging = {preview.case for preview in decided if preview.kind in _CHARGES}
    compensated = {preview.party for preview in decided if preview.kind is MeasureKind.COMPENSATION}
    takes = any(preview.kind is MeasureKind.PENALTY for preview in decided)
    used = connection.scalars(_USED, {"previews": [preview.preview for preview in decided]})
    parties = {preview.party for preview in decided if preview.kind not in RETURNS}
    parties |= {streamer for one in decided if one.shown.plan for streamer in one.shown.plan.streamers}
    going = going_back(connection, parties)
    return Facts(
        frozenset(used),
        charges(connection, charging),
        liability_caps(connection, compensated),
        promised(going),
        spares_coins=takes and PENALTY_TAKES_COINS in switched_off(connection),
        going=frozenset(plan.plan for plan in going),
    )


def charges(connection: Connection, cases: Collection[str]) -> dict[UUID, Preview]:
    """The penalties and damages in force in these cases, by preview, with what appeals left of them.

    What was lifted, overturned or refused is not among them.
    """
    return previews(connection, connection.scalars(_IN_FORCE, {"cases": list(cases)})) if cases else {}


def going_back(connection: Connection, parties: Collection[str] | None = None) -> list[PlanShown]:
    """What is decided and not done yet of tips that go back: of everybody, or of these streamers."""
    asked = {"parties": None if parties is None else list(parties)}
    shown = (shown_in(document) for document in connection.scalars(_GOING_BACK, asked))
    return [one.plan for one in shown if one.plan]


def promised(going: Iterable[PlanShown]) -> dict[AccountRef, int]:
    """What tips that are to go back will take of streamers' accounts, in minor units."""
    found: dict[AccountRef, int] = defaultdict(int)
    for plan in going:
        for ref, amount in plan.promised.items():
            found[ref] += amount
    return dict(found)


def liability_caps(connection: Connection, parties: Collection[str]) -> dict[str, int]:
    """What may still be given to each party as compensation, in fen; decided counts as given. LIVE-LIAB-3."""
    if not parties:
        return {}
    asked = {"parties": list(parties)}
    paid = {row.owner: int(row.minor) for row in connection.execute(_PAID, asked)}
    refunded = {row.owner: int(row.minor) for row in connection.execute(_REFUNDED, asked)}
    given: dict[str, int] = defaultdict(int)
    for preview in previews(connection, connection.scalars(_COMPENSATIONS, asked)).values():
        given[preview.party] += fen_of([taking for _, taking in preview.takings])
    return {
        party: liability_cap(
            paid_fen=paid.get(party, 0),
            refunded_fen=refunded.get(party, 0),
            compensated_fen=given[party],
        )
        for party in parties
    }


def freezes_of_cases(
    connection: Connection, cases: Collection[str]
) -> dict[tuple[str, str], tuple[UUID, ...]]:
    """The open freezes of amounts that cases placed, oldest first, by case and by whose account it is."""
    found: dict[tuple[str, str], tuple[UUID, ...]] = defaultdict(tuple)
    for row in connection.execute(_FREEZES, {"cases": list(cases)}) if cases else ():
        found[row.case, row.owner] += (row.hold,)
    return found
