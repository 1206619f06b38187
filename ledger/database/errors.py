"""Why a database cannot be used, in one line a person can act on."""

import errno
import os
import shutil

import psycopg
from sqlalchemy.exc import DBAPIError


class DatabaseUnavailable(Exception):
    """The books cannot be opened, or were lost while open. Its text is one line that says why."""


DISK_FULL = "the disk that holds the database is full: free some space and try again"

_FULL = (errno.ENOSPC, errno.EDQUOT)

_REASONS = {
    "53100": DISK_FULL,
    "53200": "the database server is out of memory",
    "53300": "the database server has no connection left to give",
    "57P01": "the database server was shut down",
    "57P02": "the database server crashed and is recovering: try again",
    "57P03": "the database server is starting up or recovering: try again",
    "25006": "the database is read-only: is this a standby?",
}


def one_line(text: object) -> str:
    """A message of several lines as one, for people."""
    return " ".join(str(text).split())


def as_unavailable(error: BaseException) -> DatabaseUnavailable | None:
    """The clear line for an error that says the database is gone, full or closed to us; None for any other.

    Takes what SQLAlchemy, psycopg or the operating system raised. A refused statement or a broken
    constraint is not of this kind: that is a mistake of ours and keeps its own name.
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, DatabaseUnavailable):
        return cause
    if isinstance(cause, psycopg.errors.InsufficientPrivilege):
        return DatabaseUnavailable(f"the database does not permit this: {sentence_of(cause)}")
    if isinstance(cause, psycopg.Error):
        reason = _REASONS.get(cause.sqlstate or "")
        if reason is None and isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None:
            reason = f"the database cannot be reached: {sentence_of(cause)}"
        return DatabaseUnavailable(reason) if reason else None
    if isinstance(cause, OSError) and _is_of_a_full_disk(cause):
        return DatabaseUnavailable(DISK_FULL)
    return None


def _is_of_a_full_disk(error: OSError) -> bool:
    # Copying a tree ends with one error of all its files, in words.
    words = str(error) if isinstance(error, shutil.Error) else ""
    return any(error.errno == number or os.strerror(number) in words for number in _FULL)


def sentence_of(error: psycopg.Error) -> str:
    """What the server, or else its library, says went wrong, in one line."""
    said = one_line(error.diag.message_primary or error)
    return said.removeprefix("connection failed: ").removeprefix("connection is bad: ")
