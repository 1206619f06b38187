"""The composition root: which desks there are, and the books they decide in."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from api.migrations import ready
from api.work.deferring import defer_run
from ledger.coins.top_ups import TopUpDesk
from ledger.database import Database, open_database
from ledger.gifts.desk import GiftDesk
from ledger.journal.desks import Desk
from ledger.journal.expiry import ExpiryDesk
from ledger.journal.journal import Journal
from ledger.journal.reversals import ReversalDesk
from ledger.parties import PartyDesk
from moderation.desk import ModerationDesk
from settlement.accruals.desk import EarningDesk
from settlement.objections.desk import ObjectionDesk
from settlement.payees.desk import PayeeDesk
from settlement.payouts.desk import PayoutDesk
from settlement.policies.classes import ClassDesk
from settlement.policies.publishing import PolicyDesk
from settlement.run_desk import RunDesk
from settlement.statements.desk import StatementDesk


class House(NamedTuple):
    """A database and the journal kept in it."""

    database: Database
    journal: Journal


def desks() -> list[Desk]:
    """Every desk of the house: each kind of command is planned by exactly one."""
    return [
        PartyDesk(),
        GiftDesk(),
        TopUpDesk(),
        EarningDesk(),
        PolicyDesk(),
        ClassDesk(),
        PayeeDesk(),
        RunDesk(announce=defer_run),
        StatementDesk(),
        PayoutDesk(),
        ObjectionDesk(),
        ModerationDesk(),
        ReversalDesk(),
        ExpiryDesk(),
    ]


def collect_rarely() -> None:
    """Look for garbage in cycles less often: a batch makes thousands of objects, and no cycle."""
    gc.set_threshold(100_000, 50, 100)


@contextmanager
def open_house() -> Iterator[House]:
    """The books of this environment, migrated when they are our own embedded ones.

    Raises ``DatabaseUnavailable`` with one clear line.
    """
    collect_rarely()
    with open_database() as database:
        ready(database)
        yield House(database, Journal(database.app, desks()))
