"""Screening (筛查): verified payees matched with the blacklists, whoever of both was there first. LIVE-BLK-1.

Settlement knows who was verified and moderation who is listed, both by keyed hashes of ID numbers. Whatever
is new on either side is committed first, with a job that looks at the other side afterwards: of two that
come at once, at least the later sees the earlier, and both together make one hit. Until somebody has looked,
no payout to such a person is taken (:class:`settlement.payouts.desk.PayoutDesk`).
"""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from ledger.journal.journal import Journal
from moderation.registers.commands import SCREENING, Hit, hit_id
from moderation.registers.following import record_hit
from moderation.registers.listings import Listing, known_hits, listed_among, numbers_listed, numbers_of_import
from settlement.payees.matching import Identified, number_of, parties_of

#: How many numbers are looked at in one statement.
_AT_A_TIME = 10_000


def screen_numbers(journal: Journal, numbers: Collection[bytes], at: int) -> list[Hit]:
    """Look for verified parties of these numbers on the lists; what is found now, for the first time."""
    with journal.engine.connect() as connection:
        listings = listed_among(connection, numbers)
        found = parties_of(connection, {listing.number_hash for listing in listings})
        known = known_hits(connection, [one.party for one in found])
    hits = [hit for hit in _hits(listings, found, at) if _key(hit) not in known]
    return [hit for hit in hits if _is_first(journal, hit)]


def screen_new(journal: Journal, fact: UUID, at: int) -> list[Hit]:
    """The same for what a verification or an import, named by its command, has brought."""
    with journal.engine.connect() as connection:
        number = number_of(connection, fact)
        numbers = numbers_of_import(connection, fact) if number is None else [number]
    return screen_numbers(journal, numbers, at)


def screen_all(journal: Journal, at: int) -> list[Hit]:
    """The same for everybody on any list."""
    with journal.engine.connect() as connection:
        parts = list(numbers_listed(connection, at_a_time=_AT_A_TIME))
    return [hit for part in parts for hit in screen_numbers(journal, part, at)]


def _hits(listings: Iterable[Listing], found: Iterable[Identified], at: int) -> Iterator[Hit]:
    """Every party on every list it is on."""
    parties: dict[bytes, list[Identified]] = {}
    for one in found:
        parties.setdefault(one.number_hash, []).append(one)
    for name, number_hash, number, name_hash in listings:
        for one in parties.get(number_hash, ()):
            names_agree = None if name_hash is None else name_hash == one.name_hash
            id = hit_id(one.party, name, number_hash, number)
            yield Hit(id, SCREENING, at, None, one.party, name, number_hash, number, names_agree)


def _key(hit: Hit) -> tuple[str, str, bytes, int]:
    return hit.party, hit.list, hit.number_hash, hit.number


def _is_first(journal: Journal, hit: Hit) -> bool:
    """Whether it was not found before: also not meanwhile, when the name it is under had changed."""
    outcome = record_hit(journal, hit)
    return outcome.decided and outcome.refusal is None and not outcome.replayed
