"""The tables of payouts: what was asked, every state, what each sending fixed, and the income it counts as.

``payouts`` is a projection: how each payout stands now, and all that is asked about most.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from settlement.tables import metadata

payout_requests = Table(
    "payout_requests",
    metadata,
    Column("payout", Uuid, nullable=False, comment="The id of the command, and of the hold in the ledger."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("payee", Text, nullable=False),
    Column("requested_minor", BigInteger, nullable=False, comment="Fen: what went to debts, and the rest."),
    Column("offset_minor", BigInteger, nullable=False, comment="What of it went to debts."),
    Column("amount_minor", BigInteger, nullable=False, comment="What is held to be paid, before tax."),
    Column("policy", Text, nullable=False, comment="The version whose terms applied."),
    PrimaryKeyConstraint("payout", name="payout_requests_pkey"),
    Index("payout_request_of_entry", "entry", unique=True),
    CheckConstraint(
        "requested_minor = offset_minor + amount_minor AND offset_minor >= 0 AND amount_minor > 0",
        name="a_payout_is_what_debts_leave",
    ),
    comment="A payout that was asked for. Append-only.",
)

payout_events = Table(
    "payout_events",
    metadata,
    Column("payout", Uuid, nullable=False),
    Column("number", SmallInteger, autoincrement=False, nullable=False, comment="From 1, without gaps."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("state", Text, nullable=False),
    Column("actor", Text, nullable=False, comment="Who brought it there; policy: within the bound."),
    Column("detail", Text, comment="A reason, or the channel's number of the payment."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("payout", "number", name="payout_events_pkey"),
    Index("a_payout_is_in_a_state_once", "payout", "state", unique=True),
    Index("payout_events_of_entry", "entry"),
    CheckConstraint(
        "state IN ('requested', 'approved', 'refused', 'cancelled', 'sent', 'unknown', 'paid', 'failed',"
        " 'returned')",
        name="payout_state_is_known",
    ),
    comment="A state that a payout came into. Append-only.",
)

payout_sendings = Table(
    "payout_sendings",
    metadata,
    Column("payout", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("channel", Text, nullable=False),
    Column("batch", Uuid, comment="None when it went alone."),
    Column("account", BigInteger, nullable=False, comment="The entry of the payee's account it goes to."),
    Column("tax_minor", BigInteger, nullable=False, comment="Withheld, fen."),
    PrimaryKeyConstraint("payout", name="a_payout_is_sent_once"),
    Index("payout_sending_of_entry", "entry", unique=True),
    CheckConstraint("tax_minor >= 0", name="tax_is_never_paid_out"),
    comment="What was fixed when a payout was sent: where it goes, and the tax. Append-only.",
)

payout_income = Table(
    "payout_income",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("payout", Uuid, nullable=False),
    Column("payee", Text, nullable=False),
    Column("number_hash", LargeBinary, nullable=False, comment="Whose income: tax is reckoned a person."),
    Column("year", Integer, nullable=False),
    Column("month", Integer, nullable=False, comment="In which it was sent, China time."),
    Column("gross_minor", BigInteger, nullable=False, comment="Fen; below zero when it failed or came back."),
    Column("tax_minor", BigInteger, nullable=False, comment="Likewise."),
    PrimaryKeyConstraint("entry", name="payout_income_pkey"),
    Index("payout_income_of_person", "number_hash", "year", "month"),
    Index("payout_income_of_payee", "payee", "entry"),
    Index("payout_income_of_payout", "payout"),
    CheckConstraint("month BETWEEN 1 AND 12", name="a_month_is_a_month"),
    CheckConstraint(
        "gross_minor > 0 AND tax_minor >= 0 OR gross_minor < 0 AND tax_minor <= 0",
        name="income_and_tax_go_together",
    ),
    comment="Income of a person by a payout, from its sending on; taken out when it failed. Append-only.",
)

payout_batches = Table(
    "payout_batches",
    metadata,
    Column("batch", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("channel", Text, nullable=False),
    Column("maker", Text, nullable=False, comment="Who put it together, and so cannot send it."),
    Column("payouts", ARRAY(Uuid), nullable=False, comment="In the order of the file's lines."),
    PrimaryKeyConstraint("batch", name="payout_batches_pkey"),
    Index("payout_batch_of_entry", "entry", unique=True),
    Index("payout_batches_of_payouts", "payouts", postgresql_using="gin"),
    CheckConstraint("cardinality(payouts) > 0", name="a_batch_has_payouts"),
    comment="Payouts to be sent together. Append-only.",
)

payouts = Table(
    "payouts",
    metadata,
    Column("payout", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False, comment="Of the request."),
    Column("payee", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("requested_minor", BigInteger, nullable=False),
    Column("offset_minor", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("policy", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("events", SmallInteger, nullable=False, comment="How many states it has been in."),
    Column("approved_by", Text),
    Column("channel", Text),
    Column("batch", Uuid),
    Column("account", BigInteger),
    Column("tax_minor", BigInteger),
    PrimaryKeyConstraint("payout", name="payouts_pkey"),
    Index("payouts_by_entry", "entry", unique=True),
    Index("payouts_of_payee", "payee", "entry"),
    Index("payouts_in_state", "state", "entry"),
    CheckConstraint(
        "(channel IS NULL) = (tax_minor IS NULL) AND (channel IS NULL) = (account IS NULL)",
        name="sending_fixes_channel_account_and_tax",
    ),
    comment="How each payout stands: a projection of the tables before.",
)
Index(
    "one_payout_in_flight",
    payouts.c.payee,
    unique=True,
    postgresql_where=payouts.c.state.in_(("requested", "approved", "sent", "unknown")),
)

payout_batch_cancellations = Table(
    "payout_batch_cancellations",
    metadata,
    Column("batch", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("batch", name="a_batch_is_cancelled_once"),
    Index("payout_batch_cancellation_of_entry", "entry", unique=True),
    comment="A batch that was taken back before anything of it was sent. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (
    payout_requests,
    payout_events,
    payout_sendings,
    payout_income,
    payout_batches,
    payout_batch_cancellations,
)
