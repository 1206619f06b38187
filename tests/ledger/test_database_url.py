"""A server of the user's own: what is wrong with its URL is said in one line that repeats no password."""

import socket
from pathlib import Path

import pytest

from ledger.database import DatabaseSettings, DatabaseUnavailable, open_database

SECRET = "correct-horse"


def refusal(url: str, owner_url: str | None = None) -> str:
    with (
        pytest.raises(DatabaseUnavailable) as caught,
        open_database(DatabaseSettings(Path("/"), url, owner_url)),
    ):
        pass
    message = str(caught.value)
    assert "\n" not in message, f"not one line: {message}"
    assert SECRET not in message, f"the password is repeated: {message}"
    return message


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://zhibo:{SECRET}@localhost/zhibo",
        f"zhibo:{SECRET}@localhost/zhibo",
        f"host=localhost password={SECRET}",
        f"postgresql://zhibo:{SECRET}@localhost/zhibo?no_such_option=1",
        f"postgresql://[zhibo:{SECRET}",
    ],
)
def test_what_is_not_a_postgresql_url_is_refused(url: str) -> None:
    assert "PostgreSQL URL" in refusal(url)


def test_an_owners_url_is_looked_at_too() -> None:
    assert "ZHIBO_OWNER_URL is not a PostgreSQL URL" in refusal(
        "postgresql://localhost/zhibo", "mysql://localhost"
    )


def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        message = refusal(f"postgresql://zhibo:{SECRET}@127.0.0.1:{port}/zhibo")
    assert "cannot be opened" in message
    assert f"port {port} failed: Connection refused" in message


def test_a_server_that_does_not_exist_is_named() -> None:
    assert "cannot be opened" in refusal(f"postgresql://zhibo:{SECRET}@/zhibo?host=/nowhere")


def test_an_owner_without_a_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("ZHIBO_OWNER_URL", "postgresql://localhost/zhibo")
    with pytest.raises(DatabaseUnavailable, match="ZHIBO_OWNER_URL is set but DATABASE_URL is not"):
        DatabaseSettings.from_environment()


def test_settings_are_printed_without_their_urls() -> None:
    settings = DatabaseSettings(Path("/data"), f"postgresql://zhibo:{SECRET}@localhost/zhibo")
    assert SECRET not in repr(settings)
