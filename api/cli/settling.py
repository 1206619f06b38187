"""`zhibo settle`: a period, for every streamer, with a progress bar. Interrupted, it goes on where it was."""

import sys
from collections.abc import Sequence
from uuid import UUID, uuid4

import typer
from rich.console import Console

from api.cli import Misused, Stop
from api.cli.showing import amount, progress
from api.wiring import House
from settlement.cadence import warnings
from settlement.checking import SelfCheckFailed
from settlement.commands import SettlePeriod
from settlement.periods import NoPeriod, period
from settlement.reading import NotSettled, RunState, run_of_period, run_state
from settlement.run_desk import in_the_way
from settlement.run_refusals import PeriodOverlaps
from settlement.runs import carry_out


def settle_period(house: House, name: str, person: str, now: int, *, is_sure: bool) -> RunState:
    """Settle a period, or go on settling it, whoever began. Raises :class:`Stop` when the books refuse.

    What it rules out is said beforehand. Whoever does not say to be sure is asked; where nobody can be,
    nothing is settled: it cannot be undone.
    """
    try:
        asked = period(name)
    except NoPeriod as reason:
        raise Misused(f"{name[:40]!r} {reason}") from None
    with house.database.app.connect() as connection:
        run = run_of_period(connection, asked.name)
        goes_on = run is None and in_the_way(connection, asked) is None
        told = warnings(connection, asked) if goes_on else []
    for warning in told:
        print(warning, file=sys.stderr)
    if told and not is_sure:
        if not sys.stdin.isatty():
            raise Stop("nothing was settled: there is nobody to ask, so say --yes if that is meant")
        if not typer.confirm("Settle it?", err=True):
            raise Stop("nothing was settled")
    if run is None:
        run = _accepted(house, SettlePeriod(uuid4(), f"finance:{person}", now, None, asked.name))
    try:
        with progress(f"settle {asked.name}", None, lambda done: f"{done:,.0f} streamers") as advance:
            done = 0
            for reached in carry_out(house.journal, run):
                advance(reached.done - done)
                done = reached.done
    except SelfCheckFailed as reason:
        raise Stop(f"the books do not add up, so {asked.name} is not finished: {reason}") from None
    with house.database.app.connect() as connection:
        return run_state(connection, run)


def _accepted(house: House, command: SettlePeriod) -> UUID:
    """The run of a period: this one, or the one that somebody else began at the same moment."""
    (outcome,) = house.journal.decide([command])
    match outcome.refusal:
        case None:
            return command.id
        case PeriodOverlaps(period=name, settled=settled, run=run) if name == settled:
            return UUID(run)
        case refusal:
            raise Stop(str(refusal))


def show_run(state: RunState, left: Sequence[NotSettled], console: Console) -> None:
    """What a run came to, and what it left."""
    console.print(f"run         {state.run}")
    console.print(f"period      {state.period}")
    console.print(f"statements  {state.statements:,} of {state.streamers:,} streamers")
    console.print(f"gifts       {amount(state.coins, 'ZLB')}")
    for label, minor in (
        ("streamers", state.gift_share_minor + state.accruals_minor),
        ("guilds", state.guild_share_minor),
        ("platform", state.platform_share_minor),
        ("held", state.held_minor),
    ):
        console.print(f"{label:<11} {amount(minor, 'CNY')}")
    reasons = (
        [f"{state.streamers - state.statements:,} had nothing"] if state.statements < state.streamers else []
    )
    for one in left:
        currency = "ZLB" if one.account == "gifts" else "CNY"
        reasons.append(f"{amount(one.minor, currency)} of {one.streamers:,} {one.reason}")
    for number, reason in enumerate(reasons):
        console.print(f"{'' if number else 'not settled':<11} {reason}")
