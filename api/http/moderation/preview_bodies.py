"""What is asked and shown of previews over HTTP: what a money measure would move."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator
from typing_extensions import TypedDict

from api.event_file import fields
from api.http.bodies import Body, Fen, Id, Instant, Text, Words
from api.http.money import Money, fen, money, next_page, timestamp
from ledger.chart import CHART
from ledger.money import BPS, FEN_PER_COIN
from moderation.measures.kinds import MONEY_MEASURES, MeasureKind
from moderation.takings.shown import RETURNS, Head, Loss, Preview
from settlement.returns.plans import PlannedReturn
from settlement.returns.selections import (
    ListedTips,
    Selection,
    SessionTips,
    StreamerTips,
    ViewerTips,
)

_KINDS = tuple(kind.value for kind in MeasureKind if kind in MONEY_MEASURES)
_HEADS = tuple(head.value for head in Head)
MOST_LOSSES, MOST_BESIDE, MOST_TIPS = 50, 10, 1_000


def _choice(names: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": list(names)}


_Kind = Annotated[str, PlainValidator(fields.one_of(*_KINDS)), WithJsonSchema(_choice(_KINDS))]
_Head = Annotated[str, PlainValidator(fields.one_of(*_HEADS)), WithJsonSchema(_choice(_HEADS))]


class LossBody(Body):
    """An item of a claim: what it was, and how much."""

    head: _Head
    amount: Fen
    what: Words


class TipsBody(Body):
    """Which tips: a streamer's of a `session`, or a streamer's or viewer's `since` and `until`; or listed."""

    streamer: Text | None = None
    viewer: Text | None = None
    session: Id | None = None
    since: Instant | None = None
    until: Instant | None = None
    tips: Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_TIPS)] | None = None

    @model_validator(mode="after")
    def _names_one_way(self) -> Self:
        given = frozenset(name for name, value in self if value is not None)
        if given not in (
            {"streamer", "session"},
            {"streamer", "since", "until"},
            {"viewer", "since", "until"},
            {"viewer", "tips"},
        ):
            raise ValueError("names neither a streamer's session or time, nor a viewer's time or tips")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError("until is not after since")
        return self

    @property
    def selection(self) -> Selection:
        """The same, as settlement asks for it."""
        if self.streamer is not None and self.session is not None:
            return SessionTips(self.streamer, self.session)
        if self.viewer is not None and self.tips is not None:
            return ListedTips(self.viewer, self.tips)
        assert self.since is not None
        assert self.until is not None
        if self.streamer is not None:
            return StreamerTips(self.streamer, self.since, self.until)
        assert self.viewer is not None
        return ViewerTips(self.viewer, self.since, self.until)


class PreviewBody(Body):
    """What a measure of a kind that moves money would move.

    A penalty has an `amount`, or takes all there is; damages and compensation have `losses`; tips that go
    back are named by `tips`, of a minor's with the `ratio_bps` of each that goes back, and their `party` is
    the viewer named, or the streamer who gives all of them. `beside` are previews of what is to be decided
    together with it and comes first; `exceeding` says why more than the rule allows is right: compensation
    above the cap, or a penalty and damages of one case besides each other.
    """

    kind: _Kind
    party: Text
    amount: Fen | None = None
    losses: Annotated[tuple[LossBody, ...], Field(max_length=MOST_LOSSES)] = ()
    beside: Annotated[tuple[Id, ...], Field(max_length=MOST_BESIDE)] = ()
    exceeding: Words | None = None
    tips: TipsBody | None = None
    ratio_bps: Annotated[int, Field(strict=True, ge=1, le=BPS)] = BPS

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        kind = MeasureKind(self.kind)
        claims = kind in (MeasureKind.DAMAGES, MeasureKind.COMPENSATION)
        if bool(self.losses) != claims:
            raise ValueError(f"losses {'are missing' if claims else 'are given'} for {kind.value}")
        if (self.tips is not None) != (kind in RETURNS):
            raise ValueError(f"tips are {'missing' if kind in RETURNS else 'given'} for {kind.value}")
        if self.tips is not None and self.tips.streamer not in (None, self.party):
            raise ValueError("tips are another streamer's: party is who gives them back, and may appeal")
        if len(set(self.beside)) < len(self.beside):
            raise ValueError("beside names a preview twice")
        if self.amount is not None and kind is not MeasureKind.PENALTY:
            raise ValueError("amount is given, and only a penalty has one")
        if self.ratio_bps != BPS and kind is not MeasureKind.RETURN_MINORS_TIPS:
            raise ValueError("ratio_bps is given, and only a minor's tips go back in part")
        return self

    @property
    def items(self) -> tuple[Loss, ...]:
        """The losses, as they are claimed."""
        return tuple(Loss(Head(one.head), one.amount, one.what) for one in self.losses)


