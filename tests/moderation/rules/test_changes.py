"""What a version changes, as moderators are shown it before they publish."""

from moderation.rules.changes import changes
from moderation.rules.document import parse
from tests.moderation.rules.writing import rule_book


def shown(*changed: tuple[str, str]) -> list[str]:
    """The changes from the sample to this; what is harder on people is marked."""
    old, new = parse(rule_book()), parse(rule_book(None, None, *changed))
    return [
        f"{'!' if harder else ' '} {field}: {was} -> {is_now}"
        for field, was, is_now, harder in changes(old, new)
    ]


def test_nothing_differs_from_itself() -> None:
    assert shown() == []
    assert shown(("[matrix]", "# the same\n[matrix]")) == []


def test_each_field_is_shown_as_people_say_it_and_what_is_harder_is_marked() -> None:
    higher, lower = ("bound_minor = 50_000", "bound_minor = 60_000"), ("file_days = 7", "file_days = 5")
    assert shown(higher)[0] == "! measures.penalty.bound_minor: 500.00 CNY -> 600.00 CNY"
    assert shown(lower) == ["! appeals.file_days: 7 days -> 5 days"]
    assert shown(("file_days = 7", "file_days = 9")) == ["  appeals.file_days: 7 days -> 9 days"]
    assert shown(("low = 1\n", "low = 2\n")) == ["! points.low: 1 -> 2"]
    assert shown(("always_second = true", "always_second = false")) == [
        "! measures.damages.always_second: yes -> no"
    ]
    assert shown(
        ('[measures.rectify]\nlike = "warn"\nmax_days = 90\n', '[measures.rectify]\nlike = "warn"\n')
    ) == ["! measures.rectify.max_days: 90 days -> not there"]


def test_a_severity_that_allows_more_and_an_item_that_weighs_more_are_harder() -> None:
    (change,) = shown(('low = ["warn", ', 'low = ["warn", "freeze", '))
    assert change.startswith("! matrix.low: warn, refuse_publish")
    assert " -> warn, freeze, refuse_publish" in change
    item = '[items.unfriendly_smoking]\ngroup = "unfriendly"'
    assert shown((item, item.replace("_smoking", "_eating"))) != []
    heavier = parse(rule_book()).items["unfriendly_smoking"].model_copy(update={"severity": "high"})
    old = parse(rule_book())
    new = old.model_copy(update={"items": {**old.items, "unfriendly_smoking": heavier}})
    assert [str(change.field) for change in changes(old, new) if change.is_harder] == [
        "items.unfriendly_smoking.severity"
    ]


def test_the_ladder_is_compared_step_by_step_by_what_follows() -> None:
    longer = ('{ kind = "pause", days = 7 }', '{ kind = "pause", days = 9 }')
    (change,) = shown(longer)
    was, _, is_now = change.partition(" -> ")
    assert was == "! ladder from 6 points: pause for 7 days, restrict receive for 7 days"
    assert is_now == "pause for 9 days, restrict receive for 7 days"
    later = ("below_points = 3\n", "below_points = 4\n"), ("from_points = 3\n", "from_points = 4\n")
    assert shown(*later) == ["  ladder from 3 points: warn, pause for 1 day -> nothing"]
