"""What was credited for a settled tip: exactly its part of the statements that settled it (design.md §4)."""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from ledger.money import face_value
from settlement.returns.standing import TipStanding
from settlement.statements.document import hold_id
from settlement.statements.gifts import gifts_of_statement
from settlement.statements.pricing import Part, of_coins
from settlement.statements.taking import Stratum, strata_of, untaken

_TAKINGS = text("""
SELECT k.account, s.statement, k.strata
FROM settlement.takings AS k JOIN settlement.statements AS s ON s.entry = k.entry
WHERE k.account = ANY (:accounts) AND k.entry > :since AND k.entry < :below AND s.coins > 0
ORDER BY k.entry
""")


_OWNERS = text("SELECT id, owner FROM ledger.accounts WHERE id = ANY (:accounts)")


#: What late arrivals keep back, fen, by their holds.
Kept = tuple[tuple[UUID, int], ...]


class Share(NamedTuple):
    """What of a tip was settled, in coins, and to whom its face value was credited, fen.

    ``guilds`` are more than one only when statements disagree about whose streamer it was. ``kept`` is what
    of it late arrivals keep back: the holds as the statements placed them.
    """

    coins: int = 0
    streamer_minor: int = 0
    guild_minor: int = 0
    platform_minor: int = 0
    guilds: frozenset[str] = frozenset()
    kept: Kept = ()

    def of(self, coins: int) -> "Share":
        """The part of so many of the coins; the platform has the rest, as at settlement."""
        if coins == self.coins:
            return self
        streamer = self.streamer_minor * coins // self.coins
        guild = self.guild_minor * coins // self.coins
        parts = ((hold, amount * coins // self.coins) for hold, amount in self.kept)
        kept = tuple([(hold, part) for hold, part in parts if part])
        return Share(coins, streamer, guild, face_value(coins) - streamer - guild, self.guilds, kept)


NOTHING = Share()


def shares_of(connection: Connection, tips: Collection[TipStanding], below: int) -> dict[int, Share]:
    """What was settled of these tips before a number, by tip; one of which nothing was is left out."""
    wanted = [tip for tip in tips if tip.untaken < tip.amount]
    lying = _lying(wanted)
    streamers = _owners(connection, {tip.account for tip in wanted})
    found: dict[int, Share] = {}
    for statement in _statements(connection, wanted, below):
        for receipt, first, whole in gifts_of_statement(connection, statement):
            for one, begin, end in lying.get(receipt, ()):
                part = of_coins(whole, begin - first, end - first)
                if part is None:
                    continue
                tip, streamer = one.tip, streamers[one.account]
                before = found.get(tip, NOTHING)
                guild = part.segment.guild if part.guild_minor else None
                found[tip] = Share(
                    before.coins + part.coins,
                    before.streamer_minor + part.streamer_minor,
                    before.guild_minor + part.guild_minor,
                    before.platform_minor + part.platform_minor,
                    before.guilds | {guild} if guild else before.guilds,
                    _merged(before.kept, _kept(statement, streamer, part)),
                )
    return found


def _lying(tips: Iterable[TipStanding]) -> dict[int, list[tuple[TipStanding, int, int]]]:
    """By receipt, which tips lie in it, each from one of its coins up to another."""
    found: dict[int, list[tuple[TipStanding, int, int]]] = {}
    for tip in tips:
        found.setdefault(tip.receipt, []).append((tip, 0, tip.amount))
        for place, _ in tip.again:
            end = place.before + place.coins
            found.setdefault(place.receipt, []).append((tip, place.before, end))
    return found


def _kept(statement: UUID, streamer: str, part: Part) -> Iterable[tuple[UUID, int]]:
    """What of a part's shares is free only from a day on, by the hold that keeps it back."""
    for payee, amount in ((streamer, part.streamer_minor), (part.segment.guild, part.guild_minor)):
        if part.available_on is not None and payee is not None and amount:
            yield hold_id(statement, payee, part.available_on), amount


def _merged(kept: Kept, more: Iterable[tuple[UUID, int]]) -> Kept:
    """Each hold once: a tier cuts a gift, not the hold."""
    found = dict(kept)
    for hold, amount in more:
        found[hold] = found.get(hold, 0) + amount
    return tuple(found.items())


def _owners(connection: Connection, accounts: Collection[int]) -> dict[int, str]:
    rows = connection.execute(_OWNERS, {"accounts": list(accounts)}) if accounts else ()
    return {row.id: row.owner for row in rows}


def _statements(connection: Connection, tips: Collection[TipStanding], below: int) -> Iterable[UUID]:
    """The statements that may have settled something of these tips: where less of one is left than before."""
    if not tips:
        return ()
    asked = {
        "accounts": list({tip.account for tip in tips}),
        "since": min(tip.tip for tip in tips),
        "below": below,
    }
    takings: dict[int, list[tuple[UUID, tuple[Stratum, ...]]]] = {}
    for row in connection.execute(_TAKINGS, asked):
        takings.setdefault(row.account, []).append((row.statement, strata_of(row.strata)))
    needed: dict[UUID, None] = {}
    for tip in tips:
        mine = takings.get(tip.account, [])
        for receipt, at, amount in _receipts(tip):
            left = [untaken(strata, receipt, at, amount) for _, strata in mine]
            begun = sum(1 for coins in left if coins == amount)
            over = sum(1 for coins in left if coins)
            needed |= dict.fromkeys(statement for statement, _ in mine[begun : over + 1])
    return needed


def _receipts(tip: TipStanding) -> Iterable[tuple[int, int, int]]:
    """Where a tip lies: the transfer, as of when it came, and its coins."""
    yield tip.receipt, tip.at, tip.amount
    for place, _ in tip.again:
        yield place.receipt, place.at, place.amount
