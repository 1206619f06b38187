"""Channels: answers that are lost and found, and the bank's file, read as often as one likes."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from settlement.payouts.bank_batches import file_of, make_batch, take_results
from settlement.payouts.channels import Answer
from settlement.payouts.channels.bank_file import RESULT_COLUMNS, BadResultFile
from settlement.payouts.channels.sandbox import FATES, Fate, SandboxChannel
from settlement.payouts.sending import ask, ask_all, record, send, send_batch
from tests.settlement.payees.sample import KEYS
from tests.settlement.payouts.playing import Payees

Row = list[str]


@pytest.mark.parametrize("fate", FATES)
def test_whatever_becomes_of_the_answer_the_payee_is_paid_once_or_not_at_all(
    house: Payees, tmp_path: Path, fate: Fate
) -> None:
    bo = house.payee("bo", 1_000_000)
    payout = house.did(house.request(bo))
    house.did(house.approve(payout))
    channel = SandboxChannel(tmp_path / "bank", fate)
    send(house.journal, channel, KEYS, house.send(payout))
    lost = fate not in ("paid", "failed")
    assert house.payout(payout).state == ("unknown" if lost else fate)
    if lost:
        assert house.balance("earnings", bo) == (1_000_000, 1_000_000)
    channel.fate = "paid"
    for _ in range(2):
        ask_all(house.journal, channel, KEYS)
    is_paid = not fate.startswith("failed")
    assert house.payout(payout).state == ("paid" if is_paid else "failed")
    assert house.balance("earnings", bo) == ((0, 0) if is_paid else (1_000_000, 0))
    assert channel.paid_minor() == -house.balance("bank")[0] == (991_000 if is_paid else 0)
    assert house.breaches() == []


def test_a_payout_sent_twice_is_asked_about_and_told_to_the_channel_once(
    house: Payees, tmp_path: Path
) -> None:
    bo = house.payee("bo", 50_000)
    payout = house.did(house.request(bo))
    channel = SandboxChannel(tmp_path / "bank", "paid_unanswered")
    sending = house.send(payout)
    send(house.journal, channel, KEYS, sending)
    assert house.payout(payout).state == "unknown"
    assert send(house.journal, channel, KEYS, sending).replayed
    assert house.payout(payout).state == "paid"
    assert channel.paid_minor() == 50_000


def test_a_payout_of_a_process_that_died_before_it_told_the_channel_is_told_by_asking(
    house: Payees, tmp_path: Path
) -> None:
    bo = house.payee("bo", 50_000)
    payout = house.sent(bo)
    channel = SandboxChannel(tmp_path / "bank")
    assert [answer.verdict for answer in ask_all(house.journal, channel, KEYS)] == ["paid"]
    assert house.payout(payout).state == "paid"


def test_an_answer_that_contradicts_the_books_changes_nothing_and_is_told(
    house: Payees, tmp_path: Path
) -> None:
    bo = house.payee("bo", 50_000)
    payout = house.sent(bo)
    house.did(house.failed(payout))
    answer = Answer(payout, "paid", "B-7")
    assert record(house.journal, "sandbox", [answer]) == [answer]
    assert house.balance("earnings", bo) == (50_000, 0)
    again = house.did(house.request(bo))
    early = Answer(again, "paid", "B-8")
    assert record(house.journal, "sandbox", [early]) == [early]
    house.did(house.send(again))
    assert record(house.journal, "sandbox", [early]) == []
    assert house.payout(again).state == "paid"
    assert ask(house.journal, SandboxChannel(tmp_path), KEYS, []) == []


@pytest.fixture
def batch(house: Payees) -> UUID:
    """A batch with Bo, Mei and Cai, made by one and sent by another."""
    for number, party in enumerate(("bo", "mei", "cai")):
        house.did(house.request(house.payee(party, 50_000 + number, account=f"62220200000012345{number}")))
    made = make_batch(house.journal, "finance:f1")
    assert made is not None
    assert made.refusal is None
    told = send_batch(house.journal, made.id, "finance:f1")
    assert told.sent == []
    assert len(told.left_out) == 3
    assert "somebody else has to look" in told.left_out[0][1]
    assert len(send_batch(house.journal, made.id, "finance:f2").sent) == 3
    assert len(send_batch(house.journal, made.id, "finance:f2").sent) == 3
    assert make_batch(house.journal, "finance:f1") is None
    return made.id


def answered(house: Payees, batch: UUID, *said: tuple[str, str, str]) -> list[Row]:
    """The rows of the bank's result: the lines as written, with what it says of each."""
    written = list(csv.reader(file_of(house.journal, KEYS, batch)))
    assert len(written) == 4
    return [list(RESULT_COLUMNS), *([*row, *what] for row, what in zip(written[1:], said, strict=False))]


