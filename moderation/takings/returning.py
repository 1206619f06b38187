"""Tips that go back, as far as deciding on them has to know settlement's plans."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from ledger.chart import AccountRef
from ledger.kernel.books import Books
from moderation.takings.judging import Facts, Hindered, Shared
from moderation.takings.shown import Preview


class WentBack(NamedTuple):
    """What of a plan really went back of a streamer's: coins, those not settled among them; and of the
    settled what was taken of the earnings, what is owed, and what whoever paid gets, in fen.
    """

    coins: int = 0
    unsettled_coins: int = 0
    earnings_minor: int = 0
    debt_minor: int = 0
    refund_minor: int = 0


class Plans(Protocol):
    """Settlement's plans of tips that go back."""

    def hindered(
        self, connection: Connection, plan: UUID, books: Books, freezes: Collection[UUID]
    ) -> tuple[str, int, int, str] | None:
        """Why not each tip of a plan could go back now just as it was shown: see :class:`Hindered`.

        What ``freezes`` hold does not stand in its way.
        """
        ...

    def shared(
        self, connection: Connection, plans: Collection[UUID], others: Collection[UUID]
    ) -> Iterable[tuple[UUID, UUID, str, int, int]]:
        """What these plans have go back that others, or each other, do, too: see :class:`Shared`."""
        ...

    def accounts(self, connection: Connection, plan: UUID) -> Iterable[AccountRef]:
        """The accounts that have to hold still to say so."""
        ...

    def concerned(
        self, connection: Connection, plans: Collection[UUID], persons: Collection[str]
    ) -> Collection[tuple[UUID, str]]:
        """Which of these people each of these plans concerns: viewers who are paid back, guilds that give."""
        ...

    def went_back(
        self, connection: Connection, plans: Collection[UUID]
    ) -> Mapping[UUID, Mapping[str, tuple[int, int, int, int, int]]]:
        """What of plans went back so far, by plan and streamer: see :class:`WentBack`."""
        ...

    def finished(self, connection: Connection, plans: Collection[UUID]) -> Collection[UUID]:
        """Those of the plans of which every tip was dealt with."""
        ...


def with_plans(
    facts: Facts, connection: Connection, plans: Plans, shown: Sequence[Preview], books: Books
) -> Facts:
    """The same, with what bears on the tips that these previews have go back; read under the locks."""
    of_preview = {one.preview: one for one in shown if one.shown.plan}
    if not of_preview:
        return facts
    hindered: dict[UUID, Hindered] = {}
    held: dict[AccountRef, int] = {}
    named = []
    for id, preview in of_preview.items():
        assert preview.shown.plan is not None
        plan = preview.shown.plan.plan
        named.append(plan)
        why = plans.hindered(connection, plan, books, preview.shown.freezes)
        if why is not None:
            hindered[id] = Hindered(*why)
        held |= {ref: books.accounts[ref].held_minor for ref in plans.accounts(connection, plan)}
    shared = tuple(Shared(*one) for one in plans.shared(connection, named, facts.going))
    return msgspec.structs.replace(facts, hindered=hindered, shared=shared, held=held)
