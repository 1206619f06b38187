"""The tables of payees: who was verified, where they are paid, and which invoices they handed in.

What is personal stands in ``sealed_values`` only, sealed, apart from the fact it belongs to. Facts are
append-only; a sealed value is not, because whoever rotates a key has to be able to seal the old values anew
under the new one, and a key that was given away must stop opening anything. What may change of it is how
it is sealed, nothing else: the application's role may update those two columns and delete nothing.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from settlement.tables import metadata

verifications = Table(
    "verifications",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name_hash", LargeBinary, nullable=False, comment="Keyed: only whoever has the key can match it."),
    Column("number_hash", LargeBinary, nullable=False, comment="Of the ID or the licence, keyed likewise."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("entry", name="verifications_pkey"),
    Index("verifications_of_party", "party", "entry"),
    Index("verifications_of_number", "number_hash"),
    CheckConstraint("kind IN ('person', 'organisation')", name="payee_kind_is_known"),
    CheckConstraint("length(name_hash) = 32 AND length(number_hash) = 32", name="identity_is_hashed"),
    comment="A party whose identity was verified; the newest counts. Append-only.",
)

payee_accounts = Table(
    "payee_accounts",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("account_hash", LargeBinary, nullable=False),
    Column("holder_hash", LargeBinary, nullable=False, comment="Of the holder's name, as name_hash is."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("entry", name="payee_accounts_pkey"),
    Index("payee_accounts_of_party", "party", "entry"),
    CheckConstraint("channel IN ('bank', 'wechat', 'alipay')", name="payout_channel_is_known"),
    CheckConstraint("length(account_hash) = 32 AND length(holder_hash) = 32", name="account_is_hashed"),
    comment="An account a payee is paid into; the newest counts. Append-only.",
)

sealed_values = Table(
    "sealed_values",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False, comment="Of the fact it belongs to."),
    Column("field", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("key_id", Text, nullable=False, comment="Which key opens it."),
    Column("sealed", LargeBinary, nullable=False, comment="Nonce, and what AES-256-GCM made of the value."),
    PrimaryKeyConstraint("entry", "field", name="a_value_is_sealed_once"),
    Index("sealed_values_of_key", "key_id", "entry", "field"),
    CheckConstraint(
        "field IN ('name', 'number', 'birth_date', 'representative', 'account', 'holder')",
        name="sealed_field_is_known",
    ),
    CheckConstraint("length(sealed) > 28", name="a_sealed_value_is_whole"),
    comment="A personal value, sealed. May only be sealed anew, under another key.",
)

invoices = Table(
    "invoices",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False, comment="Fen."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("party", "number", name="invoice_handed_in_once"),
    Index("invoice_of_entry", "entry", unique=True),
    CheckConstraint("amount_minor > 0", name="an_invoice_is_over_something"),
    comment="An invoice an organisation handed in for what it is to be paid. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (verifications, payee_accounts, invoices)
