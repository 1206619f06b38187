"""What a streamer is settled, by hand: shares as they were when a gift came, kept, and put right openly."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.wiring import desks
from ledger.journal.journal import Journal
from tests.agreement.by_command_line import Desk, desk_in, event, opened, roses
from tests.api.command_line import is_one_line, zhibo
from tests.settlement.policies.writing import sample_policy
from tests.settlement.statements.months import Stage

_LATER = "2199-01-01T00:00:00+08:00"


@pytest.fixture
def desk(data_folder: Path) -> Iterator[Desk]:
    with desk_in(data_folder) as desk:
        yield desk


@pytest.mark.rule("LIVE-EARN-1")
def test_gifts_a_second_before_a_change_of_share_and_at_it_are_paid_half_and_forty_per_cent(
    desk: Desk,
) -> None:
    """Given 50 % until T and 40 % after it, T being 0:00 of 16 October: gifts at T − 1 s and at T."""
    desk.play(*opened())
    desk.publish(sample_policy("half", "2026-09-01T00:00:00+08:00"))
    lowered = ("share_bps = 5000 }]", "share_bps = 4000 }]")
    with desk.database.app.connect() as connection:
        first = connection.scalar(text("SELECT entry FROM settlement.policies"))
    assert first is not None
    stage = Stage(desk.database, Journal(desk.database.app, desks()))
    stage.publish_back_then(sample_policy("forty", "2026-10-16T00:00:00+08:00", lowered), first + 1)
    # 100 roses are 1,000 coins, face value 100.00, each time. The later one arrives first.
    desk.play(roses("10-16T00:00:00", 100), roses("10-15T23:59:59", 100))
    # What is published for later, and before the run, reprices neither.
    desk.publish(sample_policy("third", _LATER, ("share_bps = 5000 }]", "share_bps = 3000 }]")))
    statement = desk.settle("2026-10")
    found = [
        (line["policy"], line["share_bps"], line["coins"], line["amount_minor"], line["platform_minor"])
        for line in desk.lines(statement)
    ]
    assert found == [
        # 100.00 × 50 % = 50.00
        ("half", 5_000, 1_000, 5_000, 5_000),
        # 100.00 × 40 % = 40.00
        ("forty", 4_000, 1_000, 4_000, 6_000),
    ]
    # 50.00 + 40.00
    assert json.loads(desk.document(statement))["totals"]["credited_minor"] == 9_000


@pytest.mark.rule("LIVE-EARN-6")
def test_a_statement_recomputed_after_all_that_came_later_is_the_same_byte_for_byte(desk: Desk) -> None:
    """Settle, play on, recompute; what was counted wrong is put right by an adjustment with a reason."""
    desk.play(*opened(), roses("10-05T20:00:00", 100))
    desk.publish(sample_policy())
    first = desk.settle("2026-10")
    issued = desk.document(first)
    # 1,000 coins, face value 100.00, half of it.
    assert json.loads(issued)["totals"]["credited_minor"] == 5_000
    # Play on: gifts before, between and after those that were settled, a task, a freeze, a later policy.
    freeze = event("freeze", "11-02T12:00:00", party="bo", account="gifts", amount=7, case="c", rule="r")
    desk.play(
        roses("10-01T00:00:00", 20),
        roses("10-31T23:59:59", 10),
        roses("11-01T20:00:00", 1),
        event("reward", "10-09T12:00:00", streamer="bo", task="600 minutes", amount="20.00"),
        freeze,
        event("session_open", "10-05T19:00:00", streamer="bo", room="r1", scope="职场", tags=[]),
        event("class", "10-01T00:00:00", streamer="bo", guild=None, **{"class": "signed"}),
        event("lift", "11-03T12:00:00", freeze=freeze["id"], case="c"),
    )
    desk.publish(sample_policy("later", _LATER))
    assert desk.did("statement", "recompute", str(first)).endswith("the same, byte for byte\n")
    # A correction without a reason is none; with one it is an entry of its own.
    put_right = event("adjustment", "11-01T12:00:00", streamer="bo", amount="12.34", reference="recount")
    silent = zhibo(desk.folder, "replay", "-", stdin=json.dumps({**put_right, "reason": ""}).encode())
    assert silent.returncode != 0
    assert b"reason" in silent.stderr
    desk.play({**put_right, "id": str(uuid4()), "reason": "a gift was missed"})
    second = desk.settle("2026-11-01")
    # 300 late coins of October and 10 of 1 November: face value 31.00, half of it 15.50.
    # And 20.00 for the task, 12.34 put right: 15.50 + 20.00 + 12.34 = 47.84.
    lines = [(line["kind"], line["amount_minor"]) for line in desk.lines(second)]
    assert sum(amount for kind, amount in lines if kind == "gift") == 1_550
    assert [line for line in lines if line[0] != "gift"] == [("adjustment", 1_234), ("task", 2_000)]
    assert json.loads(desk.document(second))["totals"]["credited_minor"] == 4_784
    for statement in (first, second):
        assert desk.did("statement", "recompute", str(statement)).endswith("the same, byte for byte\n")
    assert desk.document(first) == issued
    assert "byte for byte: 2 of 2" in desk.did("verify", "--statements", "all")


@pytest.mark.rule("LIVE-EARN-6")
def test_an_issued_statement_cannot_be_changed_by_anybody_and_a_settled_period_not_settled_again(
    desk: Desk,
) -> None:
    desk.play(*opened(), roses("10-05T20:00:00", 100))
    desk.publish(sample_policy())
    statement = desk.settle("2026-10")
    for change in (
        "UPDATE settlement.statements SET document = '{}'",
        "DELETE FROM settlement.statements",
        "TRUNCATE settlement.statements",
    ):
        for engine in (desk.database.app, desk.database.owner):
            with engine.connect() as connection, pytest.raises(DBAPIError):
                connection.execute(text(change))
    # A day of the month that is settled: one line says no, and nothing is issued.
    again = zhibo(desk.folder, "settle", "2026-10-05", "--as", "fei")
    assert again.returncode != 0
    assert is_one_line(again.stderr)
    with desk.database.app.connect() as connection:
        assert list(connection.scalars(text("SELECT statement FROM settlement.statements"))) == [statement]
