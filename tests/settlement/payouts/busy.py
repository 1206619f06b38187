"""Payouts for the busy book: every state, a batch, and money that came back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from ledger.journal.journal import Journal
from settlement.payees.commands import SetPayeeAccount, Verify
from settlement.payouts.commands import (
    ApprovePayout,
    CancelBatch,
    CancelPayout,
    MakeBatch,
    PayoutFailed,
    PayoutPaid,
    PayoutReturned,
    PayoutUnknown,
    RefusePayout,
    RequestPayout,
    SendPayout,
)
from tests.settlement.payees.sample import KEYS, NAME, NUMBER, OTHER_NAME, OTHER_NUMBER

Head = Callable[..., tuple[UUID, str, int, int]]

#: What Bo and Mei have earned beside their gifts, so that there is something to pay.
REWARDS = (("mei", 7_000_000), ("bo", 1_000_000))


def play_payouts(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """Bo and Mei are paid, some weeks after the evening. Needs the sample policy, and settled rewards."""
    for party, name, number in (("mei", OTHER_NAME, OTHER_NUMBER), ("bo", NAME, NUMBER)):
        first, second = head("gateway:file", 29), head(f"streamer:{party}", 29)

        def sealed(command: UUID, field: str, value: str, party: str = party) -> Any:
            return KEYS.personal(command, party, field, value)

        journal.decide(
            [
                Verify(
                    *first,
                    party,
                    "person",
                    sealed(first[0], "name", name),
                    sealed(first[0], "number", number),
                ),
                SetPayeeAccount(
                    *second,
                    party,
                    "bank",
                    sealed(second[0], "account", f"62220200000{len(party)}"),
                    sealed(second[0], "holder", name),
                ),
            ]
        )

    def ask(party: str, day: int, amount_minor: int, name: str) -> UUID:
        outcome = journal.decide([RequestPayout(*head(f"streamer:{party}", day, name), party, amount_minor)])[
            0
        ]
        assert outcome.refusal is None, outcome.refusal
        return ids[name]

    maker, checker, bank = "finance:f1", "finance:f2", "gateway:bank"
    in_batch = ask("mei", 30, 6_000_000, "payout")
    journal.decide([ApprovePayout(*head(checker, 30, "approval"), in_batch)])
    journal.decide(
        [
            MakeBatch(*head(maker, 30, "cancelled_batch"), "bank", (in_batch,)),
            CancelBatch(*head(checker, 30), ids["cancelled_batch"], "made too early"),
            MakeBatch(*head(maker, 30, "batch"), "bank"),
            MakeBatch(*head(maker, 30), "bank"),
        ]
    )
    journal.decide([SendPayout(*head(checker, 30, "sending"), in_batch, "bank", ids["batch"])])
    journal.decide([PayoutPaid(*head(bank, 31, "paid_out"), in_batch, "B-1")])
    came_back, failed = ask("mei", 40, 20_000, "returned_payout"), ask("bo", 30, 20_000, "failed_payout")
    journal.decide(
        [
            SendPayout(*head(maker, 41), came_back, "sandbox"),
            PayoutPaid(*head(bank, 41), came_back, "S-1"),
            PayoutReturned(*head(maker, 44, "came_back"), came_back, "account closed"),
            SendPayout(*head(maker, 31, "failed_sending"), failed, "sandbox"),
            PayoutUnknown(*head(bank, 31), failed, "no answer"),
            PayoutFailed(*head(bank, 33, "failure"), failed, "account closed"),
        ]
    )
    journal.decide([CancelPayout(*head("streamer:bo", 40), ask("bo", 40, 20_000, "cancelled_payout"))])
    journal.decide(
        [RefusePayout(*head(checker, 41), ask("bo", 41, 20_000, "refused_payout"), "documents missing")]
    )
    unknown = ask("bo", 47, 20_000, "unknown_payout")
    journal.decide(
        [
            SendPayout(*head(maker, 47), unknown, "sandbox"),
            PayoutUnknown(*head(bank, 47), unknown, "no answer"),
            RequestPayout(*head("streamer:bo", 54), "bo", 20_000),
        ]
    )
    ask("mei", 54, 900_000, "open_payout")
