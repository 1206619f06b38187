"""The quarterly report: everyone paid, once, as of a moment, the same bytes for ever."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from api.audits import all_audits
from ledger.audits.verify import verify
from ledger.coins.top_ups import TopUp
from ledger.database import Database
from ledger.gifts.commands import PriceGift, Tip
from ledger.parties import Register
from ledger.resealing import reseal
from settlement.accruals.commands import Adjust
from settlement.commands import Reward
from settlement.payees.reading import payee_of
from settlement.payees.tables import sealed_values
from settlement.policies.publishing import PublishPolicy
from settlement.tax.report import Quarter, earners, write_report
from tests.api.command_line import is_one_line, zhibo
from tests.busy_books import play
from tests.settlement.earning import House as Earning
from tests.settlement.earning import at, commission, returned, sale
from tests.settlement.payees.sample import (
    KEYS,
    LICENCE,
    NAME,
    NUMBER,
    OTHER_NAME,
    OTHER_NUMBER,
    ROTATED,
    STUDIO,
)
from tests.settlement.payouts.playing import Payees, policy

Q4 = Quarter(2026, 4)
_TAX_AUDITS = (
    "i7_tax_is_reckoned_from_the_year_so_far",
    "i3_organisation_is_paid_against_its_invoices",
    "i5_payout_income_is_what_was_sent",
)


@pytest.fixture
def house(empty_database: Database) -> Payees:
    return Payees(empty_database)


def newest(house: Payees) -> int:
    """The number of the last entry there is."""
    with house.database.app.connect() as connection:
        return int(connection.execute(text("SELECT max(seq) FROM ledger.decisions")).scalar_one())


def report(house: Payees, quarter: Quarter = Q4, *, upto_seq: int | None = None) -> str:
    """The report as it is written."""
    file = io.StringIO(newline="")
    with house.database.app.connect() as connection:
        write_report(connection, KEYS, quarter, newest(house) if upto_seq is None else upto_seq, file)
    return file.getvalue()


def rows(house: Payees, quarter: Quarter = Q4, *, upto_seq: int | None = None) -> dict[str, dict[str, str]]:
    """Its rows, by number."""
    written = csv.DictReader(io.StringIO(report(house, quarter, upto_seq=upto_seq)))
    return {row["number"]: row for row in written}


def breaches(house: Payees) -> list[str]:
    """What the checks of tax and income say."""
    audits = [audit for audit in all_audits() if audit.name in _TAX_AUDITS]
    assert len(audits) == len(_TAX_AUDITS)
    return [str(breach) for breach in verify(house.database.app, audits)]


def amounts(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("payouts", "gross", "returns", "net", "tax_withheld"))


def test_each_person_and_organisation_stands_there_once_with_its_class_of_income(house: Payees) -> None:
    house.payee("bo", 3_000_000)
    house.payee("bo-2", 1_000_000)
    house.payee("studio", 2_000_000, name=STUDIO, number=LICENCE, kind="organisation")
    house.payee("mei", 50_000, name=OTHER_NAME, number=OTHER_NUMBER)
    house.invoice("studio", "24312000000000000001", 2_000_000)
    # Of the first 30,000: (24,000 − 5,000) × 3 % = 570. Of the next 10,000 another 8,000 × 3 % = 240.
    for party in ("bo", "bo-2", "studio", "mei"):
        house.did(house.paid(house.sent(party)))
    found = rows(house)
    assert {number: row["name"] for number, row in found.items()} == {
        NUMBER: NAME,
        LICENCE: STUDIO,
        OTHER_NUMBER: OTHER_NAME,
    }
    assert amounts(found[NUMBER]) == ("2", "40000.00", "0.00", "40000.00", "810.00")
    assert amounts(found[LICENCE]) == ("1", "20000.00", "0.00", "20000.00", "0.00")
    assert amounts(found[OTHER_NUMBER]) == ("1", "500.00", "0.00", "500.00", "0.00")
    assert found[NUMBER]["parties"] == "bo bo-2"
    types = {row["kind"]: row["income_type"] for row in found.values()}
    assert types == {"person": "labour_service", "organisation": "business_income"}
    assert breaches(house) == []


def test_a_payout_that_failed_was_no_income_and_one_that_came_back_is_a_return(house: Payees) -> None:
    house.payee("bo", 3_000_000)
    failed = house.sent("bo", 1_000_000)
    house.did(house.failed(failed))
    house.day += 1
    back = house.sent("bo", 1_000_000)
    house.did(house.paid(back))
    house.day += 1
    house.did(house.paid(house.sent("bo", 2_000_000)))
    before = newest(house)
    assert amounts(rows(house)[NUMBER]) == ("2", "30000.00", "0.00", "30000.00", "570.00")
    house.did(house.returned(back))
    # What came back takes its own tax with it: 90.00.
    assert amounts(rows(house)[NUMBER]) == ("2", "30000.00", "10000.00", "20000.00", "480.00")
    assert amounts(rows(house, upto_seq=before)[NUMBER]) == ("2", "30000.00", "0.00", "30000.00", "570.00")
    assert breaches(house) == []


def test_what_fails_after_all_was_income_until_then(house: Payees) -> None:
    house.payee("bo", 1_000_000)
    payout = house.sent("bo")
    in_flight = newest(house)
    house.did(house.failed(payout))
    assert amounts(rows(house, upto_seq=in_flight)[NUMBER])[1] == "10000.00"
    assert rows(house) == {}


def test_the_same_moment_makes_the_same_bytes_whatever_came_later(house: Payees) -> None:
    house.payee("bo", 5_000_000)
    house.payee("mei", 200_000, name=OTHER_NAME, number=OTHER_NUMBER)
    house.did(house.paid(house.sent("bo", 1_000_000)))
    house.did(house.paid(house.sent("mei", 100_000)))
    moment, first = newest(house), report(house)
    house.day += 1
    house.did(house.paid(house.sent("bo", 1_000_000)))
    # The same person under a new name; the key rotated.
    house.verified("bo", name="王大明", number=NUMBER)
    assert report(house) != first
    assert report(house, upto_seq=moment) == first
    sum(reseal(house.journal, sealed_values, ROTATED))
    file = io.StringIO(newline="")
    with house.database.app.connect() as connection:
        assert write_report(connection, ROTATED, Q4, moment, file) == 2
    assert file.getvalue() == first
    assert report_names(house) == {"王大明", OTHER_NAME}


def report_names(house: Payees) -> set[str]:
    """Who stands there now."""
    with house.database.app.connect() as connection:
        return {one.name for one in earners(connection, ROTATED, Q4, newest(house))}


def test_a_quarter_has_what_was_sent_in_its_months_in_china(house: Payees) -> None:
    house.payee("bo", 3_000_000)
    # The house begins on Monday, 5 October 2026; day 87 is 31 December, day 88 the new year.
    for day in (87, 88):
        house.day = day
        house.did(house.paid(house.sent("bo", 1_000_000)))
    assert amounts(rows(house, Quarter(2026, 3)).get(NUMBER, dict.fromkeys(_AMOUNTS, "")))[1] == ""
    assert amounts(rows(house)[NUMBER])[1] == "10000.00"
    # A new year begins anew: 90.00 each, not 240.00 of the second.
    assert amounts(rows(house, Quarter(2027, 1))[NUMBER]) == ("1", "10000.00", "0.00", "10000.00", "90.00")
    assert breaches(house) == []


_AMOUNTS = ("payouts", "gross", "returns", "net", "tax_withheld")


def test_a_name_that_a_spreadsheet_would_run_is_made_a_text(house: Payees) -> None:
    house.payee("=cmd", 100_000, name="=HYPERLINK(1)", number=OTHER_NUMBER)
    house.did(house.paid(house.sent("=cmd", 100_000)))
    row = rows(house)[OTHER_NUMBER]
    assert (row["name"], row["parties"]) == ("'=HYPERLINK(1)", "'=cmd")


def test_a_withholding_that_was_tampered_with_is_found(house: Payees) -> None:
    house.payee("bo", 3_000_000)
    house.sent("bo")
    assert breaches(house) == []
    with house.database.owner.begin() as connection:
        for table in ("payout_income", "payout_sendings"):
            connection.execute(text(f"ALTER TABLE settlement.{table} DISABLE TRIGGER append_only"))
            connection.execute(text(f"UPDATE settlement.{table} SET tax_minor = tax_minor - 1"))
    (breach,) = breaches(house)
    assert "of bo: 56999 fen were withheld, 57000 are due" in breach


@pytest.mark.parametrize(("name", "year", "month"), [("2026-Q1", 2026, 1), ("2026-Q4", 2026, 10)])
def test_a_quarter_is_read_and_written_alike(name: str, year: int, month: int) -> None:
    quarter = Quarter.named(name)
    assert (str(quarter), quarter.year, quarter.first_month) == (name, year, month)


@pytest.mark.parametrize("name", ["2026-Q5", "2026-Q0", "2026Q4", "2026-10", "", "2026-Q4 "])
def test_what_is_no_quarter_is_said_so(name: str) -> None:
    with pytest.raises(ValueError, match="is not a quarter such as 2026-Q4"):
        Quarter.named(name)


def test_finance_gets_the_report_as_a_file_of_its_own(data_folder: Path) -> None:
    out = data_folder.parent / f"{data_folder.name}-report.csv"
    sandbox = {"ZHIBO_SANDBOX": "1"}
    try:
        done = zhibo(data_folder, "tax", "report", "2026-Q4", "--out", str(out), stdin=b"", **sandbox)
        assert done.returncode == 0, done.stderr
        assert out.read_bytes().startswith(b"quarter,kind,name,number,")
        assert out.stat().st_mode & 0o077 == 0
    finally:
        out.unlink(missing_ok=True)
    assert b"0 in 2026-Q4, as of " in done.stderr
    for arguments in (("2026-Q5",), ("2026-Q4", "--as-of", "2999-01-01"), ("2026-Q4", "--as-of", "then")):
        refused = zhibo(data_folder, "tax", "report", *arguments, stdin=b"", **sandbox)
        assert refused.returncode != 0
        assert is_one_line(refused.stderr), refused.stderr
    refused = zhibo(data_folder, "tax", "report", "2026-Q4")
    assert b"ZHIBO_SEALING_KEYS" in refused.stderr
    assert is_one_line(refused.stderr)


def test_a_payee_of_the_report_is_who_was_verified_by_then(house: Payees) -> None:
    house.payee("bo", 1_000_000)
    before = newest(house)
    house.verified("bo", name=OTHER_NAME, number=OTHER_NUMBER)
    with house.database.app.connect() as connection:
        then, now = payee_of(connection, "bo", before), payee_of(connection, "bo")
    assert then is not None
    assert now is not None
    assert (then.number_hash, now.number_hash) == tuple(
        KEYS.digest("number", number) for number in (NUMBER, OTHER_NUMBER)
    )


def test_what_was_paid_is_told_by_class_of_income_and_sums_to_it(empty_database: Database) -> None:
    """Mei earned 100.00 by tips, 20.00 by a task and 60.00 by tea, of which 10.00 were taken back settled."""
    earning = Earning(empty_database)
    house = Payees(empty_database, None)
    house.day = 60
    house.did(PublishPolicy(*at(actor="finance:f1"), policy()))
    house.did(Register(*at(), "ana", ("viewer",)), PriceGift(*at(), "rose", 100))
    house.did(TopUp(*at(), "ana", 2_000, 20_000, "wechat", "w-1"))
    house.did(Tip(*at(actor="viewer:ana"), "ana", "mei", "room", "rose", 20))
    house.did(Reward(*at(), "mei", "task", 2_000), commission(rate_bps=1_000), sale(price=60_000))
    earning.settle()
    assert earning.minors().earnings == 18_000
    house.did(returned(price=10_000))
    house.did(Adjust(*at(2_000, actor="finance:f1"), "mei", -700, "counted twice", None))
    house.verified("mei", name=NAME, number=NUMBER)
    house.account("mei", holder=NAME, channel="bank", account="6222020000001234567")
    payout = house.sent("mei")
    house.did(house.paid(payout))
    by_class = _by_class(house)
    # The adjustment is spread over 100.00, 50.00 and 20.00: 4.12, 2.06 and 0.82.
    assert {name: amounts(row) for name, row in by_class.items()} == {
        "tips": ("1", "100.00", "4.12", "95.88", "0.00"),
        "commission": ("1", "60.00", "12.06", "47.94", "0.00"),
        "labour": ("1", "20.00", "0.82", "19.18", "0.00"),
    }
    assert sum(Decimal(row["net"]) for row in by_class.values()) == Decimal("163.00")
    before, first = newest(house), report(house)
    house.did(house.returned(payout))
    assert {row["net"] for row in _by_class(house).values()} == {"0.00"}
    assert report(house, upto_seq=before) == first


def test_an_organisations_income_is_business_income_undivided(house: Payees) -> None:
    house.payee("studio", 2_000_000, name=STUDIO, number=LICENCE, kind="organisation")
    house.invoice("studio", "24312000000000000001", 2_000_000)
    house.did(house.paid(house.sent("studio")))
    assert [(name, row["income_type"]) for name, row in _by_class(house).items()] == [
        ("business", "business_income")
    ]


def _by_class(house: Payees) -> dict[str, dict[str, str]]:
    written = csv.DictReader(io.StringIO(report(house)))
    return {row["income_class"]: row for row in written}


def test_the_report_of_books_in_which_everything_happened_sums_to_what_was_paid(
    empty_database: Database,
) -> None:
    play(empty_database)
    paid = text("""
        SELECT coalesce(sum(gross_minor), 0), coalesce(sum(tax_minor), 0) FROM settlement.payout_income AS i
        WHERE i.year = :year AND i.month BETWEEN :first_month AND :first_month + 2
    """)
    with empty_database.app.connect() as connection:
        for quarter in (Q4, Quarter(2027, 1)):
            found = list(earners(connection, KEYS, quarter, 2**63 - 1))
            asked = {"year": quarter.year, "first_month": quarter.first_month}
            sums = tuple(map(int, connection.execute(paid, asked).one()))
            assert sums == (sum(one.net_minor for one in found), sum(one.tax_minor for one in found))
            assert all(one.gross_minor - one.returns_minor == one.net_minor for one in found)
