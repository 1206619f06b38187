"""The policy document (费用结算政策): what streamers are paid, when, and how, as one TOML file.

A document is read strictly: a field that is missing, unknown or out of its range is named. Shares are
basis points (10,000 is all of a gift's face value), amounts fen, coins whole.
"""

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple, Self

import rfc8785
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ledger.money import BPS
from settlement.kinds import EarningKind

#: The class of every streamer of whom nothing else was said.
STANDARD = "standard"
FORMAT = "zhibo-policy/1"

LONGEST_CHARS = 50_000
_YEARS = range(2000, 2200)
#: 电子商务法 art. 34: a change of terms is made known at least seven days before.
_LEAST_NOTICE_DAYS = 7

Days = Annotated[int, Field(ge=0, le=366)]
ShareBps = Annotated[int, Field(ge=0, le=BPS)]
Coins = Annotated[int, Field(ge=0, le=10**12)]
AmountMinor = Annotated[int, Field(ge=0, le=10**14)]
ClassName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
VersionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]


def _in_utc(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise PydanticCustomError("year", "is not between the years 2000 and 2199")
    return moment.astimezone(UTC)


def _broken(field: str, message: str) -> PydanticCustomError:
    """What breaks a rule about several fields; ``field`` lies within the part that has the rule."""
    return PydanticCustomError("rule", "{message}", {"field": field, "message": message})


class Terms(BaseModel):
    """A part of a policy: as written, nothing converted, nothing ignored."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


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
            raise _broken("tiers", "has no tier")
        if first := self.tiers[0].from_coins:
            raise _broken("tiers[0].from_coins", f"is {first}, but the first tier begins at 0")
        for index, (tier, after) in enumerate(pairwise(self.tiers)):
            end, start = tier.below_coins, after.from_coins
            if start <= tier.from_coins:
                raise _broken(
                    f"tiers[{index + 1}].from_coins", f"is {start}, not above that of the tier before"
                )
            field = f"tiers[{index}].below_coins"
            if end is None:
                raise _broken(field, "is missing, and only the last tier has no end")
            if end > start:
                raise _broken(field, f"is {end}, and overlaps the next from {start}")
            if end < start:
                raise _broken(field, f"is {end}, and leaves a gap before {start}")
        if self.tiers[-1].below_coins is not None:
            last = len(self.tiers) - 1
            raise _broken(f"tiers[{last}].below_coins", "is given, but the last tier has no end")
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
    effective_at: Annotated[AwareDatetime, AfterValidator(_in_utc)]
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
            raise _broken("classes", f"has no class `{STANDARD}`")
        for kind in EarningKind:
            if kind not in self.kinds:
                raise _broken(f"kinds.{kind}", "is missing")
        if not self.kinds[EarningKind.ADJUSTMENT].enabled:
            raise _broken("kinds.adjustment.enabled", "is false, but corrections are made by adjustments")
        for name, terms in self.classes.items():
            for index, tier in enumerate(terms.tiers):
                self._check_share(f"classes.{name}.tiers[{index}].share_bps", tier.share_bps)
        return self

    def _check_share(self, field: str, share_bps: int) -> None:
        least, most, guild = self.quality.min_bps, self.quality.max_bps, self.guild.share_bps
        if share_bps + most > BPS:
            raise _broken(field, f"is {share_bps}, and with quality.max_bps {most} above {BPS} (100 %)")
        if share_bps + least < guild:
            raise _broken(
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


class FieldFault(NamedTuple):
    """What is wrong with a document, and where: a field, or a place in the text."""

    field: str
    message: str


class InvalidPolicy(Exception):
    """A document that is not a policy. Its text is one line that names the fields."""

    def __init__(self, faults: list[FieldFault]) -> None:
        super().__init__("; ".join(f"{field}: {message}" if field else message for field, message in faults))
        self.faults = faults


def parse(text: str) -> Policy:
    """A policy as people write it (TOML). Raises :class:`InvalidPolicy`."""
    if len(text) > LONGEST_CHARS:
        raise InvalidPolicy([FieldFault("", f"the policy is longer than {LONGEST_CHARS:,} characters")])
    try:
        written = json.dumps(tomllib.loads(text), default=_written)
    except RecursionError:
        raise InvalidPolicy([FieldFault("", "the policy is nested too deeply")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidPolicy([FieldFault("", f"the policy is not TOML: {str(error)[:200]}")]) from None
    except ValueError:
        raise InvalidPolicy([FieldFault("", "the policy has a number that is too long")]) from None
    return _validated(written)


def canonical(policy: Policy) -> bytes:
    """What is published and hashed: the policy as canonical JSON (RFC 8785)."""
    return rfc8785.dumps({"format": FORMAT, **policy.model_dump(mode="json")})


def sha256_of(document: bytes) -> str:
    """A canonical document's SHA-256, as hexadecimal digits."""
    return sha256(document).hexdigest()


@lru_cache(maxsize=256)
def published(document: bytes) -> Policy:
    """The policy of a canonical document. A kind of earning younger than the document pays nothing by it."""
    found = json.loads(document)
    if found.pop("format") != FORMAT:
        raise InvalidPolicy([FieldFault("format", f"is not {FORMAT}")])
    found["kinds"] = {
        kind.value: {"enabled": kind is EarningKind.ADJUSTMENT} for kind in EarningKind
    } | found["kinds"]
    return _validated(json.dumps(found))


def _written(value: object) -> str:
    assert isinstance(value, datetime | date | time)
    return value.isoformat()


def _validated(document: str) -> Policy:
    try:
        return Policy.model_validate_json(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise InvalidPolicy([_fault(item) for item in found]) from None


_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a policy",
    "timezone_aware": "does not say its offset, such as 2026-11-01T00:00:00+08:00",
    "datetime_type": "is not a time with its offset, such as 2026-11-01T00:00:00+08:00",
    "datetime_parsing": "is not a time with its offset, such as 2026-11-01T00:00:00+08:00",
    "datetime_from_date_parsing": "is not a time with its offset, such as 2026-11-01T00:00:00+08:00",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "bool_type": "is neither true nor false",
    "string_type": "is not a text",
    "model_type": "is not a table",
    "model_attributes_type": "is not a table",
    "mapping_type": "is not a table",
    "dict_type": "is not a table",
    "tuple_type": "is not a list",
}


def _fault(item: Any) -> FieldFault:
    place = ""
    for part in item["loc"]:
        if part == "[key]":
            continue
        name = part if isinstance(part, str) and part.isprintable() else ascii(part)
        place += f"[{part}]" if isinstance(part, int) else f".{name[:60]}"
    place = place.removeprefix(".")
    facts = item.get("ctx", {})
    match item["type"]:
        case "rule":
            return FieldFault(f"{place}.{facts['field']}".removeprefix("."), facts["message"])
        case "greater_than_equal":
            return FieldFault(place, f"is below {facts['ge']}")
        case "less_than_equal":
            return FieldFault(place, f"is above {facts['le']}")
        case "literal_error":
            return FieldFault(place, f"is not one of {facts['expected']}")
        case "enum":
            return FieldFault(place, f"is not a kind of earning: {facts['expected']}")
        case "string_pattern_mismatch":
            return FieldFault(place, f"is not a name of the form {facts['pattern']}")
        case "too_long":
            return FieldFault(place, f"has more than {facts['max_length']}")
        case kind:
            return FieldFault(place, _SENTENCES.get(kind) or str(item["msg"]))
