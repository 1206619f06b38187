"""Registering whoever is barred: accounts that are opened later are barred like those that were there.

In the same commit: nobody tips from a wallet that was opened to get around a measure.
"""

from collections.abc import Iterable, Iterator

from ledger.journal.commands import Command, Outcome, derived_id
from ledger.journal.journal import Journal
from ledger.parties import Register
from moderation.cases.commands import RenewBars


def register(journal: Journal, command: Register) -> Outcome:
    """Let a party take on roles, and bar what that opens as the party's standing has it."""
    return journal.decide(list(as_they_stand([command])))[0]


def as_they_stand(commands: Iterable[Command]) -> Iterator[Command]:
    """The same commands, and behind each party that registers the bars that its measures in force ask for."""
    for command in commands:
        yield command
        if isinstance(command, Register):
            id = derived_id(command.id, "bars")
            yield RenewBars(id, "platform:standing", command.occurred_at, None, command.party)
