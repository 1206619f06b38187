"""Whether what was shown can still be done, all of a decision's measures together. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from ledger.chart import CHART, AccountRef
from ledger.kernel.books import Books
from ledger.kernel.refusals import Refusal
from moderation.cases.refusals import RuleSwitchedOff
from moderation.measures.kinds import MeasureKind
from moderation.rules.switches import PENALTY_TAKES_COINS
from moderation.takings.plans import netted
from moderation.takings.refusals import (
    AboveLiabilityCap,
    PenaltyCountedTwice,
    PreviewStale,
    PreviewUsed,
)
from moderation.takings.shown import HELD, Preview, fen_of


class Facts(msgspec.Struct, frozen=True):
    """What only holds still under the locks of a case and of the accounts concerned.

    ``used`` are previews that were decided; ``penalty_fen`` is what the penalties in force in a case (by
    case and party) cover of its losses and no claim in force has set off yet; ``cap_fen`` what may still
    be given to a party as compensation; ``promised`` what tips that are to go back will take of an
    account. ``spares_coins``: penalties take no coins for now (LIVE-SEV-1).
    """

    used: frozenset[UUID] = frozenset()
    penalty_fen: dict[tuple[str, str], int] = {}
    cap_fen: dict[str, int] = {}
    promised: dict[AccountRef, int] = {}
    spares_coins: bool = False


def why_not(previews: Sequence[Preview], facts: Facts, books: Books) -> Refusal | None:
    """Whether a decision may do what these previews show, together.

    Refuses ``preview_used``, ``rule_switched_off``, ``above_liability_cap``, ``penalty_counted_twice`` and
    ``preview_stale``: that one only if a transfer that was shown can no longer be made in full.
    """
    decided = set(facts.used)
    for preview in previews:
        if preview.preview in decided:
            return PreviewUsed(str(preview.preview))
        decided.add(preview.preview)
    for preview in previews if facts.spares_coins else ():
        takes_coins = any(CHART[taking.account].currency == "ZLB" for taking in preview.shown.takings)
        if preview.kind is MeasureKind.PENALTY and takes_coins:
            return RuleSwitchedOff(PENALTY_TAKES_COINS)
    return (
        _why_above_cap(previews, facts)
        or _why_counted_twice(previews, facts)
        or _why_stale(previews, facts, books)
    )


def _why_above_cap(previews: Sequence[Preview], facts: Facts) -> Refusal | None:
    given: dict[str, int] = defaultdict(int)
    for preview in previews:
        if preview.kind is MeasureKind.COMPENSATION:
            given[preview.party] += fen_of(preview.shown.takings)
            cap = facts.cap_fen.get(preview.party, 0)
            if given[preview.party] > cap and not preview.shown.exceeding:
                return AboveLiabilityCap(preview.party, cap, given[preview.party])
    return None


def _why_counted_twice(previews: Sequence[Preview], facts: Facts) -> Refusal | None:
    covering = defaultdict(int, facts.penalty_fen)
    for preview in previews:
        if preview.kind is MeasureKind.PENALTY:
            covering[preview.case, preview.party] += fen_of(preview.shown.takings)
    for preview in previews:
        if preview.kind is MeasureKind.DAMAGES:
            claimed = sum(loss.amount_minor for loss in preview.shown.losses)
            covered = netted(claimed, covering[preview.case, preview.party])
            if preview.shown.netted_minor < covered and not preview.shown.exceeding:
                return PenaltyCountedTwice(str(preview.preview), preview.shown.netted_minor, covered)
            covering[preview.case, preview.party] -= preview.shown.netted_minor
    return None


def _why_stale(previews: Sequence[Preview], facts: Facts, books: Books) -> Refusal | None:
    promised = defaultdict(int, facts.promised)
    for preview in previews:
        for ref, amount in preview.shown.plan.promised.items() if preview.shown.plan else ():
            promised[ref] += amount
    free: dict[AccountRef, int] = {}
    for preview in previews:
        for taking in preview.shown.takings:
            ref = taking.ref
            if taking.account in HELD and ref not in free:
                free[ref] = available(ref, preview.shown.freezes, books) - promised[ref]
    for preview in previews:
        for taking in preview.shown.takings:
            if taking.account not in HELD:
                continue
            left = free[taking.ref]
            if left < taking.amount_minor:
                currency = CHART[taking.account].currency
                return PreviewStale(
                    str(preview.preview), *taking.ref, currency, taking.amount_minor, max(0, left)
                )
            free[taking.ref] = left - taking.amount_minor
    return None


def available(ref: AccountRef, freezes: Sequence[UUID], books: Books) -> int:
    """What is free on an account, with what these freezes still hold of it."""
    account = books.accounts.get(ref)
    if account is None:
        return 0
    frozen = 0
    for freeze in freezes:
        hold = books.holds.get(freeze)
        if hold and hold.account == ref and hold.amount_minor and books.end_of(freeze) is None:
            frozen += hold.amount_minor
    return account.available_minor + frozen
