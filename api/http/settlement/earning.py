"""Sessions, and what streamers earn besides gifts: the gateway's word, and finance's corrections."""

from typing import Any
from uuid import UUID

from fastapi import FastAPI
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file import fields
from api.http.bodies import ID_SCHEMA, Body
from api.http.documents import read_responses
from api.http.money import Money, fen, timestamp
from api.http.operations import Asked, Named, Operation
from api.http.problems import Problem
from api.http.reads import as_json, snapshot
from api.http.service import Service
from api.http.settlement import earning_bodies as bodies
from ledger.journal.commands import Command, Outcome
from settlement.accruals import commands as asks
from settlement.accruals.reading import accrual_of, result_of
from settlement.sessions.commands import CloseSession, OpenSession, RecordFact

_READERS = ("gateway", "finance")
_SESSION = Named("id", fields.identifier, ID_SCHEMA)
_TASK = Named("id", fields.identifier, ID_SCHEMA)


class RecordView(TypedDict):
    """Something that was recorded. `amount` is what it moved in all; see `/v1/accruals/{id}` for more."""

    id: UUID
    recorded: str
    amount: Money
    occurred_at: str


class AccrualView(TypedDict):
    """What a command accrued, or `0.00` with the reason; `withdrawn` was taken back since."""

    id: UUID
    entry: str
    streamer: str
    kind: str
    amount: Money
    withdrawn: Money
    session: UUID | None
    reference: str
    policy: str | None
    reason: str | None
    occurred_at: str


class ResultView(TypedDict):
    """What an activity came to for a streamer, by which version, and the entry it rests on."""

    id: UUID
    entry: str
    activity: str
    streamer: str
    version: str
    result: str
    rests_on: str


def open_session(asked: Asked, body: bodies.SessionBody) -> OpenSession:
    """Opens a live session; its id is the session's. Rule: LIVE-TIME-1."""
    return OpenSession(*asked.common, body.streamer, body.room, body.scope, body.tags)


def close_session(asked: Asked, body: bodies.EmptyBody, session: UUID) -> CloseSession:
    """Closes a live session."""
    return CloseSession(*asked.common, session)


def record_fact(asked: Asked, body: bodies.FactBody, session: UUID) -> RecordFact:
    """Records what was measured of a session; it corrects what was said of the metric before."""
    return RecordFact(*asked.common, session, body.metric, body.value)


def assign_task(asked: Asked, body: bodies.TaskBody) -> asks.AssignTask:
    """Assigns a task to a streamer; its id is the task's. Rule: LIVE-TASK-1."""
    period = body.since, body.until
    return asks.AssignTask(
        *asked.common, body.streamer, body.metric, body.target, *period, body.reward, body.rule_version
    )


def evaluate_task(asked: Asked, body: bodies.EmptyBody, task: UUID) -> asks.EvaluateTask:
    """Rewards a task whose target is reached, once. Rule: LIVE-TASK-1."""
    return asks.EvaluateTask(*asked.common, task)


def publish_activity(asked: Asked, body: bodies.ActivityBody) -> asks.PublishActivity:
    """Publishes a version of an activity's rules. Rule: LIVE-ACT-3."""
    return asks.PublishActivity(
        *asked.common,
        body.activity,
        body.version,
        body.since,
        body.until,
        body.tag,
        body.minimum_interactions,
        body.face_shown,
        body.award,
    )


def enrol_streamer(asked: Asked, body: bodies.PartBody) -> asks.Enrol:
    """Signs a streamer up for an activity, under its newest rules. Rule: LIVE-ACT-1."""
    return asks.Enrol(*asked.common, body.activity, body.streamer)


def evaluate_activity(asked: Asked, body: bodies.PartBody) -> asks.EvaluateActivity:
    """Awards or disqualifies a streamer by the facts: see `/v1/activity-results/{id}`. Rule: LIVE-ACT-2."""
    return asks.EvaluateActivity(*asked.common, body.activity, body.streamer)


def withdraw_award(asked: Asked, body: bodies.AwardWithdrawalBody) -> asks.WithdrawAward:
    """Takes an award back for good. Rule: LIVE-ACT-2."""
    return asks.WithdrawAward(*asked.common, body.activity, body.streamer, body.reason)


def promote(asked: Asked, body: bodies.PromotionBody) -> asks.Promote:
    """Records a promotion of interactive play; without permission it earns nothing. Rule: LIVE-COND-2."""
    return asks.Promote(*asked.common, body.streamer, body.session, body.permission, body.amount)


def give_commission(asked: Asked, body: bodies.CommissionBody) -> asks.GiveCommission:
    """Gives a streamer goods to sell. Rule: LIVE-EARN-2."""
    return asks.GiveCommission(*asked.common, body.commission, body.streamer, body.goods, body.rate_bps)


def record_sale(asked: Asked, body: bodies.SaleBody) -> asks.RecordSale:
    """Records goods sold under a commission. Rule: LIVE-EARN-2."""
    return asks.RecordSale(*asked.common, body.sale, body.commission, body.streamer, body.session, body.price)


def return_goods(asked: Asked, body: bodies.ReturnBody) -> asks.ReturnGoods:
    """Takes back the commission of goods that came back."""
    return asks.ReturnGoods(*asked.common, body.sale, body.price)


def open_ip_case(asked: Asked, body: bodies.IpCaseBody) -> asks.OpenCase:
    """Takes up a case for a streamer's work. Rule: LIVE-IP-4."""
    return asks.OpenCase(*asked.common, body.case, body.streamer, body.work)


