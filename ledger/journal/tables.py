"""The tables of the journal: what was decided, what moved, and what follows from it.

Append-only are ``decisions``, ``transfers``, ``hold_acts`` and ``account_events`` (invariant I4: the
database itself refuses to change them). ``accounts``, ``holds`` and ``tip_days`` are projections: they
may change, and ``zhibo verify`` derives them anew from the append-only rows.

No foreign keys among the hot tables: a trigger per row costs more than the row. ``verify`` proves what
they would have promised (docs/decisions/0004-hot-path.md).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(schema="ledger")

decisions = Table(
    "decisions",
    metadata,
    Column(
        "seq",
        BigInteger,
        autoincrement=False,
        nullable=False,
        comment="Number of its first act; seq / 256 is the microsecond posted.",
    ),
    Column("id", Uuid, nullable=False, comment="The command's id, chosen by whoever asked."),
    Column("kind", Text, nullable=False),
    Column("actor", Text, nullable=False, comment="Who asked: role:subject."),
    Column(
        "cause", Text, nullable=False, comment="What it rests on: a gift, a payment, a case and rule, a run."
    ),
    Column(
        "content_hash", LargeBinary, nullable=False, comment="SHA-256 of the command as its sender gave it."
    ),
    Column("occurred_at", DateTime(timezone=True), nullable=False, comment="The world's time."),
    Column("refusal", Text, comment="The code, when the command was refused; it then moved nothing."),
    Column("facts", JSONB, comment="The refusal's facts."),
    PrimaryKeyConstraint("id", name="decided_once"),
    UniqueConstraint("seq", name="decision_has_its_own_number"),
    CheckConstraint("(refusal IS NULL) = (facts IS NULL)", name="a_refusal_has_facts"),
    comment="A decided command: accepted it is a journal entry, refused it is remembered. Append-only.",
)

transfers = Table(
    "transfers",
    metadata,
    Column("seq", BigInteger, autoincrement=False, nullable=False),
    Column(
        "entry",
        BigInteger,
        autoincrement=False,
        nullable=False,
        comment="The seq of the decision it belongs to.",
    ),
    Column("debit_account", BigInteger, nullable=False),
    Column("credit_account", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column(
        "debit_balance_minor", BigInteger, nullable=False, comment="The debit account's balance after it."
    ),
    Column(
        "credit_balance_minor", BigInteger, nullable=False, comment="The credit account's balance after it."
    ),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("seq", name="transfer_has_its_own_number"),
    Index("transfers_of_debit_account", "debit_account", "seq"),
    Index("transfers_of_credit_account", "credit_account", "seq"),
    CheckConstraint("amount_minor > 0", name="amount_is_positive"),
    CheckConstraint("debit_account <> credit_account", name="moves_between_two_accounts"),
    comment="One movement of value. Append-only; a mistake is answered by a reversing entry.",
)

hold_acts = Table(
    "hold_acts",
    metadata,
    Column("seq", BigInteger, autoincrement=False, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("hold", Uuid, nullable=False),
    Column("account", BigInteger, autoincrement=False, nullable=False),
    Column("act", Text, nullable=False),
    Column(
        "amount_minor",
        BigInteger,
        comment="Set aside, or captured; null when a whole account is placed on hold.",
    ),
    Column("expires_at", DateTime(timezone=True)),
    PrimaryKeyConstraint("seq", name="hold_act_has_its_own_number"),
    Index("hold_acts_of_account", "account", "seq"),
    CheckConstraint("act IN ('placed', 'captured', 'released', 'expired')", name="hold_act_is_known"),
    CheckConstraint(
        "amount_minor > 0 OR (act = 'captured' AND amount_minor >= 0)", name="hold_amount_is_positive"
    ),
    comment="A hold placed on an account, or ended: captured, released or expired. Append-only.",
)

Index("a_hold_is_placed_once", hold_acts.c.hold, unique=True, postgresql_where=hold_acts.c.act == "placed")
Index("a_hold_ends_once", hold_acts.c.hold, unique=True, postgresql_where=hold_acts.c.act != "placed")

account_events = Table(
    "account_events",
    metadata,
    Column("seq", BigInteger, autoincrement=False, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("account", BigInteger, autoincrement=False, nullable=False),
    Column("event", Text, nullable=False),
    Column("until", DateTime(timezone=True)),
    PrimaryKeyConstraint("seq", name="account_event_has_its_own_number"),
    Index("events_of_account", "account", "seq"),
    CheckConstraint(
        "event IN ('opened', 'outgoing_barred', 'incoming_barred')", name="account_event_is_known"
    ),
    CheckConstraint("(event = 'opened') = (until IS NULL)", name="a_bar_has_an_end"),
    comment="An account opened, or barred until a time. Append-only.",
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", BigInteger, Identity(always=False), nullable=False),
    Column("kind", Text(collation="C"), nullable=False),
    Column(
        "owner", Text(collation="C"), nullable=False, comment="In byte order, whatever the server's locale."
    ),
    Column("currency", Text, nullable=False),
    Column("normal_side", Text, nullable=False),
    Column("limited", Boolean, nullable=False),
    Column("debits_minor", BigInteger, nullable=False, server_default="0"),
    Column("credits_minor", BigInteger, nullable=False, server_default="0"),
    Column("held_minor", BigInteger, nullable=False, server_default="0"),
    Column(
        "frozen_by", Integer, nullable=False, server_default="0", comment="Open holds of the whole account."
    ),
    Column("outgoing_barred_until", DateTime(timezone=True)),
    Column("incoming_barred_until", DateTime(timezone=True)),
    Column(
        "last_seq", BigInteger, nullable=False, server_default="0", comment="The last act that touched it."
    ),
    Column("tip_day", Date, comment="The latest day on which it paid a tip; its counts are gross."),
    Column("tip_day_minor", BigInteger, nullable=False, server_default="0"),
    Column("tip_day_count", BigInteger, nullable=False, server_default="0"),
    Column("tip_month_minor", BigInteger, nullable=False, server_default="0"),
    Column("tip_month_count", BigInteger, nullable=False, server_default="0"),
    PrimaryKeyConstraint("id", name="accounts_pkey"),
    UniqueConstraint("kind", "owner", name="one_account_of_a_kind"),
    CheckConstraint(
        "NOT limited OR CASE normal_side WHEN 'credit' THEN credits_minor - debits_minor"
        " ELSE debits_minor - credits_minor END - held_minor >= 0",
        name="available_is_never_negative",
    ),
    CheckConstraint("held_minor >= 0 AND frozen_by >= 0", name="holds_are_never_negative"),
    CheckConstraint("normal_side IN ('debit', 'credit')", name="normal_side_is_known"),
    comment="An account and its running totals: a projection of the journal.",
    postgresql_with={"fillfactor": 50},
)

holds = Table(
    "holds",
    metadata,
    Column("hold", Uuid, nullable=False),
    Column("account", BigInteger, autoincrement=False, nullable=False),
    Column("amount_minor", BigInteger, comment="Null: the whole account, and what still arrives."),
    Column("expires_at", DateTime(timezone=True)),
    Column("placed_seq", BigInteger, nullable=False),
    Column("ended", Text),
    Column("ended_seq", BigInteger),
    PrimaryKeyConstraint("hold", name="holds_pkey"),
    CheckConstraint("(ended IS NULL) = (ended_seq IS NULL)", name="an_ended_hold_says_when"),
    CheckConstraint("ended IN ('captured', 'released', 'expired')", name="hold_end_is_known"),
    comment="A hold and how it ended, if it has: a projection of hold_acts.",
)
Index("open_holds_of_account", holds.c.account, postgresql_where=holds.c.ended.is_(None))
Index("holds_that_expire", holds.c.expires_at, postgresql_where=holds.c.ended.is_(None))

tip_days = Table(
    "tip_days",
    metadata,
    Column("account", BigInteger, autoincrement=False, nullable=False),
    Column("day", Date, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "day", name="tip_days_pkey"),
    comment="What a wallet tipped on a day before its latest tipping day, gross: a projection.",
)

reversals = Table(
    "reversals",
    metadata,
    Column(
        "reversed",
        BigInteger,
        autoincrement=False,
        nullable=False,
        comment="The seq of the entry that was undone.",
    ),
    Column(
        "entry",
        BigInteger,
        autoincrement=False,
        nullable=False,
        comment="The seq of the entry that undid it.",
    ),
    PrimaryKeyConstraint("reversed", name="reversed_once"),
    comment="Which entry undid which. Append-only.",
)

#: What the database refuses to change, whoever asks (invariant I4).
APPEND_ONLY = (decisions, transfers, hold_acts, account_events, reversals)
#: What ``verify`` derives anew.
PROJECTIONS = (accounts, holds, tip_days)
