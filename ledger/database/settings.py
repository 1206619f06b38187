"""Which database the environment asks for."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import platformdirs

from ledger.database.errors import DatabaseUnavailable


@dataclass(frozen=True)
class DatabaseSettings:
    """Where the books are kept: in a folder of ours (`data`), or on a server of the user's own (`url`).

    `url` and `owner_url` are PostgreSQL URLs and may hold passwords, so neither is ever printed.
    """

    data: Path
    url: str | None = field(default=None, repr=False)
    owner_url: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls) -> Self:
        """Reads DATABASE_URL, ZHIBO_OWNER_URL (default: DATABASE_URL) and ZHIBO_DATA.

        Raises DatabaseUnavailable when an owner is named for a server that is not.
        """
        url = os.environ.get("DATABASE_URL") or None
        owner_url = os.environ.get("ZHIBO_OWNER_URL") or url
        if owner_url and not url:
            raise DatabaseUnavailable("ZHIBO_OWNER_URL is set but DATABASE_URL is not: set both, or neither")
        return cls(data=_data_folder(), url=url, owner_url=owner_url)


def _data_folder() -> Path:
    chosen = os.environ.get("ZHIBO_DATA")
    if chosen:
        path = os.path.expanduser(chosen)
        if path.startswith("~"):
            raise DatabaseUnavailable(f"ZHIBO_DATA is {chosen}: there is no such home on this machine")
        return Path(os.path.abspath(path))
    if os.geteuid() == 0:
        return Path("/var/lib/zhibo")
    return Path(platformdirs.user_data_dir("zhibo", appauthor=False))
