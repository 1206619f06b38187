"""Cases, previews, decisions and appeals as short as a sentence: a journal, and what tests ask of it."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from api.audits import all_audits
from api.wiring import desks
from ledger.audits.verify import breaches
from ledger.chart import AccountRef
from ledger.database import Database
from ledger.instants import MICROSECONDS_PER_DAY, business_day, date_of
from ledger.journal.commands import Command, Outcome, derived_id
from ledger.journal.journal import Journal
from ledger.kernel.refusals import Refusal
from moderation.appeals.commands import DecideAppeal
from moderation.cases.commands import (
    ApproveDecision,
    Decide,
    ExecuteDecision,
    Finding,
    Imposed,
    OpenCase,
    RefuseDecision,
)
from moderation.evidence.commands import AddEvidence
from moderation.takings.commands import MakePreview
from moderation.takings.reading import freezes_of_cases, going_back
from moderation.takings.shown import Giving, Head, LeftOut, Loss, PlanShown
from settlement.commands import Settle
from settlement.returns.givings import givings_of
from settlement.returns.planning import make_plan
from settlement.returns.plans import ReturnPlans
from settlement.returns.selections import Kind, StreamerTips, ViewerTips
from settlement.runs import finish
from tests.moderation import saying
from tests.moderation.lately import EVENING, evening, head, tip, top_up

_NEWEST = 2**62
PROOF = b"a recording"
DIGEST = sha256(PROOF).hexdigest()


class Court:
    """A journal of the test's own: ana with 1,000 coins, bo to give them to, and a rose for 10."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.journal = Journal(database.app, desks())
        self.done(*evening())

    def decided(self, *commands: Command) -> Sequence[Outcome]:
        """One batch."""
        return self.journal.decide(commands)

    def done(self, *commands: Command) -> Sequence[Outcome]:
        """One batch, all of it accepted."""
        outcomes = self.decided(*commands)
        assert [outcome.refusal for outcome in outcomes] == [None] * len(commands)
        return outcomes

    def refusal(self, command: Command) -> Refusal | None:
        """What it is refused with."""
        return self.decided(command)[0].refusal

    def code(self, command: Command) -> str | None:
        """The code of what it is refused with."""
        refusal = self.refusal(command)
        return refusal.code if refusal else None

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """What the application sees."""
        with self.database.app.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def balances(self, *parties: str) -> dict[AccountRef, int]:
        """What these parties' accounts come to, those that are not zero; of everybody when none is named."""
        return {
            AccountRef(kind, owner): int(balance)
            for kind, owner, balance in self.rows(
                "SELECT kind, owner, CASE normal_side WHEN 'credit' THEN credits_minor - debits_minor"
                " ELSE debits_minor - credits_minor END AS balance FROM ledger.accounts ORDER BY 1, 2"
            )
            if balance and (owner in parties or not parties)
        }

    def balance(self, account: str, owner: str = "bo") -> int:
        """What one account comes to."""
        return self.balances(owner).get(AccountRef(account, owner), 0)

    def held(self, account: str, owner: str = "bo") -> int:
        """What is held of it."""
        query = "SELECT held_minor FROM ledger.accounts WHERE kind = :kind AND owner = :owner"
        return int(self.rows(query, kind=account, owner=owner)[0][0])

    def earn(self, coins: int, *, day: int = 0, whom: str = "bo") -> None:
        """A viewer of their own gives so many coins."""
        roses, _ = divmod(coins, 10)
        self.done(top_up("ana", coins), tip("ana", whom, "rose", roses, day=day))

    def settle(self, share_bps: int = 5_000) -> None:
        """A run at a flat share, to its end, through the eleventh day."""
        through = date_of(business_day(EVENING) + 11)
        run = Settle(*head("finance:f1", day=30), through, share_bps)
        self.done(run)
        finish(self.journal, run.id)

    def case(self, case: str = "k1", party: str = "bo") -> str:
        """A case with a piece of evidence."""
        self.done(OpenCase(*head("moderator:mo"), case, "spot_check", party, None, "seen on air"))
        self.prove(case)
        return case

    def prove(self, case: str) -> None:
        """A piece of evidence for a case."""
        self.done(AddEvidence(*head("moderator:mo"), case, DIGEST, "image/png", len(PROOF)))

    def preview(self, measure: str, case: str = "k1", party: str = "bo", **asked: Any) -> UUID:
        """What a measure would move."""
        command = MakePreview(*head("moderator:mo"), case, measure, party, **asked)
        self.done(command)
        return command.id

    def tips_back(
        self,
        case: str = "k1",
        party: str = "bo",
        *,
        days: tuple[int, int] = (0, 9),
        of: type[StreamerTips | ViewerTips] = StreamerTips,
    ) -> tuple[UUID, UUID]:
        """What it would be for a party's tips of some days to go back: the preview, and the plan."""
        shown = self.tips_shown(case, party, days=days, of=of)
        return self.preview("return_tips", case, party, plan=shown), shown.plan

    def tips_shown(
        self,
        case: str,
        party: str,
        *,
        days: tuple[int, int] = (0, 9),
        of: type[StreamerTips | ViewerTips] = StreamerTips,
        kind: Kind = "unlawful",
        ratio_bps: int = 10_000,
    ) -> PlanShown:
        """A plan of it."""
        plan = uuid4()
        since, until = (EVENING + day * MICROSECONDS_PER_DAY for day in days)
        with self.database.app.begin() as connection:
            freezes = [one for placed in freezes_of_cases(connection, [case]).values() for one in placed]
            going = [one.plan for one in going_back(connection)]
            make_plan(
                connection,
                plan,
                of(party, since, until),
                _NEWEST,
                kind,
                ratio_bps,
                freezes=freezes,
                going=going,
            )
            found = ReturnPlans().summary(connection, [plan])[plan]
            givings = tuple(Giving(*giving) for giving in givings_of(connection, plan))
        left_out = LeftOut(found.undone_before, found.taken_before, found.held_before)
        return PlanShown(
            plan, found.sha256, found.count, found.coins, found.fen, givings, left_out, found.refund_minor
        )

    def previewing(self, measure: str, case: str, party: str, **asked: Any) -> str | None:
        """The code of what a preview is refused with."""
        return self.code(MakePreview(*head("moderator:mo"), case, measure, party, **asked))

    def decide(
        self,
        *measures: Imposed,
        case: str = "k1",
        day: int = 0,
        actor: str = "moderator:mo",
        rule: str = "illegal_symbols",
    ) -> UUID:
        """A decision, with whatever second person it needs."""
        command = self.deciding(*measures, case=case, day=day, actor=actor, rule=rule)
        self.done(command)
        waits = "SELECT needs_second FROM moderation.decisions WHERE decision = :decision"
        if self.rows(waits, decision=command.id)[0][0]:
            self.approve(command.id, day=day)
        return command.id

    def approve(self, decision: UUID, *, day: int = 0) -> None:
        """A second person lets it pass."""
        self.done(ApproveDecision(*head("finance:fi", day=day), decision))

    def deciding(
        self,
        *measures: Imposed,
        case: str = "k1",
        day: int = 0,
        actor: str = "moderator:mo",
        rule: str = "illegal_symbols",
    ) -> Decide:
        """The command that asks for it."""
        latest = self.rows('SELECT latest FROM moderation.case_states WHERE "case" = :case', case=case)
        finding = Finding(rule, (DIGEST,), override_reason="as a test has it")
        return Decide(
            *head(actor, day=day), case, (finding,), measures, "it was seen", latest[0][0] if latest else None
        )

    def penalty(self, fen: int | None = None, *, case: str = "k1", party: str = "bo", day: int = 0) -> UUID:
        """A penalty, shown and decided."""
        preview = self.preview("penalty", case, party, amount_minor=fen)
        return self.decide(Imposed("penalty", party, preview=preview), case=case, day=day)

    def execute(self, decision: UUID, *, day: int = 9) -> bool:
        """Its time has come; whether anything was done."""
        id = derived_id(decision, f"execute:{day}:{uuid4()}")
        (outcome,) = self.decided(ExecuteDecision(*head("platform:cases", day=day, id=id), decision))
        assert outcome.refusal is None
        return outcome.decided

    def refuse(self, decision: UUID) -> None:
        """The second person does not let it pass."""
        self.done(RefuseDecision(*head("finance:fi"), decision, "not shown"))

    def appeal(self, decision: UUID, party: str = "bo", *, day: int = 1) -> UUID:
        """An appeal of a person concerned."""
        command = saying.appeal(head(f"streamer:{party}", day=day), decision, party)
        self.done(command)
        return command.id

    def answer(self, appeal: UUID, verdict: str, *, day: int = 2, **changes: Any) -> UUID:
        """Somebody else answers it."""
        command = DecideAppeal(*head("moderator:ju", day=day), appeal, verdict, "looked at again", **changes)
        self.done(command)
        return command.id

    def sound(self) -> None:
        """Every audit passes."""
        with self.database.owner.connect() as connection:
            found = [str(breach) for breach in breaches(connection, all_audits())]
        assert not found, "\n".join(found)


def loss(amount_minor: int, head: Head = Head.PROPERTY) -> Loss:
    """An item of a claim."""
    return Loss(head, amount_minor, "as the invoice says")
