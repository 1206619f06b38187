"""The same books while people are judged: what is decided holds, bars, takes and gives what was shown."""

from collections.abc import Sequence
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.instants import MICROSECONDS_PER_DAY
from moderation.cases.commands import (
    ApproveDecision,
    Decide,
    Finding,
    Imposed,
    LiftMeasure,
    OpenCase,
    RefuseDecision,
)
from moderation.evidence.commands import AddEvidence
from moderation.takings.commands import MakePreview
from moderation.takings.reading import previews
from moderation.takings.shown import Head, Loss
from tests.moderation.paid_books import PaidBooks
from tests.moderation.plain_standing import BOUND, Account, Amounts, PlainDecision
from tests.moderation.takings.court import DIGEST, PROOF
from tests.moderation.watched_books import PEOPLE, STREAMERS

#: Fen; None is all there is.
PENALTIES = st.one_of(st.none(), st.integers(10, 900), st.integers(900, 30_000), st.integers(30_000, 60_000))

_LIFTABLE = """
SELECT m.measure, m.decision, m.n FROM moderation.measures AS m
WHERE m.kind <> 'return_tips' AND m.follows IS NULL
  AND NOT EXISTS (SELECT FROM moderation.measure_ends AS e WHERE e.measure = m.measure)
ORDER BY m.entry, m.n
"""


