"""A decision from its making to its end: who may take which step, and what each does."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from ledger.instants import instant_of
from moderation.cases.commands import (
    ApproveDecision,
    Decide,
    Imposed,
    LiftMeasure,
    NoteCase,
    OpenCase,
    RefuseDecision,
)
from moderation.cases.records import read_decisions
from moderation.cases.refusals import AccountClosed
from moderation.cases.writing import measure_id
from moderation.commands import Freeze
from moderation.measures.standing import FOREVER
from moderation.registers.commands import RecordPromise
from moderation.rules.publishing import PublishRules
from tests.moderation.lately import head
from tests.moderation.rules.writing import rule_book
from tests.moderation.takings.court import Court

WARN = Imposed("warn")


def state(court: Court, decision: UUID) -> str:
    with court.database.app.connect() as connection:
        return read_decisions(connection, [decision])[decision].state.value


def test_a_case_is_opened_once_noted_and_not_by_whom_it_is_about(court: Court) -> None:
    court.case("k1")
    assert court.code(OpenCase(*head("moderator:mo"), "k1", "report", "bo", None, "again")) == "case_exists"
    assert court.code(OpenCase(*head("moderator:bo"), "k2", "report", "bo", None, "me")) == "own_affair"
    nobody = OpenCase(*head("moderator:mo"), "k3", "report", "nobody", None, "?")
    assert court.code(nobody) == "account_not_found"
    assert court.code(NoteCase(*head("moderator:mo"), "k9", "seen")) == "case_not_found"
    assert court.code(NoteCase(*head("moderator:bo"), "k1", "nothing to see")) == "own_affair"
    court.done(NoteCase(*head("moderator:mo"), "k1", "seen"))
    unnamed = OpenCase(*head("moderator:mo"), None, "regulator", "bo", None, "a letter")
    court.done(unnamed)
    court.done(NoteCase(*head("moderator:mo"), str(unnamed.id), "filed"))
    court.sound()


def test_a_large_penalty_waits_for_another_person_and_is_taken_when_its_time_has_come(court: Court) -> None:
    court.earn(20_000)
    court.settle()
    court.case()
    preview = court.preview("penalty", amount_minor=60_000)
    decide = court.deciding(Imposed("penalty", preview=preview), WARN)
    court.done(decide)
    assert state(court, decide.id) == "awaiting_approval"
    assert court.held("earnings") == 60_000
    assert not court.execute(decide.id, day=30)
    approve = "second_person_required"
    assert court.code(ApproveDecision(*head("moderator:mo"), decide.id)) == approve
    assert court.code(ApproveDecision(*head("finance:mo"), decide.id)) == approve
    assert court.code(ApproveDecision(*head("finance:bo"), decide.id)) == "own_affair"
    court.done(ApproveDecision(*head("finance:fi"), decide.id))
    again = ApproveDecision(*head("finance:fay"), decide.id)
    assert court.code(again) == "decision_already_approved"
    refuse = RefuseDecision(*head("finance:fay"), decide.id, "late")
    assert court.code(refuse) == "decision_already_approved"
    assert not court.execute(decide.id, day=6)
    before = court.balance("earnings")
    assert court.execute(decide.id, day=9)
    assert court.balance("earnings") == before - 60_000
    assert court.balance("penalty_income", "platform") == 60_000
    assert state(court, decide.id) == "executed"
    assert not court.execute(decide.id, day=10)
    court.sound()


def test_a_refused_decision_leaves_nothing_behind(court: Court) -> None:
    court.earn(20_000)
    court.settle()
    court.case()
    preview = court.preview("penalty", amount_minor=60_000)
    decide = court.deciding(
        Imposed("penalty", preview=preview),
        Imposed("restrict", feature="stream"),
        Imposed("freeze", account="gifts"),
    )
    court.done(decide)
    assert court.held("earnings") == 60_000
    court.refuse(decide.id)
    assert court.held("earnings") == 0
    assert court.rows("SELECT count(*) FROM ledger.accounts WHERE frozen_by > 0") == [(0,)]
    bars = "SELECT count(*) FROM ledger.accounts WHERE incoming_barred_until > now()"
    assert court.rows(bars) == [(0,)]
    assert court.code(ApproveDecision(*head("finance:fi"), decide.id)) == "decision_closed"
    lifted = LiftMeasure(*head("moderator:mo"), measure_id(decide.id, 1), "no more")
    assert court.code(lifted) == "measure_ended"
    court.sound()


def test_nobody_freezes_in_a_case_about_themselves(court: Court) -> None:
    court.case("k1")
    freeze = Freeze(*head("moderator:bo"), "ana", "wallet", 1, "k1", "LIVE-MOD-4")
    assert court.code(freeze) == "own_affair"
    court.done(Freeze(*head("moderator:mo"), "ana", "wallet", 1, "k1", "LIVE-MOD-4"))
    court.sound()


@pytest.mark.parametrize("measure", [WARN, Imposed("restrict", feature="tip"), Imposed("legal_hold")])
def test_nothing_is_imposed_on_nobody(court: Court, measure: Imposed) -> None:
    court.case("k1")
    asked = [replace(measure, party="nobody"), replace(measure, party="platform")]
    assert [court.code(court.deciding(one)) for one in asked] == ["account_not_found"] * 2
    court.done(court.deciding(replace(measure, party="ana")))
    court.sound()


@pytest.mark.rule("LIVE-MOD-2")
def test_whoever_published_the_rule_book_takes_nothing_alone_by_it(court: Court) -> None:
    court.earn(6_000)
    effective_at = datetime.now(UTC) + timedelta(days=1)
    book = rule_book("r1", effective_at.isoformat(), ("bound_minor = 50_000", "bound_minor = 999_999_900"))
    court.done(PublishRules(*head("finance:mo"), book))
    at = instant_of(effective_at + timedelta(days=1))
    for case, actor, waits in (("k1", "mo", "awaiting_approval"), ("k2", "mia", "decided")):
        court.case(case)
        preview = court.preview("penalty", case, amount_minor=10)
        decide = court.deciding(Imposed("penalty", preview=preview), case=case, actor=f"moderator:{actor}")
        decide = replace(decide, occurred_at=at)
        court.done(decide)
        assert state(court, decide.id) == waits
    court.sound()


@pytest.mark.rule("VAS-TERM-1")
def test_of_an_account_that_a_batch_closes_nothing_is_promised_behind_it(court: Court) -> None:
    court.case("k1")
    promises = [RecordPromise(*head("streamer:bo"), "bo", None, "a song", FOREVER) for _ in range(3)]
    closing = court.deciding(Imposed("close_account"))
    before, _, after = court.decided(promises[0], closing, promises[1])
    assert (before.refusal, after.refusal) == (None, AccountClosed("bo", "k1"))
    lift = LiftMeasure(*head("moderator:mo"), measure_id(closing.id, 0), "a mistake")
    court.done(lift, promises[2])
    court.sound()


_CLOSING = ('[{ kind = "terminate_service" }]', '[{ kind = "warn" }, { kind = "close_account" }]')


@pytest.mark.rule("LIVE-MOD-9")
def test_of_whom_is_under_a_legal_hold_no_account_is_closed_by_the_ladder(court: Court) -> None:
    effective_at = datetime.now(UTC) + timedelta(days=1)
    weights = ("critical = 6", "critical = 12")
    book = rule_book("r1", effective_at.isoformat(), _CLOSING, weights)
    court.done(PublishRules(*head("finance:fi"), book))
    at = instant_of(effective_at + timedelta(days=1))

    def decide(case: str, *measures: Imposed) -> Decide:
        asked = court.deciding(*measures, case=case)
        finding = replace(asked.findings[0], severity="critical", happened_at=at)
        return replace(asked, occurred_at=at, findings=(finding,))

    def follows(decision: Decide) -> list[str]:
        query = "SELECT kind FROM moderation.measures WHERE decision = :id AND because = 'points' ORDER BY n"
        return [kind for (kind,) in court.rows(query, id=decision.id)]

    court.case("k1")
    holding = decide("k1", Imposed("legal_hold"))
    court.done(holding)
    assert follows(holding) == ["warn"]
    warning = decide("k1", WARN)
    court.done(warning)
    assert follows(warning) == ["warn"]
    assert court.code(decide("k1", Imposed("close_account"))) == "under_legal_hold"
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(holding.id, 0), "handed over"))
    both = decide("k1", Imposed("legal_hold"), Imposed("close_account"))
    assert court.code(both) == "under_legal_hold"
    last = decide("k1", WARN)
    court.done(last)
    assert follows(last) == ["warn", "close_account"]
    court.sound()
