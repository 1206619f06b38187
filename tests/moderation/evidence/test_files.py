"""The folder of evidence: encrypted, whole or not there, and nothing else than what its name says."""

import os
import stat
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.sealing import SealingKeys
from moderation.evidence.files import (
    CHUNK_BYTES,
    EvidenceFolder,
    FileLost,
    Kept,
    TooLarge,
    WrongType,
)
from moderation.evidence.media import KNOWN_TYPES, MediaType
from tests.moderation.evidence.samples import OF_TYPE, PNG, TEXT
from tests.settlement.payees.sample import KEYS, MATCHING_KEY, ROTATED

LIMIT = 4 * CHUNK_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> EvidenceFolder:
    return EvidenceFolder(tmp_path / "evidence", limit_bytes=LIMIT, media_types=KNOWN_TYPES)


def keep(
    folder: EvidenceFolder, content: bytes, media_type: str, *, keys: SealingKeys = KEYS, part: int = 1000
) -> Kept:
    with folder.begin(keys, media_type) as draft:
        for start in range(0, len(content), part):
            draft.add(content[start : start + part])
        return draft.keep()


def files_in(folder: EvidenceFolder) -> list[Path]:
    return sorted(path for path in folder.path.rglob("*") if path.is_file())


@pytest.mark.parametrize("media_type", OF_TYPE)
def test_a_file_comes_out_as_it_went_in(folder: EvidenceFolder, media_type: str) -> None:
    content = OF_TYPE[media_type]
    kept = keep(folder, content, media_type)
    assert kept == (sha256(content).digest(), media_type, len(content))
    assert b"".join(folder.read(KEYS, kept.sha256)) == content
    assert folder.fault(KEYS, kept.sha256, len(content)) is None


@settings(max_examples=12, deadline=None)
@given(
    length=st.sampled_from((0, 1, CHUNK_BYTES - 16, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES)),
    part=st.integers(1, 2 * CHUNK_BYTES),
)
def test_it_does_not_matter_how_long_it_is_or_in_which_parts_it_comes(
    tmp_path_factory: pytest.TempPathFactory, length: int, part: int
) -> None:
    folder = EvidenceFolder(tmp_path_factory.mktemp("any"), limit_bytes=LIMIT, media_types=KNOWN_TYPES)
    content = PNG[:16] + bytes(length)
    kept = keep(folder, content, "image/png", part=max(part, 50))
    assert b"".join(folder.read(KEYS, kept.sha256)) == content


def test_only_the_owner_may_look_and_nothing_on_the_disk_is_readable(folder: EvidenceFolder) -> None:
    kept = keep(folder, TEXT, "text/plain")
    (path,) = files_in(folder)
    assert path.name == kept.sha256.hex()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(place.stat().st_mode) for place in (path.parent, folder.path)} == {0o700}
    on_disk = path.read_bytes()
    assert TEXT[:20] not in on_disk
    assert "主播".encode() not in on_disk


def test_a_folder_that_others_could_read_is_closed_to_them(folder: EvidenceFolder) -> None:
    folder.path.mkdir(mode=0o755)
    folder.path.chmod(0o755)
    keep(folder, PNG, "image/png")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_what_is_too_large_is_refused_at_the_byte_that_is_too_many_and_leaves_nothing(
    folder: EvidenceFolder,
) -> None:
    with folder.begin(KEYS, "image/png") as draft:
        draft.add(PNG.ljust(LIMIT, b"x"))
        with pytest.raises(TooLarge, match=f"at most {LIMIT} bytes"):
            draft.add(b"x")
    assert files_in(folder) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (OF_TYPE["application/pdf"], "image/png"),
        (b"<script>alert(1)</script>", "image/png"),
        (b"MZ\x90\x00" + bytes(100), "text/plain"),
        (TEXT + b"\xff\xfe", "text/plain"),
        (TEXT + b"\xe4\xb8", "text/plain"),
        (PNG, "text/plain"),
        (PNG[:4], "image/png"),
        (b"", "text/plain"),
        (PNG, "text/html"),
        (PNG, "../../etc"),
    ],
)
def test_what_is_not_what_it_is_said_to_be_is_refused_and_leaves_nothing(
    folder: EvidenceFolder, content: bytes, said: str
) -> None:
    with pytest.raises(WrongType):
        keep(folder, content, said)
    assert not folder.path.exists() or files_in(folder) == []


def test_a_type_that_the_operator_does_not_take_is_refused(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path, limit_bytes=LIMIT, media_types=("application/pdf",))
    with pytest.raises(WrongType, match="one of application/pdf"):
        keep(folder, PNG, "image/png")


def test_text_is_told_whatever_parts_it_comes_in() -> None:
    told = MediaType()
    for byte in TEXT:
        told.add(bytes([byte]))
    assert told.told() == "text/plain"


