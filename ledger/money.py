"""Money: 智联币 (``ZLB``) and 元 (``CNY``), exact, and the one home of rounding.

The books count minor units: whole coins, and fen. :class:`moneyed.Money` is what people and other
programs see of it, at the edges.
"""

from decimal import Decimal

from moneyed import CNY, Currency, Money, add_currency

ZLB: Currency = add_currency("ZLB", None, sub_unit=1, name="智联币")

#: Face value of one 智联币 in fen, for the life of the books: a property of the currency, not a price.
FEN_PER_COIN = 10

CURRENCIES: dict[str, Currency] = {"ZLB": ZLB, "CNY": CNY}

BPS = 10_000


def face_value(coins: int) -> int:
    """What ``coins`` stand for in fen, whatever was paid for them."""
    return coins * FEN_PER_COIN


def round_half_up(numerator: int, denominator: int) -> int:
    """The quotient of two non-negative whole numbers, a half rounded up; no float is involved."""
    return (2 * numerator + denominator) // (2 * denominator)


def share_of(amount_minor: int, share_bps: int) -> int:
    """The part of an amount that ``share_bps`` ten-thousandths of it make, rounded half up once.

    Whoever has the other part gets ``amount_minor`` less this, so the parts always sum to the whole.
    """
    return round_half_up(amount_minor * share_bps, BPS)


def money(amount_minor: int, currency: str) -> Money:
    """An amount of minor units as people write it: 120 coins, or 1.20 元 for 120 fen."""
    unit = CURRENCIES[currency]
    return Money(decimal_of(amount_minor, currency), unit)


def decimal_of(amount_minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal with the currency's own number of places."""
    return Decimal(amount_minor).scaleb(-places_of(currency))


def places_of(currency: str) -> int:
    """How many decimal places the currency has: none for 智联币, two for 元."""
    return len(str(CURRENCIES[currency].sub_unit)) - 1


def written(amount_minor: int, currency: str) -> str:
    """An amount in a sentence: 120 ZLB, 1.20 CNY."""
    amount = money(amount_minor, currency)
    return f"{amount.amount} {amount.currency}"


def minor_of(amount: Money) -> int:
    """Money as minor units.

    Raises ``ValueError`` when the amount has a fraction of a minor unit: nothing is rounded here.
    """
    scaled = amount.amount * amount.currency.sub_unit
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} is finer than the smallest unit of {amount.currency.code}")
    return int(scaled)
