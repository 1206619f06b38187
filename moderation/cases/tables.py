"""The tables of cases: what each is about, what was found and decided in it, and who did what.

``case_states`` and ``decision_states`` are projections, and what commands on a case or a decision lock.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from moderation.tables import metadata

cases = Table(
    "cases",
    metadata,
    Column("case", Text, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("source", Text, nullable=False),
    Column("party", Text, nullable=False, comment="Whom it is about."),
    Column("session", Uuid, comment="In which it happened, if in one."),
    Column("happened_at", DateTime(timezone=True), comment="None: not known, but before it was opened."),
    Column("summary", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("case", name="a_case_is_opened_once"),
    Index("cases_by_entry", "entry"),
    Index("cases_of_party", "party", "entry"),
    CheckConstraint(
        "source IN ('spot_check', 'report', 'regulator', 'collusion', 'minor_refund', 'freeze', 'blacklist')",
        name="case_source_is_known",
    ),
    comment="Something to be looked at, about somebody. Append-only.",
)

case_notes = Table(
    "case_notes",
    metadata,
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("case", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("entry", name="case_notes_pkey"),
    Index("case_notes_of_case", "case", "entry"),
    comment="A line of a case's time line. Append-only.",
)

case_states = Table(
    "case_states",
    metadata,
    Column("case", Text, nullable=False),
    Column("latest", Uuid, comment="The newest decision; whoever decides next has to have seen it."),
    PrimaryKeyConstraint("case", name="case_states_pkey"),
    comment="How each case stands: a projection of the decisions.",
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision", Uuid, nullable=False, comment="The id of the command."),
    Column("case", Text, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("rule_version", Text, nullable=False, comment="The rule book it was judged by."),
    Column(
        "procedure_version", Text, nullable=False, comment="That which says who decides, and who may appeal."
    ),
    Column("needs_second", Boolean, nullable=False),
    Column("appeal_until", DateTime(timezone=True), nullable=False),
    Column("execute_at", DateTime(timezone=True), comment="Not before; none: it takes no money."),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("decision", name="decisions_pkey"),
    Index("decision_of_entry", "entry", unique=True),
    Index("decisions_of_case", "case", "entry"),
    comment="What was decided in a case, by whom, and why. Append-only.",
)

findings = Table(
    "findings",
    metadata,
    Column("decision", Uuid, nullable=False),
    Column("n", SmallInteger, autoincrement=False, nullable=False, comment="From 0, without gaps."),
    Column("rule", Text, nullable=False, comment="The code in the catalogue of violations."),
    Column("severity", Text, nullable=False),
    Column("points", SmallInteger, nullable=False, comment="What it weighs on the ladder."),
    Column("happened_at", DateTime(timezone=True), nullable=False),
    Column("rule_version", Text, nullable=False, comment="The rule book in force when it happened."),
    Column("evidence", ARRAY(Text), nullable=False, comment="SHA-256 of each file, in hex."),
    Column("session", Uuid),
    Column("override_reason", Text, comment="Why a measure outside the matrix is right here."),
    PrimaryKeyConstraint("decision", "n", name="findings_pkey"),
    CheckConstraint("severity IN ('low', 'medium', 'high', 'critical')", name="severity_is_known"),
    CheckConstraint("points >= 0", name="points_are_never_given_back_by_a_finding"),
    comment="A rule that was broken, and what shows it. Append-only.",
)

decision_events = Table(
    "decision_events",
    metadata,
    Column("decision", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("detail", Text, comment="A reason, or the measure it is about."),
    PrimaryKeyConstraint("decision", "entry", name="decision_events_pkey"),
    CheckConstraint(
        "event IN ('decided', 'approved', 'refused', 'executed', 'finished', 'changed', 'overturned')",
        name="decision_event_is_known",
    ),
    comment="What happened to a decision. Append-only.",
)
for _once in ("approved", "refused", "executed", "overturned"):
    Index(
        f"a_decision_is_{_once}_once",
        decision_events.c.decision,
        unique=True,
        postgresql_where=decision_events.c.event == _once,
    )

decision_states = Table(
    "decision_states",
    metadata,
    Column("decision", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("execute_at", DateTime(timezone=True), comment="As in the decision; null once nothing is due."),
    PrimaryKeyConstraint("decision", name="decision_states_pkey"),
    CheckConstraint(
        "state IN ('awaiting_approval', 'decided', 'refused', 'executing', 'executed', 'overturned')",
        name="decision_state_is_known",
    ),
    comment="How each decision stands: a projection of its events.",
)
Index(
    "decisions_to_be_executed",
    decision_states.c.execute_at,
    postgresql_where=decision_states.c.state == "decided",
)
Index(
    "decisions_under_way",
    decision_states.c.state,
    postgresql_where=decision_states.c.state.in_(("awaiting_approval", "executing")),
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (cases, case_notes, decisions, findings, decision_events)
