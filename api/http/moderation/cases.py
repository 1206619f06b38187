"""Cases over HTTP: moderators open, note and decide them, a second person approves; people see their own.

Whomever a case concerns never sees it as a case, also as a moderator: to them it is not there.
"""

from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Query
from starlette.responses import Response

from api.event_file import fields
from api.http.bodies import TEXT_SCHEMA, Text
from api.http.documents import read_responses
from api.http.moderation import case_bodies as bodies
from api.http.moderation.access import recorded
from api.http.moderation.case_views import (
    case_file_view,
    case_opened_view,
    case_view,
    decided_view,
    decision_step_view,
    decision_view,
    lifted_view,
    noted_view,
    own_decision_view,
)
from api.http.moderation.evidence import CaseName
from api.http.money import next_page
from api.http.operations import Asked, Named, Operation, acting_as
from api.http.problems import refused
from api.http.reads import PageQuery, as_json, snapshot
from api.http.service import Service
from api.tokens import Caller
from moderation.cases import commands as asks
from moderation.cases.concerning import is_concerned
from moderation.cases.reading import case_file, cases_page, decisions_on, decisions_page, judged
from moderation.cases.refusals import CaseNotFound, DecisionNotFound

#: Who decides and who agrees, the rule book says of each measure; these are all who may.
DECIDERS = ("moderator", "finance")
_EVERYBODY = ("viewer", "streamer")

_CASE = Named("case", fields.text, TEXT_SCHEMA)
_DECISION = Named("id", bodies.any_id, bodies.ANY_ID_SCHEMA)
_MEASURE = Named("id", bodies.any_id, bodies.ANY_ID_SCHEMA)


class CasesQuery(PageQuery):
    """Which cases: about a party, from a source."""

    party: Text | None = None
    source: bodies.AnySource | None = None


class DecisionsQuery(PageQuery):
    """Which decisions: in a state, such as those that await approval."""

    state: bodies.StateName | None = None


def open_case(asked: Asked, body: bodies.CaseBody) -> asks.OpenCase:
    """Opens a case about a party. Rule: LIVE-MOD-1."""
    return asks.OpenCase(
        *asked.common, body.case, body.source, body.party, body.session, body.summary, body.happened_at
    )


def note_case(asked: Asked, body: bodies.NoteBody, case: str) -> asks.NoteCase:
    """Adds a line to a case's time line."""
    return asks.NoteCase(*asked.common, case, body.note)


def decide_case(asked: Asked, body: bodies.DecisionBody, case: str) -> asks.Decide:
    """Decides a case: what was found, and what follows. Rules: LIVE-MOD-1, LIVE-MOD-2, LIVE-MOD-6."""
    findings = tuple(
        asks.Finding(one.rule, one.evidence, one.severity, one.session, one.override_reason, one.happened_at)
        for one in body.findings
    )
    measures = tuple(
        asks.Imposed(
            one.kind, one.party, one.feature, one.until, one.account, one.amount[0], one.preview, one.note
        )
        for one in body.measures
    )
    return asks.Decide(*asked.common, case, findings, measures, body.reason, body.latest)


def approve_decision(asked: Asked, body: bodies.DecisionStepBody, decision: UUID) -> asks.ApproveDecision:
    """Lets a decision pass, as the second person. Gap: G4."""
    return asks.ApproveDecision(*asked.common, decision)


def refuse_decision(asked: Asked, body: bodies.DecisionReasonBody, decision: UUID) -> asks.RefuseDecision:
    """Does not let a decision pass: all it imposed ends, all it holds is free."""
    return asks.RefuseDecision(*asked.common, decision, body.reason)


def lift_measure(asked: Asked, body: bodies.DecisionReasonBody, measure: UUID) -> asks.LiftMeasure:
    """Ends a measure before its time, and what follows from it."""
    return asks.LiftMeasure(*asked.common, measure, body.reason)


_OF_DECIDING = (
    "case_not_found",
    "account_not_found",
    "rule_not_found",
    "evidence_not_found",
    "preview_not_found",
    "own_affair",
    "not_their_measure",
    "case_decided",
    "finding_required",
    "rule_switched_off",
    "evidence_required",
    "override_required",
    "time_not_allowed",
    "not_yet_happened",
    "under_legal_hold",
    "preview_used",
    "above_liability_cap",
    "penalty_counted_twice",
    "preview_stale",
    "decision_too_large",
    "insufficient_funds",
)
_OF_STEPS = ("decision_not_found", "own_affair", "decision_already_approved", "decision_closed")

