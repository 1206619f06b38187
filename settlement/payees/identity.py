"""Names and numbers: whether they can be what they say, when two are the same, and what is shown of them."""

import re
from datetime import date

from ledger.sealing import matched

_SHOWN_AT_THE_END = 4
_RESIDENT_ID = re.compile(r"[1-9][0-9]{16}[0-9X]")
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_CREDIT_CODE_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_OTHER_NUMBER = re.compile(r"[0-9A-Z]{6,20}")
_ACCOUNTS = {
    "bank": (re.compile(r"[0-9]{8,30}"), "is not 8 to 30 digits"),
    "wechat": (re.compile(r"[0-9A-Za-z_-]{6,64}"), "is not an openid"),
    "alipay": (re.compile(r"[^\s]{4,100}"), "is not 4 to 100 characters"),
}


def number_fault(*, is_organisation: bool, number: str, birth_date: date | None) -> str | None:
    """Why a number cannot be an ID's, or a licence's; None if it can. The sentence does not repeat it.

    The check digits are those of GB 11643 (resident IDs) and GB 32100 (unified social credit codes).
    """
    number = matched("number", number)
    if is_organisation:
        if len(number) == 18:
            return (
                None if _is_credit_code(number) else "is not a unified social credit code: check its digits"
            )
        return None if _OTHER_NUMBER.fullmatch(number) else "is not a licence number"
    if not _RESIDENT_ID.fullmatch(number):
        return None if _OTHER_NUMBER.fullmatch(number) and len(number) != 18 else "is not an ID number"
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT_WEIGHTS, strict=True))
    if _RESIDENT_CHECKS[total % 11] != number[17]:
        return "is not an ID number: its check digit is wrong"
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "is not an ID number: it holds no birth date"
    return "has another birth date in it" if birth_date not in (None, born) else None


def account_fault(channel: str, account: str) -> str | None:
    """Why an account cannot be one of that channel; None if it can."""
    shape, sentence = _ACCOUNTS[channel]
    return None if shape.fullmatch(matched("account", account)) else sentence


def masked_name(name: str) -> str:
    """A name as it is shown: 张*, 阿****."""
    return name[:1] + "*" * max(1, len(name) - 1)


def masked_number(number: str) -> str:
    """An ID, a licence or an account as it is shown: ****1234, of a short one less."""
    shown = min(_SHOWN_AT_THE_END, len(number) // 3)
    return "****" + number[len(number) - shown :]


def _is_credit_code(number: str) -> bool:
    values = [_CREDIT_CODE_DIGITS.find(digit) for digit in number]
    if min(values) < 0:
        return False
    total = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    return (31 - total % 31) % 31 == values[17]
