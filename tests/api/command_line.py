"""The `zhibo` command as people run it: a process of its own, in a data folder of the test's."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
EVENING = str(DATA / "evening.jsonl")
PATIENCE_SECONDS = 120


class Zhibo(Protocol):
    """What runs a command to its end."""

    def __call__(
        self, data_folder: Path, *arguments: str, stdin: bytes = b"", **variables: str
    ) -> subprocess.CompletedProcess[bytes]: ...


def command(*arguments: str) -> list[str]:
    """The words that run `zhibo` with these arguments."""
    return [str(Path(sys.prefix, "bin", "zhibo")), *arguments]


def environment(data_folder: Path, **more: str) -> dict[str, str]:
    """Embedded books in a folder, whatever server the tests themselves run on."""
    foreign = ("DATABASE_URL", "ZHIBO_OWNER_URL", "ZHIBO_SANDBOX")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**kept, "ZHIBO_DATA": str(data_folder), **more}


def zhibo(
    data_folder: Path, *arguments: str, stdin: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """Run it to its end; output and errors are captured."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=environment(data_folder, **variables),
        input=stdin,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def is_one_line(error: bytes) -> bool:
    """Whether a command said why it failed in one line, and showed no stack."""
    return error.startswith(b"zhibo: ") and error.count(b"\n") == 1 and b"Traceback" not in error


def said(done: subprocess.CompletedProcess[bytes], words: Sequence[str]) -> bool:
    """Whether the errors name all of these."""
    return all(word in done.stderr.decode() for word in words)
