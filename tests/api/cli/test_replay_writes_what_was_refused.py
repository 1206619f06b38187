"""`zhibo replay`: what it reads, what it writes, and what it tells meanwhile."""

import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

from tests.api.command_line import DATA, EVENING, ROOT, command, environment, is_one_line, said, zhibo


def test_replay_needs_no_other_command_first_and_writes_the_refusals(
    new_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "refusals.jsonl"
    done = zhibo(new_folder, "replay", EVENING, "--refusals", str(out))
    assert done.returncode == 0, done.stderr.decode()
    assert out.read_bytes() == (DATA / "evening.refusals.jsonl").read_bytes()
    assert out.stat().st_mode & 0o077 == 0, "others can read the refusals"
    assert list(tmp_path.iterdir()) == [out]
    assert done.stdout == b""
    assert said(
        done, ["5,644 events", "4,509 accepted", "1,135 refused", "13 of them", "1,023 insufficient_funds"]
    )
    balances = zhibo(new_folder, "balances", "--jsonl")
    assert balances.stdout == (DATA / "evening.balances.jsonl").read_bytes()


def test_malformed_lines_are_told_with_number_and_reason_and_make_the_status_1(
    books: Path, tmp_path: Path
) -> None:
    out = tmp_path / "refusals.jsonl"
    done = zhibo(books, "replay", str(DATA / "evening-bad.jsonl"), "--refusals", str(out))
    assert done.returncode == 1
    assert out.read_bytes() == (DATA / "evening-bad.refusals.jsonl").read_bytes()
    told = re.findall(r"^line (\d+): (.+)$", done.stderr.decode(), re.MULTILINE)
    assert len(told) == 45
    assert told[0] == ("127", "coins is not an integer from 1 to 1000000000")
    assert said(done, ["45 malformed lines were skipped"])


def test_one_malformed_line_is_told_as_one(books: Path) -> None:
    done = zhibo(books, "replay", "-", stdin=b"{}\n")
    assert done.stderr.decode().endswith("1 malformed line was skipped\n")


def test_replay_reads_standard_input(books: Path) -> None:
    done = zhibo(books, "replay", "-", "--refusals", "/dev/stdout", stdin=Path(EVENING).read_bytes())
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == (DATA / "evening.refusals.jsonl").read_bytes()


def test_refusals_replace_what_a_link_points_to(books: Path, tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    assert zhibo(books, "replay", EVENING, "--refusals", str(tmp_path / "link")).returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == (DATA / "evening.refusals.jsonl").read_bytes()


def test_a_link_to_itself_is_no_place_for_refusals(no_books: Path, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    done = zhibo(no_books, "replay", EVENING, "--refusals", str(tmp_path / "loop"))
    assert done.returncode == 1
    assert is_one_line(done.stderr), done.stderr.decode()
    assert said(done, ["loop cannot be written: Too many levels of symbolic links"])


def test_on_a_terminal_replay_shows_how_far_it_came(books: Path) -> None:
    shown = _on_a_terminal(books, "replay", EVENING)
    assert "MB" in shown
    assert "5,644 events" in shown
    assert "Traceback" not in shown


def _on_a_terminal(folder: Path, *arguments: str) -> str:
    ours, theirs = pty.openpty()
    try:
        variables = environment(folder, TERM="xterm", COLUMNS="100")
        process = subprocess.Popen(
            command(*arguments), cwd=ROOT, env=variables, stdout=theirs, stderr=theirs, stdin=theirs
        )
    finally:
        os.close(theirs)
    shown = bytearray()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 65_536)
            except OSError:
                break
        elif process.poll() is not None:
            break
    os.close(ours)
    assert process.wait(timeout=20) == 0
    return shown.decode(errors="replace")
