"""Evidence over HTTP: moderators add files to a case, list them and look at them."""

import re
from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import FastAPI, Request
from pydantic import PlainValidator, WithJsonSchema
from sqlalchemy import Connection
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file import fields
from api.event_file.fields import Malformed
from api.evidence import evidence_folder
from api.http.bodies import TEXT_SCHEMA
from api.http.documents import file_document, file_responses, read_responses
from api.http.moderation.access import recorded
from api.http.moderation.uploads import file_handler, sent
from api.http.money import timestamp
from api.http.operations import Asked, Named, acting_as
from api.http.problems import refused
from api.http.reads import as_json, snapshot
from api.http.service import Service
from api.sealing import Keys
from api.tokens import Caller
from ledger.instants import instant_of
from ledger.journal.commands import Outcome
from moderation.cases.concerning import is_concerned
from moderation.cases.records import read_cases
from moderation.cases.refusals import CaseNotFound, EvidenceNotFound
from moderation.evidence.commands import AddEvidence
from moderation.evidence.files import Kept
from moderation.evidence.reading import Exhibit, evidence_of
from moderation.registers.refusals import OwnAffair

_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


def sha256_digits(value: object) -> str:
    """The SHA-256 of a file's content, in hex."""
    if type(value) is not str or not re.fullmatch(_SHA256["pattern"].strip("^$"), value):
        raise Malformed("is not a SHA-256 in 64 hexadecimal digits")
    return value


CaseName = Annotated[str, PlainValidator(fields.text), WithJsonSchema(TEXT_SCHEMA)]
Sha256 = Annotated[str, PlainValidator(sha256_digits), WithJsonSchema(_SHA256)]


class EvidenceAddedView(TypedDict):
    """A file that was added. `sha256` is what findings name it by."""

    id: UUID
    case: str
    sha256: str
    media_type: str
    bytes: int
    occurred_at: str


class EvidenceView(TypedDict):
    """A file of a case. `added_by` is who added it, or the report it came with."""

    sha256: str
    media_type: str
    bytes: int
    added_by: str
    added_at: str


class EvidencesView(TypedDict):
    """The files of a case, oldest first."""

    case: str
    evidence: list[EvidenceView]


#: What adding evidence can be refused for, besides what any body can.
OF_FILES = ("file_not_taken", "evidence_unavailable", "sealing_keys_missing")
EVIDENCE_DOCUMENT = file_document(
    EvidenceAddedView,
    ("case_not_found", "own_affair", "evidence_already_added", *OF_FILES),
    [{"name": "case", "in": "path", "required": True, "schema": TEXT_SCHEMA}],
)


def add_evidence() -> None:
    """Adds a file to a case: the body, as what its Content-Type says. Rule: LIVE-MOD-1."""


def evidence_handler(service: Service, keys: Keys) -> Callable[[Request], Awaitable[Response]]:
    """What answers ``POST /v1/cases/{case}/evidence``."""

    def require(case: str, caller: Caller) -> None:
        with snapshot(service) as connection:
            if case not in read_cases(connection, [case]):
                raise refused(CaseNotFound(case))
            if is_concerned(connection, caller.party, case):
                raise refused(OwnAffair(caller.party))

    def command(asked: Asked, case: str, file: Kept) -> AddEvidence:
        return AddEvidence(*asked.common, case, file.sha256.hex(), file.media_type, file.size_bytes)

    return file_handler(
        service, keys, ("moderator",), Named("case", fields.text, TEXT_SCHEMA), require, command, _added_view
    )


def _added_view(command: AddEvidence, outcome: Outcome) -> EvidenceAddedView:
    return {
        "id": command.id,
        "case": command.case,
        "sha256": command.sha256,
        "media_type": command.media_type,
        "bytes": command.size_bytes,
        "occurred_at": timestamp(outcome.occurred_at),
    }


def add_evidence_reads(app: FastAPI, service: Service, keys: Keys) -> None:
    """Add what can be read of evidence to the routes; before whatever reads a case by any name."""
    folder = evidence_folder(service.settings)

    moderator = service.caller_in("moderator")

    @app.get("/v1/cases/{case:path}/evidence/{sha256}", **file_responses(missing="evidence_not_found"))
    def exhibit(case: CaseName, sha256: Sha256, caller: Annotated[Caller, moderator]) -> Response:
        """A file of a case, as it was added. To look at it is written down."""
        sealing, actor = keys(), acting_as(caller, ("moderator",))
        with recorded(service, actor, "read_evidence", f"case:{case}", f"evidence:{sha256}") as connection:
            _require_not_about(connection, case, caller)
            found = {one.sha256: one for one in evidence_of(connection, case)}.get(sha256)
            if found is None:
                raise refused(EvidenceNotFound(case, sha256))
        return sent(
            folder,
            sealing,
            bytes.fromhex(sha256),
            media_type=found.media_type,
            size_bytes=found.bytes,
        )

    @app.get("/v1/cases/{case:path}/evidence", **read_responses(EvidencesView, missing="case_not_found"))
    def exhibits(case: CaseName, caller: Annotated[Caller, moderator]) -> Response:
        """Which files a case has. To look is written down."""
        actor = acting_as(caller, ("moderator",))
        with recorded(service, actor, "list_evidence", f"case:{case}") as connection:
            _require_not_about(connection, case, caller)
            found = evidence_of(connection, case)
        return as_json({"case": case, "evidence": [_evidence_view(one) for one in found]})


def _require_not_about(connection: Connection, case: str, caller: Caller) -> None:
    if case not in read_cases(connection, [case]) or is_concerned(connection, caller.party, case):
        raise refused(CaseNotFound(case))


def _evidence_view(exhibit: Exhibit) -> EvidenceView:
    return {
        "sha256": exhibit.sha256,
        "media_type": exhibit.media_type,
        "bytes": exhibit.bytes,
        "added_by": exhibit.added_by,
        "added_at": timestamp(instant_of(exhibit.added_at)),
    }
