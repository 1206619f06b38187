"""Whether what was shown can still be done, all of a decision's measures together. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from ledger.chart import CHART, AccountRef
from ledger.kernel.books import Books
from ledger.kernel.refusals import Refusal
from moderation.cases.refusals import RuleSwitchedOff
from moderation.measures.kinds import MeasureKind
from moderation.rules.switches import PENALTY_TAKES_COINS
from moderation.takings.refusals import AboveLiabilityCap, PreviewStale, PreviewUsed
from moderation.takings.setting_off import why_counted_twice
from moderation.takings.shown import HELD, Preview, fen_of


class Hindered(NamedTuple):
    """Of so many coins that were to go back from a streamer only ``left`` can, and why."""

    streamer: str
    shown: int
    left: int
    reason: str


class Shared(NamedTuple):
    """Of so many coins that a plan has go back from a streamer only ``left`` are not another plan's, too."""

    plan: UUID
    other: UUID
    streamer: str
    shown: int
    left: int


class Facts(msgspec.Struct, frozen=True):
    """What only holds still under the locks of a case and of the accounts concerned.

    ``used`` are previews that were decided; ``charges`` the penalties and damages in force in the cases,
    by preview, with what appeals left of them; ``cap_fen`` what may still be given to a party as
    compensation; ``promised`` what tips that are to go back will take of an account, ``going`` the plans of
    these tips. ``spares_coins``: penalties take no coins for now (LIVE-SEV-1).

    Of plans that are to be decided: ``hindered`` says, by preview, why not all tips can go back as they
    were shown; ``shared`` which of them have the same tips go back as others; and ``held`` what was held of
    the streamers' gifts when that was found.
    """

    used: frozenset[UUID] = frozenset()
    charges: dict[UUID, Preview] = {}
    cap_fen: dict[str, int] = {}
    promised: dict[AccountRef, int] = {}
    spares_coins: bool = False
    going: frozenset[UUID] = frozenset()
    hindered: dict[UUID, Hindered] = {}
    shared: tuple[Shared, ...] = ()
    held: dict[AccountRef, int] = {}

    def standing(self, in_force: Iterable[UUID | None], lessened: Mapping[UUID, Preview]) -> "Facts":
        """The same once others of the batch ended some measures, and left less of some.

        ``in_force`` are the previews of the measures in force on the parties that are decided on.
        """
        there = set(in_force)
        return msgspec.structs.replace(
            self, charges={id: lessened.get(id, one) for id, one in self.charges.items() if id in there}
        )

    def once_decided(self, previews: Iterable[Preview]) -> "Facts":
        """The same once these are decided, too: by this, later decisions of a batch are judged."""
        used, going = set(self.used), set(self.going)
        charges = dict(self.charges)
        cap_fen, promised = defaultdict(int, self.cap_fen), defaultdict(int, self.promised)
        for preview in previews:
            used.add(preview.preview)
            match preview.kind:
                case MeasureKind.PENALTY | MeasureKind.DAMAGES:
                    charges[preview.preview] = preview
                case MeasureKind.COMPENSATION:
                    cap_fen[preview.party] -= fen_of([taking for _, taking in preview.takings])
            if preview.shown.plan:
                going.add(preview.shown.plan.plan)
                for ref, amount in preview.shown.plan.promised.items():
                    promised[ref] += amount
        return msgspec.structs.replace(
            self,
            used=frozenset(used),
            going=frozenset(going),
            charges=charges,
            cap_fen=dict(cap_fen),
            promised=dict(promised),
        )


def why_not(previews: Sequence[Preview], facts: Facts, books: Books) -> Refusal | None:
    """Whether a decision may do what these previews show, together.

    Refuses ``preview_used``, ``rule_switched_off``, ``above_liability_cap``, ``penalty_counted_twice`` and
    ``preview_stale``: that one only if a transfer that was shown can no longer be made in full, or a penalty
    no longer be set off as was shown.
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
        or why_counted_twice(previews, facts.charges)
        or _why_hindered(previews, facts, books)
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


def _why_hindered(previews: Sequence[Preview], facts: Facts, books: Books) -> Refusal | None:
    """Tips that were shown and can no longer go back: not whole, or not by this decision."""
    going = set(facts.going)
    for preview in previews:
        plan = preview.shown.plan
        if plan is None:
            continue
        found = facts.hindered.get(preview.preview)
        for one in facts.shared:
            if one.plan == plan.plan and one.other in going and not found:
                found = Hindered(one.streamer, one.shown, one.left, "promised")
        for giving in plan.givings:
            gifts = AccountRef("gifts", giving.streamer)
            # Held by an earlier decision of the batch: of the oldest that is left, so perhaps of these.
            more = books.accounts[gifts].held_minor - facts.held.get(gifts, 0)
            if giving.coins and more > 0 and not found:
                found = Hindered(giving.streamer, giving.coins, max(0, giving.coins - more), "held")
        if found:
            streamer, shown, left, reason = found
            return PreviewStale(str(preview.preview), "gifts", streamer, "ZLB", shown, left, reason)
        going.add(plan.plan)
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
                free[ref] = unpromised(ref, available(ref, preview.shown.freezes, books), promised[ref])
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


def unpromised(ref: AccountRef, available_minor: int, promised_minor: int) -> int:
    """What of an account may be taken while tips are to go back out of it.

    What is taken of gifts is the oldest that is left, and that might be these tips: so nothing is.
    """
    if ref.kind == "gifts" and promised_minor:
        return 0
    return available_minor - promised_minor
