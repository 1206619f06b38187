"""Every line of an event file is a command or malformed, judged from the line alone."""

import io
import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from api.event_file import LONGEST_LINE_BYTES, Malformed, command_of, lines_of
from ledger.coins.top_ups import TopUp
from ledger.gifts.commands import Tip
from ledger.journal.commands import content_hash
from moderation.commands import Forfeit, Freeze
from settlement.commands import Settle
from tests.model.arbitrary import Gateway
from tests.model.lines import Malformed as MalformedInModel
from tests.model.lines import event_of_line

ID = "0198a3c4-0000-7000-8000-0000000000aa"
FREEZE_ID = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
AT = "2026-10-01T19:30:00.122+08:00"
TIP = {
    "id": ID,
    "at": AT,
    "type": "tip",
    "viewer": "v1",
    "streamer": "s1",
    "room": "r",
    "gift": "g",
    "quantity": 2,
}
TOPUP = {
    "id": ID,
    "at": AT,
    "type": "topup",
    "viewer": "v1",
    "coins": 10,
    "paid": "1.00",
    "channel": "wechat",
    "channel_txn": "42",
}
FREEZE = {
    "id": ID,
    "at": AT,
    "type": "freeze",
    "party": "s1",
    "account": "gifts",
    "amount": 5,
    "case": "c",
    "rule": "LIVE-MOD-4",
}
FORFEIT = {
    "id": ID,
    "at": AT,
    "type": "forfeit",
    "freeze": FREEZE_ID,
    "amount": "0.30",
    "case": "c",
    "rule": "LIVE-MOD-7",
}
REGISTER = {"id": ID, "at": AT, "type": "register", "party": "p", "roles": ["viewer"]}
SETTLE = {"id": ID, "at": AT, "type": "settle", "through": "2026-10-01", "share_bps": 5000}
LIMIT = {"id": ID, "at": AT, "type": "limit", "per_tip": None, "per_day": 700}


def line(event: dict[str, Any], **changed: object) -> bytes:
    return json.dumps({**event, **changed}).encode()


def reason(content: bytes) -> str:
    with pytest.raises(Malformed) as malformed:
        command_of(content)
    return str(malformed.value)


def test_a_tip_is_read_with_its_time_as_the_senders() -> None:
    tip = command_of(line(TIP))
    at = 1_790_854_200_122_000
    assert tip == Tip(UUID(ID), "replay:file", at, at, "v1", "s1", "r", "g", 2)


def test_amounts_are_read_in_minor_units_of_their_currency() -> None:
    top_up, freeze, forfeit = command_of(line(TOPUP)), command_of(line(FREEZE)), command_of(line(FORFEIT))
    assert isinstance(top_up, TopUp)
    assert top_up.paid_minor == 100
    assert isinstance(freeze, Freeze)
    assert freeze.amount_minor == 5
    assert isinstance(forfeit, Forfeit)
    assert (forfeit.amount_minor, forfeit.currency) == (30, "CNY")


def test_a_settle_names_a_day_of_the_calendar() -> None:
    settle = command_of(line(SETTLE, through="2028-02-29"))
    assert isinstance(settle, Settle)
    assert settle.through == date(2028, 2, 29)
    assert reason(line(SETTLE, through="2026-02-29")) == "through is no day of the calendar"


@pytest.mark.parametrize(
    "same",
    [
        line(dict(reversed(TIP.items()))),
        b" " + line(TIP) + b" \r",
        line(TIP).replace(b'"g"', b'"\\u0067"'),
        line(TIP, id=ID.upper()),
        line(TIP, at="2026-10-01T11:30:00.122000Z"),
    ],
    ids=["order", "white space", "escape", "case of the id", "offset"],
)
def test_how_content_is_spelled_does_not_count(same: bytes) -> None:
    assert content_hash(command_of(same)) == content_hash(command_of(line(TIP)))


@pytest.mark.parametrize(
    "other",
    [
        line(TIP, quantity=3),
        line(TIP, gift="G"),
        line(TIP, at="2026-10-01T19:30:00.122001+08:00"),
        line(TIP, room="r "),
    ],
)
def test_any_other_difference_is_other_content(other: bytes) -> None:
    assert content_hash(command_of(other)) != content_hash(command_of(line(TIP)))


