"""Commands that are interrupted, killed, or left alone by whoever listened."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.api.command_line import DATA, EVENING, ROOT, command, environment, zhibo


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, ""), (signal.SIGHUP, 143, "")],
)
def test_an_interrupted_replay_ends_at_once_without_a_stack_and_without_half_a_file(
    books: Path, tmp_path: Path, sent: signal.Signals, status: int, words: str
) -> None:
    out = tmp_path / "refusals.jsonl"
    out.write_text("old")
    process = subprocess.Popen(
        command("replay", "-", "--refusals", str(out)),
        cwd=ROOT,
        env=environment(books),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    # More is to come, says the open pipe; the replay waits for it.
    process.stdin.write(Path(EVENING).read_bytes()[:300_000])
    process.stdin.flush()
    _wait_for_beside(tmp_path)
    process.send_signal(sent)
    try:
        status_found = process.wait(timeout=20)
    finally:
        process.kill()
        process.stdin.close()
        stderr = process.stderr.read().decode() if process.stderr else ""
        if process.stderr:
            process.stderr.close()
        process.wait()
    assert status_found == status
    assert "Traceback" not in stderr
    assert words in stderr
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_what_a_killed_replay_left_is_tidied_up_by_the_next(books: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "refusals.jsonl", tmp_path / ".other.jsonl.abcdefgh.unfinished"
    other.write_text("")
    process = subprocess.Popen(
        command("replay", "-", "--refusals", str(out)),
        cwd=ROOT,
        env=environment(books),
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    try:
        _wait_for_beside(tmp_path)
        (beside,) = set(tmp_path.iterdir()) - {other}
        assert zhibo(books, "simulate", "--events", "10", "-o", str(out)).returncode == 0
        assert beside.exists(), "the file of a command that is still at work was removed"
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
    assert beside.exists()
    assert zhibo(books, "replay", EVENING, "--refusals", str(out)).returncode == 0
    assert set(tmp_path.iterdir()) == {out, other}
    assert out.read_bytes() == (DATA / "evening.refusals.jsonl").read_bytes()


def test_a_command_outlives_its_terminal_only_if_told_to(books: Path) -> None:
    for ignored, expected in ((False, 143), (True, 0)):
        process = subprocess.Popen(
            [*(("nohup",) if ignored else ()), *command("replay", "-")],
            cwd=ROOT,
            env=environment(books),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert process.stdin is not None
        time.sleep(2)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        process.stdin.close()
        assert process.wait(timeout=20) == expected


@pytest.mark.parametrize(
    "arguments", [["balances"], ["balances", "--jsonl"], ["simulate", "--events", "50000"]]
)
def test_output_that_nobody_reads_to_its_end_is_no_error_to_see(books: Path, arguments: list[str]) -> None:
    process = subprocess.Popen(
        command(*arguments),
        cwd=ROOT,
        env=environment(books),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(timeout=60)


@pytest.mark.parametrize(
    ("arguments", "closed", "status", "words"),
    [
        ("balances", "1>&-", 1, "zhibo: reading or writing failed: Bad file descriptor\n"),
        ("balances --jsonl", "1>&-", 1, "zhibo: reading or writing failed: Bad file descriptor\n"),
        ("balances", "1>/dev/full", 1, "zhibo: reading or writing failed: No space left on device\n"),
        ("replay -", "0<&-", 1, "zhibo: reading or writing failed: Bad file descriptor\n"),
        (f"replay {EVENING}", "2>&-", 0, ""),
        ("balances", "2>&- 1>/dev/null", 0, ""),
        ("account purse x", "2>&-", 2, ""),
        (f"replay {EVENING}", "0<&- 1>&- 2>&-", 0, ""),
    ],
)
def test_a_closed_stream_is_no_mistake_of_ours(
    books: Path, arguments: str, closed: str, status: int, words: str
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *command(*arguments.split())],
        cwd=ROOT,
        env=environment(books),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.decode()) == (status, words)
    assert done.stdout == b""


def _wait_for_beside(folder: Path) -> None:
    """Until the replay has opened its files; then a moment more, for it to open the books and play."""
    deadline = time.monotonic() + 30
    while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(1)
