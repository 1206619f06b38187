"""What can be read of reports: a reporter's own, the queue, and one as a moderator sees it, opened."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI, Query
from sqlalchemy import Connection
from starlette.responses import Response

from api.evidence import evidence_folder
from api.http.bodies import Id
from api.http.documents import file_responses, read_responses
from api.http.moderation.access import recorded
from api.http.moderation.evidence import Sha256
from api.http.moderation.report_bodies import (
    OwnReportsView,
    OwnReportView,
    ProofView,
    QueuedReportView,
    QueueView,
    ReportState,
    ReportView,
)
from api.http.moderation.reports import REPORTERS
from api.http.moderation.uploads import sent
from api.http.money import next_page, timestamp
from api.http.problems import Problem, refused
from api.http.reads import PageQuery, as_json, snapshot
from api.http.service import Service
from api.http.unsealing import opened
from api.sealing import Keys
from api.tokens import Caller
from ledger.instants import instant_of
from ledger.sealing import SealingKeys
from moderation.measures.kinds import Severity
from moderation.reports import reading
from moderation.reports.reading import OwnReport, QueuedReport, ReportSheet
from moderation.reports.refusals import ReportNotClaimed, ReportNotFound

_HARM = [severity.value for severity in Severity]


class QueueQuery(PageQuery):
    """Which reports: in a state (by default those to be judged), of reporters found in bad faith or not."""

    state: ReportState = "received"
    flagged: Literal["true", "false"] | None = None


def add_report_reads(app: FastAPI, service: Service, keys: Keys) -> None:
    """Add what can be read of reports to the routes."""
    folder = evidence_folder(service.settings)

    reporter, moderator = service.caller_in(*REPORTERS), service.caller_in("moderator")

    @app.get("/v1/me/reports", **read_responses(OwnReportsView))
    def own_reports(caller: Annotated[Caller, reporter], query: Annotated[PageQuery, Query()]) -> Response:
        """The caller's reports, and how each stands."""
        with snapshot(service) as connection:
            page = reading.own_reports(connection, caller.party, before=query.cursor, limit=query.limit)
        return as_json(
            {
                "reports": [_own_view(report) for report in page.reports],
                "next": next_page(page.next_cursor),
            }
        )

    @app.get("/v1/me/reports/{id}", **read_responses(OwnReportView, missing="report_not_found"))
    def own_report(id: Id, caller: Annotated[Caller, reporter]) -> Response:
        """A report of the caller's, and how it stands."""
        with snapshot(service) as connection:
            report = reading.own_report(connection, caller.party, id)
        if report is None:
            raise refused(ReportNotFound(str(id)))
        return as_json(_own_view(report))

    @app.get("/v1/reports", **read_responses(QueueView))
    def report_queue(caller: Annotated[Caller, moderator], query: Annotated[QueueQuery, Query()]) -> Response:
        """The queue: the most harmful first, then the oldest. Nothing that is sealed, and no reporter."""
        flagged = None if query.flagged is None else query.flagged == "true"
        with snapshot(service) as connection:
            found = reading.queue(
                connection,
                state=query.state,
                flagged=flagged,
                unless_about=caller.party,
                limit=query.limit,
            )
        return as_json({"reports": [_queued_view(report) for report in found]})

    @app.get("/v1/reports/{id}", **read_responses(ReportView, missing="report_not_found"))
    def report(id: Id, caller: Annotated[Caller, moderator]) -> Response:
        """A report, what it says included. To look at it is written down."""
        sealing = keys()
        with recorded(service, _actor(caller), "read_report", f"report:{id}") as connection:
            found = _sheet(connection, id, caller)
        return as_json(_report_view(found, _opened(found, sealing, ("text", "statement"))))

    @app.get("/v1/reports/{id}/proof", **read_responses(ProofView, missing="report_not_found"))
    def report_proof(id: Id, caller: Annotated[Caller, moderator]) -> Response:
        """Who the reporter is, for whoever has claimed the report. To look at it is written down."""
        sealing = keys()
        with recorded(service, _actor(caller), "read_proof", f"report:{id}") as connection:
            found = _sheet(connection, id, caller)
            if found.report.claimed_by != _actor(caller):
                raise refused(ReportNotClaimed(str(id)))
        proof = _opened(found, sealing, ("name", "number", "contact"))
        last = {field: values[-1] if values else None for field, values in proof.items()}
        return as_json({"report": id, "reporter": found.report.reporter, **last})

    @app.get("/v1/reports/{id}/files/{sha256}", **file_responses(missing="report_not_found"))
    def report_file(id: Id, sha256: Sha256, caller: Annotated[Caller, moderator]) -> Response:
        """A file that came with a report. To look at it is written down."""
        sealing, digest = keys(), bytes.fromhex(sha256)
        about = f"report:{id}"
        with recorded(service, _actor(caller), "read_evidence", about, f"evidence:{sha256}") as connection:
            files = {file.sha256: file for file in _sheet(connection, id, caller).report.files}
            if digest not in files:
                raise Problem("not_found", f"report {id} has no file {sha256}")
        file = files[digest]
        return sent(folder, sealing, digest, media_type=file.media_type, size_bytes=file.size_bytes)


