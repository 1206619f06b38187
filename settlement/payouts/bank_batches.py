"""Batches for the bank: their file is written from the books, and its result is recorded wholly or not."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from sqlalchemy import Connection

from ledger.journal.commands import Outcome
from ledger.journal.journal import Journal
from ledger.sealing import SealingKeys
from settlement.payouts.channels import Payment
from settlement.payouts.channels.bank_file import BadResultFile, Result, batch_file, batch_named, results
from settlement.payouts.commands import MakeBatch
from settlement.payouts.reading import NoSuchBatch, batch_of, payments, payouts_of
from settlement.payouts.records import Batch
from settlement.payouts.refusals import NothingReady
from settlement.payouts.sending import answer_command
from settlement.payouts.states import Payout, State

CHANNEL = "bank"
_ACTOR = f"gateway:{CHANNEL}"


def make_batch(journal: Journal, actor: str) -> Outcome | None:
    """Put all that is ready for the bank together; the outcome's id is the batch's. None: nothing is."""
    now = time.time_ns() // 1_000
    outcome = journal.decide([MakeBatch(uuid4(), actor, now, None, CHANNEL)])[0]
    return None if isinstance(outcome.refusal, NothingReady) else outcome


def file_of(journal: Journal, keys: SealingKeys, batch: UUID) -> Iterator[str]:
    """The file of a batch that was sent: the same lines whenever it is written.

    Raises :class:`settlement.payouts.reading.NoSuchBatch` and ``CannotUnseal``.
    """
    with journal.engine.connect() as connection:
        made = batch_of(connection, batch)
        sent, _ = _sent_in(connection, keys, made)
    return batch_file(batch, sent.items())


def take_results(journal: Journal, keys: SealingKeys, text: str) -> Counter[str]:
    """Record a result file, in one commit; how many lines say what, ``again`` those that said so before.

    Raises :class:`BadResultFile`, and then nothing of it is recorded.
    """
    batch = batch_named(text)

    def work(connection: Connection) -> Counter[str]:
        try:
            made = batch_of(connection, batch)
        except NoSuchBatch as reason:
            raise BadResultFile(2, str(reason)) from None
        sent, standing = _sent_in(connection, keys, made)
        found = results(text, batch, sent)
        said = [result for result in found if not _is_known_to_be_unknown(result, standing)]
        outcomes = _decide(journal, connection, said)
        told = Counter(
            "again" if outcome.replayed else result.answer.verdict
            for result, outcome in zip(said, outcomes, strict=True)
        )
        told["again"] += len(found) - len(said)
        return told

    return journal.transact(work)


def _decide(journal: Journal, connection: Connection, said: Sequence[Result]) -> list[Outcome]:
    now = time.time_ns() // 1_000
    commands = [answer_command(result.answer, actor=_ACTOR, occurred_at=now) for result in said]
    outcomes = journal.decide_in(connection, commands) if commands else []
    for result, outcome in zip(said, outcomes, strict=True):
        if outcome.refusal is not None or not outcome.decided:
            # Leaves the transaction, and takes back what the lines before it said.
            now_standing = payouts_of(connection, [result.answer.payout])[result.answer.payout]
            raise BadResultFile(
                result.line,
                f"payment {result.answer.payout.hex} is {now_standing.state} in the books,"
                f" and cannot be {result.answer.verdict} ({result.answer.detail}) now",
            )
    return outcomes


def _sent_in(
    connection: Connection, keys: SealingKeys, batch: Batch
) -> tuple[dict[int, Payment], dict[UUID, Payout]]:
    """The payments of a batch by their lines, and how its payouts stand."""
    standing = payouts_of(connection, batch.payouts)
    sent = [standing[id] for id in batch.payouts if standing[id].batch == batch.batch]
    numbers = {id: number for number, id in enumerate(batch.payouts, start=1)}
    return {numbers[one.payout]: one for one in payments(connection, keys, sent)}, standing


def _is_known_to_be_unknown(result: Result, standing: dict[UUID, Payout]) -> bool:
    is_unknown = standing[result.answer.payout].state is State.UNKNOWN
    return is_unknown and result.answer.verdict == "unknown"