def as_text(rows: list[Row]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


PAID, FAILED, UNKNOWN = ("paid", "B-1", ""), ("failed", "", "no such account"), ("unknown", "", "under way")


def standing(house: Payees) -> list[str]:
    with house.database.app.connect() as connection:
        rows = connection.exec_driver_sql("SELECT payee, state FROM settlement.payouts ORDER BY payee")
        return [f"{row.payee} {row.state}" for row in rows]


def test_the_file_says_the_same_whenever_it_is_written(house: Payees, batch: UUID) -> None:
    first = "".join(file_of(house.journal, KEYS, batch))
    assert first == "".join(file_of(house.journal, KEYS, batch))
    assert first.splitlines()[0] == "batch,line,number,holder,account,amount"
    assert first.splitlines()[2].endswith(",王小明,622202000000123451,500.01")


def test_a_result_in_parts_pays_some_and_fails_some_and_twice_changes_nothing(
    house: Payees, batch: UUID
) -> None:
    part = as_text(answered(house, batch, PAID, UNKNOWN))
    assert take_results(house.journal, KEYS, part) == {"paid": 1, "unknown": 1, "again": 0}
    assert standing(house) == ["bo paid", "cai sent", "mei unknown"]
    assert take_results(house.journal, KEYS, part) == {"again": 2}
    whole = as_text(answered(house, batch, PAID, FAILED, ("paid", "B-3", "")))
    assert take_results(house.journal, KEYS, whole) == {"again": 1, "failed": 1, "paid": 1}
    assert take_results(house.journal, KEYS, whole) == {"again": 3}
    assert standing(house) == ["bo paid", "cai paid", "mei failed"]
    assert house.balance("bank") == (-100_002, 0)
    assert house.balance("earnings", "mei") == (50_001, 0)
    assert house.breaches() == []


def change(row: int, column: str, value: str) -> Callable[[list[Row]], None]:
    def changed(rows: list[Row]) -> None:
        rows[row][RESULT_COLUMNS.index(column)] = value

    return changed


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (change(2, "amount", "500.02"), "line 3: the amount of payment"),
        (change(2, "account", "6222020000000000000"), "line 3: the account of payment"),
        (change(2, "holder", "李雷"), "line 3: the holder of payment"),
        (change(2, "line", "9"), "line 3: the line of payment"),
        (change(2, "batch", uuid4().hex), "line 3: the batch of payment"),
        (change(2, "number", uuid4().hex), "line 3: no payment"),
        (change(2, "number", ""), "line 3: no payment"),
        (change(2, "status", "PAID"), "line 3: the status is not one of"),
        (change(1, "reference", ""), "line 2: the reference is not a text"),
        (change(2, "reason", "a\nb"), "line 4: the reason is not a text"),
        (lambda rows: rows.append(rows[1]), "line 5: payment"),
        (lambda rows: rows.append(["x"]), "line 5: it has 1 fields"),
        (lambda rows: rows.pop(0), "line 1: the columns are not"),
        (lambda rows: rows.__delitem__(slice(1, None)), "line 2: the file answers nothing"),
        (change(1, "batch", "7"), "line 2: the batch is not one of ours"),
        (change(1, "batch", uuid4().hex), "line 2: no batch"),
    ],
)
def test_a_result_file_that_is_not_as_it_must_be_is_refused_whole(
    house: Payees, batch: UUID, spoil: Callable[[list[Row]], None], reason: str
) -> None:
    rows = answered(house, batch, PAID, FAILED, PAID)
    spoil(rows)
    with pytest.raises(BadResultFile) as refused:
        take_results(house.journal, KEYS, as_text(rows))
    assert str(refused.value).startswith(reason)
    assert "李雷" not in str(refused.value)
    assert "622202" not in str(refused.value)
    assert standing(house) == ["bo sent", "cai sent", "mei sent"]


def test_a_file_that_takes_an_answer_back_is_refused_whole_and_takes_its_other_lines_with_it(
    house: Payees, batch: UUID
) -> None:
    take_results(house.journal, KEYS, as_text(answered(house, batch, UNKNOWN, FAILED)))
    changed = as_text(answered(house, batch, PAID, ("paid", "B-2", ""), PAID))
    with pytest.raises(
        BadResultFile, match=r"^line 3: payment \w{32} is failed in the books, and cannot be paid"
    ):
        take_results(house.journal, KEYS, changed)
    assert standing(house) == ["bo unknown", "cai sent", "mei failed"]
    other_reference = as_text(answered(house, batch, PAID))
    take_results(house.journal, KEYS, other_reference)
    with pytest.raises(BadResultFile, match=r"^line 2: "):
        take_results(house.journal, KEYS, as_text(answered(house, batch, ("paid", "B-9", ""))))


def test_what_was_cancelled_meanwhile_is_not_in_the_file_and_the_rest_is(house: Payees) -> None:
    for party in ("bo", "mei"):
        house.did(house.request(house.payee(party, 50_000)))
    made = make_batch(house.journal, "finance:f1")
    assert made is not None
    with house.database.app.connect() as connection:
        first = connection.exec_driver_sql(
            "SELECT payout FROM settlement.payouts WHERE payee = 'bo'"
        ).scalar_one()
    house.did(house.cancel(first, "streamer:bo"))
    told = send_batch(house.journal, made.id, "finance:f2")
    assert [payout.payee for payout in told.sent] == ["mei"]
    assert told.left_out == [(first, f"payout {first} was cancelled")]
    lines = list(file_of(house.journal, KEYS, made.id))
    assert len(lines) == 2
    assert lines[1].split(",")[1] == "2"
