"""Policy documents: what is one, what is none and why, and that the same policy is the same bytes."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.documents import InvalidDocument, sha256_of
from settlement.kinds import EarningKind
from settlement.policies.document import canonical, parse, published
from tests.settlement.policies.writing import sample_policy

_GUILD = "[guild]\nshare_bps = 500"
_STEP = "{ from_coins = 0, below_coins = 1_000_000, share_bps = 5000 }"
_NEXT = "{ from_coins = 1_000_000, below_coins = 5_000_000, share_bps = 5200 }"
_LAST = "{ from_coins = 5_000_000, share_bps = 5500 }"

FAULTS: Mapping[str, tuple[tuple[str, str], str]] = {
    "overlapping tiers": (
        (_STEP, _STEP.replace("1_000_000", "1_000_001")),
        "classes.signed.tiers[0].below_coins: is 1000001, and overlaps the next from 1000000",
    ),
    "a gap between tiers": (
        (_STEP, _STEP.replace("1_000_000", "999_999")),
        "classes.signed.tiers[0].below_coins: is 999999, and leaves a gap before 1000000",
    ),
    "tiers out of order": (
        (_NEXT, _NEXT.replace("from_coins = 1_000_000", "from_coins = 0")),
        "classes.signed.tiers[1].from_coins: is 0, not above that of the tier before",
    ),
    "a first tier that begins late": (
        ("[{ from_coins = 0,", "[{ from_coins = 1,"),
        "classes.standard.tiers[0].from_coins: is 1, but the first tier begins at 0",
    ),
    "a tier without an end": (
        ("below_coins = 1_000_000, ", ""),
        "classes.signed.tiers[0].below_coins: is missing, and only the last tier has no end",
    ),
    "a last tier with an end": (
        (_LAST, _LAST.replace("5_000_000,", "5_000_000, below_coins = 9_000_000,")),
        "classes.signed.tiers[2].below_coins: is given, but the last tier has no end",
    ),
    "no tier": (
        ("tiers = [{ from_coins = 0, share_bps = 5000 }]", "tiers = []"),
        "classes.standard.tiers: has no tier",
    ),
    "a share above all of it": (
        ("share_bps = 5000", "share_bps = 10_001"),
        "classes.standard.tiers[0].share_bps: is above 10000",
    ),
    "a share below nothing": (
        ("share_bps = 5000", "share_bps = -1"),
        "classes.standard.tiers[0].share_bps: is below 0",
    ),
    "a share that a good mark lifts above all of it": (
        ("share_bps = 5000", "share_bps = 9_501"),
        "classes.standard.tiers[0].share_bps: is 9501, and with quality.max_bps 500 above 10000 (100 %)",
    ),
    "a share that leaves the guild more than there is": (
        ("share_bps = 5000", "share_bps = 999"),
        "classes.standard.tiers[0].share_bps: is 999, and with quality.min_bps -500 below guild.share_bps",
    ),
    "half a basis point": (
        ("share_bps = 5000", "share_bps = 5000.5"),
        "classes.standard.tiers[0].share_bps: is not a whole number",
    ),
    "a whole number written as a fraction": (
        (_GUILD, "[guild]\nshare_bps = 500.0"),
        "guild.share_bps: is not a whole number",
    ),
    "a number in quotes": ((_GUILD, '[guild]\nshare_bps = "500"'), "guild.share_bps: is not a whole number"),
    "yes for a number": ((_GUILD, "[guild]\nshare_bps = true"), "guild.share_bps: is not a whole number"),
    "a number for yes": (
        ("major = false", "major = 0"),
        "major: is neither true nor false",
    ),
    "no class standard": (("[classes.standard]", "[classes.normal]"), "classes: has no class `standard`"),
    "a class with a strange name": (
        ("[classes.new]", '[classes."New\\u001b"]'),
        r"classes.'New\x1b': is not a name of the form ^[a-z][a-z0-9_]{0,39}$",
    ),
    "a kind that is forgotten": (("task = { enabled = true }\n", ""), "kinds.task: is missing"),
    "a kind that is none": (
        ("[kinds]\n", "[kinds]\ntips = { enabled = true }\n"),
        "kinds.tips: is not a kind of earning: 'gift', 'task', 'activity_award', 'interaction_promo'",
    ),
    "no way to correct": (
        ("adjustment = { enabled = true", "adjustment = { enabled = false"),
        "kinds.adjustment.enabled: is false, but corrections are made by adjustments",
    ),
    "a field that is none": (("[payout]", "[payout]\nfee = 1"), "payout.fee: is not a field of a policy"),
    "a field that is forgotten": (("objection_days = 7 ", "# "), "objection_days: is missing"),
    "two things wrong": (
        ("[payout]\n", "[payout]\nfee = 1\nbonus = 2\n"),
        "payout.fee: is not a field of a policy; payout.bonus: is not a field of a policy",
    ),
    "a list for a table": (("[quality]", "[[quality]]"), "quality: is not a table"),
    "a cycle that is none": (
        ('"weekly"', '"yearly"'),
        "payout.cycle: is not one of 'daily', 'weekly' or 'monthly'",
    ),
    "a rule for months that is none": (
        ('"since_first"', '"all"'),
        "tax.months_rule: is not one of 'since_first', 'with_income' or 'consecutive'",
    ),
    "notice of less than a week": (("notice_days = 7", "notice_days = 6"), "notice_days: is below 7"),
    "a hold of more than a year": (
        ("hold_days = 14", "hold_days = 367"),
        "classes.new.hold_days: is above 366",
    ),
    "a time without an offset": (
        ("00:00:00+08:00", "00:00:00"),
        "effective_at: does not say its offset, such as 2026-11-01T00:00:00+08:00",
    ),
    "a day for a time": (
        ("2026-10-01T00:00:00+08:00", "2026-10-01"),
        "effective_at: is not a time with its offset",
    ),
    "a number for a time": (
        ("2026-10-01T00:00:00+08:00", "1_790_000_000"),
        "effective_at: is not a time with its offset",
    ),
    "a time before our time": (
        ("2026-10-01T00:00:00+08:00", "0001-01-01T00:00:00+08:00"),
        "effective_at: is not between the years 2000 and 2199",
    ),
    "a version that is no name": (
        ('"2026-10"', '"flat:5000"'),
        "version: is not a name of the form ^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$",
    ),
    "no TOML": (('"2026-10"', ""), "the policy is not TOML: Invalid value (at line 5, column "),
    "the same field twice": (
        ("major = false", "major = false\nmajor = true"),
        "the policy is not TOML: Cannot overwrite a value (at line ",
    ),
    "brackets without end": (('"2026-10"', "[" * 5_000), "the policy is nested too deeply"),
    "tables in tables without end": (
        ('"weekly"', "{ " + ".".join("a" * 4_000) + " = 1 }"),
        "the policy is nested too deeply: line ",
    ),
    "lists in lists in lists": (('"weekly"', "[" * 300 + "]" * 300), "the policy is nested too deeply"),
    "a number without end": (('"2026-10"', "9" * 5_000), "the policy has a number that is too long"),
    "a text without end": (
        ('"2026-10"', f'"{"x" * 50_000}"'),
        "the policy is longer than 50,000 characters",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_what_is_no_policy_is_refused_in_one_line_that_names_the_field(what: str) -> None:
    changed, line = FAULTS[what]
    with pytest.raises(InvalidDocument) as refused:
        parse(sample_policy(None, None, changed))
    said = str(refused.value)
    assert said.startswith(line), f"{what}: {said}"
    assert said.isprintable(), f"{what}: {said!r}"


def test_the_sample_is_the_policy_that_practice_describes() -> None:
    policy = parse(sample_policy())
    assert (policy.version, policy.effective_at.isoformat()) == ("2026-10", "2026-09-30T16:00:00+00:00")
    assert [tier.share_bps for tier in policy.classes["standard"].tiers] == [5_000]
    assert policy.hold_days("standard", EarningKind.GIFT) == 7
    assert policy.hold_days("new", EarningKind.GIFT) == 14
    assert policy.hold_days("new", EarningKind.COMMERCE) == 15
    assert policy.hold_days("nobody heard of it", EarningKind.TASK) == 7
    assert (policy.payout.threshold_minor, policy.payout.cycle) == (10_000, "weekly")
    assert (policy.tax.method, policy.tax.months_rule) == ("cumulative", "since_first")
    assert (policy.notice_days, policy.objection_days) == (7, 7)


def test_a_mark_moves_a_share_within_the_bounds_only() -> None:
    quality = parse(sample_policy()).quality
    assert [quality.bounded(mark) for mark in (-10_000, -500, -1, 0, 499, 10_000)] == [
        -500,
        -500,
        -1,
        0,
        499,
        500,
    ]


def test_how_it_is_written_does_not_matter_and_what_it_says_does() -> None:
    plain = sample_policy()
    same = sample_policy(
        None,
        "2026-09-30T16:00:00Z",
        (_GUILD, "[guild]\n# a guild's part\nshare_bps = 0x1F4"),
        ("[tax]\nmethod", "[tax]\r\nmethod"),
    )
    assert canonical(parse(same)) == canonical(parse(plain))
    other = sample_policy(None, None, (_GUILD, "[guild]\nshare_bps = 501"))
    assert canonical(parse(other)) != canonical(parse(plain))


def test_the_bytes_of_the_sample_are_these_for_ever() -> None:
    """Published policies are kept by these bytes: should this fail, old ones can no longer be proven."""
    document = canonical(parse(sample_policy()))
    assert sha256_of(document) == "19382c51765d71131d17e3989026da202a8f62c0902e1a5e5e0cf40d8831b116"
    assert document.startswith(b'{"classes":{"new":{"hold_days":14,"tiers":[{"below_coins":null,')


def test_a_kind_younger_than_a_published_policy_pays_nothing_by_it() -> None:
    document = canonical(parse(sample_policy()))
    older = document.replace(b'"task":{"enabled":true,"hold_days":null}', b"").replace(b"},}", b"}}")
    assert older != document
    policy = published(older)
    assert policy.kinds[EarningKind.TASK].enabled is False
    assert policy.kinds[EarningKind.GIFT].enabled is True


_BPS = st.integers(0, 10_000)


@given(
    shares=st.lists(st.integers(1_000, 9_500), min_size=1, max_size=6),
    widths=st.lists(st.integers(1, 10**9), min_size=6, max_size=6),
    hold_days=st.integers(0, 366),
    notice_days=st.integers(7, 366),
    threshold=st.integers(0, 10**14),
    cap=_BPS,
)
def test_any_policy_is_read_back_from_its_bytes_as_the_same(
    shares: list[int], widths: list[int], hold_days: int, notice_days: int, threshold: int, cap: int
) -> None:
    starts = [sum(widths[:step]) for step in range(len(shares))]
    tiers = []
    for step, (start, share) in enumerate(zip(starts, shares, strict=True)):
        end = f"below_coins = {starts[step + 1]}, " if step + 1 < len(starts) else ""
        tiers.append(f"{{ from_coins = {start}, {end}share_bps = {share} }}")
    policy = parse(
        sample_policy(
            None,
            None,
            ("tiers = [{ from_coins = 0, share_bps = 5000 }]", f"tiers = [{', '.join(tiers)}]"),
            ("hold_days = 7", f"hold_days = {hold_days}"),
            ("notice_days = 7", f"notice_days = {notice_days}"),
            ("threshold_minor = 10_000", f"threshold_minor = {threshold}"),
            ("debt_cap_bps = 5000", f"debt_cap_bps = {cap}"),
        )
    )
    document = canonical(policy)
    assert published(document) == policy
    assert canonical(published(document)) == document


def judged(text: str) -> str:
    """What a text is: its hash as a policy, or why it is none. Nothing else may come of it."""
    try:
        return sha256_of(canonical(parse(text)))
    except InvalidDocument as refused:
        return str(refused)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_the_text_it_is_a_policy_or_refused_in_words(text: str) -> None:
    assert judged(text)


_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    (
        "0",
        "-1",
        "1.5",
        "nan",
        "inf",
        "true",
        '""',
        '"x"',
        "[]",
        "{}",
        "2026-10-01",
        "10:00:00",
        "9223372036854775808",
    )
)
_LINES = [line for line in sample_policy().splitlines() if " = " in line and not line.startswith("#")]


@given(line=st.sampled_from(_LINES), value=_VALUES)
def test_whatever_stands_in_a_field_it_is_a_policy_or_refused_in_words(line: str, value: str) -> None:
    name = line.split(" = ", maxsplit=1)[0]
    assert judged(sample_policy().replace(line, f"{name} = {value}"))