def _actor(caller: Caller) -> str:
    return f"moderator:{caller.party}"


def _sheet(connection: Connection, report: UUID, caller: Caller) -> ReportSheet:
    """A report, unless it is about who looks."""
    found = reading.sheet(connection, report)
    if found is None or found.report.target == caller.party:
        raise refused(ReportNotFound(str(report)))
    return found


def _opened(found: ReportSheet, keys: SealingKeys, fields: tuple[str, ...]) -> dict[str, list[str]]:
    """What stands sealed in these fields, the oldest first."""
    return {
        field: [opened(keys, value) for value in found.sealed if value.field == field] for field in fields
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(instant_of(moment))


def _own_view(report: OwnReport) -> dict[str, Any]:
    view = report._asdict()
    del view["number"]
    return {"id": view.pop("report"), **_with_texts(view)}


def _queued_view(report: QueuedReport) -> QueuedReportView:
    view = report._asdict()
    view["harm"] = _HARM[report.harm]
    view["is_flagged"] = view.pop("flagged")
    return {"id": view.pop("report"), **_with_texts(view)}  # type: ignore[typeddict-item]


def _with_texts(view: dict[str, Any]) -> dict[str, Any]:
    return {name: _moment(value) if isinstance(value, datetime) else value for name, value in view.items()}


def _report_view(found: ReportSheet, said: dict[str, list[str]]) -> ReportView:
    report = found.report
    return {
        "id": report.report,
        "reporter": report.reporter,
        "target": report.target,
        "channel": found.channel,
        "session": report.session,
        "moment": _moment(found.moment),
        "category": report.category,
        "harm": _HARM[report.harm],  # type: ignore[typeddict-item]
        "is_flagged": report.flagged,
        "state": report.state,
        "needs_proof": report.needs_proof,
        "has_proof": report.has_proof,
        "claimed_by": report.claimed_by,
        "case": report.case,
        "materials_due": None if report.materials_due is None else timestamp(report.materials_due),
        "text": said["text"][0],
        "statements": said["statement"],
        "files": [
            {"sha256": file.sha256.hex(), "media_type": file.media_type, "bytes": file.size_bytes}
            for file in report.files
        ],
        "history": [
            {
                "event": event.event,
                "by": event.actor,
                "case": event.case,
                "is_bad_faith": event.bad_faith,
                "reason": event.reason,
                "materials_due": _moment(event.materials_due),
                "occurred_at": timestamp(instant_of(event.occurred_at)),
            }
            for event in found.events
        ],
        "filed_at": timestamp(instant_of(found.filed_at)),
    }
