"""The rule book over HTTP: finance publishes and switches, whoever is judged by it can read it.

Who decides by the rules does not set them: a bound that a moderator can raise binds nobody (LIVE-MOD-2).
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Request
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from api.http.bodies import Body, Text
from api.http.documents import read_responses
from api.http.money import timestamp
from api.http.operations import Asked, Operation
from api.http.problems import Problem
from api.http.reads import as_json, snapshot
from api.http.requests import now
from api.http.service import Service
from api.tokens import Caller
from ledger.documents import InvalidDocument, sha256_of
from ledger.instants import instant_of
from ledger.journal.commands import Outcome
from moderation.rules.document import LONGEST_CHARS, canonical, parse
from moderation.rules.publishing import PublishRules, SwitchRule
from moderation.rules.switches import Switch, switches
from moderation.rules.versions import (
    NoSuchVersion,
    Standing,
    Version,
    rule_books,
    standing_of,
    text_of,
    version_named,
)

_READERS = ("viewer", "streamer", "gateway", "moderator", "finance")


class RulesBody(Body):
    """A rule book, as the TOML text that people write (moderation/rules/sample.toml)."""

    document: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CHARS)]


class SwitchBody(Body):
    """A clause, a part of one, a group or an item of the catalogue: off or on again, and why."""

    rule: Text
    is_on: Annotated[bool, Field(strict=True)]
    reason: Text


class PublishedRulesView(TypedDict):
    """A rule book that was published. `sha256` is of its canonical JSON (RFC 8785)."""

    id: UUID
    version: str
    effective_at: str
    sha256: str
    occurred_at: str


class SwitchedView(TypedDict):
    """A rule that was switched."""

    id: UUID
    rule: str
    is_on: bool
    reason: str
    occurred_at: str


class RuleBookView(TypedDict):
    """A version of the rule book. The one that is shipped, `sample`, was published at no time."""

    version: str
    effective_at: str
    published_at: str | None
    sha256: str
    standing: Standing


class SwitchView(TypedDict):
    """How a rule was switched last."""

    rule: str
    is_on: bool
    reason: str
    switched_at: str


class RuleBooksView(TypedDict):
    """Every version, the earliest in force first, and every rule that was ever switched."""

    rule_books: list[RuleBookView]
    switches: list[SwitchView]


class RuleBookTextView(RuleBookView):
    """A version with its text as it was published, and as the canonical JSON that `sha256` is of."""

    document: str
    canonical: str


def publish_rules(asked: Asked, body: RulesBody) -> PublishRules:
    """Publishes a version of the rule book; it is never changed again. Rule: LIVE-RULE-1."""
    try:
        parse(body.document)
    except InvalidDocument as invalid:
        errors = [
            {"field": f"body.document.{field}".removesuffix("."), "message": message}
            for field, message in invalid.faults
        ]
        raise Problem("invalid", f"the rule book cannot be read: {invalid}", errors=errors) from None
    return PublishRules(*asked.common, body.document)


def switch_rule(asked: Asked, body: SwitchBody) -> SwitchRule:
    """Switches a single rule off, or on again, for a reason. Rule: LIVE-SEV-1."""
    return SwitchRule(*asked.common, body.rule, body.is_on, body.reason)


def published_rules_view(command: PublishRules, outcome: Outcome) -> PublishedRulesView:
    """A rule book published, from the text that was sent."""
    book = parse(command.source)
    return {
        "id": command.id,
        "version": book.version,
        "effective_at": timestamp(instant_of(book.effective_at)),
        "sha256": sha256_of(canonical(book)),
        "occurred_at": timestamp(outcome.occurred_at),
    }


def switched_view(command: SwitchRule, outcome: Outcome) -> SwitchedView:
    """A rule switched."""
    return {
        "id": command.id,
        "rule": command.rule,
        "is_on": command.is_on,
        "reason": command.reason,
        "occurred_at": timestamp(outcome.occurred_at),
    }


RULE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/v1/rules",
        "finance",
        RulesBody,
        publish_rules,
        published_rules_view,
        PublishedRulesView,
        ("rule_book_exists", "rule_book_in_the_past", "rule_book_not_later"),
        limited_by="batch_limit_bytes",
    ),
    Operation(
        "POST",
        "/v1/rule-switches",
        "finance",
        SwitchBody,
        switch_rule,
        switched_view,
        SwitchedView,
        ("rule_not_found", "rule_already_switched"),
    ),
)


def add_rules(app: FastAPI, service: Service) -> None:
    """Add the versions that can be read to the routes."""

    async def caller(request: Request) -> Caller:
        return await service.caller(request.scope, *_READERS)

    @app.get("/v1/rules", dependencies=[Depends(caller)], **read_responses(RuleBooksView))
    def rules() -> Response:
        """Every version of the rule book, the earliest in force first, and the rules that were switched."""
        with snapshot(service) as connection:
            versions, switched = rule_books(connection), switches(connection)
        at = now()
        view: RuleBooksView = {
            "rule_books": [_version_view(version, versions, at) for version in versions],
            "switches": [_switch_view(switch) for switch in switched],
        }
        return as_json(view)

    @app.get(
        "/v1/rules/{version}",
        dependencies=[Depends(caller)],
        **read_responses(RuleBookTextView, missing="not_found"),
    )
    def rule_book(version: str) -> Response:
        """A version of the rule book, as it was published."""
        with snapshot(service) as connection:
            versions = rule_books(connection)
            try:
                found = version_named(versions, version)
            except NoSuchVersion:
                raise Problem("not_found", "no rule book of that version was published") from None
            text = text_of(connection, version)
        view: RuleBookTextView = {
            **_version_view(found, versions, now()),
            "document": text.source,
            "canonical": text.document.decode(),
        }
        return as_json(view)


def _version_view(version: Version, versions: list[Version], at: int) -> RuleBookView:
    return {
        "version": version.version,
        "effective_at": timestamp(version.effective_at),
        "published_at": timestamp(version.published_at) if version.entry else None,
        "sha256": version.sha256,
        "standing": standing_of(version, versions, at),
    }


def _switch_view(switch: Switch) -> SwitchView:
    return {
        "rule": switch.rule,
        "is_on": switch.is_on,
        "reason": switch.reason,
        "switched_at": timestamp(switch.switched_at),
    }
