"""Channels: the ways out for money. One interface, whatever stands behind it.

A payment goes by the payout's number, and a channel pays a number once, however often it is sent. An answer
that is lost is asked for under the same number; nothing is ever sent again under a new one.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

#: The kinds of account that each channel pays into.
REACHES: dict[str, frozenset[str]] = {
    "bank": frozenset({"bank"}),
    "sandbox": frozenset({"bank", "wechat", "alipay"}),
}
#: Channels that take batches only, each sent by another person than who put it together.
IN_BATCHES = frozenset({"bank"})

Verdict = Literal["paid", "failed", "unknown", "not_received"]


class Payment(NamedTuple):
    """What a channel is told to pay: fen, to the holder of an account. ``number`` is the payout's."""

    payout: UUID
    amount_minor: int
    holder: str
    account: str

    @property
    def number(self) -> str:
        """32 letters and digits: what every channel takes for a number of ours."""
        return self.payout.hex


class Answer(NamedTuple):
    """What a channel says of a payment: ``detail`` is its number of a paid one, or a reason.

    ``not_received``: it has never heard of that number, so sending it (again, the same number) is safe.
    """

    payout: UUID
    verdict: Verdict
    detail: str


class NoAnswer(Exception):
    """A channel did not answer, or not so that it can be understood: nobody knows whether it paid."""


class Channel(Protocol):
    """A way out for money that answers."""

    name: str

    def send(self, payments: Sequence[Payment]) -> Sequence[Answer]:
        """Pay, and say what became of each. A payment whose number is known already is not paid again.

        Raises :class:`NoAnswer`.
        """
        ...

    def ask(self, payout: UUID) -> Answer:
        """What became of a payment that was, or may have been, sent. Raises :class:`NoAnswer`."""
        ...
