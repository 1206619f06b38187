"""The policy document (费用结算政策): what streamers are paid, when, and how, as one TOML file.

A document is read strictly: a field that is missing, unknown or out of its range is named. Shares are
basis points (10,000 is all of a gift's face value), amounts fen, coins whole.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import Field, model_validator

from ledger.documents import FieldFault, InvalidDocument, Moment, Terms, broken, read_toml, validated
from ledger.money import BPS
from settlement.kinds import EarningKind

#: The class of every streamer of whom nothing else was said.
STANDARD = "standard"
FORMAT = "zhibo-policy/1"

LONGEST_CHARS = 50_000
_NOUN = "policy"
_ENUMS: Mapping[type[StrEnum], str] = {EarningKind: "a kind of earning"}
#: 电子商务法 art. 34: a change of terms is made known at least seven days before.
_LEAST_NOTICE_DAYS = 7

Days = Annotated[int, Field(ge=0, le=366)]
ShareBps = Annotated[int, Field(ge=0, le=BPS)]
Coins = Annotated[int, Field(ge=0, le=10**12)]
AmountMinor = Annotated[int, Field(ge=0, le=10**14)]
ClassName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
VersionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]


class Tier(Terms):
    """A step of the share: it is paid for the coins from ``from_coins`` on, up to ``below_coins``."""

    from_coins: Coins
    below_coins: Coins | None = None
    share_bps: ShareBps


class ClassTerms(Terms):
    """What a class of streamers gets of the face value of gifts, and how long that is held (延时到账)."""

    tiers: Annotated[tuple[Tier, ...], Field(max_length=100)]
    hold_days: Days

    @model_validator(mode="after")
    def _tiers_join(self) -> Self:
        if not self.tiers:
            raise broken("tiers", "has no tier")
        if first := self.tiers[0].from_coins:
            raise broken("tiers[0].from_coins", f"is {first}, but the first tier begins at 0")
        for index, (tier, after) in enumerate(pairwise(self.tiers)):
            end, start = tier.below_coins, after.from_coins
            if start <= tier.from_coins:
                raise broken(
                    f"tiers[{index + 1}].from_coins", f"is {start}, not above that of the tier before"
                )
            field = f"tiers[{index}].below_coins"
            if end is None:
                raise broken(field, "is missing, and only the last tier has no end")
            if end > start:
                raise broken(field, f"is {end}, and overlaps the next from {start}")
            if end < start:
                raise broken(field, f"is {end}, and leaves a gap before {start}")
        if self.tiers[-1].below_coins is not None:
            last = len(self.tiers) - 1
            raise broken(f"tiers[{last}].below_coins", "is given, but the last tier has no end")
        return self


class KindTerms(Terms):
    """Whether a kind of earning pays at all, and for how long it is held (absent: as the class says)."""

    enabled: bool
    hold_days: Days | None = None


class QualityBounds(Terms):
    """How far a session's quality mark may lower or raise the share, in basis points of face value."""

    min_bps: Annotated[int, Field(ge=-BPS, le=0)]
    max_bps: ShareBps

    def bounded(self, quality_bps: int) -> int:
        """A mark, brought within the bounds."""
        return min(max(quality_bps, self.min_bps), self.max_bps)


class GuildTerms(Terms):
    """What a guild (公会) gets of face value, out of its streamer's part."""

    share_bps: ShareBps


class PayoutTerms(Terms):
    """From which amount on earnings are paid out, how often, and from where on a second person approves.

    ``debt_cap_bps``: at most this part of what a month pays out goes to debts.
    """

    threshold_minor: AmountMinor
    cycle: Literal["daily", "weekly", "monthly"]
    approval_above_minor: AmountMinor
    debt_cap_bps: ShareBps


class TaxTerms(Terms):
    """How tax is withheld, and which months count in the year (SAT announcement 2025 No. 16)."""

    method: Literal["cumulative", "none"]
    months_rule: Literal["since_first", "with_income", "consecutive"]


class Policy(Terms):
    """A settlement policy: everything that decides what a streamer is paid for what was received.

    It is in force from ``effective_at`` until the next version is. ``major``: a change streamers must be
    told of ``notice_days`` before.
    """

    version: VersionName
    effective_at: Moment
    major: bool
    notice_days: Annotated[int, Field(ge=_LEAST_NOTICE_DAYS, le=366)]
    objection_days: Annotated[int, Field(ge=1, le=366)]
    classes: Annotated[Mapping[ClassName, ClassTerms], Field(max_length=100)]
    kinds: Mapping[EarningKind, KindTerms]
    quality: QualityBounds
    guild: GuildTerms
    payout: PayoutTerms
    tax: TaxTerms

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if STANDARD not in self.classes:
            raise broken("classes", f"has no class `{STANDARD}`")
        for kind in EarningKind:
            if kind not in self.kinds:
                raise broken(f"kinds.{kind}", "is missing")
        if not self.kinds[EarningKind.ADJUSTMENT].enabled:
            raise broken("kinds.adjustment.enabled", "is false, but corrections are made by adjustments")
        for name, terms in self.classes.items():
            for index, tier in enumerate(terms.tiers):
                self._check_share(f"classes.{name}.tiers[{index}].share_bps", tier.share_bps)
        return self

    def _check_share(self, field: str, share_bps: int) -> None:
        least, most, guild = self.quality.min_bps, self.quality.max_bps, self.guild.share_bps
        if share_bps + most > BPS:
            raise broken(field, f"is {share_bps}, and with quality.max_bps {most} above {BPS} (100 %)")
        if share_bps + least < guild:
            raise broken(
                field, f"is {share_bps}, and with quality.min_bps {least} below guild.share_bps {guild}"
            )

    def class_terms(self, streamer_class: str) -> ClassTerms:
        """The terms of a class; of `standard` when this version does not know the class."""
        return self.classes.get(streamer_class) or self.classes[STANDARD]

    def hold_days(self, streamer_class: str, kind: EarningKind) -> int:
        """How long an earning is held, in days from the day (China) it came in, settled or not: as its kind
        says, or else the class.
        """
        by_kind = self.kinds[kind].hold_days
        return self.class_terms(streamer_class).hold_days if by_kind is None else by_kind


def parse(text: str) -> Policy:
    """A policy as people write it (TOML). Raises :class:`~ledger.documents.InvalidDocument`."""
    return validated(Policy, read_toml(text, _NOUN, LONGEST_CHARS), _NOUN, _ENUMS)


def canonical(policy: Policy) -> bytes:
    """What is published and hashed: the policy as canonical JSON (RFC 8785)."""
    return rfc8785.dumps({"format": FORMAT, **policy.model_dump(mode="json")})


@lru_cache(maxsize=256)
def published(document: bytes) -> Policy:
    """The policy of a canonical document. A kind of earning younger than the document pays nothing by it."""
    found = json.loads(document)
    if found.pop("format") != FORMAT:
        raise InvalidDocument([FieldFault("format", f"is not {FORMAT}")])
    found["kinds"] = {
        kind.value: {"enabled": kind is EarningKind.ADJUSTMENT} for kind in EarningKind
    } | found["kinds"]
    return validated(Policy, found, _NOUN, _ENUMS)
