"""A clock that is set back changes no order: the newest account counts, and what follows comes behind."""

import pytest
from sqlalchemy import text

from ledger.database import Database
from ledger.journal import locking
from settlement.payees.reading import payee_of
from tests.settlement.payouts.playing import Payees

_BACK = "SELECT (extract(epoch FROM clock_timestamp() - INTERVAL '1 hour') * 1000000)::bigint"


def test_the_newest_facts_count_although_the_clock_was_set_back(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = Payees(empty_database)
    bo = house.payee("bo", 50_000)
    payout = house.did(house.request(bo))
    house.did(house.send(payout))
    monkeypatch.setattr(locking, "_CLOCK", _BACK)
    house.account(bo, holder="王小明", channel="bank", account="6222020000007654321")
    house.did(house.failed(payout))
    with house.database.app.connect() as connection:
        payee = payee_of(connection, bo)
        numbers = connection.execute(
            text("SELECT entry FROM settlement.payout_events WHERE payout = :payout ORDER BY number"),
            {"payout": payout},
        )
        entries = [row.entry for row in numbers]
        accounts = connection.scalar(text("SELECT max(entry) FROM settlement.payee_accounts"))
        count = connection.scalar(text("SELECT count(*) FROM settlement.payee_accounts"))
    assert payee is not None
    assert payee.account is not None
    assert (payee.account.entry, count) == (accounts, 2)
    assert entries == sorted(entries)
    with house.database.app.connect() as connection:
        newest = connection.execute(
            text("SELECT entry FROM settlement.payee_accounts ORDER BY ctid DESC LIMIT 1")
        ).scalar_one()
    assert newest == payee.account.entry
