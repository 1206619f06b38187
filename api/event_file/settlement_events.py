"""What streamers earn besides gifts, as events: which fields each type has, and the command it is."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from api.event_file.fields import (
    Malformed,
    Reader,
    count,
    fen,
    identifier,
    identifier_or_none,
    instant,
    measure,
    one_of,
    share_bps,
    signed_fen,
    text,
    text_or_none,
    texts,
    whole_number,
    yes_or_no,
)
from ledger.journal.commands import Command
from settlement.accruals.commands import (
    TASK_METRICS,
    Adjust,
    AssignTask,
    Enrol,
    EvaluateActivity,
    EvaluateTask,
    GiveCommission,
    OpenCase,
    Promote,
    PublishActivity,
    ReceiveProceeds,
    RecordCost,
    RecordSale,
    ReturnGoods,
    WithdrawAward,
)
from settlement.policies.classes import Classify
from settlement.sessions.commands import METRICS, CloseSession, OpenSession, RecordFact


class EventType(NamedTuple):
    """A type of event: its own fields in order, and what makes the command of their values."""

    make: Callable[..., Command]
    own: dict[str, Reader]


def check_measure(metric: str, value: int) -> None:
    """Raises :class:`Malformed` when a metric cannot have that value."""
    least, most = METRICS[metric]
    if not least <= value <= most:
        raise Malformed(f"value of {metric} is not an integer from {least} to {most}")


def check_period(since: int, until: int) -> None:
    """Raises :class:`Malformed` when a period ends before it begins."""
    if since >= until:
        raise Malformed("until is not after since")


def rate_bps(value: object) -> int:
    """Ten-thousandths, from 1 to 10000."""
    found = share_bps(value)
    if not found:
        raise Malformed("is not an integer from 1 to 10000")
    return found


def _fact(id: UUID, actor: str, at: int, said: int, session: UUID, metric: str, value: int) -> RecordFact:
    check_measure(metric, value)
    return RecordFact(id, actor, at, said, session, metric, value)


def _task(id: UUID, actor: str, at: int, said: int, *own: Any) -> AssignTask:
    task = AssignTask(id, actor, at, said, *own)
    check_period(task.since, task.until)
    return task


def _activity(id: UUID, actor: str, at: int, said: int, *own: Any) -> PublishActivity:
    activity = PublishActivity(id, actor, at, said, *own)
    check_period(activity.since, activity.until)
    return activity


def _type(make: Callable[..., Command], **own: Reader) -> EventType:
    return EventType(make, own)


def _class(
    id: UUID, actor: str, at: int, said: int, streamer: str, streamer_class: str, guild: str | None
) -> Classify:
    if guild == streamer:
        raise Malformed("guild is the streamer")
    return Classify(id, actor, at, said, streamer, streamer_class, guild)


SETTLEMENT_EVENTS: dict[str, EventType] = {
    "session_open": _type(OpenSession, streamer=text, room=text, scope=text, tags=texts),
    "session_close": _type(CloseSession, session=identifier),
    "class": _type(_class, **{"streamer": text, "class": text, "guild": text_or_none}),
    "fact": _type(_fact, session=identifier, metric=one_of(*METRICS), value=measure),
    "task": _type(
        _task,
        streamer=text,
        metric=one_of(*TASK_METRICS),
        target=count,
        since=instant,
        until=instant,
        reward=fen,
        rule_version=text,
    ),
    "task_evaluate": _type(EvaluateTask, task=identifier),
    "activity": _type(
        _activity,
        activity=text,
        version=text,
        since=instant,
        until=instant,
        tag=text,
        minimum_interactions=whole_number,
        face_shown=yes_or_no,
        award=fen,
    ),
    "enrol": _type(Enrol, activity=text, streamer=text),
    "activity_evaluate": _type(EvaluateActivity, activity=text, streamer=text),
    "award_withdraw": _type(WithdrawAward, activity=text, streamer=text, reason=text),
    "promotion": _type(
        Promote, streamer=text, session=identifier_or_none, permission=text_or_none, amount=fen
    ),
    "commission": _type(GiveCommission, commission=text, streamer=text, goods=text, rate_bps=rate_bps),
    "sale": _type(
        RecordSale, sale=text, commission=text, streamer=text, session=identifier_or_none, price=fen
    ),
    "goods_returned": _type(ReturnGoods, sale=text, price=fen),
    "ip_case": _type(OpenCase, case=text, streamer=text, work=text),
    "ip_cost": _type(RecordCost, case=text, amount=fen, voucher=text_or_none),
    "ip_proceeds": _type(ReceiveProceeds, case=text, amount=fen),
    "adjustment": _type(Adjust, streamer=text, amount=signed_fen, reason=text, reference=text_or_none),
}
