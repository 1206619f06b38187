"""Running the rows that were asked for, each group on books of its own, and printing them."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import msgspec
from rich.console import Console
from rich.table import Table

from api.bench import history, http, posting, replaying, returning, settling
from api.bench.rows import Row
from api.bench.stage import Stage
from api.migrations import ready
from api.wiring import House, collect_rarely, desks
from ledger.database import DatabaseSettings, DataFolder, open_database
from ledger.journal.journal import Journal

Group = Callable[[Stage], Iterator[Row]]

#: Which rows a group gives, in the order in which they run; the last ones only with ``--full``.
_GROUPS: dict[str, tuple[str, Group]] = {
    "batches": ("A B", posting.batches),
    "rows": ("C", posting.against_rows),
    "single": ("D", posting.single_tips),
    "http": ("E F", http.over_http),
    "settling": ("I", settling.runs),
    "recompute": ("L", settling.recomputed),
    "returns": ("R", returning.returns),
    "grown": ("J", settling.grown),
    "summary": ("K", settling.summaries),
    "replay": ("G", replaying.replayed),
    "history": ("H", history.long_account),
    "many_returns": ("S", returning.many_returns),
}
_WIDTH = 150
_FULL_ONLY = frozenset({"grown", "summary", "replay", "history", "many_returns"})


class UnknownBench(Exception):
    """There is no such row. Its text names those there are."""


def run(names: Sequence[str], full: bool, as_json: bool) -> bool:
    """Measure the groups or rows named, or all; print a row each. Tells whether every floor held.

    Raises :class:`UnknownBench`.
    """
    chosen = list(_chosen(names, full))
    console = Console(stderr=True)
    rows: list[Row] = []
    for name in chosen:
        console.print(f"measuring {name} …", highlight=False)
        with _stage() as stage:
            rows += _GROUPS[name][1](stage)
    if as_json:
        for row in rows:
            document = {**row._asdict(), "ratio": row.ratio, "holds": row.holds}
            print(msgspec.json.encode(document).decode())
    else:
        Console(width=_WIDTH).print(_table(rows))
    return all(row.holds for row in rows)


def _chosen(names: Sequence[str], full: bool) -> Iterator[str]:
    known = set(_GROUPS) | {row for rows, _ in _GROUPS.values() for row in rows.split()}
    unknown = sorted(set(names) - known)
    if unknown:
        raise UnknownBench(f"no bench is called {unknown[0]!r}: there are {', '.join(sorted(known))}")
    for name, (rows, _) in _GROUPS.items():
        if (
            name in names
            or set(rows.split()) & set(names)
            or (not names and (full or name not in _FULL_ONLY))
        ):
            yield name


@contextmanager
def _stage() -> Iterator[Stage]:
    """Fresh books on an embedded server of their own, below ZHIBO_DATA, gone afterwards."""
    settings = DatabaseSettings.from_environment()
    DataFolder(settings.data).prepare()
    folder = settings.data / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    collect_rarely()
    try:
        with open_database(replace(settings, data=folder, url=None, owner_url=None)) as database:
            ready(database)
            stage = Stage(House(database, Journal(database.app, desks())), folder)
            stage.set()
            yield stage
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(
        "", "what", "rate", "yardstick", "its rate", "ratio", "floor", "", title=f"{os.cpu_count()} cores"
    )
    for row in rows:
        table.add_row(
            row.name,
            row.what,
            f"{row.rate:,.0f} {row.unit}" if row.rate >= 10 else f"{row.rate:.3f} {row.unit}",
            row.yardstick,
            f"{row.yardstick_rate:,.0f}" if row.yardstick_rate >= 10 else f"{row.yardstick_rate:.3f}",
            f"{row.ratio:.2f}",
            f"{row.better} {row.floor:g}",
            "holds" if row.holds else "FAILS",
        )
    return table
