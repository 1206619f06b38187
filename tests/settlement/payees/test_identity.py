"""Numbers that cannot be are told at the door; spelling that means nothing makes no two people of one."""

from datetime import date

import pytest

from ledger.sealing import matched
from settlement.payees.identity import account_fault, masked_name, masked_number, number_fault
from tests.settlement.payees.sample import LICENCE, NUMBER

_BORN = date(1990, 3, 7)


@pytest.mark.parametrize("number", [NUMBER, NUMBER.lower(), " ".join(NUMBER), "E12345678", "H1234567890"])
def test_an_id_number_that_holds_together_is_taken(number: str) -> None:
    assert number_fault(is_organisation=False, number=number, birth_date=_BORN) is None


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("110101199003075711", "check digit"),
        ("110101199013075712", "check digit"),
        ("110101199002305712", "no birth date"),
        ("11010119900307571Y", "not an ID number"),
        ("12345", "not an ID number"),
        ("", "not an ID number"),
        ("一二三四五六七", "not an ID number"),
    ],
)
def test_an_id_number_that_does_not_is_told_so_without_being_repeated(number: str, fault: str) -> None:
    said = number_fault(is_organisation=False, number=number, birth_date=None)
    assert said is not None
    assert fault in said
    assert not number or number not in said


def test_an_id_number_with_another_birth_date_in_it_is_told_so() -> None:
    said = number_fault(is_organisation=False, number=NUMBER, birth_date=date(1990, 3, 8))
    assert said == "has another birth date in it"


# The second is a well-known company's, so the arithmetic is not only our own.
@pytest.mark.parametrize("number", [LICENCE, "91110108551385082Q", "310000400012345"])
def test_a_licence_that_holds_together_is_taken(number: str) -> None:
    assert number_fault(is_organisation=True, number=number, birth_date=None) is None


@pytest.mark.parametrize("number", [LICENCE[:-1] + "T", "9131000OMA1FL0001R", "short", "91310000MA1FL0001"])
def test_a_licence_with_a_slip_in_it_is_not(number: str) -> None:
    if len(number) == 18 or number == "short":
        assert number_fault(is_organisation=True, number=number, birth_date=None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张 三", "张三"),
        ("Ana  Lee", "ana lee"),
        ("Ａna Lee", "Ana Lee"),
        ("阿依古丽·买买提", "阿依古丽•买买提"),
        ("阿依古丽·买买提", "阿依古丽・买买提"),
    ],
)
def test_two_spellings_of_a_name_match(one: str, other: str) -> None:
    assert matched("name", one) == matched("name", other)


@pytest.mark.parametrize(("one", "other"), [("张三", "张山"), ("Ana Lee", "AnaLee"), ("李雷", "雷李")])
def test_two_names_do_not(one: str, other: str) -> None:
    assert matched("name", one) != matched("name", other)


def test_openids_that_differ_in_case_are_two() -> None:
    assert matched("account", "oUpF8uMuA") != matched("account", "oupf8umua")


@pytest.mark.parametrize(
    ("channel", "account", "is_sound"),
    [
        ("bank", "6222 0200 0000 1234 567", True),
        ("bank", "1234567", False),
        ("bank", "62220200000012345x", False),
        ("wechat", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", True),
        ("wechat", "王小明", False),
        ("alipay", "ana@example.com", True),
        ("alipay", "a b", False),
    ],
)
def test_an_account_has_the_shape_of_its_channel(channel: str, account: str, is_sound: bool) -> None:
    assert (account_fault(channel, account) is None) == is_sound


@pytest.mark.parametrize(
    ("name", "shown"), [("张三", "张*"), ("王小明", "王**"), ("李", "李*"), ("阿依古丽", "阿***")]
)
def test_of_a_name_the_first_character_is_shown(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [(NUMBER, "****571X"), ("1234567", "****67"), ("12", "****"), ("abcdefghijkl", "****ijkl")],
)
def test_of_a_number_four_at_the_end_are_shown_and_never_more_than_a_third(number: str, shown: str) -> None:
    assert masked_number(number) == shown
