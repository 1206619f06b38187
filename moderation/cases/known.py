"""What a batch knows of its cases, and what its commands come to."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from ledger.kernel.entries import Entry
from ledger.kernel.posted import Posted
from moderation.cases import steps
from moderation.cases.affairs import Concerned, Involved, affair_in, own_affair
from moderation.cases.bounds import Lost
from moderation.cases.docket import Docket
from moderation.cases.records import Decision
from moderation.cases.refreezing import Ground
from moderation.cases.telling import Telling
from moderation.cases.writing import CaseRows
from moderation.registers.refusals import OwnAffair
from moderation.rules.document import RuleBook
from moderation.rules.judging import Mark
from moderation.rules.versions import Version, version_named
from moderation.takings.acts import Facts, Preview
from moderation.takings.returning import WentBack


@dataclass
class Known:
    """What a batch knows of its cases, advancing as commands are accepted; and what is to be written.

    ``began`` says when sessions did; ``concerned`` are the plans of tips that go back to those who act,
    ``involved`` the cases in which they take no step; ``finished`` is what went back, by streamer, of the
    plans of which every tip was dealt with; ``announced`` are those that are to be carried out now;
    ``grounds`` are what freezes rest on that decisions used up.
    """

    docket: Docket = field(default_factory=Docket)
    decision_of: dict[UUID, UUID] = field(default_factory=dict)
    previews: dict[UUID, Preview] = field(default_factory=dict)
    grounds: dict[UUID, Ground] = field(default_factory=dict)
    versions: list[Version] = field(default_factory=list)
    began: dict[UUID, int] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    evidence: frozenset[tuple[str, str]] = frozenset()
    marks: dict[str, list[Mark]] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)
    concerned: Concerned = ()
    involved: Involved = ()
    finished: Mapping[UUID, Mapping[str, WentBack]] = field(default_factory=dict)
    rows: CaseRows = field(default_factory=CaseRows)
    telling: Telling = field(default_factory=Telling)
    announced: list[UUID] = field(default_factory=list)

    def returning(self, decision: Decision) -> dict[UUID, UUID]:
        """The measures by which tips go back, each with its plan."""
        return steps.returning(decision, self.standing)

    @property
    def standing(self) -> Mapping[UUID, Preview]:
        """What was shown of measures, less what answers to appeals remitted in this batch."""
        return ChainMap(self.docket.lessened, self.previews)

    def own_affair(self, actor: str, decision: Decision) -> OwnAffair | None:
        """Nobody takes a step with a decision that concerns them, or in a case that does."""
        affair = own_affair(actor, decision, self.returning(decision).values(), self.concerned)
        return affair or affair_in(actor, decision.case, self.involved)

    def lasting(self, decision: Decision) -> dict[UUID, Ground]:
        """What freezes rest on, but for measures on whom the decision concerns that have ended."""
        in_force = {one.measure for party in decision.parties for one in self.docket.in_force(party)}
        return {id: one for id, one in self.grounds.items() if one.measure in (None, *in_force)}

    def book_of(self, decision: Decision) -> RuleBook:
        """The rule book that says who takes which step with a decision."""
        return version_named(self.versions, decision.procedure_version).book

    def judged_by(self, decision: Decision) -> RuleBook:
        """The rule book by which it was judged."""
        return version_named(self.versions, decision.rule_version).book

    def switched_off(self, decision: Decision) -> str | None:
        """The rule that it rests on for taking money and that is switched off, if one is."""
        return steps.switched_off_since(decision, self.standing, self.judged_by(decision), self.off)


class Step(NamedTuple):
    """What a command comes to, and what is to be done once it is accepted."""

    entry: Entry
    accepted: Callable[[Posted], None]
