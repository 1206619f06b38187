"""Sending: the payout is sent in the books first, then the channel is told, then its answer is recorded.

A process that is killed in between leaves a payout that is sent and not answered. It is asked about under
its number; only a channel that has never heard of that number is told again, under the same one.
"""

import time
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

import structlog

from ledger.journal.commands import Command, Outcome, derived_id
from ledger.journal.journal import Journal
from ledger.sealing import SealingKeys
from settlement.payouts.channels import Answer, Channel, NoAnswer
from settlement.payouts.commands import PayoutFailed, PayoutPaid, PayoutUnknown, SendPayout
from settlement.payouts.reading import batch_of, payments, payouts_of, unanswered
from settlement.payouts.states import OPEN, Payout, State

_log = structlog.get_logger(__name__)
_STATE_OF = {"paid": State.PAID, "failed": State.FAILED, "unknown": State.UNKNOWN}


class BatchSent(NamedTuple):
    """What became of a batch: the payouts that are sent, and why others are left out."""

    sent: list[Payout]
    left_out: list[tuple[UUID, str]]


def answer_command(answer: Answer, *, actor: str, occurred_at: int) -> Command:
    """An answer, as what it asks of the books: by an id of its own, so that it is recorded once."""
    id = derived_id(answer.payout, f"payout_{answer.verdict}")
    head = (id, actor, occurred_at, None, answer.payout, answer.detail)
    match answer.verdict:
        case "paid":
            return PayoutPaid(*head)
        case "failed":
            return PayoutFailed(*head)
        case _:
            return PayoutUnknown(*head)


def send(journal: Journal, channel: Channel, keys: SealingKeys, command: SendPayout) -> Outcome:
    """Send one payout through a channel that answers. Its outcome is of the sending, not of the answer.

    Sent again, it is asked about instead.
    """
    assert command.channel == channel.name
    outcome = journal.decide([command])[0]
    if outcome.refusal is None:
        (tell if not outcome.replayed else ask)(journal, channel, keys, [command.payout])
    return outcome


def tell(journal: Journal, channel: Channel, keys: SealingKeys, ids: Sequence[UUID]) -> list[Answer]:
    """Tell a channel of payouts that are sent in the books, and record what it says at once."""
    with journal.engine.connect() as connection:
        sent = [one for one in payouts_of(connection, ids).values() if one.state in OPEN and one.channel]
        orders = payments(connection, keys, sent)
    try:
        answers = list(channel.send(orders))
    except NoAnswer as reason:
        answers = [Answer(order.payout, "unknown", str(reason)) for order in orders]
    record(journal, channel.name, answers)
    return answers


def ask(journal: Journal, channel: Channel, keys: SealingKeys, ids: Sequence[UUID]) -> list[Answer]:
    """Ask a channel about payouts, each under its own number, and record what it says."""
    answers: list[Answer] = []
    unheard: list[UUID] = []
    for id in ids:
        try:
            answer = channel.ask(id)
        except NoAnswer as reason:
            answer = Answer(id, "unknown", str(reason))
        if answer.verdict == "not_received":
            unheard.append(id)
        else:
            answers.append(answer)
    record(journal, channel.name, answers)
    return answers + (tell(journal, channel, keys, unheard) if unheard else [])


def ask_all(journal: Journal, channel: Channel, keys: SealingKeys) -> list[Answer]:
    """Ask about everything that went through a channel and has no final answer."""
    with journal.engine.connect() as connection:
        ids = [payout.payout for payout in unanswered(connection, [channel.name])]
    return ask(journal, channel, keys, ids)


def record(journal: Journal, channel: str, answers: Sequence[Answer]) -> list[Answer]:
    """Record what a channel says; returns, and logs, what contradicts the books: it changes nothing there.

    An answer that is there already is the same answer again, and changes nothing.
    """
    now = time.time_ns() // 1_000
    given = [answer for answer in answers if answer.verdict != "not_received"]
    commands = [answer_command(answer, actor=f"gateway:{channel}", occurred_at=now) for answer in given]
    outcomes = journal.decide(commands) if commands else []
    with journal.engine.connect() as connection:
        known = payouts_of(connection, [answer.payout for answer in given])
    contradictions = [
        answer
        for answer, outcome in zip(given, outcomes, strict=True)
        if (outcome.refusal or not outcome.decided) and _contradicts(answer, known.get(answer.payout))
    ]
    for answer in contradictions:
        _log.error(
            "answer contradicts the books", payout=str(answer.payout), channel=channel, says=answer.verdict
        )
    return contradictions


def send_batch(journal: Journal, batch: UUID, actor: str) -> BatchSent:
    """Send what is ready of a batch, by another person than who made it; what is sent already stays so.

    Raises :class:`settlement.payouts.reading.NoSuchBatch`.
    """
    with journal.engine.connect() as connection:
        made = batch_of(connection, batch)
        before = payouts_of(connection, made.payouts)
    now = time.time_ns() // 1_000
    waiting = [id for id in made.payouts if before[id].batch != batch]
    commands = [SendPayout(uuid4(), actor, now, None, id, made.channel, batch) for id in waiting]
    outcomes = journal.decide(commands) if commands else []
    with journal.engine.connect() as connection:
        after = payouts_of(connection, made.payouts)
    left_out = [
        (id, str(outcome.refusal))
        for id, outcome in zip(waiting, outcomes, strict=True)
        if after[id].batch != batch
    ]
    return BatchSent([after[id] for id in made.payouts if after[id].batch == batch], left_out)


def _contradicts(answer: Answer, payout: Payout | None) -> bool:
    return payout is None or not (
        (answer.verdict == "unknown" and payout.state in OPEN) or payout.state is _STATE_OF[answer.verdict]
    )
