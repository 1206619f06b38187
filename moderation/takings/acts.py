"""What decided money measures do to the books: they hold first, then take exactly that, or give it back.

Measures of one decision are planned together (``decided``: measure → preview), since they may share an
account. All is pure; :func:`previews` and :func:`facts` read, the latter under the locks.

A hold's id follows from the measure, the taking and its amount, so that what an appeal leaves of a taking
is held under an id of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from ledger.chart import CHART, AccountRef, platform_account
from ledger.journal.commands import derived_id
from ledger.kernel.books import Books
from ledger.kernel.entries import Act, Capture, Hold, Open, Release, Transfer
from ledger.money import face_value
from moderation.measures.kinds import MeasureKind
from moderation.takings.judging import Facts, why_not
from moderation.takings.reading import facts, previews
from moderation.takings.shown import HELD, RECEIVED, Preview, Taking, fen_of

__all__ = [
    "Facts",
    "Preview",
    "accounts_of",
    "amount_fen",
    "execute_acts",
    "facts",
    "given_back_acts",
    "hold_acts",
    "holds_of",
    "previews",
    "release_acts",
    "restore_acts",
    "why_not",
]

#: Where what is taken goes, and what is given comes from.
_OTHER_SIDE = {
    MeasureKind.PENALTY: platform_account("penalty_income"),
    MeasureKind.DAMAGES: platform_account("damages_income"),
    MeasureKind.COMPENSATION: platform_account("adjustments"),
}
_FORFEITED, _LIABILITY = platform_account("coins_forfeited"), platform_account("coin_liability")

Decided = Mapping[UUID, Preview]


def amount_fen(preview: Preview) -> int:
    """What the measure moves, in fen: what bounds on a moderator's own decisions count."""
    plan = preview.shown.plan
    return plan.fen if plan else fen_of([taking for _, taking in preview.takings])


def accounts_of(preview: Preview) -> Iterator[AccountRef]:
    """Every account that the measure's holds, execution and restoration may touch."""
    if preview.shown.plan:
        yield from _wholes(preview)
        return
    yield from (taking.ref for taking in preview.shown.takings)
    yield from (_OTHER_SIDE[preview.kind], _FORFEITED, _LIABILITY)
    yield from (AccountRef(kind, preview.party) for kind in ("earnings", "debt", "refunds_payable"))


def holds_of(preview: Preview, measure: UUID) -> Iterator[UUID]:
    """Every hold that the measure may end: its own, and the freezes of its case that it may use up."""
    yield from preview.shown.freezes
    yield from (_whole_id(measure, ref) for ref in _wholes(preview))
    yield from (_hold_id(measure, n, taking) for n, taking in _held(preview))


def hold_acts(decided: Decided, books: Books) -> tuple[Act, ...]:
    """Set aside what was shown, at the decision, once :func:`why_not` had nothing to say.

    Of what freezes of the same case hold, as much is used up as is needed; what is left of such a freeze
    is free again, as with a forfeit. For tips that go back, the streamers' accounts are frozen whole.
    """
    acts: list[Act] = []
    room = _Room(books)
    for measure, preview in decided.items():
        plan = preview.shown.plan
        for giving in plan.givings if plan else ():
            for ref, minor in giving.wanted:
                acts += room.taken(ref, minor, preview.shown.freezes)
        acts += (Hold(_whole_id(measure, ref), ref, None) for ref in _wholes(preview))
        for n, taking in _held(preview):
            acts += room.taken(taking.ref, taking.amount_minor, preview.shown.freezes)
            acts.append(Hold(_hold_id(measure, n, taking), taking.ref, taking.amount_minor))
    return tuple(acts)


def execute_acts(decided: Decided, books: Books) -> tuple[Act, ...]:
    """Take what is held, and write down what is owed or given. Measures that ended are not among them.

    Tips that go back are moved by settlement, tip by tip: there is nothing to take here.
    """
    acts: list[Act] = []
    opened: set[AccountRef] = set()
    for measure, preview in decided.items():
        for n, taking in preview.takings:
            other = _OTHER_SIDE.get(preview.kind, _LIABILITY)
            match taking.account:
                case "debt":
                    acts += _opening(taking.ref, books, opened)
                    acts.append(Transfer(taking.ref, other, taking.amount_minor))
                case "refunds_payable":
                    acts += _opening(taking.ref, books, opened)
                    acts.append(Transfer(other, taking.ref, taking.amount_minor))
                case _ if CHART[taking.account].currency == "ZLB":
                    hold = _hold_id(measure, n, taking)
                    acts.append(Capture(hold, ((_FORFEITED, taking.amount_minor),)))
                    acts.append(Transfer(_LIABILITY, other, face_value(taking.amount_minor)))
                case _:
                    acts.append(Capture(_hold_id(measure, n, taking), ((other, taking.amount_minor),)))
    return tuple(acts)


def release_acts(decided: Decided, books: Books) -> tuple[Act, ...]:
    """End every hold of the measures that is still open, moving nothing: they are refused, or done."""
    own = (
        hold
        for measure, preview in decided.items()
        for hold in (
            *(_whole_id(measure, ref) for ref in _wholes(preview)),
            *(_hold_id(measure, n, taking) for n, taking in _held(preview)),
        )
    )
    return tuple(Release(hold) for hold in own if _is_open(hold, books))


