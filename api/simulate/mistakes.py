"""What goes wrong in a simulated evening: events that the books will refuse, and for which reason.

| of 100 refused | code |
| --- | --- |
| 45 | `insufficient_funds`: a tip of more than a wallet can hold |
| 16 | `limit_exceeded`: a tip above what one may be |
| 12 | `gift_not_on_sale`: last year's gift |
| 9 | `account_not_found`: nobody of that name |
| 6 | `id_conflict`: an id used again for something else |
| 5 | `payment_already_credited`: a channel told of a payment twice |
| 3 | `freeze_not_found` |
| 2 | `exceeds_hold`, or `currency_mismatch` |
| 2 | `hold_already_released`, or `hold_already_captured` |

Tips from frozen wallets (`account_frozen`) come on top: viewers try after their wallet was frozen.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.simulate.evening import Evening

_MISTAKES = ("funds", "limit", "gift", "party", "id", "payment", "freeze", "hold", "ended")
_WEIGHTS = (45, 16, 12, 9, 6, 5, 3, 2, 2)


def mistaken(evening: "Evening") -> dict[str, Any]:
    """An event that will be refused; a tip beyond the wallet where there is nothing yet to get wrong."""
    (mistake,) = evening.random.choices(_MISTAKES, _WEIGHTS)
    return _MAKERS[mistake](evening) or _too_much(evening)


def _too_much(evening: "Evening") -> dict[str, Any]:
    """More than is there, yet within the limit of one tip: one castle more than the wallet has."""
    viewer = evening.viewer()
    for _ in range(20):
        if evening.coins[viewer] < evening.prices["castle"] * 3 and viewer not in evening.stopped:
            break
        viewer = evening.viewer()
    return evening.tip(
        viewer, evening.streamer(), "castle", 1 + evening.coins[viewer] // evening.prices["castle"]
    )


def _above_limit(evening: "Evening") -> dict[str, Any]:
    return evening.tip(evening.viewer(), evening.streamer(), "castle", evening.random.randint(11, 99))


def _unknown_gift(evening: "Evening") -> dict[str, Any]:
    return evening.tip(evening.viewer(), evening.streamer(), evening.random.choice(("moon-cake", "粽子")), 1)


def _unknown_party(evening: "Evening") -> dict[str, Any]:
    if evening.random.random() < 0.5:
        return evening.tip(f"x{evening.random.randint(1, 999):05}", evening.streamer(), "heart", 1)
    return evening.tip(evening.viewer(), "s9999", "heart", 1)


def _conflicting_id(evening: "Evening") -> dict[str, Any] | None:
    earlier = evening.earlier()
    return (
        {**evening.tip(evening.viewer(), evening.streamer(), "heart", 7), "id": earlier["id"]}
        if earlier
        else None
    )


def _paid_twice(evening: "Evening") -> dict[str, Any] | None:
    for _ in range(50):
        earlier = evening.earlier()
        if earlier and earlier["type"] == "topup":
            return {**earlier, "id": evening.new_id()}
    return None


def _unknown_freeze(evening: "Evening") -> dict[str, Any]:
    return evening.stated("lift", freeze=evening.new_id(), case="case-0")


def _wrong_amount(evening: "Evening") -> dict[str, Any] | None:
    """More than a freeze holds, or money from an account of coins."""
    for freeze in evening.frozen.values():
        if freeze.amount is not None:
            amount = evening.random.choice((freeze.amount + 1, "1.00"))
            return evening.stated(
                "forfeit", freeze=freeze.id, amount=amount, case=freeze.case, rule="LIVE-MOD-7"
            )
    return None


def _ended_freeze(evening: "Evening") -> dict[str, Any] | None:
    if not evening.ended:
        return None
    freeze = evening.random.choice(evening.ended)
    return evening.stated("lift", freeze=freeze.id, case=freeze.case)


_MAKERS = dict(
    zip(
        _MISTAKES,
        (
            _too_much,
            _above_limit,
            _unknown_gift,
            _unknown_party,
            _conflicting_id,
            _paid_twice,
            _unknown_freeze,
            _wrong_amount,
            _ended_freeze,
        ),
        strict=True,
    )
)
