"""The command line on cases: what there is, and one with its time line."""

import json
from pathlib import Path
from uuid import uuid4

from tests.api.command_line import zhibo


def test_a_replayed_freeze_is_a_case_that_is_listed_and_shown(data_folder: Path) -> None:
    at = "2026-10-01T20:00:00+08:00"
    lines: list[dict[str, object]] = [
        {"type": "register", "party": "bo", "roles": ["streamer"]},
        {
            "type": "freeze",
            "party": "bo",
            "account": "gifts",
            "amount": None,
            "case": "k 7",
            "rule": "LIVE-MOD-4",
        },
    ]
    file = data_folder.with_suffix(".jsonl")
    text = "\n".join(json.dumps({"id": str(uuid4()), "at": at, **line}) for line in lines)
    file.write_text(text + "\n", encoding="utf-8")
    try:
        played = zhibo(data_folder, "replay", str(file))
    finally:
        file.unlink()
    assert played.returncode == 0, played.stderr
    listed = zhibo(data_folder, "cases", "list", "--as", "mo")
    assert listed.returncode == 0, listed.stderr
    assert "k 7" in listed.stdout.decode()
    shown = zhibo(data_folder, "cases", "show", "k 7", "--as", "mo").stdout.decode()
    assert "about bo, freeze" in shown
    assert "replay:file  frozen" in shown
    about_oneself = zhibo(data_folder, "cases", "show", "k 7", "--as", "bo")
    assert (about_oneself.returncode, about_oneself.stderr.count(b"\n")) == (1, 1)
    wrong = zhibo(data_folder, "cases", "list", "--source", "hearsay")
    assert (wrong.returncode, wrong.stderr.count(b"\n")) == (2, 1)
