"""What a money measure would take, computed from what is there: pure, and never more than that."""

from collections.abc import Mapping, Sequence

from ledger.kernel.refusals import Refusal
from ledger.money import FEN_PER_COIN
from moderation.takings.refusals import IndirectLoss
from moderation.takings.shown import DIRECT, Loss, Taking

#: What a penalty takes from first (LIVE-MOD-7): what is not settled yet, then earnings, then coins.
PENALTY_ORDER = ("accruals", "earnings", "gifts", "wallet")
_COINS = frozenset({"gifts", "wallet"})


def penalty(
    party: str,
    available: Mapping[str, int],
    asked_fen: int | None,
    *,
    coins_off: bool = False,
    order: Sequence[str] = PENALTY_ORDER,
) -> tuple[Taking, ...]:
    """A penalty (违约金) of so many fen, or of all there is (None), account by account in order.

    ``available`` is in minor units by kind of account. At most what is there is taken, and never more than
    was asked: coins are whole, so a penalty may fall short by less than one. Rule: LIVE-MOD-7, of which
    the part about coins can be switched off alone (LIVE-SEV-1).
    """
    takings: list[Taking] = []
    left = asked_fen
    for account in order:
        unit = FEN_PER_COIN if account in _COINS else 1
        there = 0 if coins_off and account in _COINS else max(0, available.get(account, 0))
        amount = there if left is None else min(there, left // unit)
        if amount:
            takings.append(Taking(account, party, amount))
        if left is not None:
            left -= amount * unit
    return tuple(takings)


def why_not_owed(losses: Sequence[Loss]) -> Refusal | None:
    """Only direct losses are owed, by either side. Refuses ``indirect_loss``. Rule: LIVE-LIAB-4."""
    for loss in losses:
        if loss.head not in DIRECT:
            return IndirectLoss(loss.head.value)
    return None


def netted(claimed_fen: int, penalty_fen: int) -> int:
    """What of a claim the penalties of the same case cover already. Rule: LIVE-MOD-8."""
    return max(0, min(claimed_fen, penalty_fen))


def damages(party: str, owed_fen: int, earnings_fen: int) -> tuple[Taking, ...]:
    """Damages (赔偿): of the earnings what is there, the rest becomes a debt that later earnings offset."""
    there = max(0, min(owed_fen, earnings_fen))
    parts = (Taking("earnings", party, there), Taking("debt", party, owed_fen - there))
    return tuple(part for part in parts if part.amount_minor)


def liability_cap(*, paid_fen: int, refunded_fen: int, compensated_fen: int) -> int:
    """What the platform may still owe a user: what they paid, less what they got back. LIVE-LIAB-3, G13."""
    return max(0, paid_fen - refunded_fen - compensated_fen)


def kept(takings: Sequence[Taking], keep_fen: int) -> tuple[int, ...]:
    """What stays taken from each account when an appeal lowers a penalty to so many fen: the first stay."""
    amounts: list[int] = []
    for taking in takings:
        unit = FEN_PER_COIN if taking.account in _COINS else 1
        amounts.append(min(taking.amount_minor, keep_fen // unit))
        keep_fen -= amounts[-1] * unit
    return tuple(amounts)
