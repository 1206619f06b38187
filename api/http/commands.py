"""The commands that can be asked for over HTTP: who may, with which body, and what is answered.

There is no command that moves coins between viewers, nor one that pays coins out. Rule: VAS-USE-1.
"""

import re
from uuid import UUID

from api.event_file import fields
from api.event_file.fields import Malformed
from api.http import views
from api.http.bodies import (
    ID_SCHEMA,
    TEXT_SCHEMA,
    ForfeitBody,
    FreezeBody,
    LiftBody,
    LimitsBody,
    PriceBody,
    RegisterBody,
    ReversalBody,
    RewardBody,
    SettleBody,
    TipBody,
    TopUpBody,
)
from api.http.moderation.cases import CASE_OPERATIONS
from api.http.moderation.rules import RULE_OPERATIONS
from api.http.operations import Asked, Named, Operation
from api.http.problems import Problem
from api.http.settlement.earning import EARNING_OPERATIONS
from api.http.settlement.policies import POLICY_OPERATIONS
from api.http.settlement.statements import STATEMENT_OPERATIONS
from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.journal.reversals import Reverse
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import Reward, Settle, SettlePeriod

_ANY_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def _any_uuid(value: object) -> UUID:
    """Entries of our own have ids of version 8, and can be reversed too."""
    if not isinstance(value, str) or not _ANY_UUID.fullmatch(value):
        raise Malformed("is not a UUID")
    return UUID(value)


_GIFT = Named("gift", fields.text, TEXT_SCHEMA)
_FREEZE = Named("id", fields.identifier, ID_SCHEMA)
_ENTRY = Named(
    "id",
    _any_uuid,
    {"type": "string", "format": "uuid", "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"},
)


def tip(asked: Asked, body: TipBody) -> Tip:
    """Gives a streamer a gift from the caller's own wallet. Rule: LIVE-TIP-2, LIVE-TIP-5."""
    if body.viewer is not None and body.viewer != asked.party:
        raise Problem("forbidden", "viewer is not the token's subject: everyone tips from their own wallet")
    return Tip(*asked.common, asked.party, body.streamer, body.room, body.gift, body.quantity, body.price)


def register(asked: Asked, body: RegisterBody) -> Register:
    """Registers a party in roles, which opens their accounts."""
    return Register(*asked.common, body.party, body.roles)


def price_gift(asked: Asked, body: PriceBody, gift: str) -> PriceGift:
    """Puts a gift on sale at a price, or reprices it."""
    return PriceGift(*asked.common, gift, body.coins)


def set_limits(asked: Asked, body: LimitsBody) -> SetLimits:
    """Sets the limits on each viewer's tips. Rule: LIVE-TIP-5."""
    return SetLimits(
        *asked.common, body.per_tip, body.per_day, body.per_month, body.tips_per_day, body.tips_per_month
    )


def top_up(asked: Asked, body: TopUpBody) -> TopUp:
    """Credits a paid top-up to a viewer's wallet."""
    return TopUp(*asked.common, body.viewer, body.coins, body.paid, body.channel, body.channel_txn)


def reward(asked: Asked, body: RewardBody) -> Reward:
    """Accrues a task's reward to a streamer. Rule: LIVE-TASK-1."""
    return Reward(*asked.common, body.streamer, body.task, body.amount)


def freeze(asked: Asked, body: FreezeBody) -> Freeze:
    """Freezes an amount of an account, or all of it. Rule: LIVE-MOD-4."""
    amount_minor, _ = body.amount
    return Freeze(
        *asked.common, body.party, body.account, amount_minor, body.case, body.rule, body.expires_at
    )


def ends_before_it_begins(command: Freeze) -> Problem | None:
    """A freeze until a moment that is past freezes nothing: somebody mistyped a year, or an offset."""
    if command.expires_at is None or command.expires_at > command.occurred_at:
        return None
    errors = [{"field": "body.expires_at", "message": "is in the past"}]
    return Problem("invalid", "expires_at is in the past", errors=errors)


def needs_decision(command: Forfeit) -> Problem:
    """Money is taken by decided cases only; a forfeit that was decided before keeps its answer."""
    return Problem("needs_decision", "money is taken by deciding its case, not by ending a freeze")


