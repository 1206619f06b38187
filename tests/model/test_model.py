"""The model itself: it makes of the sample evening exactly what the platform says must come of it."""

import io
import json
from pathlib import Path

import pytest

from tests.model.arbitrary import Gateway
from tests.model.books import PlainBooks, replay, write_jsonl
from tests.model.events import Event
from tests.model.lines import Malformed, event_of_line, events_of

DATA = Path(__file__).parent.parent / "data"
ID = "8770f0b6-d75d-47ee-9c1f-aa9f52135cb1"
GIFT = f'{{"id":"{ID}","at":"2026-10-01T20:00:00Z","type":"gift","gift":"rose","coins":5}}'

CODES = {
    "id_conflict",
    "gift_not_on_sale",
    "account_not_found",
    "freeze_not_found",
    "hold_already_released",
    "hold_already_captured",
    "payment_already_credited",
    "currency_mismatch",
    "account_frozen",
    "exceeds_hold",
    "limit_exceeded",
    "insufficient_funds",
}


def played(content: bytes, books: PlainBooks) -> tuple[str, list[int]]:
    refusals = io.StringIO()
    malformed = replay(io.BytesIO(content), books, refusals)
    return refusals.getvalue(), [line for line, _ in malformed]


def printed(books: PlainBooks) -> str:
    out = io.StringIO()
    for balance in books.balances():
        write_jsonl(out, balance)
    return out.getvalue()


@pytest.mark.parametrize(("evening", "malformed_lines"), [("evening", 0), ("evening-bad", 45)])
def test_the_sample_evening_gives_its_expected_files_byte_for_byte(
    evening: str, malformed_lines: int
) -> None:
    books = PlainBooks()
    refusals, malformed = played((DATA / f"{evening}.jsonl").read_bytes(), books)
    assert len(malformed) == malformed_lines
    assert refusals.encode() == (DATA / f"{evening}.refusals.jsonl").read_bytes()
    assert printed(books).encode() == (DATA / "evening.balances.jsonl").read_bytes()


def test_playing_the_evening_twice_changes_nothing_and_refuses_the_same() -> None:
    books = PlainBooks()
    evening = (DATA / "evening.jsonl").read_bytes()
    first = played(evening, books)
    balances = printed(books)
    assert played(evening, books) == first
    assert printed(books) == balances


def assert_balanced_and_backed(books: PlainBooks) -> None:
    sides = {"ZLB": 0, "CNY": 0}
    coins = 0
    for balance in map(json.loads, printed(books).split("\n")[:-1]):
        debit = balance["kind"] in ("channel_clearing", "promotion_expense", "reward_expense", "coins_issued")
        sides[balance["currency"]] += balance["posted"] if debit else -balance["posted"]
        coins += balance["posted"] if balance["kind"] in ("wallet", "gifts") else 0
        assert debit or 0 <= balance["held"] <= balance["posted"], f"more held than there: {balance}"
    assert sides == {"ZLB": 0, "CNY": 0}, "debits and credits differ"
    assert books.posted("coin_liability") == 10 * coins, "coins are not backed at face value"


def test_the_evening_s_books_balance_and_every_coin_is_backed_at_face_value() -> None:
    books = PlainBooks()
    played((DATA / "evening.jsonl").read_bytes(), books)
    assert_balanced_and_backed(books)


@pytest.mark.parametrize("seed", range(4))
def test_an_arbitrary_file_tries_every_type_and_code_and_keeps_the_books_balanced(seed: int) -> None:
    file = b"".join(Gateway(seed).lines(3000))
    assert file == b"".join(Gateway(seed).lines(3000)), "the same seed made another file"
    books = PlainBooks()
    refusals, malformed = played(file, books)
    assert {json.loads(line)["code"] for line in refusals.splitlines()} == CODES
    events = [event for _, event in events_of(io.BytesIO(file)) if not isinstance(event, Malformed)]
    accepted = {type(event) for event in events if (books.decision(event.id) or (None, ""))[1] is None}
    assert accepted == set(Event.__subclasses__()), "a type was never accepted"
    assert len(events) + len(malformed) == 3000
    assert 60 < len(malformed) < 300
    assert_balanced_and_backed(books)
    balances = printed(books)
    assert played(file, books) == (refusals, malformed)
    assert printed(books) == balances


