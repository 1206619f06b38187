"""What a version changes, as finance and streamers are shown it."""

from settlement.policies.changes import changes
from settlement.policies.document import parse
from tests.settlement.policies.writing import sample_policy


def shown(*changed: tuple[str, str]) -> list[str]:
    """The changes from the sample to this; what leaves streamers with less is marked."""
    old, new = parse(sample_policy()), parse(sample_policy(None, None, *changed))
    return [
        f"{'!' if cut else ' '} {field}: {was} -> {is_now}" for field, was, is_now, cut in changes(old, new)
    ]


def test_nothing_differs_from_itself() -> None:
    assert shown() == []
    assert shown(("[tax]", "# the same\n[tax]")) == []


def test_each_field_is_shown_as_people_say_it_and_a_cut_is_marked() -> None:
    assert shown(("hold_days = 7", "hold_days = 10")) == ["! classes.standard.hold_days: 7 days -> 10 days"]
    assert shown(("hold_days = 14", "hold_days = 10")) == ["  classes.new.hold_days: 14 days -> 10 days"]
    assert shown(("threshold_minor = 10_000", "threshold_minor = 10_001")) == [
        "! payout.threshold_minor: 100.00 CNY -> 100.01 CNY"
    ]
    assert shown(("[guild]\nshare_bps = 500", "[guild]\nshare_bps = 650")) == [
        "! guild.share_bps: 5 % -> 6.5 %"
    ]
    assert shown(("task = { enabled = true }", "task = { enabled = false, hold_days = 3 }")) == [
        "! kinds.task.enabled: yes -> no",
        "  kinds.task.hold_days: as the class says -> 3 days",
    ]
    assert shown(("min_bps = -500", "min_bps = -501")) == ["! quality.min_bps: -5 % -> -5.01 %"]
    assert shown(('"weekly"', '"monthly"')) == ["  payout.cycle: weekly -> monthly"]


def test_shares_are_compared_where_a_step_begins_in_either_version() -> None:
    step = "{ from_coins = 0, share_bps = 5000 }"
    two = (
        "{ from_coins = 0, below_coins = 2_000, share_bps = 4900 }, { from_coins = 2_000, share_bps = 5100 }"
    )
    assert shown((step, two)) == [
        "! classes.standard.tiers from 0 coins.share_bps: 50 % -> 49 %",
        "  classes.standard.tiers from 2,000 coins.share_bps: 50 % -> 51 %",
    ]
    split = (
        "{ from_coins = 0, below_coins = 2_000, share_bps = 5000 }, { from_coins = 2_000, share_bps = 5000 }"
    )
    assert shown((step, split)) == []


def test_a_class_that_goes_is_compared_with_standard_which_it_becomes() -> None:
    text = sample_policy()
    signed = text[text.index("[classes.signed]") : text.index("# Which kinds")]
    assert shown((signed, "")) == [
        "  classes.signed: there -> not there: as standard",
        "! classes.signed.tiers from 1,000,000 coins.share_bps: 52 % -> 50 %",
        "! classes.signed.tiers from 5,000,000 coins.share_bps: 55 % -> 50 %",
    ]
