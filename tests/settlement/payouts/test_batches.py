"""Batches: put together once, sent by somebody else, taken back before that; over HTTP with their files."""

import base64
import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ledger.database import Database
from settlement.payouts.commands import CancelBatch, MakeBatch
from tests.api.http.serving import Api, Json, sandbox, sandbox_data, serving
from tests.settlement.payees.sample import MATCHING_KEY, NAME, OLD_KEY
from tests.settlement.payouts.playing import Payees

__all__ = ["sandbox_data"]

BATCHES = "/v1/payout-batches"


@pytest.fixture
def own(
    house: Payees, empty_database: Database, sandbox_data: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Api]:
    """A server on the books of the house, with its keys."""
    monkeypatch.setenv("ZHIBO_SEALING_KEYS", f"2026-10:{base64.b64encode(OLD_KEY).decode()}")
    monkeypatch.setenv("ZHIBO_MATCHING_KEY", base64.b64encode(MATCHING_KEY).decode())
    with serving(empty_database, sandbox(sandbox_data, worker=False)) as api:
        yield api


def all_ready(house: Payees, by: str = "finance:f1") -> MakeBatch:
    return MakeBatch(*house.head(by), "bank")


def cancel(house: Payees, batch: UUID, by: str = "finance:f2") -> CancelBatch:
    return CancelBatch(*house.head(by), batch, "made too early")


def ready(house: Payees, *parties: str) -> list[UUID]:
    """A payout of each, within the bound."""
    return [house.did(house.request(house.payee(party, 50_000))) for party in parties]


def test_all_that_is_ready_goes_into_one_batch_and_into_no_second(house: Payees) -> None:
    assert house.refused(all_ready(house)) == "nothing_ready"
    bo, mei = ready(house, "bo", "mei")
    batch = house.did(all_ready(house))
    assert house.refused(all_ready(house)) == "nothing_ready"
    (late,) = ready(house, "late")
    second = house.did(all_ready(house, "finance:f2"))
    house.did(house.send(late, second, by="finance:f1"), house.send(bo, batch), house.send(mei, batch))
    assert [house.payout(id).batch for id in (bo, mei, late)] == [batch, batch, second]
    assert house.breaches() == []


def test_nobody_puts_their_own_payout_into_a_batch(house: Payees) -> None:
    (own,) = ready(house, "f1")
    assert house.refused(all_ready(house, "finance:f1")) == "nothing_ready"
    assert house.refused(house.batch(own, by="finance:f1")) == "same_person"
    house.did(all_ready(house, "finance:f2"))


def test_a_batch_that_was_taken_back_is_not_sent_and_its_payouts_are_ready_again(house: Payees) -> None:
    bo, mei = ready(house, "bo", "mei")
    batch = house.did(all_ready(house))
    house.did(cancel(house, batch))
    assert house.refused(cancel(house, batch)) == "batch_cancelled"
    assert house.refused(house.send(bo, batch)) == "batch_cancelled"
    assert house.refused(cancel(house, uuid4())) == "batch_not_found"
    again = house.did(all_ready(house))
    house.did(house.send(bo, again))
    assert house.refused(cancel(house, again)) == "batch_already_sent"
    house.did(house.send(mei, again))
    assert house.breaches() == []


def test_what_was_left_out_of_a_batch_that_was_sent_is_ready_for_the_next(house: Payees) -> None:
    bo, mei = ready(house, "bo", "mei")
    batch = house.did(all_ready(house))
    house.did(house.send(bo, batch))
    later = house.did(all_ready(house))
    house.did(house.send(mei, later))
    assert house.payout(mei).batch == later


def test_taking_back_and_sending_at_once_do_one_of_them(house: Payees) -> None:
    for party in ("a", "b", "c"):
        (payout,) = ready(house, party)
        batch = house.did(all_ready(house))
        commands = [house.send(payout, batch), cancel(house, batch)]
        with ThreadPoolExecutor(2) as pool:
            sent, cancelled = pool.map(lambda one: house.say(one)[0].refusal, commands)
        assert (sent is None) != (cancelled is None), (sent, cancelled)
        if sent is not None:
            house.did(house.cancel(payout, f"streamer:{party}"))


def test_two_who_put_all_together_at_once_make_one_batch_of_it(house: Payees) -> None:
    ready(house, "bo", "mei")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: house.say(all_ready(house))[0].refusal, range(4)))
    assert sorted(refusal.code if refusal else "made" for refusal in made) == ["made"] + ["nothing_ready"] * 3


def answered(file: str, *answers: tuple[str, str, str]) -> str:
    """The bank's file: each line of ours with its answer."""
    header, *rows = csv.reader(io.StringIO(file))
    out = io.StringIO()
    csv.writer(out).writerow([*header, "status", "reference", "reason"])
    csv.writer(out).writerows([[*row, *answer] for row, answer in zip(rows, answers, strict=True)])
    return out.getvalue()


def told(api: Api, batch: str, content: str | bytes, **more: str) -> Json:
    """What comes of reading a result file."""
    headers = {"Content-Type": more.get("kind", "text/csv; charset=utf-8")}
    headers["Authorization"] = f"Bearer {api.token('finance', party='f3')}"
    raw = content.encode() if isinstance(content, str) else content
    answer: Json = api.http.post(f"{BATCHES}/{batch}/results", content=raw, headers=headers).json()
    return answer


