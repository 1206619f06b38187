"""What a report weighs, whether it needs proof, and who is not believed any more. Pure; instants and days."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from ledger.instants import MICROSECONDS_PER_DAY, business_day, date_of, end_of_day
from moderation.measures.kinds import Severity
from moderation.rules.document import RuleBook
from moderation.rules.switches import PROOF_OF_REPORTERS

#: Infringement (侵权): of a person's or a company's rights, of somebody's work. Whoever reports it proves who
#: he is; at anything else anyone may point. Rule: LIVE-REPORT-2.
GROUPS_WITH_PROOF = frozenset({"rights_of_others"})
CLAUSES_WITH_PROOF = frozenset({"LIVE-IP-2", "LIVE-PRIN-2"})

#: What one reporter can have waiting, and what one report can hold: intake has an end.
MOST_OPEN_REPORTS = 20
MOST_FILES = 10

#: Switched off, no report is flagged.
FLAGS_OF_REPORTERS = "LIVE-COND-3"

_HARM = {severity: harm for harm, severity in enumerate(Severity)}


class Weight(NamedTuple):
    """How a category weighs: 0 low to 3 critical, and whether proof is needed before it is accepted."""

    harm: int
    needs_proof: bool


def weight_of(book: RuleBook, category: str, off: Collection[str] = ()) -> Weight | None:
    """How the catalogue weighs a category; None when it has no such item. ``off``: rules switched off."""
    item = book.items.get(category)
    if item is None:
        return None
    needs_proof = item.group in GROUPS_WITH_PROOF or item.clause in CLAUSES_WITH_PROOF
    return Weight(_HARM[item.severity], needs_proof and PROOF_OF_REPORTERS not in off)


def materials_due(book: RuleBook, asked_at: int) -> int:
    """Until when proof is awaited: the end of the last of the days that the rule book gives."""
    return end_of_day(date_of(business_day(asked_at) + book.reports.materials_days))


def is_flagged(book: RuleBook, found_at: Iterable[int], at: int, off: Collection[str] = ()) -> bool:
    """Whether a reporter was found in bad faith so often of late that the next report is flagged.

    ``found_at`` are the instants at which that was found. The report is looked at all the same: what
    it tells of may be true. Rule: LIVE-COND-3.
    """
    since = at - book.reports.bad_faith_window_days * MICROSECONDS_PER_DAY
    strikes = sum(1 for moment in found_at if since < moment <= at)
    return strikes >= book.reports.bad_faith_strikes and FLAGS_OF_REPORTERS not in off


def last_day_of(due: int) -> str:
    """The last day on which materials are taken, as people write it: 2026-10-31."""
    return date_of(business_day(due - 1)).isoformat()