def test_the_same_content_twice_is_one_file_and_mends_one_that_was_damaged(folder: EvidenceFolder) -> None:
    kept = keep(folder, PNG, "image/png")
    (path,) = files_in(folder)
    path.write_bytes(b"damaged")
    assert folder.fault(KEYS, kept.sha256, len(PNG)) is not None
    assert keep(folder, PNG, "image/png") == kept
    assert files_in(folder) == [path]
    assert folder.fault(KEYS, kept.sha256, len(PNG)) is None


def damaged(content: bytes) -> Iterator[bytes]:
    chunk = 512 + CHUNK_BYTES + 16
    yield content[:-1] + bytes([content[-1] ^ 1])
    yield content[:600] + bytes([content[600] ^ 1]) + content[601:]
    # Cut short at the end of a chunk, and whole chunks exchanged.
    yield content[:chunk]
    yield content[:512] + content[chunk : chunk + CHUNK_BYTES + 16] + content[512:chunk]
    yield content[:512]
    yield content[:100]
    yield content + b"x"
    yield b""


def test_whatever_was_done_to_a_file_shows(folder: EvidenceFolder) -> None:
    kept = keep(folder, PNG.ljust(3 * CHUNK_BYTES, b"x"), "image/png")
    (path,) = files_in(folder)
    whole = path.read_bytes()
    for content in damaged(whole):
        path.write_bytes(content)
        assert folder.fault(KEYS, kept.sha256, kept.size_bytes) is not None
        with pytest.raises(FileLost, match=kept.sha256.hex()):
            b"".join(folder.read(KEYS, kept.sha256))


def test_a_file_under_another_name_does_not_open(folder: EvidenceFolder) -> None:
    kept = keep(folder, PNG, "image/png")
    other = keep(folder, TEXT, "text/plain")
    place = folder.path / other.sha256.hex()[:2] / other.sha256.hex()
    os.replace(folder.path / kept.sha256.hex()[:2] / kept.sha256.hex(), place)
    with pytest.raises(FileLost, match="altered"):
        folder.read(KEYS, other.sha256).__next__()


def test_a_file_that_is_not_there_is_lost_in_a_line(folder: EvidenceFolder) -> None:
    with pytest.raises(FileLost, match="No such file"):
        next(folder.read(KEYS, sha256(b"never").digest()))


def test_nothing_opens_without_the_key_it_was_sealed_under(folder: EvidenceFolder) -> None:
    kept = keep(folder, PNG, "image/png")
    others = SealingKeys({"2026-10": bytes(range(100, 132))}, MATCHING_KEY)
    for keys in (others, SealingKeys({"other": bytes(range(100, 132))}, MATCHING_KEY)):
        with pytest.raises(FileLost):
            next(folder.read(keys, kept.sha256))


def test_a_rotated_key_opens_old_files_and_after_resealing_the_old_key_opens_none(
    folder: EvidenceFolder,
) -> None:
    kept = keep(folder, PNG, "image/png")
    assert folder.fault(ROTATED, kept.sha256, len(PNG)) is None
    assert folder.reseal(ROTATED, kept.sha256)
    assert not folder.reseal(ROTATED, kept.sha256)
    assert folder.fault(ROTATED, kept.sha256, len(PNG)) is None
    assert folder.fault(KEYS, kept.sha256, len(PNG)) is not None
    assert len(files_in(folder)) == 1


def test_a_crash_before_the_file_has_its_name_leaves_no_file_of_that_name(folder: EvidenceFolder) -> None:
    with folder.begin(KEYS, "image/png") as draft:
        draft.add(PNG)
        # What a crash would leave at this moment.
        assert [path.name for path in files_in(folder) if not path.name.startswith(".")] == []
        with pytest.raises(FileLost):
            next(folder.read(KEYS, sha256(PNG).digest()))
    assert files_in(folder) == []


def test_what_a_process_that_died_left_half_written_is_cleared_away_a_day_later(
    folder: EvidenceFolder,
) -> None:
    keep(folder, PNG, "image/png")
    old, young = folder.path / ".old.part", folder.path / ".young.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    keep(folder, TEXT, "text/plain")
    assert not old.exists()
    assert young.exists()


def test_a_long_file_takes_no_more_memory_than_a_chunk_or_two(tmp_path: Path) -> None:
    folder = EvidenceFolder(tmp_path, limit_bytes=64 * 1024 * 1024, media_types=KNOWN_TYPES)
    part = b"x" * CHUNK_BYTES
    tracemalloc.start()
    try:
        with folder.begin(KEYS, "image/png") as draft:
            draft.add(PNG)
            for _ in range(400):
                draft.add(part)
            kept = draft.keep()
        assert folder.fault(KEYS, kept.sha256, kept.size_bytes) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept.size_bytes > 25 * 1024 * 1024
    assert peak < 10 * CHUNK_BYTES
