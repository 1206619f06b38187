"""The tables of moderation: what each freeze rests on."""

from sqlalchemy import BigInteger, Column, Index, MetaData, PrimaryKeyConstraint, Table, Text, Uuid

metadata = MetaData(schema="moderation")

freezes = Table(
    "freezes",
    metadata,
    Column("freeze", Uuid, nullable=False, comment="The id of the command, and of the hold in the ledger."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("rule", Text, nullable=False),
    PrimaryKeyConstraint("freeze", name="freezes_pkey"),
    Index("freezes_of_party", "party", "entry"),
    comment="A freeze, and the case and rule it rests on. What it holds, the ledger knows. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (freezes,)
