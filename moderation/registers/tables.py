"""The tables of the registers: what moderation keeps besides its cases."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from moderation.tables import metadata

blacklist_imports = Table(
    "blacklist_imports",
    metadata,
    Column("import", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("list", Text, nullable=False),
    Column("named", Integer, nullable=False, comment="How many numbers the file named, each counted once."),
    Column("added", Integer, nullable=False, comment="How many of them were not on the list yet."),
    Column("imported_by", Text, nullable=False),
    PrimaryKeyConstraint("import", name="blacklist_imports_pkey"),
    UniqueConstraint("entry", name="blacklist_import_of_entry"),
    CheckConstraint("named > 0 AND added BETWEEN 0 AND named", name="an_import_adds_what_it_names"),
    comment="A list of barred people that was read in (警示名单, 主播黑名单). Append-only. LIVE-BLK-1.",
)

blacklist_listings = Table(
    "blacklist_listings",
    metadata,
    Column("list", Text, nullable=False),
    Column("number_hash", LargeBinary, nullable=False, comment="Of the ID, keyed; nobody can read it back."),
    Column("number", SmallInteger, autoincrement=False, nullable=False, comment="From 1, without gaps."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("is_listed", Boolean, nullable=False, comment="Put on the list, or taken off it."),
    Column("name_hash", LargeBinary, comment="Of the name it was listed under, keyed likewise."),
    Column("reason", Text, comment="Why it was taken off."),
    PrimaryKeyConstraint("list", "number_hash", "number", name="blacklist_listings_pkey"),
    Index("blacklist_listings_of_number", "number_hash"),
    Index("blacklist_listings_of_entry", "entry"),
    CheckConstraint("number > 0 AND is_listed = (number % 2 = 1)", name="who_is_listed_is_taken_off_next"),
    CheckConstraint("is_listed = (reason IS NULL)", name="taking_off_has_a_reason"),
    CheckConstraint(
        "length(number_hash) = 32 AND (name_hash IS NULL OR length(name_hash) = 32)",
        name="the_listed_are_hashed",
    ),
    comment="An ID number put on a list or taken off; the newest counts. Append-only. LIVE-BLK-1.",
)

blacklist_hits = Table(
    "blacklist_hits",
    metadata,
    Column("hit", Uuid, nullable=False, comment="The id of the command, derived: the same hit, the same id."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("list", Text, nullable=False),
    Column("number_hash", LargeBinary, nullable=False),
    Column("number", SmallInteger, nullable=False, comment="Which listing it was."),
    Column("case", Text, nullable=False),
    PrimaryKeyConstraint("hit", name="blacklist_hits_pkey"),
    UniqueConstraint("entry", name="blacklist_hit_of_entry"),
    UniqueConstraint("party", "list", "number_hash", "number", name="a_hit_is_found_once"),
    comment="A verified party found on a list, and the case opened about it. Append-only. LIVE-BLK-1.",
)

false_identities = Table(
    "false_identities",
    metadata,
    Column("finding", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("case", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("found_by", Text, nullable=False),
    PrimaryKeyConstraint("finding", name="false_identities_pkey"),
    UniqueConstraint("entry", name="false_identity_of_entry"),
    Index("false_identities_of_party", "party", "entry"),
    comment="A party that is not who it said it was, and the case about it. Append-only. LIVE-ID-4.",
)

permissions = Table(
    "permissions",
    metadata,
    Column("permission", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("allows", Text, nullable=False),
    Column("scope", Text, nullable=False, comment="What may be used or sold, in words."),
    Column("document", Text, nullable=False, comment="The number of the paper that was signed."),
    Column("valid_from", DateTime(timezone=True), nullable=False),
    Column(
        "valid_until", DateTime(timezone=True), comment="No longer valid from then on; null: until ended."
    ),
    Column("granted_by", Text, nullable=False),
    PrimaryKeyConstraint("permission", name="permissions_pkey"),
    UniqueConstraint("entry", name="permission_of_entry"),
    Index("permissions_of_party", "party", "entry"),
    CheckConstraint("allows IN ('media_reuse', 'business')", name="permission_is_of_a_known_kind"),
    CheckConstraint("valid_from < valid_until", name="a_permission_lasts"),
    comment="A written permission of the platform (书面许可). Append-only. LIVE-PRIN-2, LIVE-COND-2.",
)

permission_ends = Table(
    "permission_ends",
    metadata,
    Column("permission", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("permission", name="a_permission_ends_once"),
    UniqueConstraint("entry", name="permission_end_of_entry"),
    comment="A permission that was revoked. Append-only.",
)

uses = Table(
    "uses",
    metadata,
    Column("use", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("needs", Text, nullable=False, comment="Which kind of permission."),
    Column("detail", Text, nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=False),
    Column("permission", Uuid, comment="The one that covers it."),
    Column("case", Text, comment="Opened, because none does."),
    PrimaryKeyConstraint("use", name="uses_pkey"),
    UniqueConstraint("entry", name="use_of_entry"),
    Index("uses_of_party", "party", "entry"),
    CheckConstraint("needs IN ('media_reuse', 'business')", name="use_is_of_a_known_kind"),
    CheckConstraint('(permission IS NULL) = ("case" IS NOT NULL)', name="a_use_is_permitted_or_a_case"),
    comment="What somebody did that needs a permission. Append-only. LIVE-PRIN-2, LIVE-COND-2.",
)

promises = Table(
    "promises",
    metadata,
    Column("promise", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("streamer", Text, nullable=False),
    Column("session", Uuid, comment="In which it was made, if in one."),
    Column("text", Text, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("promise", name="promises_pkey"),
    UniqueConstraint("entry", name="promise_of_entry"),
    Index("promises_of_streamer", "streamer", "entry"),
    comment="What a streamer promised viewers, and by when. Append-only. LIVE-PROMISE-1.",
)

promise_outcomes = Table(
    "promise_outcomes",
    metadata,
    Column("promise", Uuid, nullable=False),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("is_kept", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    Column("case", Text, comment="Opened, because it was not kept."),
    Column("resolved_by", Text, nullable=False),
    PrimaryKeyConstraint("promise", name="a_promise_is_resolved_once"),
    UniqueConstraint("entry", name="promise_outcome_of_entry"),
    CheckConstraint('is_kept = ("case" IS NULL)', name="a_broken_promise_is_a_case"),
    comment="What became of a promise. Append-only. LIVE-PROMISE-1.",
)

room_actions = Table(
    "room_actions",
    metadata,
    Column("action", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("streamer", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("participant", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", DateTime(timezone=True), comment="The end of a mute, if it has one."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("action", name="room_actions_pkey"),
    UniqueConstraint("entry", name="room_action_of_entry"),
    Index("room_actions_of_streamer", "streamer", "entry"),
    Index("room_actions_on_participant", "participant", "entry"),
    CheckConstraint("act IN ('mute', 'unmute', 'remove', 'report')", name="room_action_is_known"),
    CheckConstraint("act = 'mute' OR until IS NULL", name="only_a_mute_ends_by_itself"),
    comment="What a streamer did about a participant who broke rules (禁言, 移出). Append-only. LIVE-MOD-5.",
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("disclosure", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("measure", Uuid, nullable=False, comment="The legal hold it rests on."),
    Column("authority", Text, nullable=False),
    Column("document", Text, nullable=False, comment="The number of what the authority asked by."),
    Column("disclosed", ARRAY(Text), nullable=False, comment="What was handed over, named and not shown."),
    Column("disclosed_by", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("disclosure", name="disclosures_pkey"),
    UniqueConstraint("entry", name="disclosure_of_entry"),
    Index("disclosures_of_party", "party", "entry"),
    CheckConstraint("cardinality(disclosed) > 0", name="a_disclosure_is_of_something"),
    comment="What was handed to an authority about a party (移交司法机关). Append-only. LIVE-MOD-9.",
)

tickets = Table(
    "tickets",
    metadata,
    Column("ticket", Uuid, nullable=False, comment="The id of the command."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("party", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("subject", Text, comment="Which entry, case or promise."),
    Column("filed_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="Escalated then, if not answered."),
    Column("rules", Text, nullable=False, comment="The version of the rule book that says by when."),
    PrimaryKeyConstraint("ticket", name="tickets_pkey"),
    UniqueConstraint("entry", name="ticket_of_entry"),
    Index("tickets_of_party", "party", "entry"),
    CheckConstraint(
        "about IN ('entry', 'case', 'promise', 'refund', 'other')", name="ticket_is_about_something_known"
    ),
    CheckConstraint(
        "(about IN ('refund', 'other')) = (subject IS NULL)", name="a_ticket_names_what_it_is_about"
    ),
    CheckConstraint("filed_at < due_at", name="an_answer_takes_time"),
    comment="A doubt or an objection that somebody wants explained. Append-only. LIVE-CONTACT-1.",
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("ticket", Uuid, nullable=False),
    Column("number", SmallInteger, autoincrement=False, nullable=False, comment="From 1, without gaps."),
    Column("entry", BigInteger, autoincrement=False, nullable=False),
    Column("event", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("text", Text, comment="The answer."),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("ticket", "number", name="ticket_events_pkey"),
    UniqueConstraint("ticket", "event", name="a_ticket_is_in_a_state_once"),
    Index("ticket_events_of_entry", "entry"),
    CheckConstraint("event IN ('filed', 'escalated', 'answered')", name="ticket_event_is_known"),
    CheckConstraint("(event = 'answered') = (text IS NOT NULL)", name="an_answer_says_something"),
    comment="What became of a ticket. Append-only. LIVE-CONTACT-1.",
)

#: What the database refuses to change, whoever asks.
APPEND_ONLY = (
    blacklist_imports,
    blacklist_listings,
    blacklist_hits,
    false_identities,
    permissions,
    permission_ends,
    uses,
    promises,
    promise_outcomes,
    room_actions,
    disclosures,
    tickets,
    ticket_events,
)
