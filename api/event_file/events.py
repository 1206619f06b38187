"""The types of event: which fields each has, and the command it is."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from api.event_file.fields import (
    Malformed,
    Reader,
    coins_or_fen,
    count,
    count_or_none,
    day,
    fen,
    identifier,
    instant,
    one_of,
    share_bps,
    some_of,
    text,
)
from api.event_file.settlement_events import SETTLEMENT_EVENTS
from ledger.chart import CHANNELS, CHART
from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.journal.commands import Command
from ledger.money import face_value
from ledger.parties import Register
from moderation.commands import Forfeit, Freeze, Lift
from settlement.commands import Reward, Settle

#: Who says what a file says: nobody decides anything here, it is a feed of what happened.
REPLAY = "replay:file"

_FREEZABLE = ("wallet", "gifts", "accruals", "earnings")


class _Type(NamedTuple):
    make: Callable[..., Command]
    own: tuple[tuple[str, Reader], ...]
    names: frozenset[str]


def command_of(line: bytes) -> Command:
    """The command that one line states, without its LF. It occurs when the line says it did.

    Raises :class:`Malformed` with the reason, for people.
    """
    fields = _parsed(line)
    found = fields.get("type")
    kind = _TYPES.get(found) if type(found) is str else None
    if kind is None:
        raise Malformed("type is missing" if "type" not in fields else "type is unknown")
    if fields.keys() != kind.names:
        raise Malformed(_wrong_names(fields, kind))
    try:
        id = identifier(fields["id"])
        at = instant(fields["at"])
        values = [read(fields[name]) for name, read in kind.own]
    except Malformed as reason:
        raise Malformed(f"{_culprit(fields, kind)} {reason}") from None
    return kind.make(id, REPLAY, at, at, *values)


def _culprit(fields: dict[str, object], kind: _Type) -> str:
    """The first field that does not read."""
    for name, read in (("id", identifier), ("at", instant), *kind.own):
        try:
            read(fields[name])
        except Malformed:
            return name
    raise AssertionError("a field that did not read does now")


def _parsed(line: bytes) -> dict[str, object]:
    try:
        value = _DECODER.decode(line.decode())
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 (byte {error.start + 1})") from None
    except json.JSONDecodeError as error:
        if not line.strip(b" \t\r"):
            raise Malformed("blank") from None
        raise Malformed(f"not JSON ({error.msg}, character {error.pos + 1})") from None
    except RecursionError:
        raise Malformed("nested too deep") from None
    if type(value) is not dict:
        raise Malformed("not a JSON object")
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise Malformed("a field stands there twice")
    return fields


def _integer(digits: str) -> int:
    # Longer ones are out of every field's range; Python would take its time over thousands of digits.
    return int(digits) if len(digits) <= 20 else -1


def _not_an_integer(number: str) -> object:
    raise Malformed("a number is not an integer")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_not_an_integer, parse_constant=_not_an_integer
)


def _wrong_names(fields: dict[str, object], kind: _Type) -> str:
    missing = [name for name in (*("id", "at"), *(name for name, _ in kind.own)) if name not in fields]
    if missing:
        return f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    unknown = next(name for name in fields if name not in kind.names)
    return f"{unknown[:40]!a} is no field of {fields['type']}"


def _guild(id: Any, actor: str, at: int, said: int, party: str) -> Register:
    return Register(id, actor, at, said, party, ("guild",))


def _top_up(
    id: Any, actor: str, at: int, said: int, viewer: str, coins: int, paid: int, *channel: str
) -> TopUp:
    if paid > face_value(coins):
        raise Malformed("paid is above the face value of the coins")
    return TopUp(id, actor, at, said, viewer, coins, paid, *channel)


def _freeze(
    id: Any,
    actor: str,
    at: int,
    said: int,
    party: str,
    account: str,
    amount: tuple[int, str] | tuple[None, None],
    case: str,
    rule: str,
) -> Freeze:
    amount_minor, currency = amount
    if currency not in (None, CHART[account].currency):
        raise Malformed(f"amount is in {currency}, the account in {CHART[account].currency}")
    return Freeze(id, actor, at, said, party, account, amount_minor, case, rule)


def _forfeit(
    id: Any, actor: str, at: int, said: int, freeze: Any, amount: tuple[int | None, str | None], *reason: str
) -> Forfeit:
    return Forfeit(id, actor, at, said, freeze, *amount, *reason)


def _type(make: Callable[..., Command], **own: Reader) -> _Type:
    return _Type(make, tuple(own.items()), frozenset({"id", "at", "type", *own}))


_TYPES = {
    "register": _type(Register, party=text, roles=some_of("viewer", "streamer")),
    "guild": _type(_guild, party=text),
    "gift": _type(PriceGift, gift=text, coins=count),
    "limit": _type(SetLimits, per_tip=count_or_none, per_day=count_or_none),
    "topup": _type(_top_up, viewer=text, coins=count, paid=fen, channel=one_of(*CHANNELS), channel_txn=text),
    "tip": _type(Tip, viewer=text, streamer=text, room=text, gift=text, quantity=count),
    "reward": _type(Reward, streamer=text, task=text, amount=fen),
    "freeze": _type(
        _freeze, party=text, account=one_of(*_FREEZABLE), amount=coins_or_fen, case=text, rule=text
    ),
    "lift": _type(Lift, freeze=identifier, case=text),
    "forfeit": _type(_forfeit, freeze=identifier, amount=coins_or_fen, case=text, rule=text),
    "settle": _type(Settle, through=day, share_bps=share_bps),
    **{name: _type(made, **own) for name, (made, own) in SETTLEMENT_EVENTS.items()},
}
