"""What is answered about statements, objections and the summary."""

from uuid import UUID

from typing_extensions import TypedDict

from api.http.money import Money, coins, fen, money, next_page, timestamp
from ledger.chart import CHART
from ledger.journal.commands import Outcome
from settlement.objections.commands import Answer, Object
from settlement.objections.reading import Objection, ObjectionPage
from settlement.statements.explain import Explanation
from settlement.statements.figures import Flow, Kept, Spans
from settlement.statements.listing import Listed, ListPage, Standing
from settlement.statements.summary import Summary


class ListedView(TypedDict):
    """A statement. `standing` is `open` as long as it can be objected to, `objected`, or `final`."""

    id: UUID
    run: UUID
    period: str
    issued_at: str
    gifts: Money
    gift_share: Money
    guild_share: Money
    platform_share: Money
    accruals: Money
    credited: Money
    held: Money
    sha256: str | None
    objections_until: str
    standing: Standing


class StatementsView(TypedDict):
    """Some statements, newest first; `next` is the cursor of older ones."""

    statements: list[ListedView]
    next: str | None


class AnswerView(TypedDict):
    """What finance answered; `adjustment` is what put something right."""

    text: str
    adjustment: UUID | None
    occurred_at: str


class ObjectionView(TypedDict):
    """An objection to a statement, or to one line of it, counted from 1."""

    id: UUID
    statement: UUID
    streamer: str
    line: int | None
    text: str
    occurred_at: str
    answer: AnswerView | None


class ObjectionsView(TypedDict):
    """Some objections, newest first; `next` is the cursor of older ones."""

    objections: list[ObjectionView]
    next: str | None


class StatementObjectionsView(TypedDict):
    """The objections to a statement, oldest first, and until when more are heard."""

    objections: list[ObjectionView]
    objections_until: str
    standing: Standing


class ObjectedView(TypedDict):
    """An objection that was made."""

    id: UUID
    statement: UUID
    line: int | None
    text: str
    occurred_at: str


class AnsweredView(TypedDict):
    """An objection that was answered."""

    id: UUID
    objection: UUID
    text: str
    adjustment: UUID | None
    occurred_at: str


class StepView(TypedDict):
    """A step of the arithmetic: its name, and the sum as people write it."""

    name: str
    formula: str


class ReceiptView(TypedDict):
    """A gift or an accrual, or the part of it that lies in the line."""

    entry: UUID
    occurred_at: str
    what: str
    coins: Money | None
    amount: Money


class ExplanationView(TypedDict):
    """A line of a statement explained; `next` is the cursor of more that it consists of."""

    statement: UUID
    line: int
    kind: str
    policy: str | None
    policy_sha256: str | None
    steps: list[StepView]
    amount: Money
    receipts: list[ReceiptView]
    next: str | None


class SpansView(TypedDict):
    """One figure for today, for this period, and for all time."""

    today: Money
    this_period: Money
    all_time: Money


class EarnedView(TypedDict):
    """What a kind of earning came to: gifts once they are settled, every other kind as it accrues."""

    kind: str
    earned: SpansView


class FlowView(TypedDict):
    """What came into an account and what left it; the one less the other is `posted`."""

    received: SpansView
    left: SpansView
    posted: Money
    held: Money
    available: Money
    frozen: bool
    barred_until: str | None


class ArrivalView(TypedDict):
    """What is free from a day on."""

    available_on: str
    amount: Money


class KeptView(TypedDict):
    """What is frozen, and why; `amount` null is the whole account."""

    hold: UUID
    account: str
    amount: Money | None
    since: str
    until: str | None
    kind: str
    cause: str


class PeriodView(TypedDict):
    """A period, both days included."""

    name: str
    first: str
    through: str


class SummaryView(TypedDict):
    """Everything a streamer earned, merged, and where it stands."""

    party: str
    at: str
    today: str
    this_period: PeriodView
    earned: list[EarnedView]
    earned_in_all: SpansView
    gifts: FlowView
    accruals: FlowView
    earnings: FlowView
    arrivals: list[ArrivalView]
    in_payout: Money
    frozen: list[KeptView]
    owed: Money


def statements_view(page: ListPage) -> StatementsView:
    """A page of statements."""
    return {
        "statements": [_listed_view(listed) for listed in page.statements],
        "next": next_page(page.next_cursor),
    }


