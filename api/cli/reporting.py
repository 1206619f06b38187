"""The quarterly tax report, written for finance."""

import sys
import time
from contextlib import nullcontext
from pathlib import Path

from api.cli import Misused, Stop
from api.cli.moments import moment, written
from api.cli.writing import written_anew
from api.sealing import require_sealing_keys
from api.settings import Settings
from api.wiring import open_house
from ledger.kernel.posted import last_seq_at
from ledger.sealing import CannotUnseal
from settlement.tax.report import Quarter, write_report

#: What is being posted has a time, and is seen when it is committed: by then it is.
_SETTLED_AFTER_SECONDS = 60


def report_tax(name: str, as_of: str | None, out: Path | None) -> None:
    """Write the report of a quarter. Raises :class:`Stop` for what cannot be asked for."""
    try:
        quarter = Quarter.named(name)
    except ValueError as reason:
        raise Misused(str(reason)) from None
    now = time.time_ns() // 1_000
    by = now - _SETTLED_AFTER_SECONDS * 1_000_000 if as_of is None else moment(as_of, "--as-of")
    if by > now:
        raise Misused(f"--as-of {as_of!r} has not come yet: what will be posted by then is not known")
    keys = require_sealing_keys(Settings.from_environment())
    opened = nullcontext(sys.stdout) if out is None else written_anew(out)
    try:
        with opened as file, open_house() as house, house.database.app.connect() as connection:
            snapshot = connection.execution_options(isolation_level="REPEATABLE READ")
            count = write_report(snapshot, keys, quarter, last_seq_at(by), file)
    except CannotUnseal as reason:
        raise Stop(str(reason)) from None
    print(f"{count:,} in {quarter}, as of {written(by)} (+08:00)", file=sys.stderr)