def lift(asked: Asked, body: LiftBody, freeze: UUID) -> Lift:
    """Ends a freeze, moving nothing."""
    return Lift(*asked.common, freeze, body.case)


def forfeit(asked: Asked, body: ForfeitBody, freeze: UUID) -> Forfeit:
    """Refused since money is taken by decided cases only; what was taken before is answered as it was."""
    return Forfeit(*asked.common, freeze, *body.amount, body.case, body.rule)


def settle(asked: Asked, body: SettleBody) -> Settle | SettlePeriod:
    """Accepts a settlement run; it is carried out in the background."""
    if body.period is not None:
        return SettlePeriod(*asked.common, body.period)
    assert body.through is not None
    assert body.share_bps is not None
    return Settle(*asked.common, body.through, body.share_bps)


def reverse(asked: Asked, body: ReversalBody, entry: UUID) -> Reverse:
    """Undoes an entry by one that moves the same amounts back."""
    return Reverse(*asked.common, entry, body.reason)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/tips",
        "viewer",
        TipBody,
        tip,
        views.tip_view,
        views.TipView,
        (
            "gift_not_on_sale",
            "price_changed",
            "account_not_found",
            "not_permitted",
            "account_frozen",
            "limit_exceeded",
            "insufficient_funds",
        ),
    ),
    Operation(
        "POST",
        "/v1/parties",
        "gateway",
        RegisterBody,
        register,
        views.party_view,
        views.PartyView,
        (),
    ),
    Operation(
        "PUT",
        "/v1/gifts/{gift:path}",
        "gateway",
        PriceBody,
        price_gift,
        views.price_view,
        views.PriceView,
        (),
        status=200,
        named=_GIFT,
        key_required=False,
    ),
    Operation(
        "PUT",
        "/v1/limits",
        "gateway",
        LimitsBody,
        set_limits,
        views.limits_view,
        views.LimitsView,
        (),
        status=200,
        key_required=False,
    ),
    Operation(
        "POST",
        "/v1/topups",
        "gateway",
        TopUpBody,
        top_up,
        views.top_up_view,
        views.TopUpView,
        ("account_not_found", "payment_already_credited", "not_permitted"),
    ),
    Operation(
        "POST",
        "/v1/rewards",
        "gateway",
        RewardBody,
        reward,
        views.reward_view,
        views.RewardView,
        ("account_not_found",),
    ),
    Operation(
        "POST",
        "/v1/freezes",
        "moderator",
        FreezeBody,
        freeze,
        views.freeze_view,
        views.FreezeView,
        ("account_not_found", "own_affair", "insufficient_funds"),
        fault_when_new=ends_before_it_begins,
    ),
    Operation(
        "POST",
        "/v1/freezes/{id}/lift",
        "moderator",
        LiftBody,
        lift,
        views.lift_view,
        views.LiftView,
        ("freeze_not_found", "own_affair", "hold_already_released", "hold_already_captured", "hold_expired"),
        named=_FREEZE,
    ),
    Operation(
        "POST",
        "/v1/freezes/{id}/forfeit",
        "moderator",
        ForfeitBody,
        forfeit,
        views.forfeit_view,
        views.ForfeitView,
        (
            "freeze_not_found",
            "hold_already_released",
            "hold_already_captured",
            "hold_expired",
            "currency_mismatch",
            "exceeds_hold",
            "insufficient_funds",
            "needs_decision",
        ),
        named=_FREEZE,
        fault_when_new=needs_decision,
    ),
    Operation(
        "POST",
        "/v1/settlements",
        "finance",
        SettleBody,
        settle,
        views.run_view,
        views.RunView,
        ("no_policy", "period_not_over", "period_overlaps"),
        status=202,
        follow="/v1/settlements/{id}",
        besides=views.ruled_out,
    ),
    Operation(
        "POST",
        "/v1/entries/{id}/reversal",
        "finance",
        ReversalBody,
        reverse,
        views.reversal_view,
        views.ReversalView,
        ("account_not_found", "entry_not_found", "not_reversible", "already_reversed", "insufficient_funds"),
        named=_ENTRY,
    ),
    *EARNING_OPERATIONS,
    *POLICY_OPERATIONS,
    *RULE_OPERATIONS,
    *CASE_OPERATIONS,
    *STATEMENT_OPERATIONS,
)
