"""Which clause of the agreement is meant: hashes of its text stand in the catalogue, its sentences do not.

A hash is SHA-256 of the clause's text in UTF-8, without white space and without punctuation at its ends.
Whoever has the agreement can see that every clause meant is in it, word for word. Rule: LIVE-COND-1.
"""

import re
from hashlib import sha256

from moderation.rules.document import RuleBook

#: Where a clause may begin or end.
_PUNCTUATION = "，；。：、"
_BREAKS = re.compile(r"(?<=[，；。：】])")
#: No clause has more pieces between two breaks.
_MOST_PIECES = 60


def clause_hash(text: str) -> str:
    """The hash of a clause, however its lines are broken."""
    return sha256("".join(text.split()).strip(_PUNCTUATION).encode()).hexdigest()


def clauses_of(book: RuleBook) -> dict[str, str]:
    """The hash of the text that each group and item means, by ``groups.…`` and ``items.…``."""
    parts = [(f"groups.{code}", group.clause_sha256) for code, group in book.groups.items()]
    parts += [(f"items.{code}", item.clause_sha256) for code, item in book.items.items()]
    return {name: digest for name, digest in parts if digest is not None}


def missing(book: RuleBook, agreement: str) -> list[str]:
    """The groups and items whose text is not in the agreement."""
    hashes = _hashes_in(agreement)
    return [name for name, digest in clauses_of(book).items() if digest not in hashes]


def _hashes_in(agreement: str) -> set[str]:
    pieces = _BREAKS.split("".join(agreement.split()))
    return {
        clause_hash("".join(pieces[first:last]))
        for first in range(len(pieces))
        for last in range(first + 1, min(first + _MOST_PIECES, len(pieces)) + 1)
    }
