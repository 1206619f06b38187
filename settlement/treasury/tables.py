"""The tables of tax that is handed over, and of debts that are paid in."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from settlement.tables import metadata

tax_remittances = Table(
    "tax_remittances",
    metadata,
    Column("remittance", Uuid, nullable=False, comment="The id of the proposal."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("year", Integer, nullable=False),
    Column("month", Integer, nullable=False, comment="In which it was withheld, China time."),
    Column("amount_minor", BigInteger, nullable=False, comment="Fen."),
    Column("reference", Text, nullable=False, comment="The number of the tax return."),
    Column("maker", Text, nullable=False, comment="Who proposed it, and so cannot approve it."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("remittance", name="tax_remittances_pkey"),
    Index("tax_remittance_of_entry", "entry", unique=True),
    Index("tax_remittances_of_month", "year", "month"),
    CheckConstraint("month BETWEEN 1 AND 12", name="tax_is_withheld_in_a_month"),
    CheckConstraint("amount_minor > 0", name="a_remittance_is_of_something"),
    comment="Tax withheld that is to be handed over to the tax office. Append-only.",
)

tax_remittance_ends = Table(
    "tax_remittance_ends",
    metadata,
    Column("remittance", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, comment="Why it was withdrawn."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("remittance", name="a_remittance_ends_once"),
    Index("tax_remittance_end_of_entry", "entry", unique=True),
    CheckConstraint("state IN ('remitted', 'withdrawn')", name="end_of_a_remittance_is_known"),
    CheckConstraint("(state = 'withdrawn') = (reason IS NOT NULL)", name="withdrawn_has_a_reason"),
    comment="What became of a proposal: remitted, by a second person, or withdrawn. Append-only.",
)

debt_payments = Table(
    "debt_payments",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False, comment="Fen."),
    Column("reference", Text, nullable=False, comment="The bank's number of the payment."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("entry", name="debt_payments_pkey"),
    Index("a_debt_payment_is_recorded_once", "reference", unique=True),
    Index("debt_payments_of_party", "party", "entry"),
    CheckConstraint("amount_minor > 0", name="a_debt_payment_is_of_something"),
    comment="A debt, or a part of one, that was paid in. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (tax_remittances, tax_remittance_ends, debt_payments)
