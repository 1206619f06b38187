"""The composition root: which desks there are, and the books they decide in."""

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection

from api.migrations import ready
from api.work.deferring import (
    defer_restorations,
    defer_returns,
    defer_run,
    defer_screening,
    defer_telling,
)
from ledger.coins.top_ups import TopUpDesk
from ledger.database import Database, open_database
from ledger.gifts.desk import GiftDesk
from ledger.journal.desks import Desk
from ledger.journal.expiry import ExpiryDesk
from ledger.journal.journal import Journal
from ledger.journal.reversals import ReversalDesk
from ledger.parties import PartyDesk
from moderation.appeals.desk import AppealDesk
from moderation.cases.desk import CaseDesk
from moderation.cases.registering import StandingByMeasures
from moderation.desk import ModerationDesk
from moderation.evidence.desk import EvidenceDesk
from moderation.registers.blacklist import BlacklistDesk
from moderation.registers.disclosures import DisclosureDesk
from moderation.registers.listings import unseen_hits
from moderation.registers.permissions import PermissionDesk
from moderation.registers.promises import PromiseDesk
from moderation.registers.rooms import RoomDesk
from moderation.registers.tickets import TicketDesk
from moderation.reports.desk import ReportDesk
from moderation.rules.publishing import RuleDesk
from moderation.takings.desk import PreviewDesk
from settlement.accruals.desk import EarningDesk
from settlement.accruals.taking_back import taken_back
from settlement.objections.desk import ObjectionDesk
from settlement.payees.desk import PayeeDesk
from settlement.payees.matching import numbers_of
from settlement.payouts.desk import PayoutDesk
from settlement.policies.classes import ClassDesk
from settlement.received_again.pieces import ReceivedAgain
from settlement.returns.desk import ReturnDesk
from settlement.returns.plans import ReturnPlans
from settlement.returns.standing import gone_back
from settlement.run_desk import RunDesk
from settlement.sessions.reading import began_at
from settlement.statements.desk import StatementDesk
from settlement.treasury.desk import TreasuryDesk


class House(NamedTuple):
    """A database and the journal kept in it."""

    database: Database
    journal: Journal


def desks() -> list[Desk]:
    """Every desk of the house: each kind of command is planned by exactly one."""
    return [
        PartyDesk(StandingByMeasures),
        GiftDesk(),
        TopUpDesk(),
        EarningDesk(),
        ClassDesk(),
        PayeeDesk(announce=defer_screening),
        RunDesk(announce=defer_run),
        StatementDesk(),
        PayoutDesk(announce=defer_telling, unseen=unseen_hits),
        TreasuryDesk(),
        ObjectionDesk(),
        ModerationDesk(ReturnPlans()),
        ReportDesk(ReturnPlans()),
        EvidenceDesk(ReturnPlans()),
        PreviewDesk(ReturnPlans()),
        CaseDesk(ReturnPlans(), announce=defer_returns, began=began_at),
        AppealDesk(ReturnPlans(), ReceivedAgain(), announce=defer_restorations),
        BlacklistDesk(announce=defer_screening, numbers_of=numbers_of),
        PermissionDesk(),
        PromiseDesk(),
        RoomDesk(),
        DisclosureDesk(),
        TicketDesk(),
        RuleDesk(),
        ReversalDesk(undone=_undone),
        ReturnDesk(),
        ExpiryDesk(),
    ]


def _undone(connection: Connection, entries: Collection[int]) -> Collection[int]:
    return {*gone_back(connection, entries), *taken_back(connection, entries)}


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
