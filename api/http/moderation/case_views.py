"""How cases, decisions, measures and standing look in JSON."""

from typing import Literal

from api.http.moderation.case_bodies import (
    BarredView,
    CaseFileView,
    CaseOpenedView,
    CaseView,
    DecidedView,
    DecisionStepView,
    DecisionView,
    FindingView,
    HappeningView,
    LiftedView,
    MeasureView,
    NotedView,
    OwnDecisionView,
    StandingView,
)
from api.http.money import Money, fen, money, timestamp
from ledger.chart import CHART
from ledger.journal.commands import Outcome
from moderation.cases import commands as asks
from moderation.cases.affairs import as_concerning
from moderation.cases.reading import CaseFile, CaseRow, Happening, Judged
from moderation.cases.writing import Found, measure_id
from moderation.measures.reading import Standing
from moderation.measures.standing import FOREVER, Barred, Measure


def case_opened_view(command: asks.OpenCase, outcome: Outcome) -> CaseOpenedView:
    """A case opened."""
    return {
        "id": command.id,
        "case": command.name,
        "source": command.source,
        "party": command.party,
        "session": command.session,
        "happened_at": _time(command.happened_at),
        "summary": command.summary,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def noted_view(command: asks.NoteCase, outcome: Outcome) -> NotedView:
    """A line noted."""
    return {
        "id": command.id,
        "case": command.case,
        "note": command.note,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def decided_view(command: asks.Decide, outcome: Outcome) -> DecidedView:
    """A decision made, with the measures that were asked for; those that follow come behind them."""
    return {
        "id": command.id,
        "case": command.case,
        "measures": [measure_id(command.id, n) for n in range(len(command.measures))],
        "occurred_at": timestamp(outcome.occurred_at),
    }


_DONE: dict[str, Literal["approved", "refused"]] = {
    asks.ApproveDecision.kind: "approved",
    asks.RefuseDecision.kind: "refused",
}


def decision_step_view(command: asks.OnDecision, outcome: Outcome) -> DecisionStepView:
    """A step taken."""
    return {
        "id": command.id,
        "decision": command.decision,
        "done": _DONE[command.kind],
        "occurred_at": timestamp(outcome.occurred_at),
    }


def lifted_view(command: asks.LiftMeasure, outcome: Outcome) -> LiftedView:
    """A measure lifted."""
    return {
        "id": command.id,
        "measure": command.measure,
        "reason": command.reason,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def case_view(case: CaseRow) -> CaseView:
    """A case."""
    return {
        "case": case.case,
        "source": case.source,
        "party": case.party,
        "session": case.session,
        "happened_at": _time(case.happened_at),
        "summary": case.summary,
        "opened_by": case.opened_by,
        "opened_at": timestamp(case.opened_at),
        "latest": case.latest,
        "state": case.state and case.state.value,
    }


def case_file_view(file: CaseFile) -> CaseFileView:
    """A case with everything in it."""
    return {
        **case_view(file.case),
        "decisions": [decision_view(one) for one in file.decisions],
        "timeline": [_happening_view(one) for one in file.timeline],
    }


def decision_view(judged: Judged) -> DecisionView:
    """A decision, as those see it who decide."""
    decision = judged.decision
    return {
        "id": decision.decision,
        "case": decision.case,
        "party": decision.party,
        "state": decision.state.value,
        "decided_by": decision.decided_by,
        "decided_at": timestamp(decision.decided_at),
        "approved_by": decision.approved_by,
        "needs_second": decision.needs_second,
        "rule_version": decision.rule_version,
        "procedure_version": decision.procedure_version,
        "reason": judged.reason,
        "appeal_until": timestamp(decision.appeal_until),
        "execute_at": _time(decision.moves_at),
        "findings": [_finding_view(one) for one in judged.found],
        "measures": [_measure_view(one, judged) for one in decision.measures],
    }


def own_decision_view(judged: Judged, party: str) -> OwnDecisionView:
    """A decision, as a person sees it whom it concerns: what concerns others is left out."""
    decision = judged.decision
    return {
        "id": decision.decision,
        "case": decision.case,
        "state": decision.state.value,
        "decided_at": timestamp(decision.decided_at),
        "appeal_until": timestamp(decision.appeal_until),
        "execute_at": _time(decision.moves_at),
        "measures": [
            _measure_view(one, judged) for one in as_concerning(decision.measures, party, judged.parts)
        ],
    }


def standing_view(standing: Standing) -> StandingView:
    """How a party stands."""
    return {
        "party": standing.party,
        "service": standing.service,
        "barred": [_barred_view(one) for one in standing.barred],
    }


def _barred_view(barred: Barred) -> BarredView:
    return {
        "feature": barred.feature.value,
        "until": None if barred.until >= FOREVER else timestamp(barred.until),
        "case": barred.by.case,
        "decision": barred.by.decision,
        "measure": barred.by.measure,
    }


def _finding_view(found: Found) -> FindingView:
    return {
        "rule": found.rule,
        "severity": found.severity.value,
        "points": found.points,
        "happened_at": timestamp(found.happened_at),
        "rule_version": found.rule_version,
        "evidence": list(found.evidence),
        "session": found.session,
        "override_reason": found.override_reason,
    }


def _measure_view(measure: Measure, judged: Judged) -> MeasureView:
    return {
        "id": measure.measure,
        "number": measure.n,
        "kind": measure.kind.value,
        "party": measure.party,
        "feature": measure.feature and measure.feature.value,
        "until": _time(measure.until),
        "account": measure.account,
        "amount": _amount(measure),
        "remitted": _remitted(measure, judged),
        "preview": measure.preview,
        "because": measure.because,
        "note": measure.note,
        "ended": measure.measure in judged.decision.ended,
    }


def _remitted(measure: Measure, judged: Judged) -> Money | None:
    if measure.preview is None:
        return None
    # Of tips that go back all or none are remitted: of a streamer's part just that part.
    return fen(min(judged.remitted[measure.measure], measure.amount_minor or 0))


def _amount(measure: Measure) -> Money | None:
    if measure.amount_minor is None:
        return None
    if measure.account is None:
        return fen(measure.amount_minor)
    return money(measure.amount_minor, CHART[measure.account].currency)


def _happening_view(one: Happening) -> HappeningView:
    return {
        "at": timestamp(one.at),
        "what": one.what,
        "by": one.actor,
        "detail": one.detail,
        "decision": one.decision,
    }


def _time(instant: int | None) -> str | None:
    return None if instant is None else timestamp(instant)
