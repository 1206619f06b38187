"""`zhibo queue`, and what `verify` and `keys rotate` do about reports and evidence."""

import base64
from pathlib import Path

import pytest

from api.cli.verifying import verify_and_show
from ledger.database import Database
from ledger.resealing import left_under_other_keys, reseal
from ledger.sealing import CannotUnseal
from moderation.evidence.files import EvidenceFolder
from moderation.evidence.media import KNOWN_TYPES
from moderation.reports.reading import sheet
from moderation.sealing.tables import sealed_values
from tests.api.command_line import is_one_line, zhibo
from tests.moderation.evidence.samples import PNG
from tests.moderation.reports.intake import OBSCENE, SLANDER, Intake
from tests.settlement.payees.sample import KEYS, MATCHING_KEY, NAME, OLD_KEY, ROTATED


def test_the_queue_lists_reports_and_names_nobody_who_reported(data_folder: Path) -> None:
    run = zhibo(data_folder, "queue")
    assert run.returncode == 0, run.stderr
    assert b"Reports, received: 0" in run.stdout
    wrong = zhibo(data_folder, "queue", "--state", "lost")
    assert wrong.returncode == 2
    assert is_one_line(wrong.stderr)


def test_sealed_values_are_sealed_anew_and_the_old_key_opens_nothing(empty_database: Database) -> None:
    house = Intake(empty_database)
    report = house.filed(SLANDER, proof=True)
    with empty_database.app.connect() as connection:
        assert left_under_other_keys(connection, sealed_values, ROTATED) == 3
    assert sum(reseal(house.journal, sealed_values, ROTATED)) == 3
    assert sum(reseal(house.journal, sealed_values, ROTATED)) == 0
    with empty_database.app.connect() as connection:
        found = sheet(connection, report)
    assert found is not None
    opened = {value.field: ROTATED.unseal(value) for value in found.sealed}
    assert opened["name"] == NAME
    with pytest.raises(CannotUnseal):
        KEYS.unseal(found.sealed[0])
    house.check()


def test_verify_opens_every_file_and_names_what_is_lost(
    empty_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ZHIBO_EVIDENCE", str(tmp_path / "proof"))
    house = Intake(empty_database)
    folder = EvidenceFolder(tmp_path / "proof", limit_bytes=10**6, media_types=KNOWN_TYPES)
    with folder.begin(KEYS, "image/png") as draft:
        draft.add(PNG)
        kept = draft.keep()
    house.decide(house.file(house.filed(OBSCENE), PNG))
    assert verify_and_show(empty_database, 0)
    assert "1, not looked at" in capsys.readouterr().out
    encoded = {"sealing": f"2026-10:{_base64(OLD_KEY)}", "matching": _base64(MATCHING_KEY)}
    monkeypatch.setenv("ZHIBO_SEALING_KEYS", encoded["sealing"])
    monkeypatch.setenv("ZHIBO_MATCHING_KEY", encoded["matching"])
    assert verify_and_show(empty_database, 0)
    assert "1 of 1" in capsys.readouterr().out
    name = kept.sha256.hex()
    (folder.path / name[:2] / name).unlink()
    assert not verify_and_show(empty_database, 0)
    assert f"evidence {name} cannot be read" in capsys.readouterr().out


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()
