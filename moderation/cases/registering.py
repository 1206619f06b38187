"""Registering whoever is barred: accounts that are opened later are barred like those that were there.

In the same commit: nobody tips from a wallet that was opened to get around a measure.
"""

from sqlalchemy import Connection

from ledger.journal.commands import Outcome, derived_id
from ledger.journal.journal import Journal
from ledger.parties import Register
from moderation.cases.commands import RenewBars


def register(journal: Journal, command: Register) -> Outcome:
    """Let a party take on roles, and bar what that opens as the party's standing has it."""

    def work(connection: Connection) -> Outcome:
        (outcome,) = journal.decide_in(connection, [command])
        if outcome.refusal is None and not outcome.replayed:
            id = derived_id(command.id, "bars")
            renewal = RenewBars(id, "platform:standing", command.occurred_at, None, command.party)
            journal.decide_in(connection, [renewal])
        return outcome

    return journal.transact(work)
