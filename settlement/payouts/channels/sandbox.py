"""The sandbox channel: a bank that is not one. It keeps what it is told in a folder, and can lose answers.

What happens to a payment is said beforehand: it is paid or failed, and answered or not; or it never arrives.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args
from uuid import UUID, uuid4

from settlement.payouts.channels import Answer, NoAnswer, Payment

Fate = Literal["paid", "failed", "paid_unanswered", "failed_unanswered", "never_arrives"]
FATES: tuple[Fate, ...] = get_args(Fate)


class SandboxChannel:
    """Pays nobody. ``fate`` is what happens to what is sent from now on."""

    name = "sandbox"

    def __init__(self, folder: Path, fate: Fate = "paid") -> None:
        self._folder = folder
        self.fate: Fate = fate

    def send(self, payments: Sequence[Payment]) -> Sequence[Answer]:
        """Keep each payment unless its number is known; loses the answers if that is their fate."""
        if self.fate == "never_arrives":
            raise NoAnswer("the sandbox was not reached")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        answers = [self._pay(payment) for payment in payments]
        if self.fate.endswith("_unanswered"):
            raise NoAnswer("the answer was lost")
        return answers

    def ask(self, payout: UUID) -> Answer:
        """What it keeps under a number."""
        try:
            kept = json.loads(self._file(payout).read_bytes())
        except FileNotFoundError:
            return Answer(payout, "not_received", "no payment has this number")
        return Answer(payout, kept["verdict"], kept["detail"])

    def paid_minor(self) -> int:
        """All that it has paid, in fen."""
        kept = [json.loads(file.read_bytes()) for file in self._folder.glob("*.json")]
        return sum(one["amount_minor"] for one in kept if one["verdict"] == "paid")

    def _pay(self, payment: Payment) -> Answer:
        is_paid = self.fate.startswith("paid")
        kept = {
            "verdict": "paid" if is_paid else "failed",
            "detail": f"sandbox-{payment.number[-12:]}" if is_paid else "the sandbox was told to fail",
            "amount_minor": payment.amount_minor,
        }
        # Written beside and linked: whoever is first under a number is the one that counts.
        file = self._file(payment.payout)
        beside = file.with_name(f".{uuid4().hex}")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
            json.dump(kept, new)
        try:
            os.link(beside, file)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
        return self.ask(payment.payout)

    def _file(self, payout: UUID) -> Path:
        return self._folder / f"{payout.hex}.json"