def _listed_view(listed: Listed) -> ListedView:
    return {
        "id": listed.statement,
        "run": listed.run,
        "period": listed.period,
        "issued_at": timestamp(listed.issued_at),
        "gifts": coins(listed.coins),
        "gift_share": fen(listed.gift_share_minor),
        "guild_share": fen(listed.guild_share_minor),
        "platform_share": fen(listed.platform_share_minor),
        "accruals": fen(listed.accruals_minor),
        "credited": fen(listed.credited_minor),
        "held": fen(listed.held_minor),
        "sha256": None if listed.sha256 is None else listed.sha256.hex(),
        "objections_until": timestamp(listed.heard_until),
        "standing": listed.standing,
    }


def objected_view(command: Object, outcome: Outcome) -> ObjectedView:
    """An objection, from what was sent."""
    return {
        "id": command.id,
        "statement": command.statement,
        "line": command.line,
        "text": command.text,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def answered_view(command: Answer, outcome: Outcome) -> AnsweredView:
    """An answer, from what was sent."""
    return {
        "id": command.id,
        "objection": command.objection,
        "text": command.text,
        "adjustment": command.adjustment,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def objections_view(page: ObjectionPage) -> ObjectionsView:
    """A page of objections."""
    return {
        "objections": [objection_view(objection) for objection in page.objections],
        "next": next_page(page.next_cursor),
    }


def objection_view(objection: Objection) -> ObjectionView:
    """An objection and its answer."""
    answer = objection.answer
    return {
        "id": objection.objection,
        "statement": objection.statement,
        "streamer": objection.streamer,
        "line": objection.line,
        "text": objection.text,
        "occurred_at": timestamp(objection.occurred_at),
        "answer": None
        if answer is None
        else {
            "text": answer.text,
            "adjustment": answer.adjustment,
            "occurred_at": timestamp(answer.occurred_at),
        },
    }


def explanation_view(explanation: Explanation) -> ExplanationView:
    """A line of a statement explained."""
    version = explanation.version
    return {
        "statement": explanation.statement,
        "line": explanation.number,
        "kind": explanation.line["kind"],
        "policy": explanation.line["policy"],
        "policy_sha256": version.sha256 if version else None,
        "steps": [{"name": step.name, "formula": step.formula} for step in explanation.steps],
        "amount": fen(explanation.line["amount_minor"]),
        "receipts": [
            {
                "entry": receipt.entry,
                "occurred_at": timestamp(receipt.occurred_at),
                "what": receipt.what,
                "coins": None if receipt.coins is None else coins(receipt.coins),
                "amount": fen(receipt.amount_minor),
            }
            for receipt in explanation.receipts
        ],
        "next": next_page(explanation.next_cursor),
    }


def summary_view(summary: Summary) -> SummaryView:
    """A streamer's summary."""
    period = summary.this_period
    return {
        "party": summary.streamer,
        "at": timestamp(summary.at),
        "today": summary.today.isoformat(),
        "this_period": {
            "name": period.name,
            "first": period.first.isoformat(),
            "through": period.through.isoformat(),
        },
        "earned": [
            {"kind": earned.kind.value, "earned": _spans_view(earned.earned_minor, "CNY")}
            for earned in summary.earned
        ],
        "earned_in_all": _spans_view(summary.earned_minor, "CNY"),
        "gifts": _flow_view(summary.gifts, "ZLB"),
        "accruals": _flow_view(summary.accruals, "CNY"),
        "earnings": _flow_view(summary.earnings, "CNY"),
        "arrivals": [
            {"available_on": arrival.available_on.isoformat(), "amount": fen(arrival.amount_minor)}
            for arrival in summary.arrivals
        ],
        "in_payout": fen(summary.in_payout_minor),
        "frozen": [_kept_view(kept) for kept in summary.frozen],
        "owed": fen(summary.owed_minor),
    }


def _spans_view(spans: Spans, currency: str) -> SpansView:
    return {
        "today": money(spans.today, currency),
        "this_period": money(spans.this_period, currency),
        "all_time": money(spans.all_time, currency),
    }


def _flow_view(flow: Flow, currency: str) -> FlowView:
    return {
        "received": _spans_view(flow.received, currency),
        "left": _spans_view(flow.left, currency),
        "posted": money(flow.posted_minor, currency),
        "held": money(flow.held_minor, currency),
        "available": money(flow.available_minor, currency),
        "frozen": flow.is_frozen,
        "barred_until": None if flow.barred_until is None else timestamp(flow.barred_until),
    }


def _kept_view(kept: Kept) -> KeptView:
    currency = CHART[kept.account].currency
    return {
        "hold": kept.hold,
        "account": kept.account,
        "amount": None if kept.amount_minor is None else money(kept.amount_minor, currency),
        "since": timestamp(kept.since),
        "until": None if kept.until is None else timestamp(kept.until),
        "kind": kept.kind,
        "cause": kept.cause,
    }
