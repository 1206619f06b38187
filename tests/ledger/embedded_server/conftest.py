"""A data folder with something in it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import copied, new_data_folder
from tests.ledger.embedded_server.using import opened, remember


@pytest.fixture(scope="package")
def _used() -> Iterator[Path]:
    path = new_data_folder()
    with opened(path) as database:
        remember(database, "first")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def made(_used: Path) -> Iterator[Path]:
    """A data folder that has been used, and is not in use."""
    path = copied(_used)
    yield path
    shutil.rmtree(path)
