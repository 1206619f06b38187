"""Who gives tips that go back is concerned by it, whoever the tips are named by; so is who is paid back."""

from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from ledger.database import Database
from ledger.journal.commands import Command
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import ApproveDecision, Imposed, LiftMeasure, RefuseDecision
from moderation.cases.due import finish_returns
from moderation.cases.reading import case_file, cases_page, decisions_on, decisions_page
from moderation.cases.writing import measure_id
from moderation.takings.commands import MakePreview
from settlement.returns.carrying import finish
from settlement.returns.selections import ViewerTips
from tests.moderation.lately import head, streamer, tip, top_up, viewer
from tests.moderation.takings.court import Court
from tests.settlement.returns.playing import carried_out

_NOTICES = "SELECT kind, text FROM moderation.notices WHERE party = :party ORDER BY entry"


@pytest.fixture
def court(empty_database: Database) -> Court:
    """Ana gave bo 100 coins, and cy 30."""
    court = Court(empty_database)
    court.done(streamer("cy"), tip("ana", "bo", "rose", 10), tip("ana", "cy", "rose", 3))
    return court


def _to_ana(court: Court) -> tuple[Imposed, UUID]:
    """All that ana gave, in a case about ana, and the plan of it."""
    court.case("k1", "ana")
    preview, plan = court.tips_back("k1", "ana", of=ViewerTips)
    return Imposed("return_tips", "ana", preview=preview), plan


def _told(court: Court, party: str) -> list[str]:
    return [f"{kind}: {text}" for kind, text in court.rows(_NOTICES, party=party)]


def test_who_gives_tips_back_is_told_of_their_own_part_and_of_nobody_else(court: Court) -> None:
    court.decide(_to_ana(court)[0])
    for party, part in (("bo", "10.00"), ("cy", "3.00")):
        (told,) = _told(court, party)
        assert told.startswith("decision: "), told
        assert f"退回打赏，合计 {part} 元" in told
        assert "这两个账户整体冻结" in told
        assert "ana" not in told
    (told,) = _told(court, "ana")
    assert "退回打赏，合计 13.00 元" in told
    assert "整体冻结" not in told


def test_who_gives_tips_back_sees_the_decision_with_their_part_of_it_and_no_case(court: Court) -> None:
    decision = court.decide(_to_ana(court)[0])
    with court.database.app.connect() as connection:
        (own,) = decisions_on(connection, "bo", before=None, limit=9).decisions
        others = decisions_page(connection, unless_about="bo", before=None, limit=9).decisions
        cases = [
            cases_page(connection, unless_about=person, before=None, limit=9).cases for person in ("bo", "di")
        ]
        file = case_file(connection, "k1")
    assert (own.decision.decision, others) == (decision, [])
    assert [[case.case for case in page] for page in cases] == [[], ["k1"]]
    assert file is not None
    assert file.parties == {"ana", "bo", "cy"}
    assert [part.amount_minor for part in own.parts.values()] == [1_000, 300]


def test_who_gives_tips_back_appeals_and_has_all_of_it_again(court: Court) -> None:
    imposed, plan = _to_ana(court)
    before = court.balances()
    decision = court.decide(imposed)
    appeal = court.appeal(decision, "cy")
    assert not court.execute(decision)
    court.answer(appeal, "upheld")
    assert court.execute(decision)
    finish(court.journal, plan)
    assert finish_returns(court.journal, head(day=9)[2]) == 1
    assert (court.balance("gifts"), court.balance("gifts", "cy")) == (0, 0)
    assert "由您退回：待结算礼物 100 智联币。" in _told(court, "bo")[-1]
    assert "由您退回：待结算礼物 30 智联币。" in _told(court, "cy")[-1]
    assert "已退回 130 智联币。" in _told(court, "ana")[-1]
    appeal = court.appeal(decision, "bo", day=3)
    court.answer(appeal, "overturned", day=4)
    carried_out(court.journal, plan, "restore")
    assert court.balances() == before
    *_, told = _told(court, "bo")
    assert told.startswith("appeal: 您就案件 k1 提出的申诉")
    assert "将恢复至您的账户" in told
    *_, told = _told(court, "cy")
    assert "经他人申诉复核" in told
    assert "looked at again" not in told
    *_, told = _told(court, "ana")
    assert "重新计为有效打赏" in told
    court.sound()


def test_who_gives_tips_back_is_told_when_it_is_done(court: Court) -> None:
    imposed, _ = _to_ana(court)
    decision = court.decide(imposed)
    court.execute(decision)
    assert [told[:9] for told in _told(court, "cy")] == ["decision:", "execution"]
    assert "退回打赏 3.00 元" in _told(court, "cy")[1]


def test_who_gives_tips_back_is_told_when_it_is_lifted(court: Court) -> None:
    imposed, _ = _to_ana(court)
    decision = court.decide(imposed)
    court.done(LiftMeasure(*head("moderator:mo"), measure_id(decision, 0), "it was not ana"))
    *_, told = _told(court, "cy")
    assert told.startswith("measure_ended: "), told
    assert "已提前解除：退回打赏" in told
    assert court.held("gifts", "cy") == 0


def test_what_each_streamer_gives_counts_towards_the_bound_of_one_person(court: Court) -> None:
    """The bound is 500.00: 495.00 of bo's tips go back by their viewers, then 6.00 are for two to take."""
    court.done(top_up("ana", 50_000), tip("ana", "bo", "rose", 485))
    imposed, _ = _to_ana(court)
    command = court.deciding(imposed)
    court.done(command)
    waits = "SELECT needs_second FROM moderation.decisions WHERE decision = :decision"
    assert court.rows(waits, decision=command.id) == [(False,)]
    court.done(viewer("dan"), top_up("dan", 60), tip("dan", "bo", "rose", 6))
    court.case("k2", "dan")
    preview, _ = court.tips_back("k2", "dan", of=ViewerTips)
    another = court.deciding(Imposed("return_tips", "dan", preview=preview), case="k2")
    court.done(another)
    assert court.rows(waits, decision=another.id) == [(True,)]


@pytest.mark.parametrize("person", ["ana", "bo", "cy"])
def test_nobody_takes_a_step_in_a_return_of_tips_that_they_gave_or_were_given(
    court: Court, person: str
) -> None:
    """Ana is paid back in a case that is about bo."""
    court.case("k1", "bo")
    shown = court.tips_shown("k1", "ana", of=ViewerTips)
    asked = MakePreview(*head(f"moderator:{person}"), "k1", "return_tips", "ana", plan=shown)
    assert court.code(asked) == "own_affair"
    preview = court.preview("return_tips", "k1", "ana", plan=shown)
    decide = court.deciding(Imposed("return_tips", "ana", preview=preview))
    by_them = replace(decide, id=uuid4(), actor=f"moderator:{person}")
    assert court.code(by_them) == "own_affair"
    court.done(decide)
    appeal = court.appeal(decide.id)
    steps: list[Command] = [
        ApproveDecision(*head(f"finance:{person}"), decide.id),
        RefuseDecision(*head(f"finance:{person}"), decide.id, "no"),
        LiftMeasure(*head(f"moderator:{person}"), measure_id(decide.id, 0), "enough"),
        DecideAppeal(*head(f"moderator:{person}", day=2), appeal, "upheld", "it stays"),
    ]
    for step in steps:
        assert court.code(step) == "own_affair", step.kind
