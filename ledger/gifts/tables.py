"""The tables of gifts: prices and limits in time, and what was tipped."""

from sqlalchemy import BigInteger, CheckConstraint, Column, PrimaryKeyConstraint, Table, Text

from ledger.journal.tables import metadata

gift_prices = Table(
    "gift_prices",
    metadata,
    Column("gift", Text, nullable=False),
    Column(
        "entry",
        BigInteger,
        autoincrement=False,
        nullable=False,
        comment="The decision from which on it holds.",
    ),
    Column("coins", BigInteger, nullable=False),
    PrimaryKeyConstraint("gift", "entry", name="gift_prices_pkey"),
    CheckConstraint("coins > 0", name="a_gift_costs_something"),
    comment="A gift put on sale, or repriced; the newest counts. Append-only.",
)

tip_limits = Table(
    "tip_limits",
    metadata,
    Column(
        "entry",
        BigInteger,
        autoincrement=False,
        nullable=False,
        comment="The decision from which on they hold.",
    ),
    Column("per_tip", BigInteger),
    Column("per_day", BigInteger),
    Column("per_month", BigInteger),
    Column("tips_per_day", BigInteger),
    Column("tips_per_month", BigInteger),
    PrimaryKeyConstraint("entry", name="tip_limits_pkey"),
    comment="The limits on each viewer's tips; the newest counts, null is no limit. Append-only. LIVE-TIP-5.",
)

tips = Table(
    "tips",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("room", Text, nullable=False),
    Column("gift", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("price_coins", BigInteger, nullable=False, comment="Of one, when it was given."),
    PrimaryKeyConstraint("entry", name="tips_pkey"),
    CheckConstraint("quantity > 0", name="a_tip_gives_something"),
    comment="A gift given in a room: what an entry of kind tip was for. Append-only.",
)
