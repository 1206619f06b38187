"""Data folders for the commands: one with an evening in it, and one that stays empty."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.command_line import EVENING, zhibo
from tests.conftest import new_data_folder


@pytest.fixture(scope="package")
def books() -> Iterator[Path]:
    """A data folder into which the sample evening was played, by `replay` alone."""
    folder = new_data_folder()
    played = zhibo(folder, "replay", EVENING)
    assert played.returncode == 0, played.stderr.decode()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def no_books() -> Iterator[Path]:
    """A data folder for commands that fail before they would open it."""
    folder = new_data_folder()
    yield folder
    shutil.rmtree(folder)
