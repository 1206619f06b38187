"""Lines that are no events: one well-formed event, broken in one way."""

from collections.abc import Callable
from random import Random

from tests.model.spelling import LINE_BYTES, Fields, Raw, json_of, object_of, respelled

NOT_A_COUNT: tuple[object, ...] = (
    0,
    -1,
    1_000_000_001,
    10**18,
    True,
    "5",
    "",
    [5],
    {},
    *map(
        Raw,
        ("5.0", "1e3", "5E0", "0.5", "05", "+5", "0x5", "1_0", "NaN", "Infinity", "-Infinity", "9" * 5000),
    ),
)
NOT_AN_AMOUNT: tuple[object, ...] = (
    *(
        "0.00",
        "01.00",
        "1.0",
        "1.005",
        "1",
        "1.",
        ".50",
        "-1.00",
        "+1.00",
        "1,00",
        " 1.00",
        "1.00 ",
        "1.00\n",
    ),
    *("10000000000.00", "\uff11.00", "1.0\u0660", "", "1e2", "NaN", True, 0, -5, [], Raw("1.00"), Raw("5.0")),
)
NOT_A_TEXT: tuple[object, ...] = (
    *("", "x" * 201, "\U0001f3a4" * 201, "a\0b", "a\nb", "\t", "\x1f", "\x7f", "\x80", "a\x85", "\x9f"),
    *(5, None, True, [], ["x"], {}),
    *map(
        Raw, ('"\\ud800"', '"\\udfff"', '"\\udc00\\ud800"', '"x\\ud83dx"', '"\\x41"', '"\\u00g0"', "'x'", "x")
    ),
)
NOT_AN_ID: tuple[object, ...] = (
    *("", "x", None, 5, [], "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "{ffacf3ef-c409-47c9-8a90-36d79e614bad}",
    "urn:uuid:ffacf3ef-c409-47c9-8a90-36d79e614bad",
    "ffacf3efc40947c98a9036d79e614bad",
    "ffacf3ef-c409-17c9-8a90-36d79e614bad",
    "ffacf3ef-c409-57c9-8a90-36d79e614bad",
    "ffacf3ef-c409-87c9-8a90-36d79e614bad",
    "ffacf3ef-c409-47c9-ca90-36d79e614bad",
    "ffacf3ef-c409-47c9-0a90-36d79e614bad",
    "ffacf3ef-c409-47c9-8a90-36d79e614bad ",
    "ffacf3ef-c409-47c9-8a90-36d79e614ba",
    "ffacf3ef-c40947c9-8a90-36d79e614-bad",
    "gfacf3ef-c409-47c9-8a90-36d79e614bad",
    "\uff11facf3ef-c409-47c9-8a90-36d79e614bad",
)
NOT_A_TIME: tuple[object, ...] = (
    *("yesterday", "", None, 0, 1790000000, [], "2026-10-01", "2026-10-01T20:00:00", "2026-10-01T20:00Z"),
    *("2026-10-01T20:00:60Z", "2026-10-01T23:59:60+08:00", "2026-10-01T24:00:00Z", "2026-10-01T20:60:00Z"),
    *("2026-02-29T20:00:00Z", "2026-13-01T20:00:00Z", "2026-00-01T20:00:00Z", "2026-10-00T20:00:00Z"),
    *("1999-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "0026-10-01T20:00:00Z", "12026-10-01T20:00:00Z"),
    *(
        "2026-10-01T20:00:00.Z",
        "2026-10-01T20:00:00.1234567Z",
        "2026-10-01T20:00:00,5Z",
        "2026-10-01 20:00:00Z",
    ),
    *("2026-10-01t20:00:00Z", "2026-10-01T20:00:00z", "2026-10-01T20:00:00+0800", "2026-10-01T20:00:00+08"),
    *(
        "2026-10-01T20:00:00+24:00",
        "2026-10-01T20:00:00+08:60",
        "2026-10-01T20:00:00 +08:00",
        "20261001T200000Z",
    ),
    *(
        "2026-10-01T20:00:00\u221208:00",
        "\uff12026-10-01T20:00:00Z",
        "2026-10-01T20:00:00Z ",
        " 2026-10-01T20:00:00Z",
    ),
    *("2026-10-01T20:00:00+08:00[Asia/Shanghai]", "2026-10-01T20:00:00+08:00:00", "2026-W40-4T20:00:00Z"),
)
NOT_A_DAY: tuple[object, ...] = (
    *("2026-13-01", "2026-02-29", "2026-04-31", "2026-1-01", "20260101", "2026-01-01T00:00:00Z", "", "today"),
    *(None, 20260101, [], "2026-01-01 ", "2026-01-00", "26-01-01", "2026/01/01", "\uff12026-01-01"),
)
NOT_ROLES: tuple[object, ...] = (
    *([], ["viewer", "viewer"], ["streamer", "viewer", "streamer"], ["admin"], ["Viewer"], ["viewer", None]),
    *("viewer", None, {}, [["viewer"]], [5], ["viewer", ""]),
)
NOT_A_NAME: tuple[object, ...] = (
    "",
    "Wallet",
    "debt",
    "wallet ",
    "wechat\u200b",
    "coin_liability",
    None,
    5,
    [],
    {},
)
NOT_A_SHARE: tuple[object, ...] = (
    -1,
    10_001,
    True,
    "5000",
    None,
    [],
    *map(Raw, ("5000.0", "5e3", "00", "-")),
)

WRONG: dict[str, tuple[object, ...]] = {
    "id": NOT_AN_ID,
    "freeze": NOT_AN_ID,
    "at": NOT_A_TIME,
    "type": ("bribe", "Tip", "tip ", "", None, 5, [], {}, ["tip"]),
    "coins": (*NOT_A_COUNT, None),
    "quantity": (*NOT_A_COUNT, None),
    "per_tip": NOT_A_COUNT,
    "per_day": NOT_A_COUNT,
    "paid": (*NOT_AN_AMOUNT, None, 5),
    "amount": NOT_AN_AMOUNT,
    "share_bps": NOT_A_SHARE,
    "through": NOT_A_DAY,
    "roles": NOT_ROLES,
    "account": NOT_A_NAME,
    "channel": NOT_A_NAME,
}

NO_EVENT_AT_ALL = (
    *(
        b"",
        b"\r",
        b" ",
        b"\t\t",
        b"[]",
        b"{}",
        b"null",
        b"true",
        b"5",
        b'"tip"',
        b"{",
        b"}",
        b"[{}]",
        b"\x00\x01",
    ),
    *(
        b"\xef\xbb\xbf",
        b"# a comment",
        b"\xff\xfe{\x00}\x00",
        b"[" * 5000,
        b'{"a":' * 5000,
        b"[" * 900 + b"]" * 900,
    ),
    *(
        "\u2028".encode(),
        "\u00a0".encode(),
        b"\x0b",
        b"\x0c",
        b"NaN",
        b"1e999",
        b"-",
        b'"',
        b'"\\',
        b"{" * 65537,
    ),
)


def broken(fields: Fields, random: Random) -> bytes:
    """A malformed line without its LF, made of the fields of a well-formed event."""
    return random.choice(_WAYS)(fields, random)


def _wrong_value(fields: Fields, random: Random) -> bytes:
    name = random.choice(list(fields))
    return _line(fields | {name: random.choice(WRONG.get(name, NOT_A_TEXT))}, random)


def _missing(fields: Fields, random: Random) -> bytes:
    left_out = random.choice(list(fields))
    return _line({name: value for name, value in fields.items() if name != left_out}, random)


def _unknown_field(fields: Fields, random: Random) -> bytes:
    return _line(
        fields | {random.choice(("oops", "Id", "", "at ", "price", "__proto__", "\u0131d")): 5}, random
    )


def _twice(fields: Fields, random: Random) -> bytes:
    pairs = list(respelled(fields, random).items())
    pairs.append(random.choice(pairs))
    random.shuffle(pairs)
    return object_of(pairs, random).encode()


def _twice_escaped(fields: Fields, random: Random) -> bytes:
    name = random.choice(list(fields))
    escaped = "".join(f"\\u{ord(character):04x}" for character in name)
    pair = f'"{escaped}":{json_of(respelled(fields, random)[name], random)}'
    return b"{" + pair.encode() + b"," + _line(fields, random).strip().removeprefix(b"{")


def _beyond_face_value(fields: Fields, random: Random) -> bytes:
    coins = random.choice((1, 10, 999))
    own = {"id": fields["id"], "at": fields["at"], "type": "topup", "viewer": "ana", "channel_txn": "t"}
    return _line(own | {"coins": coins, "paid": f"{coins // 10}.{coins % 10}1", "channel": "wechat"}, random)


def _freeze_in_the_other_currency(fields: Fields, random: Random) -> bytes:
    account, amount = random.choice(
        (("wallet", "1.00"), ("gifts", "0.01"), ("accruals", 1), ("earnings", 100))
    )
    own = {"id": fields["id"], "at": fields["at"], "type": "freeze", "party": "ana", "case": "c", "rule": "r"}
    return _line(own | {"account": account, "amount": amount}, random)


def _too_long(fields: Fields, random: Random) -> bytes:
    line = _line(fields, random).strip()
    return random.choice((line.ljust, line.rjust))(LINE_BYTES + random.choice((1, 2, 5000)))


def _damaged(fields: Fields, random: Random) -> bytes:
    line = _line(fields, random).strip()
    quote = line.index(b'"') + 1
    return random.choice(
        (
            b"\xef\xbb\xbf" + line,
            line[: random.randrange(1, len(line))],
            line + b",",
            line + b"}",
            line + line,
            line + b" null",
            line + b"\x00",
            b"[" + line + b"]",
            line[:-1] + b",}",
            b"{," + line[1:],
            line.replace(b":", b"=", 1),
            line.replace(b'"', b"'"),
            line + b"// so it was",
            b"\x0c" + line,
            line + "\u00a0".encode(),
            line + "\u2028".encode(),
            line + "\u0085".encode(),
            *(
                line[:quote] + junk + line[quote:]
                for junk in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\x01", b"\x7f")
            ),
        )
    )


def _nothing_like_it(_: Fields, random: Random) -> bytes:
    return random.choice(NO_EVENT_AT_ALL)


def _line(fields: Fields, random: Random) -> bytes:
    pairs = list(respelled(fields, random).items())
    random.shuffle(pairs)
    return object_of(pairs, random).encode()


_WAYS: tuple[Callable[[Fields, Random], bytes], ...] = (
    *[_wrong_value] * 12,
    *[_damaged] * 4,
    _missing,
    _unknown_field,
    _twice,
    _twice_escaped,
    _beyond_face_value,
    _freeze_in_the_other_currency,
    _too_long,
    _nothing_like_it,
)
