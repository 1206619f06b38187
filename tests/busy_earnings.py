"""The part of the busy book in which streamers earn by everything but gifts, and lose some of it again."""

from collections.abc import Callable
from uuid import UUID

from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.accruals.commands import (
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
from settlement.sessions.commands import CloseSession, OpenSession, RecordFact

Head = Callable[..., tuple[UUID, str, int, int]]


def play_earnings(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """Lin and yu earn in every way there is; lin's award is withdrawn, and some goods come back."""
    gateway, finance = "gateway:file", "finance:f1"
    lin, yu = "lin", "yu"
    _, _, now, _ = head(gateway)
    week = now - 7 * MICROSECONDS_PER_DAY, now + 7 * MICROSECONDS_PER_DAY
    journal.decide(
        [
            *(Register(*head(gateway), party, ("streamer",)) for party in (lin, yu)),
            PublishActivity(*head(gateway, name="activity"), "gala", "v1", *week, "gala", 10, True, 3_000),
            Enrol(*head(gateway, name="enrolment"), "gala", lin),
            Enrol(*head(gateway), "gala", yu),
            PublishActivity(*head(gateway, name="activity_v2"), "gala", "v2", *week, "gala", 10, True, 9_000),
            AssignTask(*head(gateway, name="task"), lin, "interactions", 12, *week, 2_500, "tasks-1"),
            GiveCommission(*head(gateway, name="commission"), "C-1", lin, "tea", 1_250),
            GiveCommission(*head(gateway), "C-1", yu, "tea", 1_250),
            OpenCase(*head(gateway, name="ip_case"), "K-1", yu, "a stream"),
        ]
    )
    journal.decide([OpenSession(*head(gateway, name="session"), lin, "room", "scope", ("gala",))])
    session = ids["session"]
    journal.decide(
        [
            OpenSession(*head(gateway), lin, "room", "scope", ()),
            EvaluateTask(*head(gateway), ids["task"]),
            RecordFact(*head(gateway), session, "interactions", 11),
            RecordFact(*head(gateway, name="fact"), session, "interactions", 12),
            RecordFact(*head(gateway), session, "face_shown", 1),
            RecordFact(*head(gateway), session, "quality_bps", 200),
            CloseSession(*head(gateway, 1, "session_close"), session),
            OpenSession(*head(gateway, 1, "next_session"), lin, "room", "scope", ()),
            EvaluateTask(*head(gateway, 1, "task_evaluate"), ids["task"]),
            EvaluateTask(*head(gateway, 1), ids["task"]),
            EvaluateActivity(*head(gateway, 1, "award"), "gala", lin),
            EvaluateActivity(*head(gateway, 1, "disqualification"), "gala", yu),
            EvaluateActivity(*head(gateway, 1), "gala", "bo"),
        ]
    )
    journal.decide(
        [
            Promote(*head(gateway, name="promotion"), lin, session, "P-1", 700),
            Promote(*head(gateway, name="promotion_for_nothing"), lin, None, None, 700),
            RecordSale(*head(gateway, name="sale"), "O-1", "C-1", lin, session, 999),
            RecordSale(*head(gateway), "O-2", "C-1", yu, None, 999),
            ReturnGoods(*head(gateway, name="goods_returned"), "O-1", 500),
            RecordCost(*head(finance, name="ip_cost"), "K-1", 4_000, "V-1"),
            RecordCost(*head(finance), "K-1", 4_000, None),
            ReceiveProceeds(*head(finance, name="ip_proceeds"), "K-1", 10_001),
            Adjust(*head(finance, name="adjustment"), yu, 500, "counted too little"),
            Adjust(*head(finance, name="deduction"), yu, -200, "counted too much"),
            WithdrawAward(*head(finance, name="award_withdraw"), "gala", lin, "votes were bought"),
        ]
    )
