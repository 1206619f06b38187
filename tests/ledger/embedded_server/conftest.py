"""A data folder with something in it."""

from pathlib import Path

import pytest

from tests.ledger.embedded_server.using import opened, remember


@pytest.fixture
def made(data_folder: Path) -> Path:
    """A data folder that has been used, and is not in use."""
    with opened(data_folder) as database:
        remember(database, "first")
    return data_folder