class JudgingBooks(PaidBooks):
    """Moderators restrict, freeze, take and give; others look again; what was imposed is lifted."""

    def decide(self, party: str, measures: Sequence[Imposed], rule: str, freezes: Amounts) -> None:
        """A decision in a case of its own, whatever it needs beforehand being there."""
        shown = [one.preview for one in measures if one.preview]
        with self.court.database.app.connect() as connection:
            read = previews(connection, shown)
        takes: dict[int, list[tuple[Account, int]]] = {
            n: [
                ((taking.account, taking.owner), taking.amount_minor)
                for _, taking in read[one.preview].takings
            ]
            for n, one in enumerate(measures)
            if one.preview
        }
        finding = Finding(rule, (DIGEST,), override_reason="as it was drawn")
        command = Decide(*self.head("moderator:mo"), self.case, (finding,), tuple(measures), "seen")
        is_at_once = [one.kind for one in measures] == ["compensation"]
        one = PlainDecision(party, self.day, takes, {0: freezes} if freezes else {}, is_at_once)
        self.plain.decisions[str(command.id)] = one
        self.accepted(command)
        # Damages are never one person's to claim; whatever else there is, the bound is for all of it.
        needs_second = len(shown) > 1 or (bool(shown) and self.plain.taken_alone(party, self.day) > BOUND)
        one.needs_second = self.needs_second(command.id)
        assert one.needs_second == needs_second

    def needs_second(self, decision: UUID) -> bool:
        query = "SELECT needs_second FROM moderation.decisions WHERE decision = :id"
        return bool(self.court.rows(query, id=decision)[0][0])

    def open_case(self, party: str) -> None:
        self.cases += 1
        self.case = f"k{self.cases}"
        self.accepted(OpenCase(*self.head("moderator:mo"), self.case, "spot_check", party, None, "seen"))
        proof = AddEvidence(*self.head("moderator:mo"), self.case, DIGEST, "image/png", len(PROOF))
        self.accepted(proof)

    @rule(
        party=st.sampled_from(PEOPLE),
        penalty=PENALTIES,
        claim=st.one_of(st.none(), st.integers(1, 3_000)),
        rule=st.sampled_from(("minor_tips", "minor_tips", "unfriendly_smoking")),
    )
    def take(self, party: str, penalty: int | None, claim: int | None, rule: str) -> None:
        """A penalty of some or of all there is, and perhaps damages beyond it."""
        self.open_case(party)
        asked = MakePreview(*self.head("moderator:mo"), self.case, "penalty", party, penalty)
        refusal = self.say(asked).refusal
        if refusal is not None:
            assert refusal.code == "nothing_to_take"
            return
        measures = [Imposed("penalty", party, preview=asked.id)]
        if claim is not None:
            losses = (Loss(Head.PROPERTY, claim, "a camera"),)
            more = MakePreview(
                *self.head("moderator:mo"), self.case, "damages", party, None, losses, (asked.id,)
            )
            if self.say(more).refusal is None:
                measures.append(Imposed("damages", party, preview=more.id))
        self.decide(party, measures, rule, {})

    @rule(
        party=st.sampled_from(PEOPLE),
        part=st.sampled_from((5, 40, 70, 100, 110)),
        why_more=st.sampled_from((None, None, "the law wants it")),
    )
    def make_good(self, party: str, part: int, why_more: str | None) -> None:
        """Compensation (赔偿) of at most what was paid, less what was given before; or more, for a reason.

        ``part`` is of what was paid, in per cent.
        """
        self.open_case(party)
        loss = self.paid.get(party, 2_000) * part // 100
        losses = (Loss(Head.PROPERTY, loss, "a wrong stop"),)
        asked = MakePreview(
            *self.head("moderator:mo"), self.case, "compensation", party, losses=losses, exceeding=why_more
        )
        is_above = loss > self.paid.get(party, 0) - self.plain.given(party)
        refusal = self.say(asked).refusal
        if is_above and not why_more:
            assert refusal is not None
            assert refusal.code == "above_liability_cap"
            return
        assert refusal is None
        self.decide(party, [Imposed("compensation", party, preview=asked.id)], "minor_tips", {})

    @rule(
        party=st.sampled_from(PEOPLE),
        kinds=st.sets(st.sampled_from(("pause", "suspend_service", "legal_hold", "warn")), max_size=2),
        feature=st.sampled_from(("tip", "receive", "withdraw", "comment")),
        days=st.sampled_from((1, 20, 400, None)),
        rule=st.sampled_from(("minor_tips", "unfriendly_smoking", "illegal_defamation")),
    )
    def restrict(self, party: str, kinds: set[str], feature: str, days: int | None, rule: str) -> None:
        until = None if days is None else self.head("")[2] + days * MICROSECONDS_PER_DAY
        measures = [Imposed("restrict", party, feature=feature, until=until)]
        measures += (Imposed(kind, party, until=None if kind == "warn" else until) for kind in sorted(kinds))
        self.open_case(party)
        self.decide(party, measures, rule, {})

    @rule(
        party=st.sampled_from(STREAMERS), account=st.sampled_from(("gifts", "earnings")), n=st.integers(1, 99)
    )
    def freeze(self, party: str, account: str, n: int) -> None:
        if self.available()[account, party] >= n:
            self.open_case(party)
            freeze = Imposed("freeze", party, account=account, amount_minor=n)
            self.decide(party, [freeze], "minor_tips", {(account, party): n})

    def one(self, data: st.DataObject, *wanted: bool) -> tuple[UUID, PlainDecision]:
        """Mostly a decision that is wanted, of all in order, if there is one; or one of the newest."""
        known = self.plain.decisions
        ids = [id for id, is_wanted in zip(known, wanted, strict=True) if is_wanted]
        if not ids or data.draw(st.integers(0, 4)) == 0:
            ids = list(known)[-4:]
        id = data.draw(st.sampled_from(ids))
        return UUID(id), known[id]

    @precondition(lambda self: self.plain.decisions)
    @rule(data=st.data(), passes=st.booleans(), actor=st.sampled_from(("finance:fi", "moderator:mo", "bo")))
    def look_again(self, data: st.DataObject, passes: bool, actor: str) -> None:
        """The second person agrees or not; whoever decided, or is concerned, does not agree."""
        id, one = self.one(data, *(one.waits for one in self.plain.decisions.values()))
        actor = actor if ":" in actor else f"moderator:{one.party}"
        waits, before = one.waits, one.is_refused
        if passes:
            refusal = self.say(ApproveDecision(*self.head(actor), id)).refusal
            assert (refusal is None) == (waits and actor == "finance:fi")
            one.is_approved |= refusal is None
            return
        one.is_refused |= waits and not actor.endswith(f":{one.party}")
        refusal = self.say(RefuseDecision(*self.head(actor), id, "not shown")).refusal
        assert (refusal is None) == (one.is_refused and not before)

    @rule(data=st.data())
    def lift(self, data: st.DataObject) -> None:
        """Only what it barred or held, and what followed from it, ends; what was taken is taken."""
        measures = self.court.rows(_LIFTABLE)
        if not measures:
            return
        measure, decision, n = data.draw(st.sampled_from(measures[-4:]))
        one = self.plain.decisions.get(str(decision))
        is_carried_out = one is not None and n in one.takes and one.is_executed
        if one and not is_carried_out:
            one.end(n)
        refusal = self.say(LiftMeasure(*self.head("moderator:ju"), measure, "enough")).refusal
        if is_carried_out:
            assert refusal is not None
            assert refusal.code == "measure_carried_out"
