"""The life of a report: who may do what with it, when, and what it comes to."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from ledger.database import Database
from ledger.journal.commands import Command, Outcome
from ledger.sealing import CannotUnseal
from moderation.reports.closing import close_due
from moderation.reports.judging import MOST_FILES, MOST_OPEN_REPORTS
from moderation.reports.reading import sheet
from moderation.rules.publishing import SwitchRule
from tests.moderation.reports.intake import DAY, FLOODING, OBSCENE, SLANDER, Intake
from tests.settlement.payees.sample import KEYS, NAME, NUMBER, ROTATED


@pytest.fixture
def house(empty_database: Database) -> Intake:
    return Intake(empty_database)


def test_a_report_of_conduct_waits_to_be_judged_at_once(house: Intake) -> None:
    report = house.stands(house.filed(OBSCENE))
    assert (report.state, report.needs_proof, report.harm, report.materials_due) == (
        "received",
        False,
        3,
        None,
    )
    assert house.told("ana") == []
    house.check()


def test_a_report_of_infringement_waits_for_proof_until_the_end_of_the_seventh_day(house: Intake) -> None:
    report = house.stands(house.filed(SLANDER))
    assert (report.state, report.needs_proof, report.has_proof) == ("awaiting_materials", True, False)
    (told,) = house.told("ana")
    # Filed on 30 October in China.
    assert "2026-11-06" in told
    assert str(report.report) in told
    assert "mei" not in told


def test_a_report_of_infringement_with_proof_is_complete(house: Intake) -> None:
    report = house.stands(house.filed(SLANDER, proof=True))
    assert (report.state, report.has_proof, report.materials_due) == ("received", True, None)
    house.check()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"target": "nobody"}, "report_target_not_found"),
        ({"category": "bad_manners"}, "report_category_unknown"),
    ],
)
def test_what_cannot_be_reported_is_refused(house: Intake, more: dict[str, Any], code: str) -> None:
    assert house.refused(house.report(**more)) == code


def test_a_reporter_has_only_so_many_reports_waiting(house: Intake) -> None:
    filed = [house.filed() for _ in range(MOST_OPEN_REPORTS)]
    assert house.refused(house.report()) == "too_many_open_reports"
    assert house.refused(house.report(reporter="bo")) == "accepted"
    house.decide(house.claim(filed[0]))
    house.decide(house.reject(filed[0]))
    assert house.refused(house.report()) == "accepted"


def test_materials_make_a_report_complete_and_only_its_reporter_hands_them_in(house: Intake) -> None:
    id = house.filed(SLANDER)
    assert house.refused(house.materials(id, reporter="bo")) == "report_not_found"
    assert house.refused(house.file(id, reporter="bo")) == "report_not_found"
    assert house.refused(house.materials(uuid4())) == "report_not_found"
    house.decide(house.materials(id))
    report = house.stands(id)
    assert (report.state, report.has_proof, report.materials_due) == ("received", True, None)
    assert house.ask(house.accept(id)).refusal is not None
    house.check()


def test_proof_that_does_not_come_in_time_closes_the_report_and_the_reporter_is_told(house: Intake) -> None:
    late, complete = house.filed(SLANDER), house.filed(SLANDER, proof=True)
    due = house.stands(late).materials_due
    assert due is not None
    assert close_due(house.journal, due - 1) == 0
    # The deadline is judged by the clock of the books, whatever the job thinks it is.
    with house.database.owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE moderation.report_events DISABLE TRIGGER append_only")
        for table in ("report_events", "report_states"):
            connection.exec_driver_sql(
                f"UPDATE moderation.{table} SET materials_due = '2026-01-01' WHERE materials_due IS NOT NULL"
            )
        connection.exec_driver_sql("ALTER TABLE moderation.report_events ENABLE TRIGGER append_only")
    assert close_due(house.journal, due) == 1
    assert close_due(house.journal, due) == 0
    assert house.stands(late).state == "closed"
    assert house.stands(complete).state == "received"
    assert "无法受理" in house.told("ana")[-1]
    assert house.refused(house.materials(late)) == "report_closed"
    house.check()


def test_a_moderator_claims_judges_and_accepts_into_a_new_case_with_the_files_as_evidence(
    house: Intake,
) -> None:
    id = house.filed(SLANDER, proof=True)
    house.decide(house.file(id))
    assert house.refused(house.accept(id)) == "report_not_claimed"
    house.decide(house.claim(id))
    accepted = house.accept(id)
    house.decide(accepted)
    case = str(accepted.id)
    report = house.stands(id)
    assert (report.state, report.case, report.claimed_by) == ("accepted", case, None)
    (opened,) = house.rows("SELECT source, party, opened_by, summary FROM moderation.cases")
    assert opened == ("report", "mei", "moderator:mod", "举报（rights_slander）")
    ((by, of),) = house.rows('SELECT added_by, "case" FROM moderation.evidence')
    assert (by, of) == (f"report:{id}", case)
    assert "已受理" in house.told("ana")[-1]
    assert house.told("mei") == []
    assert house.refused(house.claim(id)) == "report_closed"
    house.check()


def test_a_report_joins_a_case_about_the_same_person_and_no_other(house: Intake) -> None:
    house.case("c1")
    house.case("c2", party="bo")
    first, second = house.filed(), house.filed(reporter="bo")
    for report in (first, second):
        house.decide(house.file(report, reporter=house.stands(report).reporter))
    house.decide(house.claim(first))
    assert house.refused(house.accept(first, "nowhere")) == "case_not_found"
    assert house.refused(house.accept(first, "c2")) == "case_is_about_another"
    house.decide(house.accept(first, "c1"))
    house.decide(house.claim(second))
    house.decide(house.accept(second, "c1"))
    # The same file came with both: it is evidence once.
    assert len(house.rows("SELECT 1 FROM moderation.evidence")) == 1
    house.check()


def test_infringement_is_not_accepted_without_proof(house: Intake) -> None:
    id = house.filed(SLANDER)
    house.decide(house.claim(id))
    assert house.refused(house.accept(id)) == "materials_missing"
    house.decide(house.materials(id))
    assert house.stands(id).claimed_by == "moderator:mod"
    assert house.refused(house.accept(id)) == "accepted"
    house.check()


def test_asking_for_more_sets_a_new_deadline_and_takes_the_report_out_of_hand(house: Intake) -> None:
    id = house.filed(SLANDER, proof=True)
    house.decide(house.claim(id))
    house.decide(house.ask_more(id))
    report = house.stands(id)
    assert (report.state, report.has_proof, report.claimed_by) == ("awaiting_materials", False, None)
    assert "请补充截图" in house.told("ana")[-1]
    house.decide(house.materials(id))
    assert house.stands(id).state == "received"
    house.check()


def test_one_moderator_looks_at_one_report_and_one_report_is_looked_at_by_one(house: Intake) -> None:
    first, second = house.filed(), house.filed(reporter="bo")
    house.decide(house.claim(first))
    assert house.refused(house.claim(first, "other")) == "report_claimed"
    assert house.refused(house.claim(second)) == "another_report_claimed"
    assert house.refused(house.claim(first)) == "another_report_claimed"
    assert house.refused(house.reject(first, moderator="other")) == "report_not_claimed"
    # A colleague may let go of it for one who went home.
    house.decide(house.let_go(first, "other"))
    assert house.refused(house.let_go(first)) == "report_not_claimed"
    house.decide(house.claim(second))
    house.decide(house.claim(first, "other"))
    house.check()


def test_nobody_judges_a_report_of_his_own_or_about_himself(house: Intake) -> None:
    id = house.filed(OBSCENE)
    assert house.refused(house.claim(id, "ana")) == "own_affair"
    # Who is reported does not even learn that there is a report.
    assert house.refused(house.claim(id, "mei")) == "report_not_found"
    house.decide(house.claim(id))
    assert house.refused(house.let_go(id, "mei")) == "report_not_found"


def test_a_report_holds_only_so_many_files_and_each_once(house: Intake) -> None:
    id = house.filed()
    for n in range(MOST_FILES):
        house.decide(house.file(id, bytes([n])))
    assert house.refused(house.file(id, b"one more")) == "too_many_report_files"
    other = house.filed()
    house.decide(house.file(other))
    assert house.refused(house.file(other)) == "report_file_already_handed_in"
    house.check()


def test_three_findings_of_bad_faith_flag_the_next_report_for_a_year(house: Intake) -> None:
    for _ in range(3):
        id = house.filed(FLOODING)
        assert not house.stands(id).flagged
        house.decide(house.claim(id))
        house.decide(house.reject(id, bad_faith=True))
    assert "恶意举报" in house.told("ana")[-1]
    assert house.stands(house.filed()).flagged
    assert not house.stands(house.filed(reporter="bo")).flagged
    house.at += 366 * DAY
    assert not house.stands(house.filed()).flagged
    house.check()


def test_a_batch_sees_what_befell_a_report_within_it(house: Intake) -> None:
    filed = house.report(SLANDER, proof=True)
    steps: list[Command] = [
        filed,
        house.claim(filed.id),
        house.file(filed.id),
        house.claim(filed.id, "other"),
        house.accept(filed.id),
        house.materials(filed.id),
    ]
    codes = [outcome.refusal and outcome.refusal.code for outcome in house.journal.decide(steps)]
    assert codes == [None, None, None, "report_claimed", None, "report_closed"]
    again = house.journal.decide(steps)
    assert [outcome.replayed for outcome in again] == [True] * len(steps)
    house.check()


def test_a_report_sent_again_is_the_same_report_also_under_a_new_key(house: Intake) -> None:
    filed = house.report(SLANDER, words="同一句话")
    house.decide(filed)
    sealed_anew = ROTATED.personal(filed.id, "ana", "text", "同一句话")
    again = msgspec.structs.replace(filed, text=sealed_anew, occurred_at=filed.occurred_at + 5)
    assert house.ask(again).replayed
    assert len(house.rows("SELECT 1 FROM moderation.reports")) == 1


def at_once(*asks: Callable[[], Outcome]) -> list[str]:
    """What each comes to, all begun at the same moment."""
    codes: list[str] = []
    start = threading.Barrier(len(asks))

    def run(ask: Callable[[], Outcome]) -> None:
        start.wait()
        refusal = ask().refusal
        codes.append(refusal.code if refusal else "accepted")

    threads = [threading.Thread(target=run, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


def test_of_two_moderators_who_claim_a_report_at_once_one_wins(house: Intake) -> None:
    for _ in range(5):
        id = house.filed()
        claims = [house.claim(id, "one"), house.claim(id, "two")]
        codes = at_once(*(lambda claim=claim: house.ask(claim) for claim in claims))
        assert codes == ["accepted", "report_claimed"]
        house.decide(house.let_go(id))
    house.check()


def test_of_two_reports_that_a_moderator_claims_at_once_he_has_one(house: Intake) -> None:
    for _ in range(5):
        ids = house.filed(), house.filed()
        claims = [house.claim(id) for id in ids]
        codes = at_once(*(lambda claim=claim: house.ask(claim) for claim in claims))
        assert codes == ["accepted", "another_report_claimed"]
        (claimed,) = [id for id in ids if house.stands(id).claimed_by]
        house.decide(house.let_go(claimed))
        for id in ids:
            house.decide(house.claim(id))
            house.decide(house.reject(id))
    house.check()


def test_handing_in_and_closing_at_once_come_to_one_thing(house: Intake) -> None:
    id = house.filed(SLANDER)
    with house.database.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE moderation.report_states SET materials_due = '2026-01-01'")
    handed_in = house.materials(id)
    results: list[object] = []
    threads = [
        threading.Thread(target=lambda: results.append(house.refused(handed_in))),
        threading.Thread(target=lambda: results.append(close_due(house.journal, house.at))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {("accepted", 0, "received"), ("report_closed", 1, "closed")}
    codes = next(r for r in results if isinstance(r, str)), next(r for r in results if isinstance(r, int))
    assert (*codes, house.stands(id).state) in expected


def test_nothing_personal_is_readable_anywhere_in_the_database(house: Intake) -> None:
    words = "他欠我三万块不还"
    id = house.filed(SLANDER, words=words)
    house.decide(house.materials(id))
    house.decide(house.claim(id))
    house.decide(house.accept(id))
    tables = house.rows(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname IN ('ledger', 'settlement', 'moderation', 'work')"
    )
    hidden = [words, NAME, NUMBER]
    hidden += [value.encode().hex() for value in hidden]
    for (table,) in tables:
        for (row,) in house.rows(f"SELECT to_jsonb(t)::text FROM {table} AS t"):
            assert not any(value in row for value in hidden), f"{table}: {row}"


def test_every_act_of_a_moderator_leaves_an_access_record_and_reporters_leave_none(house: Intake) -> None:
    id = house.filed()
    house.decide(house.file(id))
    house.decide(house.claim(id))
    assert house.refused(house.claim(id, "other")) == "report_claimed"
    house.decide(house.reject(id))
    found = house.rows("SELECT actor, act, object FROM moderation.access_records ORDER BY number")
    assert found == [
        ("moderator:mod", "report_claimed", f"report:{id}"),
        ("moderator:mod", "report_rejected", f"report:{id}"),
    ]


def test_a_value_sealed_for_one_report_opens_for_its_reporter_only(house: Intake) -> None:
    id = house.filed(SLANDER, proof=True)
    with house.database.app.connect() as connection:
        found = sheet(connection, id)
    assert found is not None
    opened = {value.field: KEYS.unseal(value) for value in found.sealed}
    assert (opened["name"], opened["number"]) == (NAME, NUMBER)
    for value in found.sealed:
        with pytest.raises(CannotUnseal):
            KEYS.unseal(value._replace(party="mei"))


def test_proof_and_flags_are_asked_for_only_while_their_rules_are_on(house: Intake) -> None:
    for _ in range(3):
        id = house.filed(FLOODING)
        house.decide(house.claim(id))
        house.decide(house.reject(id, bad_faith=True))
    for rule in ("LIVE-REPORT-2", "LIVE-COND-3"):
        house.decide(SwitchRule(*house.head("moderator:boss"), rule, False, "法院认定无效"))
    report = house.stands(house.filed(SLANDER))
    assert (report.state, report.needs_proof, report.flagged) == ("received", False, False)
    house.check()
