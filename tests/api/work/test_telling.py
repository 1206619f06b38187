"""A payout that is sent over HTTP is told to its channel at once, and once."""

from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import text

from api.channels import channels
from api.work.tasks import tell
from ledger.database import Database
from settlement.payouts.channels.sandbox import SandboxChannel
from tests.api.http.serving import sandbox, sandbox_data, serving
from tests.api.work.books import until
from tests.settlement.payees.sample import KEYS
from tests.settlement.payouts.playing import Payees

__all__ = ["sandbox_data"]

#: Less than the time between two ticks of the clock that asks.
_AT_ONCE_SECONDS = 8


def jobs(house: Payees) -> list[tuple[str, str]]:
    """The payouts to be told of, and how the job stands."""
    rows = (
        "SELECT args ->> 'payout', status FROM work.procrastinate_jobs WHERE task_name = 'tell' ORDER BY id"
    )
    with house.database.app.connect() as connection:
        return [(payout, status) for payout, status in connection.execute(text(rows))]


def test_what_is_sent_and_its_job_are_committed_as_one(empty_database: Database) -> None:
    house = Payees(empty_database)
    alone, together = (house.did(house.request(house.payee(party, 50_000))) for party in ("bo", "mei"))
    batch = house.did(house.batch(together))
    with house.journal.engine.connect() as connection, connection.begin() as transaction:
        house.journal.decide_in(connection, [house.send(alone)])
        transaction.rollback()
    assert jobs(house) == []
    # The bank's file is carried by people.
    house.did(house.send(alone), house.send(together, batch))
    assert jobs(house) == [(str(alone), "todo")]
    assert house.refused(house.send(alone)) == "payout_already_sent"
    assert jobs(house) == [(str(alone), "todo")]


def test_a_payout_sent_over_http_is_paid_at_once(
    empty_database: Database, sandbox_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.work.tasks.require_sealing_keys", lambda _: KEYS)
    house = Payees(empty_database)
    settings = sandbox(sandbox_data)
    with serving(empty_database, settings) as api:
        for party in ("bo", "mei"):
            payout = house.did(house.request(house.payee(party, 50_000)))
            api.done("POST", f"/v1/payouts/{payout}/send", "finance", {"channel": "sandbox"}, party="f2")
            until(lambda: house.payout(payout).state == "paid", "it is paid", _AT_ONCE_SECONDS)  # noqa: B023
    (channel,) = channels(settings)
    assert isinstance(channel, SandboxChannel)
    assert channel.paid_minor() == 100_000


def test_telling_again_pays_nothing_twice(
    empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.work.tasks.require_sealing_keys", lambda _: KEYS)
    house = Payees(empty_database)
    payout = house.sent(house.payee("bo", 50_000))
    settings = sandbox(tmp_path)

    class Context:
        additional_context: ClassVar[dict[str, object]] = {"journal": house.journal, "settings": settings}

    for _ in range(3):
        tell(Context(), payout=str(payout))  # type: ignore[arg-type]
    assert house.states(payout) == ["requested", "approved", "sent", "paid"]
    (channel,) = channels(settings)
    assert isinstance(channel, SandboxChannel)
    assert channel.paid_minor() == 50_000
