"""Books of people who are judged, watched after every command: what moved, what is held, who is barred."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from time import time
from typing import ClassVar
from uuid import UUID, uuid4

from hypothesis.stateful import RuleBasedStateMachine

from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY
from ledger.journal.commands import Command, Outcome
from tests.moderation.lately import streamer
from tests.moderation.plain_standing import FOREVER, Account, Amounts, PlainDecisions, bars
from tests.moderation.takings.court import Court

VIEWER = "ana"
STREAMERS = ("bo", "mei")
PEOPLE = (VIEWER, *STREAMERS)
#: Days before now on which everything begins: what lasts a day is over, what lasts longer bars today.
_DAYS_AGO = 200
#: So that what lasts a day is over today, by the database's clock too.
LATEST_DAY = 150

_BALANCES = """
SELECT kind, owner, CASE normal_side WHEN 'credit' THEN credits_minor - debits_minor
                                     ELSE debits_minor - credits_minor END, held_minor, frozen_by > 0
FROM ledger.accounts
"""
_BARS = """
SELECT kind, owner, (extract(epoch FROM incoming_barred_until) * 1000000)::bigint,
       (extract(epoch FROM outgoing_barred_until) * 1000000)::bigint
FROM ledger.accounts
"""
_IN_FORCE = """
SELECT m.party, m.kind, m.feature, (extract(epoch FROM least(m.until, s.until)) * 1000000)::bigint
FROM moderation.measures AS m
LEFT JOIN (SELECT measure, min(until) AS until FROM moderation.shortened_measures GROUP BY measure) AS s
  ON s.measure = m.measure
WHERE NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
"""


class WatchedBooks(RuleBasedStateMachine):
    """Commands are asked of real books; whatever they answer, some things have to be so."""

    server: ClassVar[Database]
    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.court = Court(self._open.enter_context(self.server.scratch(copy_of=self.template)))
        self.court.done(streamer("mei"))
        self.plain = PlainDecisions()
        self.appeals: dict[str, UUID] = {}
        self.asked: list[Command] = []
        #: Fen that people paid for coins: for their first 1,000, to begin with.
        self.paid = {VIEWER: 10_000}
        self.day, self.cases = 0, 0
        # At noon in China: no day's end is near.
        today = datetime.now(UTC).replace(hour=4, minute=0, second=0, microsecond=0)
        self.first = int((today - timedelta(days=_DAYS_AGO)).timestamp()) * 1_000_000

    def teardown(self) -> None:
        """Whatever happened, the books are in order."""
        try:
            self.court.sound()
        finally:
            self._open.close()

    def head(self, actor: str, id: UUID | None = None) -> tuple[UUID, str, int, int]:
        at = self.first + self.day * MICROSECONDS_PER_DAY
        return id or uuid4(), actor, at, at

    def say(self, command: Command, moves: Amounts | None = None) -> Outcome:
        """Ask it; if it is accepted it moves just this on people's accounts, and else nothing."""
        before = self.balances()
        (outcome,) = self.court.decided(command)
        after = self.balances()
        is_done = outcome.refusal is None and outcome.decided
        moved = {account: after[account] - before.get(account, 0) for account in after}
        expected = moves if is_done and moves else {}
        assert {account: n for account, n in moved.items() if n} == expected, f"{command} {outcome.refusal}"
        self.asked.append(command)
        self.compare()
        return outcome

    def accepted(self, command: Command, moves: Amounts | None = None) -> Outcome:
        outcome = self.say(command, moves)
        assert outcome.refusal is None, f"{command}: {outcome.refusal}"
        return outcome

    def balances(self) -> Amounts:
        """What people have."""
        return {
            (kind, owner): int(balance)
            for kind, owner, balance, *_ in self.court.rows(_BALANCES)
            if owner in PEOPLE
        }

    def available(self) -> Amounts:
        return {
            (kind, owner): 0 if is_frozen else int(balance) - int(held)
            for kind, owner, balance, held, is_frozen in self.court.rows(_BALANCES)
            if owner in PEOPLE
        }

    def barred(self) -> dict[tuple[Account, str], int]:
        now, found = int(time() * 1_000_000), {}
        for kind, owner, incoming, outgoing in self.court.rows(_BARS):
            for side, until in (("incoming", incoming), ("outgoing", outgoing)):
                if until is not None and until > now:
                    found[(kind, owner), side] = min(int(until), FOREVER)
        return found

    def held(self) -> Amounts:
        """What has to stand held."""
        return self.plain.held()

    def compare(self) -> None:
        """What is held is what the decisions hold and is there; who is barred is who the measures bar."""
        held = {
            (kind, owner): (int(amount), int(balance))
            for kind, owner, balance, amount, _ in self.court.rows(_BALANCES)
            if amount
        }
        assert {account: amount for account, (amount, _) in held.items()} == {
            account: amount for account, amount in self.held().items() if amount
        }
        assert all(amount <= balance for amount, balance in held.values())
        there = set(self.balances())
        measures = [
            (party, kind, feature, None if until is None or until >= FOREVER else int(until))
            for party, kind, feature, until in self.court.rows(_IN_FORCE)
        ]
        wanted = bars(measures, int(time() * 1_000_000))
        assert self.barred() == {key: until for key, until in wanted.items() if key[0] in there}
