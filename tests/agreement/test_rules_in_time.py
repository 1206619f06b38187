"""What somebody did is judged by the rules of its own time, and decided as the rules of the day have it."""

from typing import Any
from uuid import uuid4

import pytest

from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, business_day, date_of, datetime_of, end_of_day
from moderation.cases.commands import Decide, Finding, Imposed, OpenCase
from moderation.cases.reading import Judged, judged
from moderation.registers.commands import RecordUse
from moderation.reports.commands import AcceptReport, ClaimReport, FileReport
from moderation.rules.publishing import PublishRules
from settlement.sessions.commands import OpenSession
from tests.moderation.lately import EVENING, head
from tests.moderation.rules.writing import rule_book
from tests.moderation.takings.court import DIGEST, Court
from tests.settlement.payees.sample import KEYS

DAY = MICROSECONDS_PER_DAY
#: In days from the evening: when a new rule book is in force, and when the case is decided.
_NEW, _DECIDED = 40, 45
#: One violation weighs three times as much, another is new; less time to appeal; a second person sooner.
_HARDER = (
    ("[items.illegal_symbols]", "[items.illegal_symbols]\npoints = 9"),
    (
        "[items.illegal_terrorism]",
        '[items.newly_illegal]\nlike = "illegal_symbols"\n\n[items.illegal_terrorism]',
    ),
    ("file_days = 7", "file_days = 3"),
    ("appeal_days = 7", "appeal_days = 3"),
    ("bound_minor = 50_000", "bound_minor = 100"),
)


@pytest.fixture
def court(empty_database: Database) -> Court:
    """A court in whose books a harder rule book follows the sample."""
    court = Court(empty_database)
    in_force = datetime_of(EVENING + _NEW * DAY).isoformat()
    court.done(PublishRules(*head("finance:fi"), rule_book("harder", in_force, *_HARDER)))
    return court


def opened(court: Court, case: str = "k1", **known: Any) -> None:
    """A case that comes up after the new rule book is in force."""
    court.done(
        OpenCase(
            *head("moderator:mo", day=_DECIDED),
            case,
            "spot_check",
            "bo",
            known.pop("session", None),
            "seen",
            **known,
        )
    )
    court.prove(case)


def found(rule: str = "illegal_symbols", **known: Any) -> Finding:
    """A finding as it is when nobody overrides anything."""
    return Finding(rule, (DIGEST,), **known)


def decide(
    *findings: Finding, measures: tuple[Imposed, ...] = (Imposed("warn"),), case: str = "k1"
) -> Decide:
    """What a moderator decides after the new rule book is in force."""
    return Decide(*head("moderator:mo", day=_DECIDED), case, findings, measures, "as seen")


def decided(court: Court, command: Decide) -> Judged:
    """The same, as it is kept."""
    court.done(command)
    with court.database.app.connect() as connection:
        (kept,) = judged(connection, [command.id])
    return kept


