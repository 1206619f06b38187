"""Random histories of tips, reversals, freezes, penalties, damages, appeals and settlements: all of it adds
up, and what is overturned leaves no trace but a fen of rounding.
"""

from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.chart import AccountRef
from ledger.database import Database
from ledger.gifts.commands import Tip
from ledger.journal.commands import Command
from ledger.journal.reversals import Reverse
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import Imposed, OpenCase
from moderation.commands import Freeze, Lift
from moderation.measures.kinds import MeasureKind
from moderation.takings.commands import MakePreview
from moderation.takings.reading import previews
from settlement.commands import Reward
from tests.moderation import saying
from tests.moderation.lately import head, streamer, tip, top_up
from tests.moderation.takings.court import Court, loss
from tests.properties import bounded

PARTIES = ("bo", "mei", "ana")
SHARE_BPS = 5_003

_party = st.sampled_from(PARTIES)
_earner = st.sampled_from(("bo", "mei"))
_which = st.integers(0, 3)
#: What is asked of a measure, in fen, and whether it is taken at once.
_fen = st.integers(1, 4_000)
_verdict = st.sampled_from(("upheld", "changed", "overturned"))
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("tip"), _earner, st.integers(1, 30)),
        st.tuples(st.just("reward"), _earner, st.integers(1, 3_000)),
        st.tuples(st.just("freeze"), _party, st.sampled_from(("wallet", "gifts", "earnings", "accruals"))),
        st.tuples(st.just("lift"), _which, st.none()),
        st.tuples(st.just("reverse"), st.integers(0, 9), st.none()),
        st.tuples(st.sampled_from(("penalty", "damages", "both")), _party, st.tuples(_fen, st.booleans())),
        st.tuples(st.just("execute"), _which, st.none()),
        st.tuples(st.just("appeal"), _which, st.none()),
        st.tuples(st.just("answer"), _which, _verdict),
        st.tuples(st.just("settle"), st.none(), st.none()),
    ),
    min_size=6,
    max_size=16,
)


#: A migrated database of its own, for as long as it is open.
Fresh = Callable[[], AbstractContextManager[Database]]


@pytest.fixture
def fresh(server: Database, _migrated: str) -> Fresh:
    return lambda: server.scratch(copy_of=_migrated)


class History:
    """What happened so far in one court, and what of it people did themselves."""

    def __init__(self, database: Database) -> None:
        self.court = Court(database)
        self.given: list[Command] = []
        self.cases = 0
        self.freezes: list[UUID] = []
        self.decisions: list[tuple[UUID, str]] = []
        self.appeals: list[UUID] = []
        self.do(streamer("mei"))
        for coins, fen in ((20, 300), (5, 200)):
            for who in ("bo", "mei"):
                self.step("tip", who, coins, overturn=True)
                self.step("reward", who, fen, overturn=True)
            if not self.court.balance("earnings"):
                self.court.settle(share_bps=SHARE_BPS)

    def do(self, command: Command) -> bool:
        """Somebody's own doing; whether it was accepted."""
        is_accepted = self.court.refusal(command) is None
        if is_accepted:
            self.given.append(command)
        return is_accepted

    def step(self, kind: str, who: object, how: object, *, overturn: bool) -> None:
        """The next thing that happens, if it can."""
        court = self.court
        match kind, who, how:
            case "tip", str(), int():
                self.do(top_up("ana", how * 10))
                self.do(tip("ana", who, "rose", how))
            case "reward", str(), int():
                self.do(Reward(*head(), who, "t", how))
            case "freeze", str(), str():
                freeze = Freeze(*head("moderator:mo"), who, how, 50, f"k{self.cases - 1}", "LIVE-MOD-4")
                if court.refusal(freeze) is None:
                    self.freezes.append(freeze.id)
            case "lift", int(), None:
                if who < len(self.freezes):
                    court.refusal(Lift(*head("moderator:mo"), self.freezes[who], "k0"))
            case (("penalty" | "damages" | "both"), str(), (int() as fen, bool() as is_taken)):
                # About one penalty in four takes all there is.
                self._impose(kind, who, None if kind == "penalty" and fen > 3_000 else fen)
                if is_taken and self.decisions:
                    court.execute(self.decisions[-1][0])
            case "reverse", int(), None:
                received = [one.id for one in self.given if isinstance(one, Tip | Reward)]
                if who < len(received):
                    self.do(Reverse(*head("finance:f1"), received[who], "by mistake"))
            case "execute", int(), None:
                if who < len(self.decisions):
                    court.execute(self.decisions[who][0])
            case "appeal", int(), None:
                if who < len(self.decisions):
                    self._appeal(*self.decisions[who])
            case "answer", int(), str():
                if who < len(self.appeals):
                    self._answer(self.appeals[who], "overturned" if overturn else how)
            case _:
                court.settle(share_bps=SHARE_BPS)

    def _impose(self, kind: str, party: str, fen: int | None) -> None:
        court, case = self.court, f"k{self.cases}"
        # A freeze may have opened it.
        court.refusal(OpenCase(*head("moderator:mo"), case, "spot_check", party, None, "seen"))
        court.prove(case)
        self.cases += 1
        imposed: list[Imposed] = []
        beside: list[UUID] = []
        for measure in ("penalty", "damages") if kind == "both" else (kind,):
            losses = (loss((fen or 0) * 2),) if measure == "damages" else ()
            command = MakePreview(
                *head("moderator:mo"), case, measure, party, fen, losses, beside=tuple(beside)
            )
            if court.refusal(command) is None:
                imposed.append(Imposed(measure, party, preview=command.id))
                beside.append(command.id)
        if imposed:
            self.decisions.append((court.decide(*imposed, case=case), party))

    def _appeal(self, decision: UUID, party: str) -> None:
        filing = saying.appeal(head(f"streamer:{party}", day=1), decision, party)
        if self.court.refusal(filing) is None:
            self.appeals.append(filing.id)

    def _answer(self, appeal: UUID, verdict: str) -> None:
        lowered = ((0, 100),) if verdict == "changed" else ()
        answering = DecideAppeal(*head("moderator:ju", day=2), appeal, verdict, "so", (), lowered)
        self.court.refusal(answering)

    def overturn_everything(self) -> None:
        """Every decision is appealed against, and overturned."""
        for decision, party in self.decisions:
            self._appeal(decision, party)
        for appeal in self.appeals:
            self._answer(appeal, "overturned")
        for freeze in self.freezes:
            self.court.refusal(Lift(*head("moderator:mo"), freeze, "k0"))


