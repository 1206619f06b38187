"""`zhibo returns`: which tips go back, how far that came, and going on with it where it was broken off."""

import sys
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from api.cli import Misused, Stop

if TYPE_CHECKING:
    from settlement.returns.carrying import ReturnRun

returns_app = typer.Typer(
    help="Tips that go back to whoever paid them: decided in cases, carried out tip by tip.",
    rich_markup_mode=None,
)


@returns_app.command("list")
def list_returns(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="One JSON object a line.")] = False,
) -> None:
    """List the plans that are carried out or were, newest first, and how far each came."""
    import json

    from api.cli.moments import written
    from api.cli.showing import console_on, table
    from api.wiring import open_house
    from settlement.returns.carrying import runs

    with open_house() as house, house.database.app.connect() as connection:
        found = runs(connection)
    if jsonl:
        for run in found:
            row = {**run._asdict(), "plan": str(run.plan), "state": run.state}
            print(json.dumps(row, ensure_ascii=False))
        return
    rows = [
        (
            str(run.plan),
            run.way,
            run.kind,
            written(run.started_at),
            f"{run.done:,} of {run.tips:,}",
            f"{run.passed:,}",
            run.state,
        )
        for run in found
    ]
    columns = ("plan", "way", "kind", "started", "tips", "passed by", "state")
    console_on(sys.stdout).print(table("Tips that go back", *columns, rows=rows))


@returns_app.command()
def resume(
    plan: Annotated[
        str | None, typer.Argument(metavar="PLAN", help="One of them; without it, all that are under way.")
    ] = None,
) -> None:
    """Go on with the plans that are under way. What was done stays done; interrupted, it can go on again."""
    from api.cli.showing import progress
    from api.wiring import open_house
    from settlement.returns.carrying import carry_out, runs, unfinished

    wanted = _plan(plan) if plan is not None else None
    with open_house() as house:
        with house.database.app.connect() as connection:
            under_way = unfinished(connection)
            known = {run.plan for run in runs(connection, limit=10_000)}
        if wanted is not None and wanted not in known:
            raise Stop(f"no plan {wanted} was started")
        for each, way in under_way:
            if wanted is not None and each != wanted:
                continue
            done = 0
            with progress(f"{way} {each}", None, lambda tips: f"{tips:,.0f} tips") as advance:
                for reached in carry_out(house.journal, each, way):
                    advance(reached.done - done)
                    done = reached.done
        with house.database.app.connect() as connection:
            for run in runs(connection):
                if wanted in (None, run.plan) and (run.plan, run.way) in under_way:
                    print(_line(run))


def _plan(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError:
        raise Misused(f"{said[:40]!r} is not the id of a plan") from None


def _line(run: "ReturnRun") -> str:
    return f"{run.plan} {run.way}: {run.done:,} of {run.tips:,} tips, {run.passed:,} passed by"