def record_cost(asked: Asked, body: bodies.CostBody) -> asks.RecordCost:
    """Records a vouchered cost of a case. Rule: LIVE-IP-4."""
    return asks.RecordCost(*asked.common, body.case, body.amount, body.voucher)


def receive_proceeds(asked: Asked, body: bodies.ProceedsBody) -> asks.ReceiveProceeds:
    """Shares what a case brought in, costs first, half and half. Rule: LIVE-IP-3."""
    return asks.ReceiveProceeds(*asked.common, body.case, body.amount)


def adjust(asked: Asked, body: bodies.AdjustmentBody) -> asks.Adjust:
    """Corrects what a streamer earned, with a reason. Rule: LIVE-EARN-6."""
    return asks.Adjust(*asked.common, body.streamer, body.amount, body.reason, body.reference)


def record_view(command: Command, outcome: Outcome) -> RecordView:
    """What was recorded."""
    return {
        "id": command.id,
        "recorded": command.kind,
        "amount": fen(sum(moved.amount_minor for moved in outcome.moved)),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def _operation(
    path: str, body: type[Body], command: Any, *refusals: str, role: str = "gateway", **more: Any
) -> Operation:
    return Operation("POST", path, role, body, command, record_view, RecordView, refusals, **more)


_PARTY = "account_not_found"
_ACTIVITY = (_PARTY, "activity_not_found", "already_evaluated", "award_withdrawn")

EARNING_OPERATIONS: tuple[Operation, ...] = (
    _operation("/v1/sessions", bodies.SessionBody, open_session, _PARTY, "session_open"),
    _operation(
        "/v1/sessions/{id}/close",
        bodies.EmptyBody,
        close_session,
        *("session_not_found", "session_closed", "ends_before_it_began"),
        named=_SESSION,
    ),
    _operation("/v1/sessions/{id}/facts", bodies.FactBody, record_fact, "session_not_found", named=_SESSION),
    _operation("/v1/tasks", bodies.TaskBody, assign_task, _PARTY),
    _operation(
        "/v1/tasks/{id}/evaluation",
        bodies.EmptyBody,
        evaluate_task,
        *("task_not_found", "task_already_rewarded", "target_not_reached"),
        named=_TASK,
    ),
    _operation("/v1/activities", bodies.ActivityBody, publish_activity, "activity_version_exists"),
    _operation("/v1/enrolments", bodies.PartBody, enrol_streamer, *_ACTIVITY, "activity_over"),
    _operation("/v1/activity-evaluations", bodies.PartBody, evaluate_activity, *_ACTIVITY),
    _operation(
        "/v1/award-withdrawals",
        bodies.AwardWithdrawalBody,
        withdraw_award,
        *(_PARTY, "activity_not_found", "award_not_found", "award_withdrawn"),
    ),
    _operation("/v1/promotions", bodies.PromotionBody, promote, _PARTY, "session_not_found"),
    _operation("/v1/commissions", bodies.CommissionBody, give_commission, _PARTY, "commission_exists"),
    _operation(
        "/v1/sales",
        bodies.SaleBody,
        record_sale,
        *(_PARTY, "session_not_found", "commission_not_found", "sale_already_counted"),
    ),
    _operation("/v1/returned-goods", bodies.ReturnBody, return_goods, "sale_not_found", "exceeds_sale"),
    _operation("/v1/ip-cases", bodies.IpCaseBody, open_ip_case, _PARTY, "ip_case_exists"),
    _operation(
        "/v1/ip-costs",
        bodies.CostBody,
        record_cost,
        *("ip_case_not_found", "voucher_missing", "voucher_already_used"),
    ),
    _operation("/v1/ip-proceeds", bodies.ProceedsBody, receive_proceeds, "ip_case_not_found"),
    _operation("/v1/adjustments", bodies.AdjustmentBody, adjust, _PARTY, role="finance"),
)


def add_earning(app: FastAPI, service: Service) -> None:
    """Add what came of accruals and activities to the routes."""
    caller = service.caller_in(*_READERS)

    @app.get(
        "/v1/accruals/{id}",
        dependencies=[caller],
        **read_responses(AccrualView, missing="not_found"),
    )
    def accrual(id: UUID) -> Response:
        """What the command of this id accrued."""
        with snapshot(service) as connection:
            found = accrual_of(connection, id)
        if found is None:
            raise Problem("not_found", "no command of that id accrued something")
        view: AccrualView = {
            "id": id,
            "entry": str(found.entry),
            "streamer": found.streamer,
            "kind": found.kind.value,
            "amount": fen(found.amount_minor),
            "withdrawn": fen(found.withdrawn_minor),
            "session": found.session,
            "reference": found.reference,
            "policy": found.policy_version,
            "reason": found.reason,
            "occurred_at": timestamp(found.occurred_at),
        }
        return as_json(view)

    @app.get(
        "/v1/activity-results/{id}",
        dependencies=[caller],
        **read_responses(ResultView, missing="not_found"),
    )
    def activity_result(id: UUID) -> Response:
        """What the evaluation or withdrawal of this id came to."""
        with snapshot(service) as connection:
            found = result_of(connection, id)
        if found is None:
            raise Problem("not_found", "no command of that id judged an activity")
        view: ResultView = {
            "id": id,
            "entry": str(found.entry),
            "activity": found.activity,
            "streamer": found.streamer,
            "version": found.version,
            "result": found.result.value,
            "rests_on": str(found.rests_on),
        }
        return as_json(view)
