"""`zhibo settle`: a period, for every streamer, with a progress bar. Interrupted, it goes on where it was."""

from uuid import uuid4

from rich.console import Console

from api.cli import Misused, Stop
from api.cli.showing import amount, progress
from api.wiring import House
from settlement.checking import SelfCheckFailed
from settlement.commands import SettlePeriod
from settlement.periods import NoPeriod, period
from settlement.reading import RunState, run_of_period, run_state
from settlement.runs import carry_out


def settle_period(house: House, name: str, person: str, now: int) -> RunState:
    """Settle a period, or go on settling it. Raises :class:`Stop` when the books refuse."""
    try:
        asked = period(name)
    except NoPeriod as reason:
        raise Misused(f"{name[:40]!r} {reason}") from None
    with house.database.app.connect() as connection:
        run = run_of_period(connection, asked.name)
    if run is None:
        command = SettlePeriod(uuid4(), f"finance:{person}", now, None, asked.name)
        outcome = house.journal.decide([command])[0]
        if outcome.refusal is not None:
            raise Stop(str(outcome.refusal))
        run = command.id
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


def show_run(state: RunState, console: Console) -> None:
    """What a run came to."""
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