CASE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/cases",
        "moderator",
        bodies.CaseBody,
        open_case,
        case_opened_view,
        bodies.CaseOpenedView,
        ("account_not_found", "case_exists", "own_affair", "not_yet_happened"),
    ),
    Operation(
        "POST",
        "/v1/cases/{case:path}/notes",
        "moderator",
        bodies.NoteBody,
        note_case,
        noted_view,
        bodies.NotedView,
        ("case_not_found", "own_affair"),
        named=_CASE,
    ),
    Operation(
        "POST",
        "/v1/cases/{case:path}/decisions",
        DECIDERS,
        bodies.DecisionBody,
        decide_case,
        decided_view,
        bodies.DecidedView,
        _OF_DECIDING,
        named=_CASE,
        follow="/v1/decisions/{id}",
        limited_by="batch_limit_bytes",
    ),
    Operation(
        "POST",
        "/v1/decisions/{id}/approve",
        DECIDERS,
        bodies.DecisionStepBody,
        approve_decision,
        decision_step_view,
        bodies.DecisionStepView,
        (
            *_OF_STEPS,
            "second_person_required",
            "not_their_measure",
            "approval_not_needed",
            "rule_switched_off",
        ),
        named=_DECISION,
    ),
    Operation(
        "POST",
        "/v1/decisions/{id}/refuse",
        DECIDERS,
        bodies.DecisionReasonBody,
        refuse_decision,
        decision_step_view,
        bodies.DecisionStepView,
        _OF_STEPS,
        named=_DECISION,
    ),
    Operation(
        "POST",
        "/v1/measures/{id}/lift",
        DECIDERS,
        bodies.DecisionReasonBody,
        lift_measure,
        lifted_view,
        bodies.LiftedView,
        (
            "measure_not_found",
            "own_affair",
            "not_their_measure",
            "measure_ended",
            "measure_carried_out",
        ),
        named=_MEASURE,
    ),
)


def add_cases(app: FastAPI, service: Service) -> None:
    """Add what can be read of cases to the routes."""
    decider, anybody = service.caller_in(*DECIDERS), service.caller_in(*_EVERYBODY)

    @app.get("/v1/cases", **read_responses(bodies.CasesView))
    def cases(caller: Annotated[Caller, decider], query: Annotated[CasesQuery, Query()]) -> Response:
        """Cases: those about a person, or all but those about the caller. To look is written down."""
        about = f"party:{query.party}" if query.party else "cases"
        with recorded(service, acting_as(caller, DECIDERS), "read_cases", about) as connection:
            page = cases_page(
                connection,
                party=query.party,
                source=query.source,
                unless_about=caller.party,
                before=query.cursor,
                limit=query.limit,
            )
        return as_json(
            {"cases": [case_view(case) for case in page.cases], "next": next_page(page.next_cursor)}
        )

    @app.get("/v1/decisions", **read_responses(bodies.DecisionsView))
    def decisions(caller: Annotated[Caller, decider], query: Annotated[DecisionsQuery, Query()]) -> Response:
        """Decisions in a state: those that await approval, say. To look is written down."""
        with recorded(service, acting_as(caller, DECIDERS), "read_decisions", "decisions") as connection:
            page = decisions_page(
                connection,
                state=query.state,
                unless_about=caller.party,
                before=query.cursor,
                limit=query.limit,
            )
        found = [decision_view(one) for one in page.decisions]
        return as_json({"decisions": found, "next": next_page(page.next_cursor)})

    @app.get("/v1/decisions/{id}", **read_responses(bodies.DecisionView, missing="decision_not_found"))
    def decision(id: bodies.AnyId, caller: Annotated[Caller, decider]) -> Response:
        """A decision, and how it stands. To look is written down."""
        with recorded(service, acting_as(caller, DECIDERS), "read_decision", f"decision:{id}") as connection:
            found = judged(connection, [id])
            if not found or is_concerned(connection, caller.party, found[0].decision.case):
                raise refused(DecisionNotFound(str(id)))
        return as_json(decision_view(found[0]))

    @app.get("/v1/me/decisions", **read_responses(bodies.OwnDecisionsView))
    def own_decisions(caller: Annotated[Caller, anybody], query: Annotated[PageQuery, Query()]) -> Response:
        """The decisions that impose something on the caller, and until when to appeal against each."""
        with snapshot(service) as connection:
            page = decisions_on(connection, caller.party, before=query.cursor, limit=query.limit)
        found = [own_decision_view(one, caller.party) for one in page.decisions]
        return as_json({"decisions": found, "next": next_page(page.next_cursor)})

    @app.get("/v1/cases/{case:path}/file", **read_responses(bodies.CaseFileView, missing="case_not_found"))
    def case(case: CaseName, caller: Annotated[Caller, decider]) -> Response:
        """A case with all that was found, decided and done. To look is written down."""
        with recorded(service, acting_as(caller, DECIDERS), "read_case", f"case:{case}") as connection:
            found = case_file(connection, case)
            if found is None or caller.party in found.parties:
                raise refused(CaseNotFound(case))
        return as_json(case_file_view(found))
