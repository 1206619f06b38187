"""Payees for the busy book: a person, an organisation that is paid against invoices, and refusals."""

from collections.abc import Callable
from uuid import UUID

from ledger.journal.commands import Command
from ledger.journal.journal import Journal
from settlement.payees.commands import HandInInvoice, SetPayeeAccount, Verify
from settlement.payees.reading import PayeeKind, PayoutChannel
from settlement.payouts.commands import PayoutPaid, RequestPayout, SendPayout
from tests.settlement.payees.sample import BANK_ACCOUNT, BORN, KEYS, LICENCE, NAME, NUMBER, OTHER_NAME, STUDIO

Head = Callable[..., tuple[UUID, str, int, int]]

_GATEWAY = "gateway:file"
PERSON, ORGANISATION = "both", "主播 小红"
#: What the organisation has earned beside its gifts.
REWARDS = ((ORGANISATION, 300_000),)


def play_payees(journal: Journal, head: Head, ids: dict[str, UUID]) -> None:
    """They are verified, set accounts, hand in invoices; the organisation is paid. Needs settled rewards."""

    def verify(name: str | None, party: str, kind: PayeeKind, called: str, number: str | None) -> Command:
        first = head(_GATEWAY, 20, name)
        fields = {"name": called, "number": number, "birth_date": BORN, "representative": NAME}
        unfit = "representative" if kind == "person" else "birth_date"
        sealed = {
            field: None if value is None or field == unfit else KEYS.personal(first[0], party, field, value)
            for field, value in fields.items()
        }
        called_by = sealed["name"]
        assert called_by is not None
        return Verify(
            *first, party, kind, called_by, sealed["number"], sealed["birth_date"], sealed["representative"]
        )

    def account(name: str | None, party: str, holder: str, channel: PayoutChannel) -> Command:
        first = head(f"streamer:{party}", 21, name)
        where = BANK_ACCOUNT if channel == "bank" else "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
        return SetPayeeAccount(
            *first,
            party,
            channel,
            KEYS.personal(first[0], party, "account", where),
            KEYS.personal(first[0], party, "holder", holder),
        )

    def invoice(name: str | None, party: str, number: str, amount_minor: int) -> Command:
        return HandInInvoice(*head(f"streamer:{party}", 22, name), party, number, amount_minor)

    journal.decide(
        [
            account(None, PERSON, NAME, "wechat"),
            verify("verification", PERSON, "person", NAME, NUMBER),
            account(None, PERSON, OTHER_NAME, "wechat"),
            account("payee_account", PERSON, NAME, "wechat"),
            invoice(None, PERSON, "24312000000000000001", 100_000),
            verify(None, ORGANISATION, "organisation", STUDIO, None),
            verify("organisation", ORGANISATION, "organisation", STUDIO, LICENCE),
            account(None, ORGANISATION, STUDIO, "wechat"),
            account("corporate_account", ORGANISATION, STUDIO, "bank"),
            invoice("invoice", ORGANISATION, "24312000000000000001", 20_000),
            invoice(None, ORGANISATION, "24312000000000000001", 20_000),
        ]
    )
    for command in (
        RequestPayout(*head(f"streamer:{ORGANISATION}", 30, "organisation_payout"), ORGANISATION, 20_000),
        SendPayout(*head("finance:f1", 30), ids["organisation_payout"], "sandbox"),
        PayoutPaid(*head("gateway:bank", 31), ids["organisation_payout"], "S-9"),
    ):
        refusal = journal.decide([command])[0].refusal
        assert refusal is None, refusal
