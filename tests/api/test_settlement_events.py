"""Events about sessions and earnings: each is a command, or malformed by the line alone; a file plays."""

import io
import json
from typing import Any
from uuid import UUID

import pytest

from api.event_file import Malformed, command_of
from api.event_file.settlement_events import SETTLEMENT_EVENTS
from api.replay import Tally, replay
from api.wiring import desks
from ledger.database import Database
from ledger.journal.journal import Journal
from settlement.accruals.commands import Adjust, PublishActivity
from settlement.sessions.commands import OpenSession, RecordFact

ID = "0198a3c4-0000-7000-8000-0000000000aa"
SESSION = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
AT = "2026-10-01T19:30:00+08:00"
INSTANT = 1_790_854_200_000_000

_PERIOD = {"since": "2026-10-01T20:00:00+08:00", "until": "2026-10-01T22:00:00+08:00"}
_FIELDS: dict[str, dict[str, Any]] = {
    "class": {"streamer": "s", "class": "standard", "guild": None},
    "session_open": {"streamer": "s", "room": "r", "scope": "求职指导", "tags": ["gala"]},
    "session_close": {"session": SESSION},
    "fact": {"session": SESSION, "metric": "quality_bps", "value": -250},
    "task": {
        "streamer": "s",
        "metric": "minutes",
        "target": 600,
        **_PERIOD,
        "reward": "20.00",
        "rule_version": "v",
    },
    "task_evaluate": {"task": SESSION},
    "activity": {
        "activity": "gala",
        "version": "v1",
        **_PERIOD,
        "tag": "gala",
        "minimum_interactions": 0,
        "face_shown": True,
        "award": "500.00",
    },
    "enrol": {"activity": "gala", "streamer": "s"},
    "activity_evaluate": {"activity": "gala", "streamer": "s"},
    "award_withdraw": {"activity": "gala", "streamer": "s", "reason": "votes were bought"},
    "promotion": {"streamer": "s", "session": None, "permission": None, "amount": "7.00"},
    "commission": {"commission": "C-1", "streamer": "s", "goods": "tea", "rate_bps": 1_000},
    "sale": {"sale": "O-1", "commission": "C-1", "streamer": "s", "session": SESSION, "price": "100.00"},
    "goods_returned": {"sale": "O-1", "price": "100.00"},
    "ip_case": {"case": "K-1", "streamer": "s", "work": "a stream"},
    "ip_cost": {"case": "K-1", "amount": "40.00", "voucher": None},
    "ip_proceeds": {"case": "K-1", "amount": "100.01"},
    "adjustment": {"streamer": "s", "amount": "-12.50", "reason": "counted twice", "reference": None},
}


def line(type: str, **changed: object) -> bytes:
    return json.dumps({"id": ID, "at": AT, "type": type, **_FIELDS[type], **changed}).encode()


def test_there_is_an_example_of_every_type() -> None:
    assert _FIELDS.keys() == SETTLEMENT_EVENTS.keys()


@pytest.mark.parametrize("type", _FIELDS)
def test_every_type_is_a_command_of_its_name_and_needs_all_its_fields(type: str) -> None:
    command = command_of(line(type))
    assert (command.kind, command.id, command.occurred_at) == (type, UUID(ID), INSTANT)
    for name in _FIELDS[type]:
        short = json.loads(line(type))
        del short[name]
        with pytest.raises(Malformed, match="missing"):
            command_of(json.dumps(short).encode())
    with pytest.raises(Malformed, match="no field"):
        command_of(line(type, more=1))


def test_values_are_read_in_their_units() -> None:
    opened, fact = command_of(line("session_open")), command_of(line("fact"))
    adjusted, activity = command_of(line("adjustment")), command_of(line("activity"))
    assert isinstance(opened, OpenSession)
    assert isinstance(fact, RecordFact)
    assert isinstance(adjusted, Adjust)
    assert isinstance(activity, PublishActivity)
    assert (opened.tags, fact.session, fact.value) == (("gala",), UUID(SESSION), -250)
    assert (adjusted.amount_minor, activity.award_minor) == (-1_250, 50_000)
    assert activity.since == INSTANT + 30 * 60_000_000


