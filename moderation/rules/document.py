"""The rule book: what is a violation, how much it weighs, and what may or must follow, as one TOML file.

A document is read strictly: a field that is missing, unknown or out of its range is named. Bounds are fen,
factors basis points. An item or a measure may be ``like`` another and say only what differs.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import Field, model_validator

from ledger.documents import FieldFault, InvalidDocument, Moment, Terms, broken, read_toml, validated
from moderation.measures.kinds import Feature, MeasureKind, Severity
from moderation.rules.likeness import resolved
from moderation.rules.steps import Step, check_steps

FORMAT = "zhibo-rules/1"
LONGEST_CHARS = 100_000
_NOUN = "rule book"
_ENUMS = {MeasureKind: "a measure", Severity: "a severity", Feature: "a feature"}

#: The groups of LIVE-COND-1: what nobody may publish (行为规则), in the order of the agreement.
GROUPS_OF_CONDUCT = (
    "illegal",
    "state_security",
    "undesirable",
    "harassment",
    "rights_of_others",
    "minors",
    "unfriendly",
    "unprofessional",
    "disrespect",
)

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
#: A clause of the agreement (``LIVE-MOD-7``), a gap in it (``G5``), or practice (``P-HOLD``).
Clause = Annotated[str, Field(pattern=r"^[A-Z]+[0-9]*(-[A-Z]+)*(-[0-9]+)?$", max_length=40)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Title = Annotated[str, Field(min_length=1, max_length=200)]
VersionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
Days = Annotated[int, Field(ge=1, le=3660)]
Points = Annotated[int, Field(ge=0, le=1000)]
AmountMinor = Annotated[int, Field(ge=0, le=10**14)]
Role = Literal["moderator", "finance"]
PenaltyAccount = Literal["accruals", "earnings", "gifts", "wallet"]


class Group(Terms):
    """A group of items. ``clause_sha256`` says which text of the agreement it stands for."""

    title: Title
    clause: Clause
    clause_sha256: Sha256 | None = None


class Item(Terms):
    """What is a violation. Its points are its own, or else those of the severity found.

    ``clause_sha256`` says which text is meant, without repeating it; what has none is a rule of the house.
    """

    group: Code
    title: Title
    clause: Clause
    clause_sha256: Sha256 | None = None
    severity: Severity
    points: Points | None = None


class MeasureTerms(Terms):
    """Who decides on a measure, when a second person must agree, and how long it may be appealed against.

    A second person is needed always (``always_second``), or above ``bound_minor`` in fen together with what
    was taken without one in the last ``window_days``; with neither, never. ``at_once``: money need not wait
    until the time for an appeal is over. ``max_days``: no longer than that, and never without an end.
    """

    clause: Clause
    decided_by: Annotated[tuple[Role, ...], Field(max_length=2)]
    approved_by: Annotated[tuple[Role, ...], Field(max_length=2)] = ("moderator", "finance")
    bound_minor: AmountMinor | None = None
    always_second: bool = False
    window_days: Days = 30
    appeal_days: Days | None = None
    at_once: bool = False
    max_days: Days | None = None

    @model_validator(mode="after")
    def _somebody_can_agree(self) -> Self:
        if (self.always_second or self.bound_minor is not None) and not self.approved_by:
            raise broken("approved_by", "is empty, but a second person has to agree")
        return self


class PointTerms(Terms):
    """Points per finding by its severity, and after how many days they no longer count."""

    low: Points
    medium: Points
    high: Points
    critical: Points
    decay_days: Days

    @model_validator(mode="after")
    def _heavier_counts_for_more(self) -> Self:
        for lighter, heavier in pairwise(Severity):
            if self.of(heavier) < self.of(lighter):
                raise broken(heavier, f"is {self.of(heavier)}, below {self.of(lighter)} for {lighter}")
        return self

    def of(self, severity: Severity) -> int:
        """The points of a finding of that severity."""
        return int(getattr(self, severity))


class IntervalTerms(Terms):
    """How the right to receive tips rests: as long as a mute times the factor, and months after a penalty.

    The regulator asks for two to three times the mute, and three clean months; ``clean_after`` says which
    measures these follow. Rule: P-MUTE.
    """

    mute_factor_bps: Annotated[int, Field(ge=20_000, le=30_000)]
    clean_months: Annotated[int, Field(ge=3, le=60)]
    clean_after: Annotated[tuple[MeasureKind, ...], Field(max_length=50)]


class AppealTerms(Terms):
    """Days in which a decision can be appealed against, and working days in which the appeal is answered."""

    file_days: Days
    answer_working_days: Annotated[int, Field(ge=1, le=250)]


class ReportTerms(Terms):
    """Days for a reporter to hand in materials, and how many bad-faith reports in a window flag the next."""

    materials_days: Days
    bad_faith_strikes: Annotated[int, Field(ge=1, le=100)]
    bad_faith_window_days: Days


class ObjectionTerms(Terms):
    """Working days in which an objection (异议) is answered."""

    answer_working_days: Annotated[int, Field(ge=1, le=250)]


class RuleBook(Terms):
    """Everything a decision is judged by, from ``effective_at`` until the next rule book is in force."""

    version: VersionName
    effective_at: Moment
    matrix: Mapping[Severity, Annotated[tuple[MeasureKind, ...], Field(max_length=50)]]
    measures: Mapping[MeasureKind, MeasureTerms]
    points: PointTerms
    ladder: Annotated[tuple[Step, ...], Field(max_length=100)]
    intervals: IntervalTerms
    appeals: AppealTerms
    reports: ReportTerms
    objections: ObjectionTerms
    penalty_order: Annotated[tuple[PenaltyAccount, ...], Field(max_length=4)]
    groups: Annotated[Mapping[Code, Group], Field(max_length=100)]
    items: Annotated[Mapping[Code, Item], Field(max_length=1000)]

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        for kind in MeasureKind:
            if kind not in self.measures:
                raise broken(f"measures.{kind}", "is missing")
        for severity in Severity:
            if severity not in self.matrix:
                raise broken(f"matrix.{severity}", "is missing")
            if not self.matrix[severity]:
                raise broken(f"matrix.{severity}", "has no measure")
        check_steps(self.ladder)
        for index, step in enumerate(self.ladder):
            for place, measure in enumerate(step.measures):
                longest = self.measures[measure.kind].max_days
                if longest is not None and (measure.days is None or measure.days > longest):
                    raise broken(
                        f"ladder[{index}].measures[{place}].days",
                        f"is {measure.days or 'without an end'}, and {measure.kind} lasts {longest} at most",
                    )
        if not self.penalty_order:
            raise broken("penalty_order", "has no account")
        if len(set(self.penalty_order)) < len(self.penalty_order):
            raise broken("penalty_order", "names an account twice")
        for code, item in self.items.items():
            if item.group not in self.groups:
                raise broken(f"items.{code}.group", f"is {item.group}, and there is no such group")
        return self


def parse(text: str) -> RuleBook:
    """A rule book as people write it (TOML). Raises :class:`~ledger.documents.InvalidDocument`."""
    return _validated(resolved(read_toml(text, _NOUN, LONGEST_CHARS)))


def canonical(book: RuleBook) -> bytes:
    """What is published and hashed: the rule book as canonical JSON (RFC 8785), each ``like`` filled in."""
    return rfc8785.dumps({"format": FORMAT, **book.model_dump(mode="json")})


@lru_cache(maxsize=64)
def published(document: bytes) -> RuleBook:
    """The rule book of a canonical document. A measure younger than the document is nobody's to decide."""
    found = json.loads(document)
    if found.pop("format") != FORMAT:
        raise InvalidDocument([FieldFault("format", f"is not {FORMAT}")])
    found["measures"] = {
        kind.value: {"clause": "LIVE-MOD-6", "decided_by": []} for kind in MeasureKind
    } | found["measures"]
    return _validated(found)


@lru_cache(maxsize=1)
def sample_text() -> str:
    """The rule book that is shipped, as TOML: in force until one is published."""
    return files("moderation.rules").joinpath("sample.toml").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def sample() -> RuleBook:
    """The rule book that is shipped."""
    return parse(sample_text())


def _validated(tables: Mapping[str, object]) -> RuleBook:
    return validated(RuleBook, tables, _NOUN, _ENUMS)
