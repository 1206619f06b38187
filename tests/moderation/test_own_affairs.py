"""Nobody of the platform acts on what is about themselves, in whichever role: every command, one by one."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import pytest

from api.wiring import desks
from ledger.database import Database
from ledger.journal.commands import Command
from moderation.appeals.commands import DecideAppeal, FileAppeal, ReceiveAgain
from moderation.cases import commands as cases
from moderation.cases.concerning import is_concerned
from moderation.cases.reading import decisions_page
from moderation.cases.writing import measure_id
from moderation.commands import Forfeit, Freeze, Lift
from moderation.evidence.commands import AddEvidence
from moderation.persons import is_about_oneself
from moderation.registers import commands as registers
from moderation.reports import commands as reports
from moderation.rules.publishing import PublishRules, SwitchRule
from moderation.takings.commands import MakePreview
from settlement.returns.selections import ViewerTips
from tests.ledger.asked import Head
from tests.moderation import saying
from tests.moderation.lately import EVENING, head, streamer, tip, viewer
from tests.moderation.takings.court import Court, loss
from tests.settlement.payees.sample import KEYS, NUMBER, verification

#: What nobody needs to be kept from, and why.
NOT_ABOUT_ANYBODY: dict[type[Command], str] = {
    **dict.fromkeys(
        (
            FileAppeal,
            reports.FileReport,
            reports.HandInMaterials,
            reports.AddReportFile,
            registers.RecordPromise,
            registers.ActInRoom,
            registers.FileTicket,
        ),
        "what people do as viewers and streamers, in affairs of their own",
    ),
    **dict.fromkeys(
        (
            cases.ExecuteDecision,
            cases.FinishReturns,
            reports.CloseReport,
            registers.EscalateTicket,
            registers.Hit,
            ReceiveAgain,
        ),
        "our own, by derived id: no door leads there",
    ),
    **dict.fromkeys(
        (PublishRules, SwitchRule),
        "about everybody alike, for finance only; whoever published a rule book takes nothing alone by it",
    ),
    registers.ImportBlacklist: "it stops people and lets nobody go",
}


class Affair(NamedTuple):
    """What there is about bo, who is a moderator too, and about a report that bo filed."""

    freeze: UUID
    waiting: UUID
    measure: UUID
    legal_hold: UUID
    appeal: UUID
    permission: UUID
    promise: UUID
    ticket: UUID
    report: UUID
    claimed: UUID


Asked = Callable[[Head, Affair], Command]

#: Every act of people of the platform, as bo would take it about bo, or about what bo reported.
ACTS: dict[type[Command], Asked] = {
    Freeze: lambda head, _: Freeze(*head, "bo", "gifts", 1, "k9", "LIVE-MOD-4"),
    Lift: lambda head, on: Lift(*head, on.freeze, "k1"),
    Forfeit: lambda head, on: Forfeit(*head, on.freeze, None, None, "k1", "LIVE-MOD-7"),
    cases.OpenCase: lambda head, _: cases.OpenCase(*head, "k9", "spot_check", "bo", None, "seen"),
    cases.NoteCase: lambda head, _: cases.NoteCase(*head, "k1", "nothing to see"),
    cases.Decide: lambda head, _: cases.Decide(*head, "k1", (), (), "nothing was found"),
    cases.ApproveDecision: lambda head, on: cases.ApproveDecision(*head, on.waiting),
    cases.RefuseDecision: lambda head, on: cases.RefuseDecision(*head, on.waiting, "no"),
    cases.LiftMeasure: lambda head, on: cases.LiftMeasure(*head, on.measure, "enough"),
    AddEvidence: lambda head, _: AddEvidence(*head, "k1", "0" * 64, "image/png", 9),
    MakePreview: lambda head, _: MakePreview(*head, "k1", "penalty", "bo", amount_minor=1),
    DecideAppeal: lambda head, on: DecideAppeal(*head, on.appeal, "overturned", "I did nothing"),
    reports.ClaimReport: lambda head, on: reports.ClaimReport(*head, on.report),
    reports.LetGoOfReport: lambda head, on: reports.LetGoOfReport(*head, on.claimed),
    reports.AskForMaterials: lambda head, on: reports.AskForMaterials(*head, on.claimed, "more"),
    reports.AcceptReport: lambda head, on: reports.AcceptReport(*head, on.claimed, None),
    reports.RejectReport: lambda head, on: reports.RejectReport(*head, on.claimed, "no", bad_faith=False),
    registers.TakeOffBlacklist: lambda head, _: registers.TakeOffBlacklist(
        *head, "list", KEYS.digest("number", NUMBER), "not me"
    ),
    registers.FindIdentityFalse: lambda head, _: registers.FindIdentityFalse(*head, "bo", "not me"),
    registers.GrantPermission: lambda head, _: registers.GrantPermission(
        *head, "bo", "business", "tea", "XK-9", EVENING
    ),
    registers.RevokePermission: lambda head, on: registers.RevokePermission(*head, on.permission, "over"),
    registers.RecordUse: lambda head, _: registers.RecordUse(*head, "bo", "business", "tea", EVENING),
    registers.ResolvePromise: lambda head, on: registers.ResolvePromise(
        *head, on.promise, is_kept=True, note="kept"
    ),
    registers.RecordDisclosure: lambda head, on: registers.RecordDisclosure(
        *head, on.legal_hold, "公安局", "1", ("statements",)
    ),
    registers.AnswerTicket: lambda head, on: registers.AnswerTicket(*head, on.ticket, "you are right"),
}

#: Who looks after what, so that somebody else can take each of these steps.
OTHERS = {
    cases.ApproveDecision: "finance:fi",
    cases.RefuseDecision: "finance:fi",
    DecideAppeal: "moderator:ju",
    reports.ClaimReport: "moderator:ju",
}


@pytest.fixture
def court(empty_database: Database) -> Court:
    return Court(empty_database)


def affair(court: Court) -> Affair:
    """Something of each about bo."""
    mo, bo = "moderator:mo", "streamer:bo"
    court.earn(900)
    court.settle()
    court.earn(20)
    court.case()
    freeze = Freeze(*head(mo), "bo", "gifts", 1, "k1", "LIVE-MOD-4")
    court.done(freeze)
    decided = court.deciding(cases.Imposed("restrict", feature="comment"), cases.Imposed("legal_hold"))
    court.done(decided)
    appeal = saying.appeal(head(bo), decided.id, "bo")
    permission = registers.GrantPermission(*head(mo), "bo", "business", "tea", "XK-1", EVENING)
    promise = registers.RecordPromise(*head(bo), "bo", None, "唱一首", EVENING)
    ticket = saying.ticket(head(bo), "bo", "other", None)
    listed = registers.ImportBlacklist(*head(mo), "list", (registers.Listed(KEYS.digest("number", NUMBER)),))
    court.done(appeal, permission, promise, ticket, listed, verification("bo", "赵六", NUMBER))
    waiting = court.deciding(cases.Imposed("damages", preview=court.preview("damages", losses=(loss(10),))))
    court.done(waiting)
    filed = [
        reports.FileReport(
            *(said := head(bo)), "bo", "button", "ana", None, None, "illegal_symbols",
            KEYS.personal(said[0], "bo", "text", "骂人"),
        )
        for _ in range(2)
    ]  # fmt: skip
    court.done(*filed, reports.ClaimReport(*head(mo), filed[1].id))
    measure, legal_hold = (measure_id(decided.id, n) for n in (0, 1))
    return Affair(
        freeze.id,
        waiting.id,
        measure,
        legal_hold,
        appeal.id,
        permission.id,
        promise.id,
        ticket.id,
        filed[0].id,
        filed[1].id,
    )


def test_every_command_of_moderation_is_about_somebody_or_it_is_said_why_not() -> None:
    commands = {
        command
        for desk in desks()
        for command in desk.commands
        if command.__module__.startswith("moderation.")
    }
    assert commands == ACTS.keys() | NOT_ABOUT_ANYBODY.keys()
    assert not ACTS.keys() & NOT_ABOUT_ANYBODY.keys()


@pytest.mark.parametrize("role", ["moderator", "finance"])
def test_nobody_acts_on_what_is_about_themselves(court: Court, role: str) -> None:
    on = affair(court)
    met = {asked: court.code(ask(head(f"{role}:bo"), on)) for asked, ask in ACTS.items()}
    assert {asked.kind: code for asked, code in met.items() if code != "own_affair"} == {}


def test_somebody_else_takes_each_of_these_steps(court: Court) -> None:
    on = affair(court)
    met = {asked: court.code(ask(head(OTHERS.get(asked, "moderator:mo")), on)) for asked, ask in ACTS.items()}
    assert "own_affair" not in met.values()


def steps_in(court: Court) -> list[Callable[[Head], Command]]:
    """Steps in a case about bo that ri reported, in which cy gives tips back to ana, and mei may not comment.

    There is a decision on bo alone, too, and another report about bo, which the last step accepts.
    """
    mo = "moderator:mo"
    court.done(streamer("cy"), streamer("mei"), viewer("ri"), viewer("xi"))
    court.done(tip("ana", "bo", "rose", 10), tip("ana", "cy", "rose", 3))
    court.case()
    filed = [
        reports.FileReport(
            *(said := head(f"viewer:{who}")), who, "button", "bo", None, None, "illegal_symbols",
            KEYS.personal(said[0], who, "text", "骂人"),
        )
        for who in ("ri", "xi")
    ]  # fmt: skip
    court.done(*filed, reports.ClaimReport(*head(mo), filed[0].id))
    court.done(reports.AcceptReport(*head(mo), filed[0].id, "k1"))
    shown = court.tips_shown("k1", "ana", of=ViewerTips)
    preview = court.preview("return_tips", plan=shown)
    court.decide(
        cases.Imposed("return_tips", preview=preview), cases.Imposed("restrict", "mei", feature="comment")
    )
    freeze = Freeze(*head(mo), "bo", "gifts", 1, "k1", "LIVE-MOD-4")
    another = court.decide(cases.Imposed("restrict", feature="comment"))
    court.done(freeze)
    return [
        lambda head: cases.NoteCase(*head, "k1", "nothing to see"),
        lambda head: AddEvidence(*head, "k1", "0" * 64, "image/png", 9),
        lambda head: MakePreview(*head, "k1", "penalty", "bo", amount_minor=1),
        lambda head: cases.Decide(*head, "k1", (), (), "nothing was found", another),
        lambda head: cases.ApproveDecision(*head, another),
        lambda head: cases.RefuseDecision(*head, another, "no"),
        lambda head: cases.LiftMeasure(*head, measure_id(another, 0), "enough"),
        lambda head: Freeze(*head, "bo", "gifts", 1, "k1", "LIVE-MOD-4"),
        lambda head: Lift(*head, freeze.id, "k1"),
        lambda head: reports.AcceptReport(*head, filed[1].id, "k1"),
    ]


def test_whom_a_case_concerns_takes_no_step_in_it_nor_does_whoever_reported_it(court: Court) -> None:
    *steps, accept = steps_in(court)
    report = accept(head("moderator:mo"))
    assert isinstance(report, reports.AcceptReport)

    def met(person: str, *asked: Callable[[Head], Command]) -> dict[str, str | None]:
        commands = [ask(head(f"moderator:{person}")) for ask in asked]
        return {command.kind: court.code(command) for command in commands}

    assert set(met("bo", *steps).values()) == {"own_affair"}
    for person in ("mei", "cy", "ana", "ri"):
        court.done(reports.ClaimReport(*head(f"moderator:{person}"), report.report))
        codes = met(person, *steps, accept)
        assert {kind: code for kind, code in codes.items() if code != "own_affair"} == {}, person
        court.done(reports.LetGoOfReport(*head(f"moderator:{person}"), report.report))
    court.done(reports.ClaimReport(*head("moderator:mo"), report.report))
    codes = met("mo", *steps, accept)
    assert "own_affair" not in codes.values()
    assert codes["case_note"] is codes["report_accepted"] is None


def test_a_case_is_not_there_for_those_whom_any_decision_in_it_concerns(court: Court) -> None:
    steps_in(court)
    people = ("bo", "mei", "cy", "ana", "ri", "mo")
    with court.database.app.connect() as connection:
        hidden = [one for one in people if is_concerned(connection, one, "k1")]
        seen = {
            one: len(decisions_page(connection, unless_about=one, before=None, limit=9).decisions)
            for one in people
        }
    assert hidden == ["bo", "mei", "cy"]
    assert seen == {"bo": 0, "mei": 0, "cy": 0, "ana": 2, "ri": 2, "mo": 2}


def test_a_program_that_is_called_like_somebody_is_nobody() -> None:
    assert is_about_oneself("moderator:blacklist", "blacklist")
    assert not is_about_oneself("platform:blacklist", "blacklist")
    assert not is_about_oneself("replay:file", "file")