def follow(kept: Judged) -> list[tuple[str, int | None]]:
    """What follows by its points, and for how many days."""
    decision = kept.decision
    return [
        (one.kind.value, one.until and (one.until - decision.decided_at) // DAY)
        for one in decision.measures
        if one.because == "points"
    ]


@pytest.mark.rule("LIVE-RULE-1")
def test_what_was_done_under_the_old_rules_is_judged_by_them_and_decided_as_the_new_ones_say(
    court: Court,
) -> None:
    court.earn(20_000)
    court.settle()
    opened(court, happened_at=EVENING)
    penalty = court.preview("penalty", amount_minor=1_000)
    before = court.balance("earnings")
    old = decided(court, decide(found(), measures=(Imposed("penalty", preview=penalty),)))
    (finding,) = old.found
    assert (finding.rule_version, finding.points, finding.happened_at) == ("sample", 3, EVENING)
    assert follow(old) == [("warn", None), ("pause", 1)]
    decision = old.decision
    assert (decision.rule_version, decision.procedure_version) == ("sample", "harder")
    # The bound and the time to appeal are those of the day on which it is decided.
    assert decision.needs_second
    assert decision.appeal_until == end_of_day(date_of(business_day(decision.decided_at) + 3))
    ((told,),) = court.rows("SELECT text FROM moderation.notices WHERE kind = 'decision'")
    assert "规则版本 sample" in told
    assert "harder" not in told
    court.approve(decision.decision, day=_DECIDED)
    assert court.execute(decision.decision, day=_DECIDED + 5)
    assert court.balance("earnings") == before - 1_000
    court.sound()


@pytest.mark.rule("LIVE-RULE-1")
def test_what_is_done_under_the_new_rules_is_judged_by_them(court: Court) -> None:
    opened(court, happened_at=EVENING)
    new = decided(court, decide(found(happened_at=EVENING + _NEW * DAY)))
    assert (new.found[0].rule_version, new.found[0].points) == ("harder", 9)
    assert follow(new) == [("suspend_service", 30)]
    assert new.decision.rule_version == "harder"
    court.sound()


@pytest.mark.rule("LIVE-RULE-1")
def test_each_of_several_findings_weighs_what_it_did_in_its_time_and_the_latest_says_what_follows(
    court: Court,
) -> None:
    opened(court)
    both = decided(
        court, decide(found(happened_at=EVENING + 42 * DAY), found(happened_at=EVENING + 39 * DAY))
    )
    assert [(one.rule_version, one.points) for one in both.found] == [("harder", 9), ("sample", 3)]
    assert both.decision.rule_version == "harder"
    assert follow(both) == [("terminate_service", None)]
    ((told,),) = court.rows("SELECT text FROM moderation.notices WHERE kind = 'decision'")
    assert "规则版本 sample" in told
    assert "规则版本 harder" in told
    court.sound()


@pytest.mark.rule("LIVE-RULE-1")
def test_what_was_no_violation_when_it_was_done_is_none(court: Court) -> None:
    opened(court, happened_at=EVENING + (_NEW - 1) * DAY)
    assert court.code(decide(found("newly_illegal"))) == "rule_not_found"
    kept = decided(court, decide(found("newly_illegal", happened_at=EVENING + _NEW * DAY)))
    assert kept.found[0].rule_version == "harder"
    court.sound()


@pytest.mark.rule("LIVE-RULE-1")
def test_when_it_happened_is_known_from_the_finding_or_its_session_or_the_case(court: Court) -> None:
    """Who knows nothing of it knows that it had happened when the case was opened."""
    live = OpenSession(*head("gateway:g", day=3), "bo", "r1", "职场", ())
    court.done(live)
    session = EVENING + 3 * DAY
    opened(court, "unknown")
    opened(court, "dated", happened_at=EVENING + 5 * DAY)
    opened(court, "live", session=live.id)
    opened(court, "elsewhere", session=uuid4())
    moments = {
        ("unknown", found()): EVENING + _DECIDED * DAY,
        ("unknown", found(session=live.id)): session,
        ("unknown", found(session=live.id, happened_at=EVENING)): EVENING,
        ("dated", found()): EVENING + 5 * DAY,
        ("dated", found(session=live.id)): session,
        ("live", found()): session,
        ("live", found(session=uuid4())): session,
        ("elsewhere", found()): EVENING + _DECIDED * DAY,
    }
    for (case, finding), moment in moments.items():
        latest = court.rows('SELECT latest FROM moderation.case_states WHERE "case" = :case', case=case)[0][0]
        command = Decide(*head("moderator:mo", day=_DECIDED), case, (finding,), (), "as seen", latest)
        assert decided(court, command).found[0].happened_at == moment, (case, finding)
    court.sound()


@pytest.mark.rule("LIVE-RULE-1")
def test_a_report_and_a_record_say_when_what_they_are_about_happened(court: Court) -> None:
    at = head("viewer:ana", day=_DECIDED)
    words = KEYS.personal(at[0], "ana", "text", "他在直播间卖烟")
    report = FileReport(*at, "ana", "button", "bo", None, EVENING + DAY, "illegal_symbols", words)
    claim = ClaimReport(*head("moderator:mo", day=_DECIDED), report.id)
    accept = AcceptReport(*head("moderator:mo", day=_DECIDED), report.id, None)
    use = RecordUse(*head("moderator:mo", day=_DECIDED), "bo", "business", "tea", EVENING + 2 * DAY)
    court.done(report, claim, accept, use)
    happened = {accept.into: EVENING + DAY, use.case: EVENING + 2 * DAY}
    for case, moment in happened.items():
        court.prove(case)
        kept = decided(court, decide(found(), case=case))
        assert (kept.found[0].happened_at, kept.decision.rule_version) == (moment, "sample")
    court.sound()


def test_nothing_has_happened_after_it_is_told(court: Court) -> None:
    ahead = EVENING + (_DECIDED + 1) * DAY
    early = OpenCase(*head("moderator:mo", day=_DECIDED), "k1", "spot_check", "bo", None, "seen", ahead)
    assert court.code(early) == "not_yet_happened"
    opened(court)
    assert court.code(decide(found(happened_at=ahead))) == "not_yet_happened"
    court.sound()
