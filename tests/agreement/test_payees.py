"""Who is paid: verified, in their own name; a person by withholding, an organisation against its invoice."""

from datetime import date

import pytest

from ledger.database import Database
from ledger.parties import Register
from settlement.tax.parameters import parameters_on
from settlement.tax.report import Quarter, earners
from settlement.tax.withholding import IncomeType, Paid, withhold
from tests.api.http.serving import Api, Json
from tests.settlement.payees.sample import (
    BANK_ACCOUNT,
    BORN,
    KEYS,
    LICENCE,
    NAME,
    NUMBER,
    OTHER_NAME,
    OTHER_NUMBER,
    STUDIO,
)
from tests.settlement.payouts.playing import Payees

PERSON = {"kind": "person", "name": NAME, "number": NUMBER, "birth_date": BORN}
ORGANISATION = {"kind": "organisation", "name": STUDIO, "number": LICENCE}


def _verify(api: Api, party: str, body: Json) -> Json:
    return api.done("POST", f"/v1/parties/{party}/verification", "gateway", body)


def _account(holder: str, channel: str = "bank", account: str = BANK_ACCOUNT) -> Json:
    return {"channel": channel, "account": account, "holder": holder}


@pytest.mark.rule("JD-KYC-1")
def test_without_real_name_there_is_no_account_to_be_paid_into(own_api: Api) -> None:
    streamer = own_api.streamer()
    set_account = ("POST", "/v1/me/payee-account", "streamer")
    assert own_api.refused(*set_account, _account(NAME), party=streamer)["code"] == "payee_not_verified"
    _verify(own_api, streamer, PERSON)
    # 王小明 was verified; an account of 李雷 is not taken, and nothing is set by the attempt.
    assert (
        own_api.refused(*set_account, _account(OTHER_NAME), party=streamer)["code"] == "payee_name_mismatch"
    )
    assert own_api.done("GET", "/v1/me/payee", "streamer", party=streamer)["account"] is None
    own_api.done(*set_account, _account(NAME), party=streamer)
    assert own_api.done("GET", "/v1/me/payee", "streamer", party=streamer)["account"]["holder"] == "王**"


@pytest.mark.rule("JD-KYC-1")
def test_given_a_name_mismatch_a_payout_is_refused_and_its_money_stays(empty_database: Database) -> None:
    house = Payees(empty_database)
    house.payee("bo", 50_000)
    # Bo is verified anew, in another name: the account set before is not in it.
    house.verified("bo", name=OTHER_NAME, number=OTHER_NUMBER)
    assert house.refused(house.request("bo")) == "payee_name_mismatch"
    assert house.balance("earnings", "bo") == (50_000, 0)
    house.account("bo", holder=OTHER_NAME, channel="bank", account=BANK_ACCOUNT)
    house.did(house.request("bo"))
    assert house.balance("earnings", "bo") == (50_000, 50_000)


@pytest.mark.rule("JD-KYC-1")
def test_nobody_who_was_not_verified_or_set_no_account_is_paid(empty_database: Database) -> None:
    house = Payees(empty_database)
    house.did(Register(*house.head("gateway:file"), "bo", ("streamer",)))
    house.earns("bo", 50_000)
    assert house.refused(house.request("bo")) == "payee_not_verified"
    house.verified("bo", name=NAME, number=NUMBER)
    assert house.refused(house.request("bo")) == "payee_account_required"
    house.account("bo", holder=NAME, channel="alipay", account="ana@example.com")
    house.did(house.request("bo"))


@pytest.mark.rule("JD-KYC-2")
def test_given_an_organisation_without_licence_number_it_is_refused(own_api: Api) -> None:
    party = own_api.streamer()
    path = f"/v1/parties/{party}/verification"
    without = {"kind": "organisation", "name": STUDIO}
    assert own_api.refused("POST", path, "gateway", without)["code"] == "licence_required"
    assert own_api.refused("GET", "/v1/me/payee", "streamer", party=party)["code"] == "not_found"
    _verify(own_api, party, ORGANISATION)
    assert own_api.done("GET", "/v1/me/payee", "streamer", party=party)["number"] == "****001R"


