"""Tax handed over and a debt paid in, for the busy book: after its payouts."""

from collections.abc import Callable
from uuid import UUID

from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.accruals.commands import Adjust
from settlement.treasury.commands import ApproveRemittance, PayInDebt, ProposeRemittance, WithdrawRemittance

Head = Callable[..., tuple[UUID, str, int, int]]


def play_treasury(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """The tax of November goes to the tax office, after a proposal with a slip; who owes pays a part."""
    maker, checker = "finance:f1", "finance:f2"
    outcomes = journal.decide(
        [
            ProposeRemittance(*head(maker, 45, "slip"), 2026, 11, 1_000, "T-11"),
            ProposeRemittance(*head(maker, 45, "remittance"), 2026, 11, 100_000, "T-11"),
            ProposeRemittance(*head(maker, 45, "open_remittance"), 2026, 11, 78_000, "T-11b"),
            WithdrawRemittance(*head(checker, 45, "withdrawal"), ids["slip"], "too little"),
            ApproveRemittance(*head(checker, 45, "remitted"), ids["remittance"]),
            Register(*head("gateway:file", 45), "debtor", ("streamer",)),
            Adjust(*head(maker, 45), "debtor", -5_000, "was paid twice", None),
            PayInDebt(*head(maker, 46, "debt_payment"), "debtor", 2_000, "B-77"),
        ]
    )
    assert [outcome.refusal for outcome in outcomes] == [None] * len(outcomes)
    journal.decide([PayInDebt(*head(maker, 46), "debtor", 9_999, "B-78")])
