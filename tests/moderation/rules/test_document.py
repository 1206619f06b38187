"""Rule books: what is one, what is none and why, and that the same rule book is the same bytes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.documents import InvalidDocument, sha256_of
from moderation.measures.kinds import MeasureKind
from moderation.rules.document import canonical, parse, published, sample
from tests.moderation.rules.writing import rule_book

_LOW = next(line for line in rule_book().splitlines() if line.startswith("low = ["))
_STEP = "from_points = 3\nbelow_points = 6"
_PAUSE = '{ kind = "pause", days = 7 }'

FAULTS: Mapping[str, tuple[tuple[str, str], str]] = {
    "a measure that is none in the matrix": (
        ('low = ["warn", ', 'low = ["warn", "exile", '),
        "matrix.low[1]: is not a measure: 'warn', 'refuse_publish'",
    ),
    "a measure that is none on the ladder": (
        (_PAUSE, '{ kind = "exile", days = 7 }'),
        "ladder[2].measures[0].kind: is not a measure: 'warn', 'refuse_publish'",
    ),
    "terms of a measure that is none": (
        ("[measures.warn]", '[measures.exile]\nclause = "G4"\ndecided_by = []\n\n[measures.warn]'),
        "measures.exile: is not a measure: 'warn', 'refuse_publish'",
    ),
    "a measure without terms": (
        ('[measures.legal_hold]\nlike = "warn"\nclause = "LIVE-MOD-9"\n', ""),
        "measures.legal_hold: is missing",
    ),
    "a severity that allows nothing": (
        (_LOW, "low = []"),
        "matrix.low: has no measure",
    ),
    "a severity that is forgotten": (
        ("[matrix]\nlow", "[matrix]\nslight"),
        "matrix.slight: is not a severity",
    ),
    "a gap in the ladder": (
        (_STEP, "from_points = 3\nbelow_points = 5"),
        "ladder[1].below_points: is 5, and leaves a gap before 6",
    ),
    "steps that overlap": (
        (_STEP, "from_points = 3\nbelow_points = 7"),
        "ladder[1].below_points: is 7, and overlaps the next from 6",
    ),
    "steps out of order": (
        (_STEP, "from_points = 9\nbelow_points = 6"),
        "ladder[0].below_points: is 3, and leaves a gap before 9",
    ),
    "a step that begins where the one before does": (
        ("from_points = 6\nbelow_points = 9", "from_points = 3\nbelow_points = 9"),
        "ladder[2].from_points: is 3, not above that of the step before",
    ),
    "a ladder that begins late": (
        ("from_points = 0", "from_points = 1"),
        "ladder[0].from_points: is 1, but the first step begins at 0",
    ),
    "a last step with an end": (
        ("from_points = 12\n", "from_points = 12\nbelow_points = 15\n"),
        "ladder[4].below_points: is given, but the last step has no end",
    ),
    "a step without an end": (
        (_STEP, "from_points = 3"),
        "ladder[1].below_points: is missing, and only the last step has no end",
    ),
    "a step lighter than the one before": (
        ('{ kind = "suspend_service", days = 30 }', '{ kind = "suspend_service", days = 6 }'),
        "ladder[3].measures: keeps from receive for a shorter time than the step before",
    ),
    "a step on which nothing follows any more": (
        ('[{ kind = "terminate_service" }]', "[]"),
        "ladder[4].measures: keeps from tip for a shorter time than the step before",
    ),
    "money that is taken by itself": (
        (_PAUSE, '{ kind = "penalty" }'),
        "ladder[2].measures[0].kind: is penalty, which only a person decides on",
    ),
    "a restriction of nothing": (
        ('{ kind = "restrict", feature = "receive", days = 7 }', '{ kind = "restrict", days = 7 }'),
        "ladder[2].measures[1].feature: is missing: what is restricted",
    ),
    "a restriction of what is none": (
        ('feature = "receive"', 'feature = "laugh"'),
        "ladder[2].measures[1].feature: is not a feature: 'tip', 'top_up'",
    ),
    "a feature of what restricts none": (
        (_PAUSE, '{ kind = "pause", feature = "tip", days = 7 }'),
        "ladder[2].measures[0].feature: is given, and pause has none",
    ),
    "a measure for longer than it may last": (
        ("[measures.pause]\n", "[measures.pause]\nmax_days = 6\n"),
        "ladder[2].measures[0].days: is 7, and pause lasts 6 at most",
    ),
    "a measure without an end that has to have one": (
        ("[measures.terminate_service]\n", "[measures.terminate_service]\nmax_days = 6\n"),
        "ladder[4].measures[0].days: is without an end, and terminate_service lasts 6 at most",
    ),
    "an item like itself": (
        ("[items.illegal_heroes]\n", '[items.illegal_heroes]\nlike = "illegal_heroes"\n'),
        "items.illegal_heroes.like: goes in a circle: illegal_heroes -> illegal_heroes",
    ),
    "measures like each other in a circle": (
        ("[measures.warn]\n", '[measures.warn]\nlike = "legal_hold"\n'),
        "measures.warn.like: goes in a circle: warn -> legal_hold -> warn",
    ),
    "an item like one that is not there": (
        ("[items.illegal_heroes]\n", '[items.illegal_heroes]\nlike = "illegal_nobody"\n'),
        "items.illegal_heroes.like: is illegal_nobody, which is not there",
    ),
    "a likeness that is no name": (
        ("[items.illegal_heroes]\n", "[items.illegal_heroes]\nlike = 7\n"),
        "items.illegal_heroes.like: is not a text",
    ),
    "an item of no group": (
        ('group = "unfriendly"', 'group = "unkind"'),
        "items.unfriendly_flooding.group: is unkind, and there is no such group",
    ),
    "a bound below nothing": (
        ("bound_minor = 50_000", "bound_minor = -1"),
        "measures.penalty.bound_minor: is below 0",
    ),
    "a bound in parts of a fen": (
        ("bound_minor = 50_000", "bound_minor = 0.5"),
        "measures.penalty.bound_minor: is not a whole number",
    ),
    "a second person who is nobody": (
        ('approved_by = ["moderator", "finance"]', "approved_by = []"),
        "measures.penalty.approved_by: is empty, but a second person has to agree",
    ),
    "a role that decides nothing": (
        ('decided_by = ["moderator"]', 'decided_by = ["viewer"]'),
        "measures.warn.decided_by[0]: is not one of 'moderator' or 'finance'",
    ),
    "a mute that weighs less than twice": (
        ("mute_factor_bps = 20_000", "mute_factor_bps = 19_999"),
        "intervals.mute_factor_bps: is below 20000",
    ),
    "a mute that weighs more than three times": (
        ("mute_factor_bps = 20_000", "mute_factor_bps = 30_001"),
        "intervals.mute_factor_bps: is above 30000",
    ),
    "two clean months": (("clean_months = 3", "clean_months = 2"), "intervals.clean_months: is below 3"),
    "a heavier violation with fewer points": (
        ("high = 3\n", "high = 1\n"),
        "points.high: is 1, below 2 for medium",
    ),
    "no time to appeal": (("file_days = 7", "file_days = 0"), "appeals.file_days: is below 1"),
    "an account that a penalty takes twice": (
        ('"gifts", "wallet"]', '"gifts", "gifts"]'),
        "penalty_order: names an account twice",
    ),
    "an account that a penalty does not take": (
        ('"gifts", "wallet"]', '"gifts", "debt"]'),
        "penalty_order[3]: is not one of 'accruals', 'earnings', 'gifts' or 'wallet'",
    ),
    "a hash that is none": (
        ('clause_sha256 = "', 'clause_sha256 = "x'),
        "groups.illegal.clause_sha256: is not a name of the form ^[0-9a-f]{64}$",
    ),
    "a clause that is none": (
        ('clause = "LIVE-MOD-9"', 'clause = "because"'),
        "measures.legal_hold.clause: is not a name of the form",
    ),
    "an item with a strange name": (
        ("[items.unfriendly_smoking]", '[items."Smo\\u001bking"]'),
        r"items.'Smo\x1bking': is not a name of the form ^[a-z][a-z0-9_]{0,59}$",
    ),
    "a field that is none": (
        ("[reports]\n", "[reports]\nfee = 1\n"),
        "reports.fee: is not a field of a rule book",
    ),
    "a time without an offset": (
        ("00:00:00+08:00", "00:00:00"),
        "effective_at: does not say its offset, such as 2026-11-01T00:00:00+08:00",
    ),
    "a time out of every time": (
        ("2020-01-01T00:00:00+08:00", "1999-01-01T00:00:00+08:00"),
        "effective_at: is not between the years 2000 and 2199",
    ),
    "two things wrong": (
        ("file_days = 7\nanswer_working_days = 5", "file_days = 0\nanswer_working_days = 0"),
        "appeals.file_days: is below 1; appeals.answer_working_days: is below 1",
    ),
}


@pytest.mark.parametrize(("changed", "fault"), FAULTS.values(), ids=FAULTS)
def test_what_is_no_rule_book_is_refused_and_the_field_is_named(changed: tuple[str, str], fault: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse(rule_book(None, None, changed))
    assert fault in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_is_like_another_says_only_what_differs_and_may_be_like_it_over_several() -> None:
    book = parse(
        rule_book(
            None,
            None,
            ('[measures.freeze]\nlike = "warn"', '[measures.freeze]\nlike = "compensation"'),
            ('[measures.compensation]\nlike = "penalty"', '[measures.compensation]\nlike = "damages"'),
        )
    )
    freeze, damages = book.measures[MeasureKind.FREEZE], book.measures[MeasureKind.DAMAGES]
    assert (freeze.clause, freeze.decided_by, freeze.at_once) == (
        "LIVE-MOD-4",
        ("moderator", "finance"),
        True,
    )
    assert (freeze.always_second, freeze.bound_minor) == (True, damages.bound_minor)
    assert "like" not in json.loads(canonical(book))["measures"]["freeze"]


def test_no_rule_book_is_like_another_over_so_many_that_it_takes_long_to_find_out() -> None:
    steps = (f"[items.k{step}]\nlike = 'k{step - 1}'" for step in range(1, 3_000))
    with pytest.raises(InvalidDocument, match=r"items\.k8\.like: is k0, and goes on over more than 8 tables"):
        parse("\n".join(("[items.k0]", *steps)))


def test_no_rule_book_grows_beyond_all_bounds_once_what_is_like_another_is_filled_in() -> None:
    lines = ["[items.k0]", *(f"f{field} = 0" for field in range(4_000))]
    lines += (f"[items.k{item}]\nlike = 'k0'" for item in range(1, 2_000))
    with pytest.raises(InvalidDocument, match="items: has more than 1,000,000 characters with every like"):
        parse("\n".join(lines))


def test_the_sample_is_a_rule_book_and_is_read_back_from_its_bytes_as_the_same() -> None:
    document = canonical(sample())
    assert published(document) == sample()
    assert canonical(published(document)) == document


def test_a_measure_younger_than_a_rule_book_is_nobodys_to_decide_by_it() -> None:
    old = json.loads(canonical(sample()))
    del old["measures"]["legal_hold"]
    book = published(json.dumps(old).encode())
    assert book.measures[MeasureKind.LEGAL_HOLD].decided_by == ()
    old["format"] = "zhibo-rules/0"
    with pytest.raises(InvalidDocument, match="format: is not zhibo-rules/1"):
        published(json.dumps(old).encode())


def judged(text: str) -> str:
    """What a text is: its hash as a rule book, or why it is none. Nothing else may come of it."""
    try:
        return sha256_of(canonical(parse(text)))
    except InvalidDocument as refused:
        return str(refused)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_the_text_it_is_a_rule_book_or_refused_in_words(text: str) -> None:
    assert judged(text)


_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    ("0", "-1", "1.5", "nan", "inf", "true", '""', '"x"', "[]", "{}", "2026-10-01", "9223372036854775808")
)
_LINES = [line for line in rule_book().splitlines() if " = " in line and not line.startswith("#")]


@given(line=st.sampled_from(_LINES), value=_VALUES)
def test_whatever_stands_in_a_field_it_is_a_rule_book_or_refused_in_words(line: str, value: str) -> None:
    name = line.split(" = ", maxsplit=1)[0]
    assert judged(rule_book().replace(line, f"{name} = {value}"))


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdefg"), min_size=1))
def test_whoever_is_like_whom_the_document_is_read_to_its_end(likes: dict[str, str]) -> None:
    items = "".join(f'\n[items.{name}]\nlike = "{other}"\n' for name, other in likes.items())
    told = judged(rule_book() + items)
    assert "goes in a circle" in told or "which is not there" in told
