"""How the embedded server is set up: for money, on this machine, for local connections with a password."""

import os
from pathlib import Path

from ledger.database.folder import APP_ROLE, OWNER_ROLE, DataFolder

_GIGABYTE = 1 << 30
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def write(folder: DataFolder) -> list[str]:
    """Writes the server's configuration for this start; returns the options that point to it."""
    # Kept outside the cluster, where the server's user cannot change it, nor turn it into a link.
    access = folder.write_for_server("pg_hba.conf", f"local all {OWNER_ROLE},{APP_ROLE} scram-sha-256\n")
    lines = [f"{name} = {_quoted(value)}" for name, value in _settings(folder, access).items()]
    file = folder.write_for_server("postgresql.conf", "\n".join(lines) + "\n")
    return ["-c", f"config_file={file}"]


def _settings(folder: DataFolder, access: Path) -> dict[str, str]:
    return {
        "data_directory": str(folder.cluster),
        "hba_file": str(access),
        "ident_file": str(folder.cluster / "pg_ident.conf"),
        "listen_addresses": "",
        # A list of folders: quoted, since a path may hold a comma or a space.
        "unix_socket_directories": '"' + str(folder.socket).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "password_encryption": "scram-sha-256",
        # Nothing is acknowledged before it is durable.
        "fsync": "on",
        "synchronous_commit": "on",
        "shared_buffers": f"{min(_GIGABYTE, _memory_bytes() // 8) // 1024}kB",
        # A new WAL file costs far more than a recycled one.
        "min_wal_size": "1GB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        # On solid state, and in memory, a page of an index costs about what the next page of a table does.
        "random_page_cost": "1.1",
        "jit": "off",
        "TimeZone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        # Statements and the details of an error may hold what people wrote: neither is logged.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_checkpoints": "off",
        "log_line_prefix": "%m [%p] ",
    }


def _memory_bytes() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(memory, int(_CGROUP_LIMIT.read_text()))
    except (OSError, ValueError):
        return memory


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
