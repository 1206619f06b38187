"""Sealed values: only the right key opens them, in the right row; equal ones match and tell nothing."""

import base64
from collections import defaultdict
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.journal.commands import content_hash
from ledger.sealing import CannotUnseal, InvalidKeys, SealedValue, SealingKeys, read_keys
from tests.settlement.payees.sample import KEYS, MATCHING_KEY, NAME, OLD_KEY, ROTATED, account, verification

_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)


def sealed_by(keys: SealingKeys, party: str, field: str, value: str, context: bytes = b"c") -> SealedValue:
    return SealedValue(7, field, party, *keys.seal(party, field, value, context=context))


@given(value=_TEXTS, party=_TEXTS)
def test_what_is_sealed_opens_again_and_shows_nothing(value: str, party: str) -> None:
    kept = sealed_by(KEYS, party, "name", value)
    assert KEYS.unseal(kept) == value
    assert ROTATED.unseal(kept) == value
    assert len(value.encode()) < 4 or value.encode() not in kept.sealed


@given(values=st.lists(st.tuples(_TEXTS, st.sampled_from(["name", "number"])), min_size=2, unique=True))
def test_no_two_values_share_a_nonce_even_under_one_command_id(values: list[tuple[str, str]]) -> None:
    nonces = defaultdict(set)
    for value, field in values:
        nonces[sealed_by(KEYS, "bo", field, value).sealed[:12]].add((value, field))
    assert all(len(under) == 1 for under in nonces.values())


def test_the_same_command_seals_the_same_bytes_and_another_command_others() -> None:
    command = uuid4()
    first, again = (KEYS.personal(command, "bo", "name", NAME) for _ in range(2))
    other = KEYS.personal(uuid4(), "bo", "name", NAME)
    assert first.envelope == again.envelope
    assert first.envelope != other.envelope
    assert first.digest == other.digest


@pytest.mark.parametrize(
    "moved",
    [{"party": "mei"}, {"field": "holder"}, {"sealed": b"x" * 40}],
    ids=["to another party", "to another field", "replaced"],
)
def test_a_value_that_was_moved_or_altered_does_not_open(moved: dict[str, object]) -> None:
    kept = sealed_by(KEYS, "bo", "name", NAME)._replace(**moved)  # type: ignore[arg-type]
    with pytest.raises(CannotUnseal, match="of entry 7 does not open with key '2026-10'"):
        KEYS.unseal(kept)


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_a_single_flipped_bit_is_noticed(place: int) -> None:
    kept = sealed_by(KEYS, "bo", "name", NAME)
    flipped = bytearray(kept.sealed)
    flipped[place] ^= 1
    with pytest.raises(CannotUnseal):
        KEYS.unseal(kept._replace(sealed=bytes(flipped)))


def test_without_its_key_a_value_stays_shut_and_the_reason_names_the_key() -> None:
    kept = sealed_by(ROTATED, "bo", "name", NAME)
    with pytest.raises(CannotUnseal, match="'2026-11', which is not among the keys") as shut:
        KEYS.unseal(kept)
    assert NAME not in str(shut.value)


def test_a_holder_matches_the_name_it_has_and_a_number_matches_no_name() -> None:
    assert KEYS.digest("holder", "王 小明") == KEYS.digest("name", NAME)
    assert KEYS.digest("number", "123456") != KEYS.digest("account", "123456")
    assert SealingKeys({"a": OLD_KEY}, b"m" * 32).digest("name", NAME) != KEYS.digest("name", NAME)


def test_a_retry_is_the_same_command_after_the_key_was_rotated() -> None:
    """Otherwise a gateway that sends again what was accepted would be told of an id conflict."""
    id = UUID("018f3f3e-0000-7000-8000-000000000001")
    assert content_hash(verification("bo", id=id)) == content_hash(verification("bo", keys=ROTATED, id=id))
    assert content_hash(verification("bo", id=id)) != content_hash(verification("bo", "李雷", id=id))
    assert content_hash(account("bo", id=id)) != content_hash(
        account("bo", number="6222020000001234568", id=id)
    )


def test_keys_are_read_with_the_current_one_first() -> None:
    text = f"b:{base64.b64encode(b'b' * 32).decode()}, a:{base64.b64encode(b'a' * 32).decode()}"
    keys = read_keys(text, base64.b64encode(MATCHING_KEY).decode())
    assert (keys.current, keys.ids) == ("b", ("b", "a"))
    assert repr(keys) == "SealingKeys(b, a)"


_A = base64.b64encode(b"a" * 32).decode()
_B = base64.b64encode(b"b" * 32).decode()
_SHORT = base64.b64encode(b"secret").decode()


@pytest.mark.parametrize(
    ("sealing", "matching", "reason"),
    [
        ("", _B, "are written id:base64"),
        (_A, _B, "are written id:base64"),
        (f"a b:{_A}", _B, "are written id:base64"),
        (f"a:{_A},", _B, "are written id:base64"),
        (f"a:{_A},a:{_B}", _B, "'a' is given twice"),
        (f"a:{_SHORT}", _B, "'a' has 6 bytes"),
        ("a:not base64!", _B, "'a' is not base64"),
        (f"a:{_A}", _SHORT, "the matching key has 6 bytes"),
        (f"a:{_A},b:{_A}", _B, "a key is given twice"),
        (f"a:{_A}", _A, "a key is given twice"),
    ],
)
def test_what_are_no_keys_is_said_in_a_line_that_shows_none(sealing: str, matching: str, reason: str) -> None:
    with pytest.raises(InvalidKeys, match=reason) as refused:
        read_keys(sealing, matching)
    assert "\n" not in str(refused.value)
    for secret in (_A, _B, _SHORT, "not base64!"):
        assert secret not in str(refused.value)
