"""Deciding a case by the rule book: which findings stand, which measures may rest on them. Pure.

What follows by itself (the ladder, the time in which tips may not be received) joins what was asked for as
further measures of the same decision: they are told, appealed against and undone together.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from ledger.kernel.refusals import Refusal
from moderation.cases.affairs import Concerned, affair_of
from moderation.cases.bounds import Lost, is_beyond
from moderation.cases.commands import Decide, Imposed
from moderation.cases.following import following
from moderation.cases.records import Case
from moderation.cases.refusals import (
    CaseDecided,
    EvidenceNotFound,
    EvidenceRequired,
    FindingRequired,
    NotTheirMeasure,
    OverrideRequired,
    RuleSwitchedOff,
    TimeNotAllowed,
    UnderLegalHold,
)
from moderation.cases.timing import happened_at, judged_by, why_not_then
from moderation.cases.writing import Found, measure_id
from moderation.measures.kinds import MONEY_MEASURES, Feature, MeasureKind, Severity
from moderation.measures.standing import Measure
from moderation.persons import subject_of
from moderation.rules import judging
from moderation.rules.document import RuleBook
from moderation.rules.judging import Mark
from moderation.rules.refusals import RuleNotFound
from moderation.rules.versions import Version, in_force, version_named
from moderation.takings.acts import Preview, amount_fen
from moderation.takings.refusals import PreviewNotFound, PreviewUsed


class Situation(NamedTuple):
    """What a decision is judged by.

    ``versions`` are the rule books there are, and ``began`` says when sessions did, an instant each.
    ``evidence`` are the files of the case, by hash; ``marks`` the points of whom it is about, so far;
    ``concerned`` tells which plans have to do with whoever decides; ``legal_holds`` are those in force on
    whoever the case or a measure is about.
    """

    case: Case
    versions: Sequence[Version]
    began: Mapping[UUID, int]
    off: frozenset[str]
    evidence: Collection[str]
    marks: Sequence[Mark]
    lost: Sequence[Lost]
    previews: Mapping[UUID, Preview]
    concerned: Concerned
    legal_holds: Sequence[Measure] = ()


class Ruling(NamedTuple):
    """What a decision comes to, by which rule book, and which one says who decides. Times are instants."""

    by: Version
    procedure: Version
    found: tuple[Found, ...]
    measures: tuple[Measure, ...]
    needs_second: bool
    appeal_until: int
    execute_at: int | None


def judge(command: Decide, situation: Situation) -> Ruling | Refusal:
    """What a moderator decides, if the rule book has it so.

    Refuses ``own_affair``, ``not_their_measure``, ``case_decided``, ``finding_required``,
    ``not_yet_happened``, ``rule_not_found``, ``rule_switched_off``, ``evidence_not_found``,
    ``evidence_required``, ``override_required``, ``time_not_allowed``, ``preview_used``,
    ``preview_not_found``, ``under_legal_hold``. Rules: LIVE-MOD-1, LIVE-MOD-2, LIVE-MOD-6, LIVE-MOD-9,
    LIVE-RULE-1, LIVE-SEV-1.
    """
    case, at = situation.case, command.occurred_at
    procedure = in_force(situation.versions, at)
    role, _, _ = command.actor.partition(":")
    kinds = [MeasureKind(asked.kind) for asked in command.measures]
    shown = [asked.preview for asked in command.measures if asked.preview]
    previews = [situation.previews[one] for one in shown if one in situation.previews]
    plans = [preview.shown.plan for preview in previews if preview.shown.plan]
    named = (asked.party for asked in command.measures if asked.party)
    refusal: Refusal | None = affair_of(
        command.actor,
        (case.party, *named, *(streamer for plan in plans for streamer in plan.streamers)),
        [plan.plan for plan in plans],
        situation.concerned,
    )
    if refusal:
        return refusal
    for kind in kinds:
        if not _may_decide(procedure.book, kind, role):
            return NotTheirMeasure(role, kind.value)
    if command.latest != case.latest:
        return CaseDecided(case.case, str(case.latest) if case.latest else None)
    found = _found(command, situation)
    if isinstance(found, Refusal):
        return found
    by = judged_by(situation.versions, [one.happened_at for one in found], at)
    refusal = _why_not_impose(command, situation, found, by.book)
    if refusal:
        return refusal
    for preview in shown:
        if shown.count(preview) > 1:
            return PreviewUsed(str(preview))
    asked = [_measure(command, n, imposed, situation) for n, imposed in enumerate(command.measures)]
    for measure in asked:
        if isinstance(measure, Refusal):
            return measure
    measures = tuple(measure for measure in asked if isinstance(measure, Measure))
    marks = [*situation.marks, *(Mark(one.points, at) for one in found)] if found else []
    asked_for = (one for one in measures if one.kind is MeasureKind.LEGAL_HOLD)
    held = {one.party: one for one in (*asked_for, *situation.legal_holds)}
    for measure in measures:
        if measure.kind is MeasureKind.CLOSE_ACCOUNT and measure.party in held:
            return UnderLegalHold(measure.party, held[measure.party].case)
    measures += following(command.id, case, measures, marks, by.book, situation.off, at, held)
    all_kinds = [measure.kind for measure in measures]
    return Ruling(
        by,
        procedure,
        found,
        measures,
        _needs_second(measures, situation, command, procedure, by),
        judging.appeal_until(procedure.book, all_kinds, at),
        judging.execute_at(procedure.book, all_kinds, at),
    )


def _may_decide(book: RuleBook, kind: MeasureKind, role: str) -> bool:
    """The platform itself stops whom it finds on a blacklist, and takes nothing; no token has its role."""
    return kind not in MONEY_MEASURES if role == "platform" else judging.may_decide(book, kind, role)


def _found(command: Decide, situation: Situation) -> tuple[Found, ...] | Refusal:
    """Each finding as the rule book of its own time has it: what was no violation then is none."""
    at = command.occurred_at
    if command.measures and not command.findings:
        return FindingRequired(command.case)
    for finding in command.findings:
        refusal = why_not_then(finding.happened_at, at)
        if refusal:
            return refusal
    moments = [happened_at(finding, situation.case, situation.began, at) for finding in command.findings]
    versions = [in_force(situation.versions, moment) for moment in moments]
    for finding, version in zip(command.findings, versions, strict=True):
        if finding.rule not in version.book.items:
            return RuleNotFound(finding.rule)
    for finding, version in zip(command.findings, versions, strict=True):
        if judging.is_off(version.book, situation.off, finding.rule):
            return RuleSwitchedOff(finding.rule)
    for finding in command.findings:
        for sha256 in finding.evidence:
            if sha256 not in situation.evidence:
                return EvidenceNotFound(command.case, sha256)
    found = []
    for finding, moment, version in zip(command.findings, moments, versions, strict=True):
        usual = version.book.items[finding.rule].severity
        severity = Severity(finding.severity) if finding.severity else usual
        if severity is not usual and not finding.override_reason:
            return OverrideRequired(finding.rule, severity.value)
        found.append(
            Found(
                finding.rule,
                severity,
                judging.points_of(version.book, finding.rule, severity),
                moment,
                version.version,
                finding.evidence,
                finding.session,
                finding.override_reason,
            )
        )
    return tuple(found)


def _why_not_impose(
    command: Decide, situation: Situation, found: Sequence[Found], book: RuleBook
) -> RuleSwitchedOff | EvidenceRequired | OverrideRequired | TimeNotAllowed | None:
    kinds = [MeasureKind(asked.kind) for asked in command.measures]
    for kind in kinds:
        if judging.is_measure_off(book, situation.off, kind):
            return RuleSwitchedOff(book.measures[kind].clause)
    for kind in kinds:
        if kind in MONEY_MEASURES and not any(one.evidence for one in found):
            return EvidenceRequired(kind.value)
    for kind in kinds:
        is_usual = any(
            judging.allowed(version_named(situation.versions, one.rule_version).book, kind, one.severity)
            for one in found
        )
        if not is_usual and not any(one.override_reason for one in found):
            heaviest = max(found, key=lambda one: list(Severity).index(one.severity))
            return OverrideRequired(kind.value, heaviest.severity.value)
    for kind, asked in zip(kinds, command.measures, strict=True):
        if not judging.may_last(book, kind, command.occurred_at, asked.until):
            return TimeNotAllowed(kind.value, asked.until, book.measures[kind].max_days)
    return None


def _measure(command: Decide, n: int, asked: Imposed, situation: Situation) -> Measure | PreviewNotFound:
    kind = MeasureKind(asked.kind)
    party = asked.party or situation.case.party
    amount_minor = asked.amount_minor
    if asked.preview is not None:
        preview = situation.previews.get(asked.preview)
        if preview is None or (preview.case, preview.kind, preview.party) != (command.case, kind, party):
            return PreviewNotFound(str(asked.preview), command.case)
        amount_minor = amount_fen(preview)
    return Measure(
        measure_id(command.id, n),
        command.id,
        command.case,
        n,
        kind,
        party,
        _feature(asked),
        asked.until,
        asked.account,
        amount_minor,
        asked.preview,
        note=asked.note,
    )


def _feature(asked: Imposed) -> Feature | None:
    return Feature(asked.feature) if asked.feature else None


def _needs_second(
    measures: Sequence[Measure], situation: Situation, command: Decide, *versions: Version
) -> bool:
    """``versions`` are the rule books that count, first the one that has the bounds. Whoever published one is
    not trusted with it alone, however high its bounds are.
    """
    publishers = {subject_of(version.published_by) for version in versions if version.published_by}
    if any(measure.preview for measure in measures) and subject_of(command.actor) in publishers:
        return True
    book, at = versions[0].book, command.occurred_at
    return is_beyond(measures, situation.previews, situation.lost, book, at)