def test_the_order_of_roles_is_content() -> None:
    both = [
        command_of(line(REGISTER, roles=roles)) for roles in (["viewer", "streamer"], ["streamer", "viewer"])
    ]
    assert content_hash(both[0]) != content_hash(both[1])


@pytest.mark.parametrize("text", ["x" * 200, "🌹" * 200, " ", "é", "\u200b", "\u2028", "\ufeff", "\uffff"])
def test_texts_of_up_to_200_characters_are_taken_as_they_are(text: str) -> None:
    tip = command_of(line(TIP, room=text))
    assert isinstance(tip, Tip)
    assert tip.room == text


@pytest.mark.parametrize("text", ["", "x" * 201, "a\tb", "\x7f", "\x85", "\x00", 5, None, ["r"]])
def test_other_texts_are_malformed(text: object) -> None:
    assert reason(line(TIP, room=text)).startswith("room is not a text")


@pytest.mark.parametrize("escape", [b"\\ud800", b"\\udc00", b"\\ud83cx", b"\\udf39\\ud83c"])
def test_half_a_surrogate_pair_is_malformed(escape: bytes) -> None:
    assert reason(line(TIP).replace(b'"r"', b'"' + escape + b'"')).startswith("room is not a text")


def test_a_whole_surrogate_pair_is_one_character() -> None:
    tip = command_of(line(TIP).replace(b'"r"', b'"\\ud83c\\udf39"'))
    assert isinstance(tip, Tip)
    assert tip.room == "🌹"


@pytest.mark.parametrize(
    "number",
    [
        b"0",
        b"-1",
        b"1000000001",
        b"5.0",
        b"1e3",
        b"5.5",
        b"true",
        b'"5"',
        b"null",
        b"NaN",
        b"Infinity",
        b"9" * 5000,
    ],
)
def test_what_is_no_integer_from_1_to_1000000000_is_malformed(number: bytes) -> None:
    assert "integer" in reason(line(TIP).replace(b'"quantity": 2', b'"quantity": ' + number))


def test_both_ends_of_the_range_are_taken() -> None:
    for quantity in (1, 1_000_000_000):
        tip = command_of(line(TIP, quantity=quantity))
        assert isinstance(tip, Tip)
        assert tip.quantity == quantity
    for share_bps in (0, 10_000):
        assert isinstance(command_of(line(SETTLE, share_bps=share_bps)), Settle)
    assert reason(line(SETTLE, share_bps=10_001)) == "share_bps is not an integer from 0 to 10000"


@pytest.mark.parametrize(
    "paid",
    ["1", "1.0", "01.00", "1.000", "-1.00", "0.00", "10000000000.00", " 1.00", "1,00", 1, None, "١.00"],
)
def test_other_amounts_of_cny_are_malformed(paid: object) -> None:
    assert reason(line(TOPUP, paid=paid)).startswith("paid is not an amount of CNY")


def test_a_payment_above_face_value_is_malformed() -> None:
    assert reason(line(TOPUP, paid="1.01")) == "paid is above the face value of the coins"


@pytest.mark.parametrize(
    ("account", "amount"), [("gifts", "0.05"), ("earnings", 5), ("wallet", 0), ("accruals", "5")]
)
def test_a_freeze_of_another_currency_or_of_nothing_is_malformed(account: str, amount: object) -> None:
    assert reason(line(FREEZE, account=account, amount=amount)).startswith("amount is")


@pytest.mark.parametrize(
    "id",
    [
        "0198a3c4-0000-1000-8000-0000000000aa",
        "0198a3c4-0000-7000-c000-0000000000aa",
        "0198a3c4000070008000000000000000",
        "{0198a3c4-0000-7000-8000-0000000000aa}",
        "0198a3c4-0000-7000-8000-0000000000a",
        "",
        7,
    ],
)
def test_other_ids_are_malformed(id: object) -> None:
    assert reason(line(TIP, id=id)) == "id is not a UUID of version 4 or 7"
    assert reason(line(FORFEIT, freeze=id)) == "freeze is not a UUID of version 4 or 7"


