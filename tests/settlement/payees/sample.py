"""People who are nobody: names and numbers that hold together, and keys to seal them under."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from ledger.database import Database
from ledger.instants import instant_of
from ledger.journal.commands import Command, Outcome
from ledger.journal.journal import Journal
from ledger.parties import PartyDesk, Register
from ledger.sealing import SealingKeys
from moderation.cases.registering import StandingByMeasures
from settlement.payees.commands import HandInInvoice, SetPayeeAccount, Verify
from settlement.payees.desk import PayeeDesk
from settlement.payees.reading import PayeeKind, PayoutChannel

MATCHING_KEY = bytes(range(32, 64))
OLD_KEY, NEW_KEY = bytes(range(32)), bytes(range(64, 96))
KEYS = SealingKeys({"2026-10": OLD_KEY}, MATCHING_KEY)
ROTATED = SealingKeys({"2026-11": NEW_KEY, "2026-10": OLD_KEY}, MATCHING_KEY)

#: Resident IDs of the sample administrative area 110101, with their check digits.
NAME, NUMBER, BORN = "王小明", "11010119900307571X", "1990-03-07"
OTHER_NAME, OTHER_NUMBER = "李雷", "110101198506153172"
#: A unified social credit code with its check digit.
STUDIO, LICENCE = "上海样例文化工作室", "91310000MA1FL0001R"
BANK_ACCOUNT = "6222020000001234567"

AT = instant_of(datetime(2026, 10, 30, 12, tzinfo=UTC))


def head(actor: str = "gateway:file", id: UUID | None = None) -> tuple[UUID, str, int, int]:
    """What a command begins with."""
    return id or uuid4(), actor, AT, AT


def journal_on(database: Database) -> Journal:
    """A journal that knows parties and payees."""
    return Journal(
        database.app,
        [PartyDesk(StandingByMeasures), PayeeDesk(announce=lambda _connection, _verified: None)],
    )


def verification(
    party: str,
    name: str = NAME,
    number: str | None = NUMBER,
    *,
    kind: PayeeKind = "person",
    keys: SealingKeys = KEYS,
    id: UUID | None = None,
) -> Verify:
    """The gateway verified somebody."""
    first = head(id=id)
    return Verify(
        *first,
        party,
        kind,
        keys.personal(first[0], party, "name", name),
        None if number is None else keys.personal(first[0], party, "number", number),
        keys.personal(first[0], party, "birth_date", BORN) if kind == "person" else None,
    )


def account(
    party: str,
    holder: str = NAME,
    number: str = BANK_ACCOUNT,
    *,
    channel: PayoutChannel = "bank",
    keys: SealingKeys = KEYS,
    id: UUID | None = None,
) -> SetPayeeAccount:
    """A payee says where to pay."""
    first = head(f"streamer:{party}", id)
    return SetPayeeAccount(
        *first,
        party,
        channel,
        keys.personal(first[0], party, "account", number),
        keys.personal(first[0], party, "holder", holder),
    )


def invoice(party: str, number: str, amount_minor: int) -> HandInInvoice:
    """An organisation hands in an invoice."""
    return HandInInvoice(*head(f"streamer:{party}"), party, number, amount_minor)


def decided(journal: Journal, *commands: Command) -> list[str]:
    """What came of commands: accepted, or the code of the refusal."""
    return [said(outcome) for outcome in journal.decide(commands)]


def said(outcome: Outcome) -> str:
    """An outcome in a word."""
    return outcome.refusal.code if outcome.refusal else "accepted"


def registered(journal: Journal, *parties: str) -> None:
    """Parties that can earn."""
    journal.decide([Register(*head(), party, ("streamer",)) for party in parties])
