"""What people write to moderation: read by those who answer, and nowhere else in the clear."""

import logging
from pathlib import Path

import pytest

from ledger.database import Database
from tests.api.http.serving import Api, own_api, sandbox, sandbox_data, serving
from tests.moderation.imposing import imposed
from tests.settlement.payees.test_privacy import everything

__all__ = ["own_api", "sandbox_data"]

WHY, WHAT = "我当时在住院，病历号九八七", "我的身份证在老家丢了"


def test_why_one_appeals_and_what_one_asks_are_read_by_those_who_answer(own_api: Api) -> None:
    bo, other = own_api.streamer(), own_api.streamer()
    appeal = appealed(own_api, bo)
    asked(own_api, bo)
    (own,) = own_api.done("GET", "/v1/me/appeals", "streamer", party=bo)["appeals"]
    assert own["text"] == WHY
    assert own_api.done("GET", f"/v1/appeals/{appeal}", "moderator", party="ju") == own
    assert own_api.done("GET", "/v1/appeals?open=true", "finance", party="fi")["appeals"] == [own]
    (own,) = own_api.done("GET", "/v1/me/tickets", "streamer", party=bo)["tickets"]
    assert own["text"] == WHAT
    assert own_api.done("GET", "/v1/tickets", "moderator", party="ju")["tickets"] == [own]
    assert own_api.done("GET", "/v1/me/appeals", "streamer", party=other)["appeals"] == []
    assert own_api.done("GET", "/v1/me/tickets", "streamer", party=other)["tickets"] == []
    # Whom it is about does not answer it, nor see that it is there.
    assert (
        own_api.refused("GET", f"/v1/appeals/{appeal}", "moderator", party=bo)["code"] == "appeal_not_found"
    )
    assert own_api.done("GET", "/v1/tickets", "moderator", party=bo)["tickets"] == []


def test_no_table_and_no_log_holds_what_people_wrote(
    empty_database: Database,
    sandbox_data: Path,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    # What it printed is read when it has stopped: it writes down a request after the answer has left.
    with serving(empty_database, sandbox(sandbox_data)) as api:
        bo = api.streamer()
        appealed(api, bo)
        asked(api, bo)
        api.done("GET", "/v1/appeals", "moderator", party="ju")
    with empty_database.owner.connect() as connection:
        kept = [*everything(connection)]
    said = [*kept, ("the log", caplog.text.encode()), ("the streams", "".join(capsys.readouterr()).encode())]
    for where, seen in said:
        for words in (WHY, WHAT):
            for form in (words, words.encode().hex()):
                assert form.encode() not in seen, f"{words} can be read in {where}"
    assert any(where == "moderation.sealed_values.sealed" for where, _ in kept)


def appealed(api: Api, party: str) -> str:
    """An appeal against something light; its id."""
    imposed(api, party, "warn")
    (decided,) = api.done("GET", "/v1/me/decisions", "streamer", party=party)["decisions"]
    path = f"/v1/decisions/{decided['id']}/appeals"
    return str(api.done("POST", path, "streamer", {"text": WHY}, party=party)["id"])


def asked(api: Api, party: str) -> None:
    """A ticket of theirs."""
    api.done("POST", "/v1/me/tickets", "streamer", {"about": "other", "text": WHAT}, party=party)
