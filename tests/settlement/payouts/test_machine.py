"""Payouts on PostgreSQL against plain dictionaries: every answer, every balance, every step."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from ledger.database import Database
from ledger.journal.commands import Command
from moderation.commands import Freeze, Lift
from tests.properties import bounded
from tests.settlement.payees.sample import NAME, NUMBER, OTHER_NAME, OTHER_NUMBER
from tests.settlement.payouts.plain import PlainPayouts
from tests.settlement.payouts.playing import Payees

#: Bo is two parties; Mei is one.
PEOPLE = {"bo": (NAME, NUMBER), "too": (NAME, NUMBER), "mei": (OTHER_NAME, OTHER_NUMBER)}
AMOUNTS = st.one_of(st.integers(9_000, 30_000), st.integers(90_000, 110_000), st.integers(500_000, 9_000_000))
PAYEES = st.sampled_from(sorted(PEOPLE))
ANSWERS = ["paid", "paid", "failed", "unknown", "none"]


class PayoutMachine(RuleBasedStateMachine):
    """Payees ask, finance decides, the bank answers as it likes, moderators freeze, days pass."""

    server: ClassVar[Database]
    template: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.house = Payees(self._open.enter_context(self.server.scratch(copy_of=self.template)))
        self.plain = PlainPayouts({party: number for party, (_, number) in PEOPLE.items()})
        for party, (name, number) in PEOPLE.items():
            self.house.payee(party, name=name, number=number)
            self.earn(party, 400_000)
        self.freezes: dict[str, UUID] = {}
        self.asked: list[tuple[Command, str]] = []

    def teardown(self) -> None:
        """Whatever happened, the books are in order."""
        try:
            assert self.house.breaches() == []
        finally:
            self._open.close()

    def ask(self, command: Command, expected: str) -> None:
        """Ask it of the books; both say the same."""
        outcome = self.house.say(command)[0]
        said = outcome.refusal.code if outcome.refusal else "accepted"
        assert said == expected, f"{command} was {said}; the plain payouts say {expected}"
        self.asked.append((command, said))
        self.compare()

    def compare(self) -> None:
        """Every balance, and that no fen came from nowhere or went there."""
        plain, house = self.plain, self.house
        for party in PEOPLE:
            assert house.balance("earnings", party) == (plain.earnings[party], plain.held(party)), party
            assert house.balance("debt", party)[0] == plain.debt.get(party, 0), party
        assert house.balance("bank")[0] == plain.bank
        assert house.balance("tax_withheld")[0] == plain.tax
        assert plain.nothing_vanished()

    @rule(party=PAYEES, amount=AMOUNTS)
    def earn(self, party: str, amount: int) -> None:
        self.house.earns(party, amount)
        self.plain.earn(party, amount)

    @rule(party=PAYEES, amount=AMOUNTS)
    def owe(self, party: str, amount: int) -> None:
        self.house.owes(party, amount)
        self.plain.owe(party, amount)

    @rule(party=PAYEES, amount=st.one_of(st.none(), AMOUNTS), by_finance=st.booleans())
    def request(self, party: str, amount: int | None, by_finance: bool) -> None:
        id, actor = uuid4(), "finance:f1" if by_finance else f"streamer:{party}"
        expected = self.plain.request(str(id), party, amount, "f1" if by_finance else party)
        self.ask(self.house.request(party, amount, by=actor, id=id), expected)

    def on_one(self, data: st.DataObject, decide: Callable[[UUID, str], tuple[Command, str]]) -> None:
        """Something about one of the newest payouts."""
        ids = list(self.plain.payouts)[-3:]
        id = data.draw(st.sampled_from(ids))
        self.ask(*decide(UUID(id), id))

    @precondition(lambda self: self.plain.payouts)
    @rule(data=st.data(), by=st.sampled_from(["f1", "f2", "bo"]))
    def approve(self, data: st.DataObject, by: str) -> None:
        house, plain = self.house, self.plain
        self.on_one(data, lambda id, name: (house.approve(id, f"finance:{by}"), plain.approve(name, by)))

    @precondition(lambda self: self.plain.payouts)
    @rule(data=st.data(), refused=st.booleans())
    def take_back(self, data: st.DataObject, refused: bool) -> None:
        def decide(id: UUID, name: str) -> tuple[Command, str]:
            command = self.house.refuse(id) if refused else self.house.cancel(id, "finance:f1")
            return command, self.plain.take_back(name, "refused" if refused else "cancelled")

        self.on_one(data, decide)

    @precondition(lambda self: self.plain.payouts)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        self.on_one(data, lambda id, name: (self.house.send(id), self.plain.send(name)))

    @precondition(lambda self: self.plain.payouts)
    @rule(data=st.data(), state=st.sampled_from(["paid", "failed", "unknown"]))
    def answer(self, data: st.DataObject, state: str) -> None:
        def decide(id: UUID, name: str) -> tuple[Command, str]:
            command: Command = getattr(self.house, state)(id)
            return command, self.plain.answer(name, state)

        self.on_one(data, decide)

    @precondition(lambda self: self.plain.payouts)
    @rule(data=st.data(), by=st.sampled_from(["f1", "f2", "bo"]))
    def come_back(self, data: st.DataObject, by: str) -> None:
        self.on_one(
            data, lambda id, name: (self.house.returned(id, f"finance:{by}"), self.plain.come_back(name, by))
        )

    @rule(party=PAYEES, amount=AMOUNTS, days=st.sampled_from([1, 7, 26]), answer=st.sampled_from(ANSWERS))
    def a_whole_payout(self, party: str, amount: int, days: int, answer: str) -> None:
        """Earned, asked for, approved, sent and mostly answered, some time later: there is income to tax."""
        self.days_pass(days)
        self.earn(party, amount * 2)
        self.request(party, amount, by_finance=False)
        id = list(self.plain.payouts)[-1] if self.plain.payouts else None
        if id is None or self.plain.payouts[id].payee != party:
            return
        payout = UUID(id)
        self.ask(self.house.approve(payout), self.plain.approve(id, "f2"))
        self.ask(self.house.send(payout), self.plain.send(id))
        if answer != "none":
            command: Command = getattr(self.house, answer)(payout)
            self.ask(command, self.plain.answer(id, answer))

    @rule(party=PAYEES)
    def freeze_or_lift(self, party: str) -> None:
        """One is frozen at a time, so that the others go on."""
        head = self.house.head("moderator:m1")
        if self.freezes:
            party, freeze = self.freezes.popitem()
            self.house.did(Lift(*head, freeze, "c1"))
            self.plain.frozen.discard(party)
        else:
            self.freezes[party] = self.house.did(Freeze(*head, party, "earnings", None, "c1", "LIVE-MOD-4"))
            self.plain.frozen.add(party)

    @rule(days=st.sampled_from([1, 7, 26]))
    def days_pass(self, days: int) -> None:
        self.house.day += days
        self.plain.later(days)

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def what_was_asked_is_asked_again(self, data: st.DataObject) -> None:
        """The first answer comes again, and nothing moves."""
        command, said = data.draw(st.sampled_from(self.asked))
        outcome = self.house.say(command)[0]
        assert outcome.replayed
        assert (outcome.refusal.code if outcome.refusal else "accepted") == said
        self.compare()


def test_payouts_answer_and_move_as_plain_dictionaries_do(
    server: Database, request: pytest.FixtureRequest
) -> None:
    class Machine(PayoutMachine):
        pass

    Machine.server, Machine.template = server, request.getfixturevalue("_migrated")
    run_state_machine_as_test(Machine, settings=bounded(examples=25, steps=40))
