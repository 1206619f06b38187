"""The data folder: whose it is, who may enter it, and the secrets kept in it.

    start.lock       held while the server is started or stopped; also marks the folder as zhibo's
    attached.lock    held (shared) by every zhibo process that uses the server
    server.lock      held by the server's own processes for as long as one of them lives
    passwords.json   of the two roles, 0600
    cluster/         PostgreSQL's files; as root they belong to the server's user
    socket/          the local socket, 0700
    programs/        as root only: the server's programs, copied from the installed package
    postgresql.conf, pg_hba.conf, server.log

Nothing outside the folder is ever changed.
"""

import json
import os
import pwd
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from unicodedata import category

from ledger.database.errors import DatabaseUnavailable

OWNER_ROLE = "zhibo_owner"
APP_ROLE = "zhibo_app"

# What the kernel takes for a local socket's path, less its closing NUL.
LONGEST_SOCKET_PATH = 107
#: libpq takes a comma for the end of a host; `pg_ctl` hands the others to a shell, between double quotes.
_UNFIT = ',$`"\\'
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class ServerUser:
    """The unprivileged user PostgreSQL runs as when root starts it."""

    name: str
    uid: int
    gid: int


class DataFolder:
    """One ZHIBO_DATA, ours alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cluster = path / "cluster"
        self.socket = path / "socket"
        self.start_lock = path / "start.lock"
        self.attached_lock = path / "attached.lock"
        self.server_lock = path / "server.lock"
        self.log = path / "server.log"

    def prepare(self) -> None:
        """Makes the folder if it is missing, and closes it to others.

        Raises DatabaseUnavailable when it belongs to somebody else, holds something else, has a path that
        is too long for a local socket or that PostgreSQL's programs misread, or (as root) cannot be reached
        by the server's user.
        """
        unfit = [sign for sign in str(self.path) if sign in _UNFIT or category(sign) in ("Cc", "Cs")]
        if unfit:
            raise DatabaseUnavailable(
                f"{str(self.path)!a} cannot be a ZHIBO_DATA: choose one without {unfit[0]!a}"
            )
        if len(os.fsencode(self.socket / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
            longest = LONGEST_SOCKET_PATH - len(f"/socket/{SOCKET_NAME}")
            raise DatabaseUnavailable(
                f"{self.path} is too long a path for ZHIBO_DATA: at most {longest} bytes"
            )
        try:
            self._refuse_anothers_home()
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_what_is_not_ours()
            self._close_to_others()
        except PermissionError as error:
            raise DatabaseUnavailable(
                f"{_user_name(os.geteuid())} may not use {error.filename}: choose another ZHIBO_DATA"
            ) from error
        except (FileExistsError, NotADirectoryError) as error:
            raise DatabaseUnavailable(
                f"{error.filename} is not a folder: choose another ZHIBO_DATA"
            ) from error
        except FileNotFoundError as error:
            raise DatabaseUnavailable(
                f"{error.filename} cannot be made: choose another ZHIBO_DATA"
            ) from error

    def _refuse_anothers_home(self) -> None:
        """As root: what would have to be made stays unmade inside a folder of somebody else's."""
        if self.server_user is None:
            return
        self._refuse_unreachable(self.server_user)
        nearest = next(parent for parent in self.path.parents if parent.exists())
        owner = nearest.stat().st_uid
        if not self.path.exists() and owner not in (0, self.server_user.uid):
            raise DatabaseUnavailable(
                f"{nearest} belongs to {_user_name(owner)}: run as that user, or choose another ZHIBO_DATA"
            )

    def _refuse_what_is_not_ours(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise DatabaseUnavailable(
                f"{self.path} belongs to {_user_name(owner)}, not to {_user_name(os.geteuid())}: "
                "run as that user, or choose another ZHIBO_DATA"
            )
        if not self.start_lock.exists() and any(item.name != "lost+found" for item in self.path.iterdir()):
            raise DatabaseUnavailable(
                f"{self.path} holds something else than zhibo's data: choose a new or empty ZHIBO_DATA"
            )

    def _close_to_others(self) -> None:
        self.start_lock.touch(mode=0o600)
        if self.server_user:
            self._refuse_unreachable(self.server_user)
            # Root's own; the server's user may pass through to its files, but not look around.
            os.chown(self.path, -1, self.server_user.gid)
            os.chmod(self.path, 0o710)  # noqa: S103 (the group is that user's)
        else:
            os.chmod(self.path, 0o700)
        if not self.socket.is_dir():
            self.make_server_folder(self.socket)

    def _refuse_unreachable(self, user: ServerUser) -> None:
        groups = os.getgrouplist(user.name, user.gid)
        for parent in filter(Path.exists, reversed(self.path.parents)):
            status = parent.stat()
            if status.st_uid == user.uid:
                may_enter = status.st_mode & 0o100
            elif status.st_gid in groups:
                may_enter = status.st_mode & 0o010
            else:
                may_enter = status.st_mode & 0o001
            if not may_enter:
                raise DatabaseUnavailable(
                    f"as root the database runs as user {user.name}, who may not enter {parent}: "
                    "choose a ZHIBO_DATA outside it, such as /var/lib/zhibo"
                )

    @cached_property
    def server_user(self) -> ServerUser | None:
        """Who the server runs as when root starts it, since PostgreSQL refuses to be root; else None."""
        if os.geteuid() != 0:
            return None
        if self.cluster.exists():
            # The files decide: a user `postgres` may have come to this machine after them.
            uid = self.cluster.stat().st_uid
            try:
                found = pwd.getpwuid(uid)
            except KeyError:
                raise DatabaseUnavailable(f"{self.cluster} belongs to user id {uid}, unknown here") from None
            return ServerUser(found.pw_name, found.pw_uid, found.pw_gid)
        for name in ("postgres", "nobody"):
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return ServerUser(found.pw_name, found.pw_uid, found.pw_gid)
        raise DatabaseUnavailable(
            "the database cannot run as root, and there is no user `postgres` or `nobody`"
        )

    def make_server_folder(self, path: Path) -> None:
        """A new 0700 folder that belongs to the server's user."""
        path.mkdir(mode=0o700)
        if self.server_user:
            os.chown(path, self.server_user.uid, self.server_user.gid)

    def write_for_server(self, name: str, text: str) -> Path:
        """A file of ours that the server may read but not change."""
        path = self.path / name
        if self.server_user:
            _write(path, text, mode=0o640, gid=self.server_user.gid)
        else:
            _write(path, text, mode=0o600, gid=None)
        return path

    def password_of(self, role: str) -> str:
        """The password of one of the two roles, made up on first need."""
        path = self.path / "passwords.json"
        if not path.exists():
            if self.cluster.exists():
                raise DatabaseUnavailable(f"{path} is missing, so the database beside it cannot be opened")
            passwords = {name: secrets.token_urlsafe(32) for name in (OWNER_ROLE, APP_ROLE)}
            _write(path, json.dumps(passwords), mode=0o600, gid=None)
        try:
            return str(json.loads(path.read_text())[role])
        except (ValueError, KeyError, TypeError):
            raise DatabaseUnavailable(f"{path} is damaged: restore it from a backup") from None


def _write(path: Path, text: str, *, mode: int, gid: int | None) -> None:
    """Whole or not at all: written beside, then renamed."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        if gid is not None:
            os.fchown(file.fileno(), -1, gid)
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"
