"""The tables of reports (举报): what was reported, each state it came into, and the proof that was handed in.

What a reporter wrote, and who the reporter is in the world, stands in ``sealed_values`` only. That table is
not append-only, for the reason given in :mod:`settlement.payees.tables`: it may be sealed anew, nothing else.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

from moderation.tables import metadata

reports = Table(
    "reports",
    metadata,
    Column("report", Uuid, nullable=False, comment="The id of the command: the receipt."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("reporter", Text, nullable=False, comment="Never shown to the target."),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False, comment="Whom it is about."),
    Column("session", Uuid),
    Column("moment", DateTime(timezone=True), comment="When it is said to have happened."),
    Column("category", Text, nullable=False, comment="An item of the violation catalogue."),
    Column("rule_version", Text, nullable=False, comment="The rule book that says how harmful that is."),
    Column("harm", SmallInteger, nullable=False, comment="0 low to 3 critical: what the queue goes by."),
    Column("needs_proof", Boolean, nullable=False, comment="Whether it is accepted only with proof."),
    Column("flagged", Boolean, nullable=False, comment="Its reporter was found in bad faith too often."),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("report", name="reports_pkey"),
    Index("report_of_entry", "entry", unique=True),
    Index("reports_of_reporter", "reporter", "entry"),
    Index("reports_about_target", "target", "entry"),
    CheckConstraint("channel IN ('button', 'hotline', 'letter')", name="report_channel_is_known"),
    CheckConstraint("harm BETWEEN 0 AND 3", name="harm_is_a_severity"),
    comment="A report. Append-only.",
)

report_events = Table(
    "report_events",
    metadata,
    Column("report", Uuid, nullable=False),
    Column("number", SmallInteger, autoincrement=False, nullable=False, comment="From 1, without gaps."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("case", Text, comment="Which case it was accepted into."),
    Column("bad_faith", Boolean, nullable=False, comment="A rejection may find the reporter in bad faith."),
    Column("reason", Text),
    Column("materials_due", DateTime(timezone=True), comment="Until when proof is awaited."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("report", "number", name="report_events_pkey"),
    Index("report_events_of_entry", "entry"),
    CheckConstraint(
        "event IN ('received', 'awaiting_materials', 'handed_in', 'claimed', 'let_go', 'accepted',"
        " 'rejected', 'closed')",
        name="report_event_is_known",
    ),
    CheckConstraint("(event = 'accepted') = (\"case\" IS NOT NULL)", name="an_accepted_report_has_a_case"),
    CheckConstraint("NOT bad_faith OR event = 'rejected'", name="bad_faith_is_found_by_rejecting"),
    CheckConstraint(
        "(event = 'awaiting_materials') = (materials_due IS NOT NULL)", name="materials_are_awaited_until"
    ),
    comment="What befell a report. Append-only.",
)

report_states = Table(
    "report_states",
    metadata,
    Column("report", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False, comment="Of the report: its age."),
    Column("harm", SmallInteger, nullable=False),
    Column("flagged", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("events", SmallInteger, nullable=False, comment="How many befell it."),
    Column("has_proof", Boolean, nullable=False, comment="Whether name and number were handed in."),
    Column("claimed_by", Text, comment="Which moderator looks at it now."),
    Column("materials_due", DateTime(timezone=True)),
    Column("case", Text),
    PrimaryKeyConstraint("report", name="report_states_pkey"),
    Index(
        "reports_in_the_queue",
        "harm",
        "entry",
        postgresql_where=text("state IN ('received', 'awaiting_materials')"),
    ),
    Index("materials_that_are_due", "materials_due", postgresql_where=text("state = 'awaiting_materials'")),
    Index(
        "a_moderator_claims_one_report",
        "claimed_by",
        unique=True,
        postgresql_where=text("claimed_by IS NOT NULL"),
    ),
    CheckConstraint(
        "state IN ('received', 'awaiting_materials', 'accepted', 'rejected', 'closed')",
        name="report_state_is_known",
    ),
    CheckConstraint(
        "claimed_by IS NULL OR state IN ('received', 'awaiting_materials')",
        name="only_open_reports_are_claimed",
    ),
    comment="How each report stands: a projection of report_events.",
)

report_files = Table(
    "report_files",
    metadata,
    Column("report", Uuid, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("report", "sha256", name="a_report_has_a_file_once"),
    Index("report_files_of_entry", "entry"),
    CheckConstraint("length(sha256) = 32", name="report_file_is_named_by_its_hash"),
    CheckConstraint("bytes > 0", name="report_file_is_not_empty"),
    comment="A file that a reporter handed in. Evidence of a case once the report is accepted. Append-only.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (reports, report_events, report_files)
