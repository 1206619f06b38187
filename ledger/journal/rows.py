"""Rows on their way into PostgreSQL: the binary formats of COPY and of arrays.

The hot statements speak them directly: a row costs one ``struct`` call instead of a conversion per value.
https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
"""

import sys
from array import array
from collections.abc import Iterable
from functools import lru_cache
from struct import Struct
from typing import Any

import psycopg
import sqlalchemy
from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

#: PostgreSQL counts microseconds from 2000-01-01T00:00Z, days from 2000-01-01.
POSTGRES_EPOCH_MICROSECONDS = 946_684_800_000_000
POSTGRES_EPOCH_DAYS = 10_957

NULL = b"\xff\xff\xff\xff"

_length = Struct(">i").pack
_int8 = Struct(">iq").pack
_array_header = Struct(">iiiii").pack
_empty_array_header = Struct(">iii").pack


@lru_cache(maxsize=32_768)
def text(value: str) -> bytes:
    """A text field. The same few rooms, gifts, kinds and parties come again and again."""
    raw = value.encode()
    return _length(len(raw)) + raw


def bigint(value: int) -> bytes:
    """A bigint field."""
    return _int8(8, value)


def timestamp(instant: int | None) -> bytes:
    """A timestamptz field, from an instant in microseconds since 1970."""
    return NULL if instant is None else _int8(8, instant - POSTGRES_EPOCH_MICROSECONDS)


def jsonb(document: bytes) -> bytes:
    """A jsonb field, from a JSON document."""
    return _length(len(document) + 1) + b"\x01" + document


class Array:
    """A one-dimensional array, without nulls, already in PostgreSQL's binary format."""

    __slots__ = ("raw",)

    def __init__(self, element_oid: int, fields: bytes | bytearray, length: int) -> None:
        if length:
            self.raw = _array_header(1, 0, element_oid, length, 1) + fields
        else:
            self.raw = _empty_array_header(0, 0, element_oid)


class BigintArray(Array):
    """``bigint[]``"""


class InstantArray(Array):
    """``timestamptz[]``"""


class TextArray(Array):
    """``text[]``"""


class UuidArray(Array):
    """``uuid[]``"""


def bigints(values: Iterable[int]) -> BigintArray:
    """Whole numbers as ``bigint[]``."""
    return BigintArray(20, *_eight_byte_fields(values))


def instants(values: Iterable[int]) -> InstantArray:
    """Instants, in microseconds since 1970, as ``timestamptz[]``."""
    return InstantArray(1184, *_eight_byte_fields([value - POSTGRES_EPOCH_MICROSECONDS for value in values]))


def _eight_byte_fields(values: Iterable[int]) -> tuple[bytearray, int]:
    """Fields laid out a byte of all elements at a time: that is what is fast."""
    numbers = array("q", values)
    if sys.byteorder == "little":
        numbers.byteswap()
    raw = numbers.tobytes()
    fields = bytearray(12 * len(numbers))
    fields[3::12] = b"\x08" * len(numbers)
    for place in range(8):
        fields[4 + place :: 12] = raw[place::8]
    return fields, len(numbers)


def texts(values: Iterable[str]) -> TextArray:
    """Strings as ``text[]``."""
    fields = [text(value) for value in values]
    return TextArray(25, b"".join(fields), len(fields))


def uuids(values: Iterable[int]) -> UuidArray:
    """UUIDs, by their numbers, as ``uuid[]``."""
    fields = [b"\0\0\0\x10" + value.to_bytes(16) for value in values]
    return UuidArray(2950, b"".join(fields), len(fields))


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        return obj.raw


class _BigintArrayDumper(_ArrayDumper):
    oid = 1016


class _InstantArrayDumper(_ArrayDumper):
    oid = 1185


class _TextArrayDumper(_ArrayDumper):
    oid = 1009


class _UuidArrayDumper(_ArrayDumper):
    oid = 2951


def _speak_arrays(connection: Connection[Any]) -> None:
    """Let a connection take the arrays of this module as parameters."""
    connection.adapters.register_dumper(BigintArray, _BigintArrayDumper)
    connection.adapters.register_dumper(InstantArray, _InstantArrayDumper)
    connection.adapters.register_dumper(TextArray, _TextArrayDumper)
    connection.adapters.register_dumper(UuidArray, _UuidArrayDumper)


def driver_of(connection: sqlalchemy.Connection) -> psycopg.Connection[Any]:
    """The psycopg connection under a SQLAlchemy one, taught the arrays of the hot statements."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    if "speaks_arrays" not in connection.info:
        _speak_arrays(driver)
        connection.info["speaks_arrays"] = True
    return driver
