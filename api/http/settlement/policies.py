"""Policies and classes of streamers over HTTP: finance publishes, whoever earns by a policy can read it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from api.event_file import fields
from api.http.bodies import TEXT_SCHEMA, Body, Text
from api.http.documents import read_responses
from api.http.money import timestamp
from api.http.operations import Asked, Named, Operation
from api.http.problems import Problem
from api.http.publishing import DatedView, TextView, dated_view, document_of, text_view
from api.http.reads import as_json, snapshot
from api.http.requests import now
from api.http.service import Service
from ledger.journal.commands import Outcome
from ledger.versions import Standing, standing_of
from settlement.policies.classes import Classify
from settlement.policies.document import LONGEST_CHARS, canonical, parse
from settlement.policies.publishing import PublishPolicy
from settlement.policies.versions import Version, text_of, versions

_READERS = ("streamer", "gateway", "moderator", "finance")


class PolicyBody(Body):
    """A policy, as the TOML text that people write (docs/policies/)."""

    document: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CHARS)]


class ClassBody(Body):
    """The class that a streamer is of from now on, and the guild, if any."""

    streamer_class: Annotated[Text, Field(alias="class")]
    guild: Text | None = None


class PolicyView(DatedView):
    """A policy that was published. `sha256` is of its canonical JSON (RFC 8785)."""

    id: UUID
    occurred_at: str


class VersionView(DatedView):
    """A published version."""

    published_at: str
    is_major: bool
    standing: Standing


class VersionsView(TypedDict):
    """Every version that was published, the earliest in force first."""

    policies: list[VersionView]


class DocumentView(VersionView, TextView):
    """A version with its text as it was published, and as the canonical JSON that `sha256` is of."""


ClassView = TypedDict(
    "ClassView", {"id": UUID, "streamer": str, "class": str, "guild": str | None, "occurred_at": str}
)


def publish_policy(asked: Asked, body: PolicyBody) -> PublishPolicy:
    """Publishes a version of the settlement policy; it is never changed again. Rule: LIVE-EARN-4."""
    document_of(parse, body.document, "policy")
    return PublishPolicy(*asked.common, body.document)


def classify_streamer(asked: Asked, body: ClassBody, streamer: str) -> Classify:
    """Says which class of the policy a streamer is of, and which guild has a part, from now on."""
    if body.guild == streamer:
        errors = [{"field": "body.guild", "message": "is the streamer"}]
        raise Problem("invalid", "the guild is the streamer", errors=errors)
    return Classify(*asked.common, streamer, body.streamer_class, body.guild)


def policy_view(command: PublishPolicy, outcome: Outcome) -> PolicyView:
    """A policy published, from the text that was sent."""
    policy = parse(command.source)
    return {
        "id": command.id,
        **dated_view(policy.version, policy.effective_at, canonical(policy)),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def class_view(command: Classify, outcome: Outcome) -> Any:
    """A streamer classified."""
    view: ClassView = {
        "id": command.id,
        "streamer": command.streamer,
        "class": command.streamer_class,
        "guild": command.guild,
        "occurred_at": timestamp(outcome.occurred_at),
    }
    return view


POLICY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/policies",
        "finance",
        PolicyBody,
        publish_policy,
        policy_view,
        PolicyView,
        ("policy_exists", "policy_in_the_past", "policy_not_later", "policy_notice_too_short"),
        limited_by="batch_limit_bytes",
    ),
    Operation(
        "POST",
        "/v1/streamers/{streamer:path}/class",
        "gateway",
        ClassBody,
        classify_streamer,
        class_view,
        ClassView,
        ("account_not_found", "class_not_found"),
        named=Named("streamer", fields.text, TEXT_SCHEMA),
    ),
)


def add_policies(app: FastAPI, service: Service) -> None:
    """Add the versions that can be read to the routes."""
    caller = service.caller_in(*_READERS)

    @app.get("/v1/policies", dependencies=[caller], **read_responses(VersionsView))
    def policies() -> Response:
        """Every version of the settlement policy, the earliest in force first."""
        with snapshot(service) as connection:
            published = versions(connection)
        at = now()
        return as_json({"policies": [_version_view(version, published, at) for version in published]})

    @app.get(
        "/v1/policies/{version}",
        dependencies=[caller],
        **read_responses(DocumentView, missing="not_found"),
    )
    def policy(version: str) -> Response:
        """A version of the settlement policy, as it was published."""
        with snapshot(service) as connection:
            published = versions(connection)
            found = next((one for one in published if one.version == version), None)
            if found is None:
                raise Problem("not_found", "no policy of that version was published")
            text = text_of(connection, version)
        view: DocumentView = {
            **_version_view(found, published, now()),
            **text_view(text),
        }
        return as_json(view)


def _version_view(version: Version, published: list[Version], at: int) -> VersionView:
    return {
        "version": version.version,
        "effective_at": timestamp(version.effective_at),
        "published_at": timestamp(version.published_at),
        "is_major": version.policy.major,
        "sha256": version.sha256,
        "standing": standing_of(version, published, at),
    }
