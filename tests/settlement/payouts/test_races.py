"""Two at once: whatever meets, one of them wins, and the money is where it was or where it was sent."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from ledger.journal.commands import Command, Outcome
from moderation.commands import Freeze
from settlement.payouts.bank_batches import file_of, make_batch, take_results
from settlement.payouts.channels.sandbox import SandboxChannel
from settlement.payouts.sending import ask_all, send_batch
from tests.settlement.payees.sample import KEYS
from tests.settlement.payouts.playing import Payees

ROUNDS = 8


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """Do these in threads that start together; what each comes to."""
    found: list[Any] = [None] * len(deeds)
    barrier = Barrier(len(deeds))

    def run(place: int) -> None:
        barrier.wait()
        found[place] = deeds[place]()

    threads = [Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def said(house: Payees, *commands: Command) -> list[str]:
    """What is decided of commands that meet."""
    deeds: list[Callable[[], list[Outcome]]] = [partial(house.say, command) for command in commands]
    return [told.refusal.code if told.refusal else "accepted" for (told,) in at_once(*deeds)]


@pytest.mark.parametrize("round", range(ROUNDS))
def test_of_two_who_approve_at_once_one_wins(house: Payees, round: int) -> None:
    payout = house.did(house.request(house.payee("bo", 500_000)))
    answers = said(house, house.approve(payout, "finance:f2"), house.approve(payout, "finance:f3"))
    assert sorted(answers) == ["accepted", "payout_already_approved"]
    winner = ("finance:f2", "finance:f3")[answers.index("accepted")]
    assert house.payout(payout).approved_by == winner
    assert house.states(payout) == ["requested", "approved"]


@pytest.mark.parametrize("round", range(ROUNDS))
def test_of_two_requests_at_once_one_is_in_flight(house: Payees, round: int) -> None:
    bo = house.payee("bo", 500_000)
    answers = said(house, house.request(bo, 20_000), house.request(bo, 30_000))
    assert sorted(answers) == ["accepted", "payout_in_flight"]
    assert house.balance("earnings", bo)[1] == (20_000, 30_000)[answers.index("accepted")]


@pytest.mark.parametrize("round", range(ROUNDS))
def test_who_cancels_while_it_is_sent_either_stops_it_or_is_told(house: Payees, round: int) -> None:
    bo = house.payee("bo", 50_000)
    payout = house.did(house.request(bo))
    answers = said(house, house.cancel(payout, "streamer:bo"), house.send(payout))
    assert answers in (["accepted", "payout_closed"], ["payout_already_sent", "accepted"])
    held = 0 if answers[0] == "accepted" else 50_000
    assert house.balance("earnings", bo) == (50_000, held)
    assert house.breaches() == []


@pytest.mark.parametrize("round", range(ROUNDS))
def test_a_freeze_while_it_is_sent_either_stops_it_or_does_not_stop_its_answer(
    house: Payees, round: int, tmp_path: Path
) -> None:
    bo = house.payee("bo", 80_000)
    payout = house.did(house.request(bo, 50_000))
    freeze = Freeze(*house.head("moderator:m1"), bo, "earnings", None, "c1", "LIVE-MOD-4")
    frozen, sent = said(house, freeze, house.send(payout))
    assert frozen == "accepted"
    assert sent in ("accepted", "account_frozen")
    ask_all(house.journal, SandboxChannel(tmp_path / "bank"), KEYS)
    left = 30_000 if sent == "accepted" else 80_000
    assert house.balance("earnings", bo) == (left, left - 30_000)
    assert house.balance("bank")[0] == left - 80_000
    assert house.refused(house.request(bo)) == "account_frozen"
    assert house.breaches() == []


@pytest.mark.parametrize("round", range(ROUNDS))
def test_two_parties_of_one_person_who_are_sent_at_once_are_taxed_as_one(house: Payees, round: int) -> None:
    """10,000.00 and 50,000.00: 1,780.00 of tax together, whichever comes first."""
    first = house.did(house.request(house.payee("bo", 1_000_000)))
    second = house.did(house.request(house.payee("too", 5_000_000)))
    house.did(house.approve(first), house.approve(second))
    assert said(house, house.send(first), house.send(second)) == ["accepted", "accepted"]
    taxes = [house.payout(payout).tax_minor for payout in (first, second)]
    assert taxes in ([9_000, 169_000], [73_000, 105_000])


def test_one_answer_recorded_by_many_at_once_pays_once(house: Payees, tmp_path: Path) -> None:
    for number in range(5):
        house.sent(house.payee(f"p{number}", 50_000))
    channel = SandboxChannel(tmp_path / "bank")
    at_once(*[lambda: ask_all(house.journal, channel, KEYS)] * 4)
    assert house.balance("bank") == (-250_000, 0)
    assert channel.paid_minor() == 250_000
    assert house.breaches() == []


def test_one_result_file_read_by_two_at_once_counts_once(house: Payees) -> None:
    for number in range(5):
        house.did(house.request(house.payee(f"p{number}", 50_000)))
    made = make_batch(house.journal, "finance:f1")
    assert made is not None
    sent = at_once(
        lambda: send_batch(house.journal, made.id, "finance:f2"),
        lambda: send_batch(house.journal, made.id, "finance:f3"),
    )
    assert [len(told.sent) for told in sent] == [5, 5]
    header, *lines = file_of(house.journal, KEYS, made.id)
    results = "".join(
        [
            header.rstrip("\n") + ",status,reference,reason\n",
            *(line.rstrip("\n") + f",paid,B-{number},\n" for number, line in enumerate(lines)),
        ]
    )
    told = at_once(*[lambda: take_results(house.journal, KEYS, results)] * 2)
    assert sum(counted["paid"] for counted in told) == 5
    assert sum(counted["again"] for counted in told) == 5
    assert house.balance("bank") == (-250_000, 0)
    assert house.breaches() == []
