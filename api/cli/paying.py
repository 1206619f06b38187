"""How payouts are shown at the command line, and how a batch's file is written."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from rich.table import Table

from api.cli import Stop
from api.cli.moments import written
from api.cli.showing import amount, counted, number, table
from api.cli.writing import written_anew
from ledger.journal.journal import Journal
from ledger.sealing import CannotUnseal, SealingKeys
from settlement.payouts.bank_batches import CHANNEL, file_of
from settlement.payouts.reading import BatchState, Event, NoSuchBatch, batch_of
from settlement.payouts.sending import send_batch
from settlement.payouts.states import Payout, person_of


def payouts_table(payouts: Sequence[Payout]) -> Table:
    """Payouts, a row each, times as in China."""
    rows = [
        (
            str(payout.payout),
            payout.payee,
            payout.state.value,
            written(payout.requested_at),
            number(payout.requested_minor, "CNY"),
            number(payout.offset_minor, "CNY"),
            "" if payout.tax_minor is None else number(payout.tax_minor, "CNY"),
            "" if payout.tax_minor is None else number(payout.net_minor, "CNY"),
        )
        for payout in payouts
    ]
    columns = ("payout", "payee", "state", "asked for", ">asked", ">to debts", ">tax", ">net")
    return table("Payouts (元, times +08:00)", *columns, rows=rows)


def batches_table(batches: Sequence[BatchState]) -> Table:
    """Batches, a row each."""
    rows = [
        (
            str(one.batch.batch),
            one.state,
            person_of(one.batch.maker),
            written(one.made_at),
            f"{len(one.batch.payouts):,}",
            f"{one.sent:,}",
            f"{one.paid:,}",
            f"{one.failed:,}",
            number(one.net_minor, "CNY") if one.sent else "",
        )
        for one in batches
    ]
    columns = ("batch", "state", "made by", "made", ">payouts", ">sent", ">paid", ">failed", ">net")
    return table("Batches (元, times +08:00)", *columns, rows=rows)


def payout_lines(payout: Payout, history: Sequence[Event]) -> Iterator[str]:
    """A payout in some lines."""
    yield f"payout {payout.payout} to {payout.payee}: {payout.state}"
    yield f"  asked     {amount(payout.requested_minor, 'CNY')} under policy {payout.policy}"
    yield f"  to debts  {amount(payout.offset_minor, 'CNY')}"
    yield f"  amount    {amount(payout.amount_minor, 'CNY')}"
    if payout.tax_minor is not None:
        batch = f" in batch {payout.batch}" if payout.batch else ""
        yield f"  tax       {amount(payout.tax_minor, 'CNY')}"
        yield f"  net       {amount(payout.net_minor, 'CNY')} through {payout.channel}{batch}"
    for event in history:
        detail = f": {event.detail}" if event.detail else ""
        yield f"  {written(event.occurred_at)}  {event.state} by {event.actor}{detail}"


def write_batch(journal: Journal, keys: SealingKeys, batch: UUID, actor: str, file: Path) -> Iterator[str]:
    """Send a batch and write its file; says how many are in it, and who was left out and why.

    Raises :class:`Stop`, and writes no file, when nothing of it is sent.
    """
    try:
        with journal.engine.connect() as connection:
            made = batch_of(connection, batch)
        if made.channel != CHANNEL:
            raise Stop(f"batch {batch} is not for the bank")
        # Before anything is sent: a file that cannot be written is no reason to have sent it.
        with written_anew(file) as out:
            told = send_batch(journal, batch, actor)
            if not told.sent:
                raise Stop(f"nothing was sent: {told.left_out[0][1]}")
            out.writelines(file_of(journal, keys, batch))
    except (NoSuchBatch, CannotUnseal) as reason:
        raise Stop(str(reason)) from None
    total = sum(payout.net_minor for payout in told.sent)
    yield f"wrote {counted(len(told.sent), 'payment')}, {amount(total, 'CNY')}, to {file}"
    for payout, why in told.left_out:
        yield f"left out {payout}: {why}"
