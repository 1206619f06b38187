"""Reports over HTTP: viewers and streamers file them and see their own; moderators take them up.

What is personal is sealed at the door. Whoever is reported finds nothing of it anywhere.
"""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.event_file import fields
from api.http.bodies import ID_SCHEMA, TEXT_SCHEMA
from api.http.documents import file_document
from api.http.moderation.evidence import OF_FILES
from api.http.moderation.report_bodies import (
    AcceptBody,
    AskBody,
    MaterialsBody,
    ReceiptView,
    RejectBody,
    ReportBody,
    ReportFileView,
    ReportStepBody,
    ReportStepView,
)
from api.http.moderation.uploads import file_handler
from api.http.money import timestamp
from api.http.operations import Asked, Named, Operation
from api.http.problems import refused
from api.http.reads import snapshot
from api.http.service import Service
from api.sealing import Keys
from api.tokens import Caller
from ledger.journal.commands import Outcome
from ledger.sealing import Personal
from moderation.evidence.files import Kept
from moderation.reports import commands as asks
from moderation.reports.judging import MOST_FILES
from moderation.reports.refusals import ReportClosed, ReportNotFound, TooManyReportFiles
from moderation.reports.states import read_reports

REPORTERS = ("viewer", "streamer")

_REPORT = Named("id", fields.identifier, ID_SCHEMA)
_PARTY = Named("party", fields.text, TEXT_SCHEMA)

_OF_FILING = (
    "account_closed",
    "report_target_not_found",
    "report_category_unknown",
    "too_many_open_reports",
    "sealing_keys_missing",
)
_OF_STEPS = ("report_not_found", "report_closed")
_OF_JUDGING = (*_OF_STEPS, "own_affair", "report_not_claimed")


_OF_CLAIMING = (*_OF_STEPS, "own_affair", "report_claimed", "another_report_claimed")
_OF_ACCEPTING = ("materials_missing", "case_not_found", "case_is_about_another")


def report_operations(keys: Keys) -> tuple[Operation, ...]:
    """What can be asked about reports, sealed at the door under these keys."""

    def sealed(asked: Asked, party: str, given: Mapping[str, str | None]) -> list[Personal | None]:
        sealing = keys()
        return [
            None if value is None else sealing.personal(asked.id, party, field, value.strip())
            for field, value in given.items()
        ]

    def filed(asked: Asked, body: ReportBody, reporter: str) -> asks.FileReport:
        text, name, number, contact = sealed(
            asked,
            reporter,
            {"text": body.text, "name": body.name, "number": body.number, "contact": body.contact},
        )
        assert text is not None
        return asks.FileReport(
            *asked.common,
            reporter,
            body.channel,
            body.target,
            body.session,
            body.moment,
            body.category,
            text,
            name,
            number,
            contact,
        )

    def file_own_report(asked: Asked, body: ReportBody) -> asks.FileReport:
        """Reports somebody; the id is the receipt. Rules: LIVE-REPORT-1, LIVE-REPORT-2."""
        return filed(asked, body, asked.party)

    def file_report(asked: Asked, body: ReportBody, party: str) -> asks.FileReport:
        """Reports somebody for a party that called or wrote. Rule: LIVE-REPORT-1."""
        return filed(asked, body, party)

    def hand_in_materials(asked: Asked, body: MaterialsBody, report: UUID) -> asks.HandInMaterials:
        """Proves who the caller is, for a report of the caller's own. Rule: LIVE-REPORT-2."""
        name, number, contact, statement = sealed(
            asked,
            asked.party,
            {
                "name": body.name,
                "number": body.number,
                "contact": body.contact,
                "statement": body.statement,
            },
        )
        assert name is not None
        assert number is not None
        return asks.HandInMaterials(*asked.common, report, asked.party, name, number, contact, statement)

    return (
        Operation(
            "POST",
            "/v1/me/reports",
            REPORTERS,
            ReportBody,
            file_own_report,
            receipt_view,
            ReceiptView,
            _OF_FILING,
            follow="/v1/me/reports/{id}",
        ),
        Operation(
            "POST",
            "/v1/parties/{party:path}/reports",
            "gateway",
            ReportBody,
            file_report,
            receipt_view,
            ReceiptView,
            _OF_FILING,
            named=_PARTY,
        ),
        Operation(
            "POST",
            "/v1/me/reports/{id}/materials",
            REPORTERS,
            MaterialsBody,
            hand_in_materials,
            report_step_view,
            ReportStepView,
            (*_OF_STEPS, "sealing_keys_missing"),
            named=_REPORT,
        ),
        _step("claim", ReportStepBody, claim_report, _OF_CLAIMING),
        _step("let-go", ReportStepBody, let_go_of_report, (*_OF_STEPS, "own_affair", "report_not_claimed")),
        _step("ask", AskBody, ask_for_materials, _OF_JUDGING),
        _step("accept", AcceptBody, accept_report, (*_OF_JUDGING, *_OF_ACCEPTING)),
        _step("reject", RejectBody, reject_report, _OF_JUDGING),
    )