@pytest.mark.parametrize(
    ("type", "changed", "reason"),
    [
        ("session_open", {"tags": "gala"}, "tags is not a list of at most 20 texts"),
        ("session_open", {"tags": ["gala", "gala"]}, "tags names something twice"),
        ("session_open", {"tags": [""]}, "tags is not a text"),
        ("session_open", {"tags": [str(number) for number in range(21)]}, "tags is not a list"),
        ("fact", {"metric": "likes"}, "metric is not one of"),
        ("fact", {"value": True}, "value is not an integer"),
        ("fact", {"metric": "face_shown", "value": 2}, "value of face_shown is not an integer from 0 to 1"),
        ("fact", {"metric": "minutes", "value": -1}, "value of minutes is not an integer from 0"),
        ("fact", {"value": 10_001}, "value of quality_bps is not an integer from -10000 to 10000"),
        ("task", {"until": _PERIOD["since"]}, "until is not after since"),
        ("task", {"metric": "face_shown"}, "metric is not one of"),
        ("activity", {"face_shown": 1}, "face_shown is not true or false"),
        ("activity", {"minimum_interactions": -1}, "minimum_interactions is not an integer from 0"),
        ("activity", {"since": _PERIOD["until"]}, "until is not after since"),
        ("commission", {"rate_bps": 0}, "rate_bps is not an integer from 1 to 10000"),
        ("commission", {"rate_bps": 10_001}, "rate_bps is not an integer"),
        ("adjustment", {"amount": "0.00"}, "amount is not an amount"),
        ("adjustment", {"amount": "-0.00"}, "amount is not an amount"),
        ("adjustment", {"amount": "--1.00"}, "amount is not an amount"),
        ("adjustment", {"amount": "+1.00"}, "amount is not an amount"),
        ("promotion", {"session": ""}, "session is not a UUID"),
        ("ip_cost", {"voucher": ""}, "voucher is not a text"),
    ],
)
def test_what_is_no_such_event_says_why(type: str, changed: dict[str, object], reason: str) -> None:
    with pytest.raises(Malformed) as malformed:
        command_of(line(type, **changed))
    assert str(malformed.value).startswith(reason)


def _story() -> bytes:
    """A file that tells of a session, what it earned, and one thing that is refused."""
    lines = [
        {"type": "register", "party": "s", "roles": ["streamer"]},
        {"type": "activity", **_FIELDS["activity"]},
        {"type": "enrol", **_FIELDS["enrol"]},
        {"type": "session_open", **_FIELDS["session_open"], "id": SESSION},
        {"type": "fact", "session": SESSION, "metric": "minutes", "value": 600},
        {"type": "fact", "session": SESSION, "metric": "face_shown", "value": 1},
        {"type": "session_close", "session": SESSION, "at": "2026-10-01T21:30:00+08:00"},
        {"type": "task", **_FIELDS["task"], "since": AT, "id": "0198a3c4-0000-7000-8000-00000000000f"},
        {"type": "task_evaluate", "task": "0198a3c4-0000-7000-8000-00000000000f"},
        {"type": "task_evaluate", "task": "0198a3c4-0000-7000-8000-00000000000f"},
        {"type": "activity_evaluate", **_FIELDS["activity_evaluate"]},
        {"type": "commission", **_FIELDS["commission"]},
        {"type": "sale", **_FIELDS["sale"]},
        {"type": "goods_returned", "sale": "O-1", "price": "25.00"},
        {"type": "ip_case", **_FIELDS["ip_case"]},
        {"type": "ip_cost", **_FIELDS["ip_cost"]},
        {"type": "ip_cost", **_FIELDS["ip_cost"], "voucher": "V-1"},
        {"type": "ip_proceeds", **_FIELDS["ip_proceeds"]},
        {"type": "adjustment", **_FIELDS["adjustment"]},
    ]
    events = [
        {"id": f"0198a3c4-0000-7000-8000-0000000001{number:02x}", "at": AT, **event}
        for number, event in enumerate(lines)
    ]
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


@pytest.mark.parametrize("batch", [1, 2, 7, 1_000])
def test_a_file_comes_to_the_same_in_batches_of_any_size_and_a_second_time(
    empty_database: Database, batch: int
) -> None:
    journal = Journal(empty_database.app, desks())
    for _ in range(2):
        tally = Tally()
        for _played in replay(journal, io.BytesIO(_story()), tally, largest_batch=batch):
            pass
        assert (tally.accepted, tally.malformed) == (17, 0)
        assert tally.refused == {"task_already_rewarded": 1, "voucher_missing": 1}
    with empty_database.app.connect() as connection:
        query = "SELECT credits_minor - debits_minor FROM ledger.accounts WHERE kind = 'accruals'"
        accruals = connection.exec_driver_sql(query).scalar_one()
    # Task 20.00, award 500.00, commission of 75.00 kept at a tenth 7.50, half of 60.01 30.00, less 12.50.
    assert accruals == 2_000 + 50_000 + 750 + 3_000 - 1_250
