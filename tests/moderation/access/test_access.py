"""Access records: written with the look they record, and never changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.http.moderation.access import recorded
from api.http.problems import Problem
from ledger.database import Database
from moderation.access.records import access_page, record
from tests.api.http.serving import Api


def test_a_record_is_there_exactly_when_the_transaction_is(empty_database: Database) -> None:
    with empty_database.app.connect() as connection:
        record(connection, "moderator:m", "read_report", "report:1")
        connection.rollback()
        record(connection, "moderator:m", "read_report", "report:2", "twice")
        connection.commit()
        page = access_page(connection, before=None, limit=10)
    assert [(one.object, one.detail) for one in page.records] == [("report:2", "twice")]


def test_records_are_found_by_whom_and_by_what_a_page_at_a_time(empty_database: Database) -> None:
    with empty_database.app.begin() as connection:
        for n in range(5):
            record(connection, f"moderator:m{n % 2}", "read_report", f"report:{n % 3}")
        first = access_page(connection, before=None, limit=3)
        rest = access_page(connection, before=first.next_cursor, limit=3)
        assert ([one.object for one in first.records], len(rest.records)) == (
            ["report:1", "report:0", "report:2"],
            2,
        )
        assert rest.next_cursor is None
        by_one = access_page(connection, actor="moderator:m1", before=None, limit=10).records
        of_one = access_page(connection, object="report:0", before=None, limit=10).records
    assert {one.actor for one in by_one} == {"moderator:m1"}
    assert [one.actor for one in of_one] == ["moderator:m1", "moderator:m0"]


@pytest.mark.parametrize(
    "deed", ["UPDATE moderation.access_records SET actor = 'x'", "DELETE FROM moderation.access_records"]
)
def test_nobody_changes_a_record(empty_database: Database, deed: str) -> None:
    for engine in (empty_database.app, empty_database.owner):
        with engine.connect() as connection:
            record(connection, "moderator:m", "read_report", "report:1")
            with pytest.raises(DBAPIError):
                connection.execute(text(deed))


def test_a_look_that_finds_nothing_leaves_no_record_and_shows_nothing(api: Api, database: Database) -> None:
    service = api.app.state.service
    about = f"report:{api.new('nothing')}"
    with pytest.raises(Problem), recorded(service, "moderator:m", "read_report", about):
        raise Problem("not_found", "there is none")
    with database.app.connect() as connection:
        assert access_page(connection, object=about, before=None, limit=1).records == []


def test_finance_looks_and_that_is_recorded_too(api: Api) -> None:
    person = api.new("auditor")
    api.done("GET", "/v1/access-records?actor=moderator:m9", "finance", party=person)
    mine = api.done("GET", f"/v1/access-records?actor=finance:{person}", "finance")["accesses"]
    assert [(one["act"], one["object"], one["detail"]) for one in mine] == [
        ("read_access_records", "access_records", "moderator:m9")
    ]
    for role in ("viewer", "streamer", "moderator", "gateway"):
        assert api.refused("GET", "/v1/access-records", role)["code"] == "forbidden"
