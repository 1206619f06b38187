"""A date means all of that day in China, from whichever side it is named."""

from datetime import datetime

import pytest

from api.cli import Misused
from api.cli.moments import beginning, ending, moment, written
from ledger.instants import instant_of

_START = instant_of(datetime.fromisoformat("2026-11-01T00:00+08:00"))
_END = instant_of(datetime.fromisoformat("2026-11-02T00:00+08:00"))


def test_a_date_counts_from_its_start_and_to_its_end() -> None:
    assert beginning("2026-11-01", "--since") == _START
    assert moment("2026-11-01", "--at") == _END - 1
    assert ending("2026-11-01", "--until") == _END
    assert written(_START) == "2026-11-01 00:00:00"


def test_a_time_means_itself() -> None:
    for read in (beginning, moment, ending):
        assert read("2026-10-31T16:00Z", "--at") == _START


def test_what_is_neither_is_misused_from_whichever_side_it_is_named() -> None:
    for read in (beginning, moment, ending):
        for said in ("yesterday", "2026-11-01T10:00", "0001-01-01", "9999-12-31", "1999-12-01"):
            with pytest.raises(Misused):
                read(said, "--at")
