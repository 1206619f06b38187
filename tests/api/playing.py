"""Playing event files into real books, and what the independent model says must come of them."""

import io
import json
from collections.abc import Iterable
from typing import NamedTuple

from api.replay import LARGEST_BATCH, Tally, replay
from api.wiring import desks
from ledger.database import Database
from ledger.journal.history import balances
from ledger.journal.journal import Journal
from tests.model.books import PlainBooks
from tests.model.books import replay as replay_in_model

Row = dict[str, str | int]


class Result(NamedTuple):
    """What is seen of a played file: its refusals and malformed lines, and the balances after it."""

    refusals: list[Row]
    malformed: list[int]
    balances: list[Row]


def played(database: Database, file: bytes, *, largest_batch: int = LARGEST_BATCH) -> Result:
    """Play a file into the books of a database."""
    journal = Journal(database.app, desks())
    refusals: list[Row] = []
    malformed: list[int] = []
    for step in replay(journal, io.BytesIO(file), Tally(), largest_batch=largest_batch):
        refusals += ({"line": line, "id": str(id), "code": code} for line, id, code in step.refused)
        malformed += (line for line, _ in step.malformed)
    return Result(refusals, malformed, balances_in(database))


def balances_in(database: Database) -> list[Row]:
    """Every account touched, as `zhibo balances --jsonl` states it."""
    with database.app.connect() as connection:
        return [
            {
                "kind": balance.kind,
                "owner": balance.owner,
                "currency": balance.currency,
                "posted": balance.posted_minor,
                "held": balance.held_minor,
            }
            for balance in balances(connection)
        ]


def expected(files: Iterable[bytes]) -> Result:
    """What the model makes of files played one after the other into empty books: the last one's refusals."""
    books = PlainBooks()
    for file in files:
        out = io.StringIO()
        malformed = replay_in_model(io.BytesIO(file), books, out)
    refusals = [json.loads(line) for line in out.getvalue().splitlines()]
    return Result(refusals, [line for line, _ in malformed], books.balances())


def first_difference(found: Result, wanted: Result) -> str:
    """One line on where two results part; empty when they agree."""
    for name in Result._fields:
        ours, theirs = getattr(found, name), getattr(wanted, name)
        for number, (our, their) in enumerate(zip(ours, theirs, strict=False)):
            if our != their:
                return f"{name}[{number}] is {our}, must be {their}"
        if len(ours) != len(theirs):
            return f"{len(ours)} {name}, must be {len(theirs)}"
    return ""