@pytest.mark.rule("JD-KYC-2")
def test_an_organisation_is_paid_into_its_corporate_bank_account_only(own_api: Api) -> None:
    party = own_api.streamer()
    _verify(own_api, party, ORGANISATION)
    path = f"/v1/parties/{party}/payee-account"
    refused = own_api.refused("POST", path, "gateway", _account(STUDIO, "wechat", "oUpF8uMuAJO_M2pxb1Q9"))
    assert refused["code"] == "bank_account_required"
    # Its representative's own account is in another name than its licence.
    assert own_api.refused("POST", path, "gateway", _account(NAME))["code"] == "payee_name_mismatch"
    own_api.done("POST", path, "gateway", _account(STUDIO))


@pytest.mark.rule("LIVE-ROLE-1")
def test_a_person_hands_in_no_invoice(own_api: Api) -> None:
    person = own_api.streamer()
    _verify(own_api, person, PERSON)
    invoice = {"number": "24312000000000000001", "amount": "6000.00"}
    refused = own_api.refused("POST", "/v1/me/invoices", "streamer", invoice, party=person)
    assert refused["code"] == "invoice_not_needed"


@pytest.mark.rule("LIVE-ROLE-1", "JD-KYC-2", "LIVE-REL-1")
def test_an_organisation_is_settled_by_invoice_and_a_person_by_withholding(empty_database: Database) -> None:
    house = Payees(empty_database)
    house.payee("bo", 1_000_000)
    house.payee("studio", 1_000_000, name=STUDIO, number=LICENCE, kind="organisation")
    # The person is paid 10,000.00 less tax: (10,000 × 80 % − 5,000) × 3 % = 90.00.
    house.did(house.paid(house.sent("bo")))
    assert house.balance("bank") == (-991_000, 0)
    assert house.balance("tax_withheld") == (9_000, 0)
    # The organisation asks for as much, with an invoice over 6,000.00: 4,000.00 more has to be invoiced.
    house.invoice("studio", "24312000000000000001", 600_000)
    payout = house.did(house.request("studio"))
    house.did(house.approve(payout))
    assert house.refused(house.send(payout, by="finance:f3")) == "invoice_required"
    house.invoice("studio", "24312000000000000002", 400_000)
    house.did(house.send(payout, by="finance:f3"))
    house.did(house.paid(payout))
    # Nothing is withheld from it.
    assert house.balance("bank") == (-1_991_000, 0)
    assert house.balance("tax_withheld") == (9_000, 0)
    # The income of the one is labour service, that of the other of a business; nobody has wages.
    with empty_database.app.connect() as connection:
        found = {one.name: one for one in earners(connection, KEYS, Quarter(2026, 4), upto_seq=2**63 - 1)}
    assert {name: one.income_type.value for name, one in found.items()} == {
        NAME: "labour_service",
        STUDIO: "business_income",
    }
    assert [(one.gross_minor, one.tax_minor) for one in (found[NAME], found[STUDIO])] == [
        (1_000_000, 9_000),
        (1_000_000, 0),
    ]


@pytest.mark.rule("LIVE-REL-1")
def test_as_labour_service_income_bears_costs_and_is_reckoned_over_the_year() -> None:
    assert {kind.value for kind in IncomeType} == {"labour_service", "business_income"}
    # 50,000 in January and in February, of which a fifth is costs.
    # 35,000 × 3 % = 1,050; (80,000 − 10,000) × 10 % − 2,520 − 1,050 = 3,430.
    figures = parameters_on(date(2026, 1, 1))
    january = withhold(figures, [], 1, 5_000_000, 0, "since_first").tax_minor
    february = withhold(figures, [Paid(1, 5_000_000)], 2, 5_000_000, january, "since_first").tax_minor
    assert (january, february) == (105_000, 343_000)
