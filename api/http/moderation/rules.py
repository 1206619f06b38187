"""The rule book over HTTP: finance publishes and switches, whoever is judged by it can read it.

Who decides by the rules does not set them: a bound that a moderator can raise binds nobody (LIVE-MOD-2).
"""

from typing import Annotated
from uuid import UUID

from fastapi import FastAPI
from pydantic import Field
from starlette.responses import Response
from typing_extensions import TypedDict

from api.http.bodies import Body, Text, Words
from api.http.documents import read_responses
from api.http.money import timestamp
from api.http.operations import Asked, Operation
from api.http.problems import Problem
from api.http.publishing import DatedView, TextView, dated_view, document_of, text_view
from api.http.reads import as_json, snapshot
from api.http.requests import now
from api.http.service import Service
from ledger.journal.commands import Outcome
from ledger.versions import NoSuchVersion, Standing, standing_of
from moderation.rules.document import LONGEST_CHARS, canonical, parse
from moderation.rules.publishing import PublishRules, SwitchRule
from moderation.rules.switches import Switch, switches
from moderation.rules.versions import Version, rule_books, text_of, version_named

_READERS = ("viewer", "streamer", "gateway", "moderator", "finance")


class RulesBody(Body):
    """A rule book, as the TOML text that people write (moderation/rules/sample.toml)."""

    document: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CHARS)]


class SwitchBody(Body):
    """A clause, a part of one, a group or an item of the catalogue: off or on again, and why."""

    rule: Text
    is_on: Annotated[bool, Field(strict=True)]
    reason: Words


class PublishedRulesView(DatedView):
    """A rule book that was published. `sha256` is of its canonical JSON (RFC 8785)."""

    id: UUID
    occurred_at: str


class SwitchedView(TypedDict):
    """A rule that was switched."""

    id: UUID
    rule: str
    is_on: bool
    reason: str
    occurred_at: str


class RuleBookView(DatedView):
    """A version of the rule book. The one that is shipped, `sample`, was published at no time."""

    published_at: str | None
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


class RuleBookTextView(RuleBookView, TextView):
    """A version with its text as it was published, and as the canonical JSON that `sha256` is of."""


def publish_rules(asked: Asked, body: RulesBody) -> PublishRules:
    """Publishes a version of the rule book; it is never changed again. Rule: LIVE-RULE-1."""
    document_of(parse, body.document, "rule book")
    return PublishRules(*asked.common, body.document)


def switch_rule(asked: Asked, body: SwitchBody) -> SwitchRule:
    """Switches a single rule off, or on again, for a reason. Rule: LIVE-SEV-1."""
    return SwitchRule(*asked.common, body.rule, body.is_on, body.reason)


def published_rules_view(command: PublishRules, outcome: Outcome) -> PublishedRulesView:
    """A rule book published, from the text that was sent."""
    book = parse(command.source)
    return {
        "id": command.id,
        **dated_view(book.version, book.effective_at, canonical(book)),
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
    caller = service.caller_in(*_READERS)

    @app.get("/v1/rules", dependencies=[caller], **read_responses(RuleBooksView))
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
        dependencies=[caller],
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
            **text_view(text),
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