@pytest.mark.parametrize(
    "at",
    [
        "2026-10-01T19:30:00",
        "2026-10-01 19:30:00Z",
        "2026-10-01t19:30:00Z",
        "2026-10-01T19:30:00z",
        "2026-10-01T19:30Z",
        "2026-10-01T19:30:60Z",
        "2026-10-01T24:00:00Z",
        "2026-10-01T19:30:00.Z",
        "2026-10-01T19:30:00.1234567Z",
        "2026-10-01T19:30:00+0800",
        "2026-10-01T19:30:00+24:00",
        "2026-02-30T19:30:00Z",
        "1999-12-31T23:59:59Z",
        "3000-01-01T00:00:00Z",
        "２026-10-01T19:30:00Z",
        1790854200,
    ],
)
def test_other_times_are_malformed(at: object) -> None:
    assert reason(line(TIP, at=at)).startswith("at is no")


@pytest.mark.parametrize(
    "at", ["2000-01-01T00:00:00+23:59", "2999-12-31T23:59:59.999999-23:59", "2026-10-01T19:30:00.5-00:00"]
)
def test_the_outermost_times_are_taken(at: str) -> None:
    assert isinstance(command_of(line(TIP, at=at)), Tip)


@pytest.mark.parametrize(
    "roles", [[], ["viewer", "viewer"], ["moderator"], "viewer", None, [["viewer"]], [1]]
)
def test_other_roles_are_malformed(roles: object) -> None:
    assert reason(line(REGISTER, roles=roles)).startswith("roles ")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "blank"),
        (b" \t\r", "blank"),
        (b"\xef\xbb\xbf" + line(TIP), "not JSON"),
        (b"\xff", "not UTF-8"),
        (line(TIP)[:-1], "not JSON"),
        (line(TIP) + b"{}", "not JSON"),
        (line(TIP).replace(b"}", b",}"), "not JSON"),
        (b"[" * 40_000, "nested too deep"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b"{}", "type is missing"),
        (line(TIP, type="bribe"), "type is unknown"),
        (line(TIP, type=["tip"]), "type is unknown"),
        (line(TIP, type=None), "type is unknown"),
        (line(TIP, price=5), "'price' is no field of tip"),
        (line(TIP)[:-1] + b', "quantity": 2}', "a field stands there twice"),
        (line(TIP)[:-1] + b', "\\u0071uantity": 2}', "a field stands there twice"),
        (line({name: value for name, value in TIP.items() if name != "room"}), "room is missing"),
        (line({name: LIMIT[name] for name in ("id", "at", "type")}), "per_tip, per_day are missing"),
    ],
)
def test_a_malformed_line_says_why(content: bytes, why: str) -> None:
    assert reason(content).startswith(why)


def test_lines_end_at_lf_only_and_are_numbered_from_one() -> None:
    file = io.BytesIO(b"a\rb\r\n\nc\x0bd\xe2\x80\xa8e")
    found = [(number, content) for number, content, _ in lines_of(file)]
    assert found == [(1, b"a\rb"), (2, b""), (3, b"c\x0bd\xe2\x80\xa8e")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"", b"\r"])
def test_a_line_of_64_kib_is_read_and_a_longer_one_is_not(end: bytes) -> None:
    longest = b"x" * LONGEST_LINE_BYTES
    (line_read,) = lines_of(io.BytesIO(longest + end))
    assert line_read.content == longest
    (too_long,) = lines_of(io.BytesIO(longest + b"x" + end))
    assert too_long.content is None
    assert too_long.size_bytes == LONGEST_LINE_BYTES + 1 + len(end)


def test_a_line_that_is_too_long_is_skipped_without_being_held_in_memory() -> None:
    class Watched(io.BytesIO):
        largest = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            read = super().readline(size)
            self.largest = max(self.largest, len(read))
            return read

    file = Watched(b"x" * 5_000_000 + b"\n" + line(TIP) + b"\n")
    found = list(lines_of(file))
    assert [found[0].content, found[1].content] == [None, line(TIP)]
    assert file.largest <= LONGEST_LINE_BYTES + 2


@pytest.mark.parametrize("seed", range(8))
def test_the_same_lines_are_malformed_as_in_the_model(seed: int) -> None:
    for number, said in enumerate(Gateway(1_000 + seed).lines(1_500), start=1):
        assert _is_event(said) == _is_event_in_model(said), f"line {number} of seed {seed}: {said[:300]!r}"


def _is_event(said: bytes) -> bool:
    (found,) = lines_of(io.BytesIO(said))
    if found.content is None:
        return False
    try:
        command_of(found.content)
    except Malformed:
        return False
    return True


def _is_event_in_model(said: bytes) -> bool:
    try:
        event_of_line(said)
    except MalformedInModel:
        return False
    return True