def restore_acts(
    kept: Sequence[tuple[UUID, Preview, Mapping[int, int]]], books: Books, *, executed: bool
) -> tuple[Act, ...]:
    """Give back what the measures took but for what is ``kept`` of each taking (number → minor units).

    Before the execution, what is no longer to be taken is free again. After it, the same amounts move the
    other way: of a debt what is still owed is struck out, and what was paid on it is earnings again. Gifts
    and accruals are not among them: they are received again piece by piece (:func:`given_back_acts`).
    """
    acts: list[Act] = []
    opened: set[AccountRef] = set()
    there: dict[AccountRef, int] = {}
    for measure, preview, stays in kept:
        if not executed:
            acts += _held_anew(measure, preview, stays, books)
            continue
        for n, taking in preview.takings:
            back = taking.amount_minor - stays.get(n, 0)
            if back and taking.account not in RECEIVED:
                acts += _given_back(preview, taking, back, books, there, opened)
        acts += release_acts({measure: preview}, books)
    return tuple(acts)


def given_back_acts(kind: MeasureKind, ref: AccountRef, minor: int) -> tuple[Act, ...]:
    """Give back a part of what a measure took of gifts or accruals."""
    other = _OTHER_SIDE[kind]
    if CHART[ref.kind].currency == "ZLB":
        return Transfer(_FORFEITED, ref, minor), Transfer(other, _LIABILITY, face_value(minor))
    return (Transfer(other, ref, minor),)


class _Room:
    """What is free of accounts while the measures of a decision set their parts aside, one by one."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._free: dict[AccountRef, int] = {}
        self._used: set[UUID] = set()

    def taken(self, ref: AccountRef, minor: int, freezes: Sequence[UUID]) -> list[Release]:
        """Take an amount; ends as many of these freezes as that needs."""
        account = self._books.accounts.get(ref)
        left = self._free.get(ref, account.available_minor if account else 0) - minor
        ended = []
        for freeze in freezes:
            hold = self._books.holds.get(freeze)
            is_of_use = hold is not None and hold.account == ref and self._books.end_of(freeze) is None
            if left < 0 and is_of_use and freeze not in self._used:
                assert hold is not None
                ended.append(Release(freeze))
                self._used.add(freeze)
                left += hold.amount_minor or 0
        self._free[ref] = left
        return ended


def _held_anew(measure: UUID, preview: Preview, stays: Mapping[int, int], books: Books) -> Iterable[Act]:
    for n, taking in _held(preview):
        amount = stays.get(n, 0)
        if amount < taking.amount_minor:
            yield Release(_hold_id(measure, n, taking))
            if amount:
                less = Taking(taking.account, taking.owner, amount)
                yield Hold(_hold_id(measure, n, less), taking.ref, amount)
    yield from (Release(hold) for ref in _wholes(preview) if _is_open(hold := _whole_id(measure, ref), books))


def _given_back(
    preview: Preview,
    taking: Taking,
    back: int,
    books: Books,
    there: dict[AccountRef, int],
    opened: set[AccountRef],
) -> Iterator[Act]:
    other, ref = _OTHER_SIDE[preview.kind], taking.ref
    match taking.account:
        case "debt":
            struck = _at_most(ref, back, books, there)
            if struck:
                yield Transfer(other, ref, struck)
            if back > struck:
                yield Transfer(other, _paid_from(preview.party, books), back - struck)
        case "refunds_payable":
            unpaid = _at_most(ref, back, books, there)
            if unpaid:
                yield Transfer(ref, other, unpaid)
            if back > unpaid:
                debt = AccountRef("debt", preview.party)
                yield from _opening(debt, books, opened)
                yield Transfer(debt, other, back - unpaid)
        case _:
            yield from given_back_acts(preview.kind, ref, back)


def _paid_from(party: str, books: Books) -> AccountRef:
    """Where what was paid on a debt goes: to the earnings, which a viewer has not."""
    earnings = AccountRef("earnings", party)
    return earnings if earnings in books.accounts else AccountRef("refunds_payable", party)


def _at_most(ref: AccountRef, wanted: int, books: Books, there: dict[AccountRef, int]) -> int:
    """What of an amount an account still has, once this entry took its other parts."""
    account = books.accounts.get(ref)
    left = there.get(ref, account.available_minor if account else 0)
    amount = max(0, min(left, wanted))
    there[ref] = left - amount
    return amount


def _opening(ref: AccountRef, books: Books, opened: set[AccountRef]) -> Iterable[Act]:
    """A viewer has no debt until there is one."""
    if ref in books.accounts or ref in opened:
        return ()
    opened.add(ref)
    return (Open(ref),)


def _wholes(preview: Preview) -> Iterator[AccountRef]:
    if preview.shown.plan:
        yield from preview.shown.plan.promised


def _held(preview: Preview) -> Iterator[tuple[int, Taking]]:
    return ((n, taking) for n, taking in preview.takings if taking.account in HELD)


def _hold_id(measure: UUID, n: int, taking: Taking) -> UUID:
    return derived_id(measure, f"taking:{n}:{taking.amount_minor}")


def _whole_id(measure: UUID, ref: AccountRef) -> UUID:
    return derived_id(measure, f"whole:{ref.kind}:{ref.owner}")


def _is_open(hold: UUID, books: Books) -> bool:
    state = books.holds.get(hold)
    return state is not None and state.ended is None