class TakingView(TypedDict):
    """What is taken of an account; of `debt` what will be owed, of `refunds_payable` what is given."""

    account: str
    owner: str
    amount: Money


class LossView(TypedDict):
    """An item of a claim."""

    head: str
    amount: Money
    what: str


class TipBackView(TypedDict):
    """A tip that goes back: `coins`, of which `unsettled` out of the gifts; the rest by who was credited."""

    tip: str
    viewer: str
    streamer: str
    coins: Money
    unsettled: Money
    streamer_gives: Money
    guild_gives: Money
    platform_gives: Money
    refund: Money


class LeftOutView(TypedDict):
    """How many tips were asked for and do not go back: `undone` before; something of them `taken`; or
    `held` by another measure, or by another decision that has them go back.
    """

    undone: int
    taken: int
    held: int


class PlanView(TypedDict):
    """Which tips go back, and how many of those that were asked for do not."""

    plan: UUID
    sha256: str
    streamers: list[str]
    tips: int
    coins: Money
    face_value: Money
    left_out: LeftOutView


class PreviewView(TypedDict):
    """What a measure would move. `sha256` is of `document`, canonical JSON; `total` is in money.

    `tips` is a page of those that go back; `next` is the cursor of the page behind.
    """

    id: UUID
    case: str
    kind: str
    party: str
    total: Money
    takings: list[TakingView]
    losses: list[LossView]
    covered_by_penalty: Money
    beside: list[UUID]
    exceeding: str | None
    plan: PlanView | None
    tips: list[TipBackView]
    next: str | None
    document: str
    sha256: str
    made_by: str
    made_at: str


def preview_view(
    preview: Preview, total_fen: int, tips: list[PlannedReturn], next_cursor: int | None
) -> PreviewView:
    """A preview as it was made, whatever was remitted since."""
    shown = preview.shown
    plan = shown.plan
    return {
        "id": preview.preview,
        "case": preview.case,
        "kind": preview.kind.value,
        "party": preview.party,
        "total": fen(total_fen),
        "takings": [
            {
                "account": taking.account,
                "owner": taking.owner,
                "amount": money(taking.amount_minor, CHART[taking.account].currency),
            }
            for taking in shown.takings
        ],
        "losses": [
            {"head": loss.head.value, "amount": fen(loss.amount_minor), "what": loss.what}
            for loss in shown.losses
        ],
        "covered_by_penalty": fen(shown.netted_minor),
        "beside": list(shown.beside),
        "exceeding": shown.exceeding,
        "plan": None
        if plan is None
        else {
            "plan": plan.plan,
            "sha256": plan.sha256,
            "streamers": list(plan.streamers),
            "tips": plan.count,
            "coins": money(plan.coins, "ZLB"),
            "face_value": fen(plan.coins * FEN_PER_COIN),
            "left_out": {
                "undone": plan.left_out.undone,
                "taken": plan.left_out.taken,
                "held": plan.left_out.held,
            },
        },
        "tips": [tip_view(tip) for tip in tips],
        "next": next_page(next_cursor),
        "document": preview.document.decode(),
        "sha256": preview.sha256.hex(),
        "made_by": preview.made_by,
        "made_at": timestamp(preview.made_at),
    }


def tip_view(tip: PlannedReturn) -> TipBackView:
    """A tip that goes back."""
    return {
        "tip": str(tip.tip),
        "viewer": tip.viewer,
        "streamer": tip.streamer,
        "coins": money(tip.coins, "ZLB"),
        "unsettled": money(tip.unsettled_coins, "ZLB"),
        "streamer_gives": fen(tip.streamer_minor),
        "guild_gives": fen(tip.guild_minor),
        "platform_gives": fen(tip.platform_minor),
        "refund": fen(tip.refund_minor),
    }
