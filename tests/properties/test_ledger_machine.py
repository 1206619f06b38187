"""The real journal on PostgreSQL against plain dictionaries: every outcome, every balance, every step."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date
from time import sleep, time
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from msgspec.structs import replace
from sqlalchemy import text

from api.audits import all_audits
from api.wiring import desks
from ledger.audits.verify import verify
from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import PriceGift, SetLimits, Tip
from ledger.journal.commands import Command, Outcome, derived_id
from ledger.journal.expiry import expire
from ledger.journal.journal import Journal
from ledger.journal.reversals import Reverse
from ledger.parties import Register
from moderation.commands import Freeze, Lift
from settlement.commands import Reward, Settle, SettleStreamer
from settlement.runs import finish
from tests.properties import bounded
from tests.properties.asking import DATES, FAR_AHEAD, STREAMERS, TIMES, VIEWERS, Asker
from tests.properties.bars import BarAccount, BarDesk
from tests.properties.plain_ledger import Account, Balance, PlainLedger, Reply

_BALANCES = text("""
SELECT kind, owner, CASE normal_side WHEN 'credit' THEN credits_minor - debits_minor
                                     ELSE debits_minor - credits_minor END AS posted, held_minor, frozen_by
FROM ledger.accounts
""")


def now() -> int:
    """The instant it is: the server's clock is this machine's."""
    return int(time() * 1_000_000)


def answer_of(outcome: Outcome) -> Reply:
    """An outcome of the journal as the plain ledger would put it."""
    return Reply(
        code=outcome.refusal.code if outcome.refusal else None,
        moved=tuple((m.amount_minor, m.debit_balance_minor, m.credit_balance_minor) for m in outcome.moved),
        replayed=outcome.replayed,
        decided=outcome.decided,
    )


def balances_in(database: Database) -> dict[Account, Balance]:
    """Every account of the database, as the plain ledger would show it."""
    with database.app.connect() as connection:
        return {
            (row.kind, row.owner): Balance(
                row.posted, row.held_minor, row.posted - row.held_minor, row.frozen_by > 0
            )
            for row in connection.execute(_BALANCES)
        }


class LedgerMachine(RuleBasedStateMachine):
    """Posts commands singly and in mixed batches, lets time pass, settles; the plain ledger does the same."""

    server: ClassVar[Database]
    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.database = self._open.enter_context(self.server.scratch(copy_of=self.template))
        self.journal = Journal(self.database.app, [*desks(), BarDesk()])
        self.plain = PlainLedger()
        self.asker = Asker()
        self.newcomers = 0

    def teardown(self) -> None:
        """The evening is over: nothing is overdue, and nothing is wrong."""
        try:
            self.time_passes()
            # Here bars come out of nowhere, and not from measures.
            audits = [audit for audit in all_audits() if audit.name != "i8_bars_follow_the_measures"]
            assert [str(breach) for breach in verify(self.database.app, audits)] == []
        finally:
            self._open.close()

    @initialize()
    def an_evening_begins(self) -> None:
        """Everybody comes, a gift is on sale, coins are bought, gifts are given: there is something to do."""
        head = ("gateway:file", TIMES[1], TIMES[1])
        id = self.asker.next_id
        evening: list[Command] = [
            *(Register(id(), *head, who, ("viewer",)) for who in VIEWERS),
            *(Register(id(), *head, who, ("streamer",)) for who in STREAMERS),
            PriceGift(id(), *head, "rose", 7),
            *(TopUp(id(), *head, who, 3_000, 27_000, "wechat", f"first of {who}") for who in VIEWERS),
            *(Tip(id(), *head, who, "both", "room", "rose", 20) for who in VIEWERS),
            Reward(id(), *head, "both", "task", 2_000),
        ]
        self.tell(evening)

    @rule(data=st.data())
    def one_command(self, data: st.DataObject) -> None:
        self.post(self.asker.batch(data.draw, 1))

    @rule(data=st.data(), size=st.integers(2, 8))
    def a_mixed_batch(self, data: st.DataObject, size: int) -> None:
        self.post(self.asker.batch(data.draw, size))

    @rule(data=st.data())
    def a_newcomers_tips_are_told_of_in_any_order(self, data: st.DataObject) -> None:
        """Some months' tips, late ones among them, in a few batches, under limits on days and months."""
        id, head = self.asker.next_id, ("gateway:file", TIMES[1], TIMES[1])
        self.newcomers += 1
        who = f"newcomer {self.newcomers}"
        arrival: list[Command] = [
            Register(id(), *head, who, ("viewer",)),
            TopUp(id(), *head, who, 1_000, 10_000, "alipay", f"first of {who}"),
            PriceGift(id(), *head, "rose", 1),
            SetLimits(
                id(), *head, None, *data.draw(st.sampled_from(((40, 60), (None, 40), (20, None), (None, 60))))
            ),
        ]
        october = st.sampled_from(TIMES[1:4])
        any_days = st.lists(st.lists(st.sampled_from(TIMES[1:5]), min_size=1, max_size=2), max_size=5)
        days_after_another_month = st.builds(
            lambda a, b, c: [[a], [b], [TIMES[-1], c]], october, october, october
        )
        days = data.draw(st.one_of(any_days, days_after_another_month))
        self.tell(arrival)
        for times in days:
            self.tell(Tip(id(), f"viewer:{who}", at, at, who, "both", "room", "rose", 20) for at in times)
        self.tell([SetLimits(id(), *head)])

    @rule(
        data=st.data(),
        through=st.sampled_from(DATES),
        share_bps=st.sampled_from((0, 3_333, 5_005, 10_000)),
        restriction=st.sampled_from((None, "amount", "freeze", "bar", "lift")),
    )
    def a_newcomer_receives_and_is_settled(
        self, data: st.DataObject, through: date, share_bps: int, restriction: str | None
    ) -> None:
        """Gifts and rewards on both sides of the cutoff, of which some may be held or out of reach."""
        id, head, moderator = self.asker.next_id, ("gateway:file", TIMES[1], TIMES[1]), ("moderator:m", 1, 1)
        self.newcomers += 1
        who, account = f"newcomer {self.newcomers}", data.draw(st.sampled_from(("gifts", "accruals")))
        self.tell([Register(id(), *head, who, ("streamer", "viewer")), PriceGift(id(), *head, "rose", 7)])
        self.tell([TopUp(id(), *head, who, 1_000, 10_000, "alipay", f"first of {who}")])
        for at in data.draw(st.lists(st.sampled_from(TIMES[:5]), min_size=1, max_size=4)):
            self.tell([Tip(id(), f"viewer:{who}", at, at, who, who, "room", "rose", 3)])
            self.tell([Reward(id(), *head[:1], at, at, who, "task", 101)])
        freeze = Freeze(
            id(), *moderator, who, account, 30 if restriction == "amount" else None, "case", "R-1"
        )
        match restriction:
            case "amount" | "freeze":
                self.tell([freeze])
            case "bar":
                self.tell([BarAccount(id(), *moderator, account, who, "outgoing", FAR_AHEAD)])
            case "lift":
                self.tell([freeze, Lift(id(), *moderator, freeze.id, "case")])
        settle = Settle(id(), "finance:f", TIMES[-1], TIMES[-1], through, share_bps)
        self.tell([settle])
        self.carry_out(settle.id)

    @rule(data=st.data())
    def an_entry_is_undone_twice(self, data: st.DataObject) -> None:
        """In one batch, or again later; once at most it succeeds."""
        entry = data.draw(st.sampled_from(list(reversed(self.plain.moves))))
        reasons = ("by mistake", "by mistake", "because of that")
        undoing = [Reverse(self.asker.next_id(), "finance:f", TIMES[-1], None, entry, why) for why in reasons]
        self.tell(undoing[:2])
        self.tell(undoing)

    @rule(data=st.data())
    def a_freeze_that_is_over_at_once(self, data: st.DataObject) -> None:
        expires_at = now() + 20_000
        freeze = self.asker.freeze(data.draw)
        assert isinstance(freeze, Freeze)
        freeze = replace(freeze, expires_at=expires_at)
        self.asker.asked.append(freeze)
        self.post([freeze])
        sleep(max(0, expires_at + 1_000 - now()) / 1_000_000)

    @rule()
    def time_passes(self) -> None:
        assert expire(self.journal) == self.plain.expire(now())
        self.compare_balances()

    @rule(data=st.data())
    def one_streamer_is_settled(self, data: st.DataObject) -> None:
        if not self.plain.runs:
            return
        run = data.draw(st.sampled_from(list(self.plain.runs)))
        streamer = data.draw(st.sampled_from(self.plain.streamers()))
        settle = self.plain.runs[run]
        part = SettleStreamer(
            derived_id(run, f"settlement:{streamer}"),
            settle.actor,
            settle.occurred_at,
            settle.occurred_at,
            run,
            streamer,
            settle.through,
            settle.share_bps,
        )
        self.post([part])
        if part.id in self.plain.first:
            self.asker.asked.append(part)

    @rule(data=st.data())
    def a_run_is_carried_out(self, data: st.DataObject) -> None:
        if not self.plain.runs:
            return
        self.carry_out(data.draw(st.sampled_from(list(self.plain.runs))))

    def carry_out(self, run: UUID) -> None:
        """Carry out a run in both."""
        finish(self.journal, run)
        self.plain.carry_out(run, lambda streamer: derived_id(run, f"settlement:{streamer}"), now())
        self.compare_balances()

    @rule(data=st.data())
    def what_was_asked_is_asked_again(self, data: st.DataObject) -> None:
        """Any prefix of all that was asked, as one batch: its first answers come, and nothing moves."""
        prefix = self.asker.asked[: data.draw(st.integers(1, len(self.asker.asked)))]
        before = balances_in(self.database)
        self.post([command for command in prefix if command.id in self.plain.first])
        assert balances_in(self.database) == before, "a repeat moved something"

    def tell(self, commands: Iterable[Command]) -> None:
        """Ask and post what no draw made."""
        batch = list(commands)
        self.asker.asked += batch
        self.post(batch)

    def post(self, commands: list[Command]) -> None:
        """Decide a batch in both, and compare."""
        expected = self.plain.decide(commands, now())
        answers = [answer_of(outcome) for outcome in self.journal.decide(commands)]
        for command, answer, reply in zip(commands, answers, expected, strict=True):
            assert answer == reply, f"{command} was answered {answer}; the plain ledger says {reply}"
        self.compare_balances()

    def compare_balances(self) -> None:
        """Every balance, held amount and freeze."""
        assert balances_in(self.database) == self.plain.balances()


def test_the_journal_answers_and_moves_as_plain_dictionaries_do(
    server: Database, request: pytest.FixtureRequest
) -> None:
    class Machine(LedgerMachine):
        pass

    Machine.server, Machine.template = server, request.getfixturevalue("_migrated")
    run_state_machine_as_test(Machine, settings=bounded(examples=40, steps=40))