def _without_measures(database: Database, given: list[Command]) -> dict[AccountRef, int]:
    court = Court(database)
    for command in given:
        court.done(command)
    court.settle(share_bps=SHARE_BPS)
    return court.balances()


@bounded(examples=8)
@given(_steps)
def test_overturning_everything_leaves_the_books_as_without_measures(
    fresh: Fresh, steps: list[tuple[str, object, object]]
) -> None:
    with fresh() as database:
        history = History(database)
        for step in steps:
            history.step(*step, overturn=True)
        history.overturn_everything()
        history.court.settle(share_bps=SHARE_BPS)
        history.court.sound()
        left, statements = history.court.balances(), "SELECT count(*) FROM settlement.statements"
        segments = int(history.court.rows(statements)[0][0])
    with fresh() as database:
        expected = _without_measures(database, history.given)
    for account in left.keys() | expected.keys():
        difference = abs(left.get(account, 0) - expected.get(account, 0))
        rounded = segments if account.kind in ("earnings", "gift_revenue") else 0
        assert difference <= rounded, f"{account}: {left.get(account)} and not {expected.get(account)}"


@bounded(examples=8)
@given(_steps)
def test_whatever_is_decided_and_answered_nothing_is_taken_twice(
    fresh: Fresh, steps: list[tuple[str, object, object]]
) -> None:
    with fresh() as database:
        history = History(database)
        court = history.court
        for step in steps:
            history.step(*step, overturn=False)
            over = "SELECT kind, owner FROM ledger.accounts WHERE limited AND normal_side = 'credit'"
            assert court.rows(f"{over} AND held_minor > credits_minor - debits_minor") == []
        court.sound()
        executed = court.rows(
            "SELECT m.preview FROM moderation.measures AS m JOIN moderation.decision_events AS e"
            " ON e.decision = m.decision AND e.event = 'executed' WHERE m.preview IS NOT NULL"
        )
        taken: dict[MeasureKind, int] = defaultdict(int)
        with database.app.connect() as connection:
            for preview in previews(connection, [id for (id,) in executed]).values():
                taken[preview.kind] += sum(taking.fen for _, taking in preview.takings)
        for kind, income in (
            (MeasureKind.PENALTY, "penalty_income"),
            (MeasureKind.DAMAGES, "damages_income"),
        ):
            assert court.balance(income, "platform") == taken[kind]