def claim_report(asked: Asked, body: ReportStepBody, report: UUID) -> asks.ClaimReport:
    """Takes a report up: nobody else judges it meanwhile, and the caller no other one."""
    return asks.ClaimReport(*asked.common, report)


def let_go_of_report(asked: Asked, body: ReportStepBody, report: UUID) -> asks.LetGoOfReport:
    """Puts a report back into the queue, also one that a colleague has claimed."""
    return asks.LetGoOfReport(*asked.common, report)


def ask_for_materials(asked: Asked, body: AskBody, report: UUID) -> asks.AskForMaterials:
    """Has the reporter hand in more, by a new deadline. Rule: LIVE-REPORT-2."""
    return asks.AskForMaterials(*asked.common, report, body.reason)


def accept_report(asked: Asked, body: AcceptBody, report: UUID) -> asks.AcceptReport:
    """Makes a report part of a case, new or open already; its files are evidence of that case."""
    return asks.AcceptReport(*asked.common, report, body.case)


def reject_report(asked: Asked, body: RejectBody, report: UUID) -> asks.RejectReport:
    """Rejects a report, and may find that it was made in bad faith. Rule: LIVE-COND-3."""
    return asks.RejectReport(*asked.common, report, body.reason, body.bad_faith)


def receipt_view(command: asks.FileReport, outcome: Outcome) -> ReceiptView:
    """A report filed."""
    return {
        "id": command.id,
        "target": command.target,
        "channel": command.channel,
        "category": command.category,
        "filed_at": timestamp(outcome.occurred_at),
    }


_DONE = {
    asks.HandInMaterials.kind: "handed_in",
    asks.ClaimReport.kind: "claimed",
    asks.LetGoOfReport.kind: "let_go",
    asks.AskForMaterials.kind: "asked",
    asks.AcceptReport.kind: "accepted",
    asks.RejectReport.kind: "rejected",
}


def report_step_view(command: asks.OnReport, outcome: Outcome) -> ReportStepView:
    """A step."""
    return {
        "id": command.id,
        "report": command.report,
        "done": _DONE[command.kind],  # type: ignore[typeddict-item]
        "case": command.into if isinstance(command, asks.AcceptReport) else None,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def _step(name: str, body: type, make: object, refusals: tuple[str, ...]) -> Operation:
    return Operation(
        "POST",
        f"/v1/reports/{{id}}/{name}",
        "moderator",
        body,
        make,  # type: ignore[arg-type]
        report_step_view,
        ReportStepView,
        refusals,
        named=_REPORT,
    )


FILE_DOCUMENT = file_document(
    ReportFileView,
    (*_OF_STEPS, "too_many_report_files", "report_file_already_handed_in", *OF_FILES),
    [{"name": "id", "in": "path", "required": True, "schema": ID_SCHEMA}],
)


def add_report_file() -> None:
    """Hands in a file for a report of the caller's own: the body, as what its Content-Type says."""


def report_file_handler(service: Service, keys: Keys) -> Callable[[Request], Awaitable[Response]]:
    """What answers ``POST /v1/me/reports/{id}/files``."""

    def require(report: UUID, caller: Caller) -> None:
        with snapshot(service) as connection:
            found = read_reports(connection, [report]).get(report)
        if found is None or found.reporter != caller.party:
            raise refused(ReportNotFound(str(report)))
        if not found.is_open:
            raise refused(ReportClosed(str(report), found.state))
        if len(found.files) >= MOST_FILES:
            raise refused(TooManyReportFiles(str(report), MOST_FILES))

    def command(asked: Asked, report: UUID, file: Kept) -> asks.AddReportFile:
        found = (file.sha256.hex(), file.media_type, file.size_bytes)
        return asks.AddReportFile(*asked.common, report, asked.party, *found)

    return file_handler(service, keys, REPORTERS, _REPORT, require, command, _report_file_view)


def _report_file_view(command: asks.AddReportFile, outcome: Outcome) -> ReportFileView:
    return {
        "id": command.id,
        "report": command.report,
        "sha256": command.sha256,
        "media_type": command.media_type,
        "bytes": command.size_bytes,
        "occurred_at": timestamp(outcome.occurred_at),
    }