def test_lines_end_at_lf_only_and_all_are_counted() -> None:
    file = f"{GIFT}\r\n\n{GIFT}\u2028\n\r\n{GIFT}".encode()
    assert [(line, isinstance(event, Malformed)) for line, event in events_of(io.BytesIO(file))] == [
        (1, False),
        (2, True),
        (3, True),
        (4, True),
        (5, False),
    ]


@pytest.mark.parametrize(
    "other",
    [
        GIFT.replace("T20:00:00Z", "T22:30:00.000000+02:30"),
        GIFT.replace(ID, ID.upper()),
        GIFT.replace("rose", "\\u0072ose").replace('"coins"', '"\\u0063oins"'),
        '{ "coins" : 5 , "gift":"rose",'
        + GIFT.removeprefix("{").removesuffix(',"gift":"rose","coins":5}')
        + "}\r",
    ],
    ids=["offset", "case of the id", "escapes", "order and space"],
)
def test_how_an_event_is_written_is_not_its_content(other: str) -> None:
    assert event_of_line(other.encode()) == event_of_line(GIFT.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20:00:00Z", "20:00:00"),
        ("20:00:00Z", "20:00:00z"),
        ("20:00:00Z", "20:00:60Z"),
        ("20:00:00Z", "24:00:00Z"),
        ("20:00:00Z", "20:00:00.Z"),
        ("20:00:00Z", "20:00:00.1234567Z"),
        ("20:00:00Z", "20:00:00+24:00"),
        ("20:00:00Z", "20:00:00+08:60"),
        ("20:00:00Z", "20:00:00+0800"),
        ("20:00:00Z", "20:00:00Z\\n"),
        ("20:00:00Z", "20:00:0\u0660Z"),
        ("2026-10-01", "1999-12-31"),
        ("2026-10-01", "3000-01-01"),
        ("2026-10-01", "2026-02-29"),
        (ID, ID.replace("-", "")),
        (ID, f"urn:uuid:{ID}"),
        (ID, ID.replace("-47ee-", "-17ee-")),
        (ID, ID.replace("-9c1f-", "-cc1f-")),
        (ID, ID + "\\n"),
        ('"rose"', '""'),
        ('"rose"', '"' + "r" * 201 + '"'),
        ('"rose"', '"\\u007f"'),
        ('"rose"', '"\u0085"'),
        ('"rose"', '"\\udc00\\ud800"'),
        ('"rose"', "null"),
        ("5}", "0}"),
        ("5}", "1000000001}"),
        ("5}", "05}"),
        ("5}", "5.0}"),
        ("5}", "5e0}"),
        ("5}", "true}"),
        ("5}", '"5"}'),
        ("5}", "9" * 5000 + "}"),
        ("5}", '5,"\\u0063oins":5}'),
        ("5}", '5,"room":"r"}'),
        (',"coins":5', ""),
        ('"gift",', '"Gift",'),
        ("{", "\ufeff{"),
        ("{", " " * 65536 + "{"),
        ("}", "}}"),
    ],
)
def test_a_line_that_is_no_event_is_malformed(old: str, new: str) -> None:
    assert event_of_line(GIFT.encode())
    assert GIFT.replace(old, new) != GIFT
    with pytest.raises(Malformed):
        event_of_line(GIFT.replace(old, new).encode())


@pytest.mark.parametrize(
    "text", ["x" * 200, "\U0001f3a4" * 200, "\ufeff", "\u2028", " ", "\uffff", "e\u0301"]
)
def test_texts_of_up_to_200_characters_are_taken_as_they_are(text: str) -> None:
    event = event_of_line(GIFT.replace('"rose"', json.dumps(text)).encode())
    assert event == event_of_line(GIFT.replace("rose", text).encode())