def test_finance_sends_a_batch_and_reads_its_answer_over_http(house: Payees, own: Api) -> None:
    bo, mei = ready(house, "bo", "mei")
    made = own.ask("POST", BATCHES, "finance", {}, party="f1")
    batch = made.json()["id"]
    assert made.headers["location"] == f"{BATCHES}/{batch}"
    seen = own.done("GET", f"{BATCHES}/{batch}", "finance")
    assert (seen["state"], seen["made_by"], seen["sent"]) == ("made", "finance:f1", 0)
    assert seen["payouts"] == [str(bo), str(mei)]
    unsent = own.refused("GET", f"{BATCHES}/{batch}/file", "finance")
    assert (unsent["status"], unsent["code"]) == (409, "batch_not_sent")
    same = own.refused("POST", f"{BATCHES}/{batch}/send", "finance", party="f1")
    assert (same["code"], same["person"]) == ("same_person", "f1")
    sent = own.done("POST", f"{BATCHES}/{batch}/send", "finance", party="f2")
    assert (sent["payments"], sent["net"]["amount"], sent["left_out"]) == (2, "1000.00", [])
    assert own.done("POST", f"{BATCHES}/{batch}/send", "finance", party="f3") == sent
    first, second = (own.ask("GET", f"{BATCHES}/{batch}/file", "finance") for _ in range(2))
    assert first.text == second.text
    assert NAME in first.text
    assert first.headers["cache-control"] == "no-store"
    late = own.refused("POST", f"{BATCHES}/{batch}/cancel", "finance", {"reason": "r"})
    assert late["code"] == "batch_already_sent"

    result = answered(first.text, ("paid", "B-1", ""), ("failed", "", "account closed"))
    altered = told(own, batch, result.replace("500.00", "900.00", 1))
    assert (altered["status"], altered["code"]) == (422, "invalid")
    assert altered["errors"][0]["message"].startswith("line 2: the amount of payment")
    assert own.done("GET", f"{BATCHES}/{batch}", "finance")["paid"] == 0
    recorded = told(own, batch, result)
    assert {name: recorded[name] for name in ("paid", "failed", "again")} == {
        "paid": 1,
        "failed": 1,
        "again": 0,
    }
    assert told(own, batch, result)["again"] == 2
    (listed,) = own.done("GET", BATCHES, "finance")["batches"]
    assert (listed["state"], listed["paid"], listed["failed"]) == ("sent", 1, 1)
    assert [house.payout(id).state.value for id in (bo, mei)] == ["paid", "failed"]


def test_a_result_that_is_of_another_batch_or_no_csv_is_refused_with_a_reason(
    house: Payees, own: Api
) -> None:
    ready(house, "bo")
    one = own.done("POST", BATCHES, "finance", {}, party="f1")["id"]
    own.done("POST", f"{BATCHES}/{one}/send", "finance", party="f2")
    file = own.ask("GET", f"{BATCHES}/{one}/file", "finance").text
    ready(house, "mei")
    other = own.done("POST", BATCHES, "finance", {}, party="f1")["id"]
    result = answered(file, ("paid", "B-1", ""))
    assert "is not of batch" in told(own, other, result)["detail"]
    assert told(own, one, result, kind="application/json")["code"] == "media_type_unsupported"
    assert "UTF-8" in told(own, one, b"\xff\xfe")["detail"]
    assert "the columns are not" in told(own, one, "a,b\n1,2\n")["detail"]
    assert told(own, one, "")["code"] == "invalid"
    assert told(own, str(uuid4()), result)["code"] == "batch_not_found"
    assert told(own, one, b"x" * 10_000_001)["code"] == "body_too_large"


def test_a_batch_over_http_names_what_it_wants_or_takes_all(house: Payees, own: Api) -> None:
    bo, mei = map(str, ready(house, "bo", "mei"))
    odd: tuple[object, ...] = ([], [bo, bo], ["x"], [bo] * 1_001, "all", {})
    for payouts in odd:
        assert own.refused("POST", BATCHES, "finance", {"payouts": payouts})["code"] == "invalid", payouts
    assert own.refused("POST", BATCHES, "finance", {"payouts": [str(uuid4())]})["code"] == "payout_not_found"
    key = uuid4()
    first = own.ask("POST", BATCHES, "finance", {"payouts": [mei]}, party="f1", key=key)
    again = own.ask("POST", BATCHES, "finance", {"payouts": [mei]}, party="f1", key=key)
    assert first.content == again.content
    assert own.refused("POST", BATCHES, "finance", {}, party="f1", key=key)["code"] == "id_conflict"
    rest = own.done("POST", BATCHES, "finance", {}, party="f1")
    assert own.done("GET", f"{BATCHES}/{rest['id']}", "finance")["payouts"] == [bo]
    assert own.refused("POST", BATCHES, "finance", {}, party="f2")["code"] == "nothing_ready"
    own.done("POST", f"{BATCHES}/{rest['id']}/cancel", "finance", {"reason": "r"}, party="f2")
    gone = own.refused("POST", f"{BATCHES}/{rest['id']}/send", "finance", party="f2")
    assert gone["code"] == "batch_cancelled"
    page = own.done("GET", f"{BATCHES}?limit=1", "finance")
    end = own.done("GET", f"{BATCHES}?limit=1&cursor={page['next']}", "finance")
    assert [one["state"] for one in (*page["batches"], *end["batches"])] == ["cancelled", "made"]
    assert end["next"] is None


def test_nobody_alone_says_that_their_own_payout_came_back(house: Payees) -> None:
    for who, by in (("bo", "streamer:bo"), ("mei", "finance:f1")):
        payout = house.did(house.request(house.payee(who, 50_000), by=by))
        house.did(house.send(payout), house.paid(payout))
        assert house.refused(house.returned(payout, by=f"finance:{who}")) == "same_person"
        if by == "finance:f1":
            assert house.refused(house.returned(payout, by="finance:f1")) == "same_person"
        house.did(house.returned(payout, by="finance:f9"))
