"""What `zhibo` can be asked. Each command imports what it needs, so that asking for help is quick."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from api.cli import Misused
from api.cli.appeals import appeals_app
from api.cli.asking import As, Reason
from api.cli.balances import account, balances, trial_balance
from api.cli.blacklist import blacklist_app
from api.cli.cases import cases_app
from api.cli.debts import debts_app
from api.cli.keys import keys_app
from api.cli.objections import objections_app
from api.cli.payees import payees_app
from api.cli.payouts import payouts_app
from api.cli.policy import policy_app
from api.cli.returns import returns_app
from api.cli.rules import rules_app
from api.cli.statement import statement_app
from api.cli.tax import tax_app

app = typer.Typer(
    name="zhibo",
    help="The money system of a livestream platform: top-ups, tips, earnings, freezes, settlement.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_export = typer.Typer(help="Write the books for another program.", rich_markup_mode=None)
app.add_typer(_export, name="export")
app.add_typer(policy_app, name="policy")
app.add_typer(rules_app, name="rules")
app.add_typer(cases_app, name="cases")
app.add_typer(appeals_app, name="appeals")
app.add_typer(payees_app, name="payees")
app.add_typer(payouts_app, name="payouts")
app.add_typer(objections_app, name="objections")
app.add_typer(debts_app, name="debts")
app.add_typer(statement_app, name="statement")
app.add_typer(keys_app, name="keys")
app.add_typer(blacklist_app, name="blacklist")
app.add_typer(tax_app, name="tax")
app.add_typer(returns_app, name="returns")

_MALFORMED = 1
_NOT_IN_ORDER = 1
_BELOW_FLOOR = 1


@app.command()
def replay(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An event file; - reads standard input.")],
    refusals: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write every refused event here, with line and code.")
    ] = None,
) -> None:
    """Play an event file into the books. Played again, it resumes or changes nothing.

    Malformed lines are reported and skipped, and make the exit status 1; refused events do not.
    """
    from api.cli.playing import play

    if play(file, refusals).malformed:
        raise typer.Exit(_MALFORMED)


app.command()(balances)
app.command("trial-balance")(trial_balance)
app.command()(account)


@app.command()
def settle(
    name: Annotated[
        str, typer.Argument(metavar="PERIOD", help="A month 2026-10, a week 2026-W41 or a day 2026-10-05.")
    ],
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who of finance settles it (default: you, by login)."),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="Do not ask, whatever it rules out to settle later. "
            "Without a terminal there is nobody to ask: what rules something out needs it then.",
        ),
    ] = False,
) -> None:
    """Settle a period for every streamer, under the published policies.

    Interrupted, or begun by somebody else, the same command goes on where the run is.
    """
    import getpass
    from time import time_ns

    from api.cli.settling import settle_period, show_run
    from api.cli.showing import console_on
    from api.wiring import open_house
    from settlement.reading import not_settled

    with open_house() as house:
        now = time_ns() // 1_000
        state = settle_period(house, name, person or getpass.getuser(), now, is_sure=yes)
        with house.database.app.connect() as connection:
            left = not_settled(connection, state.run)
    show_run(state, left, console_on(sys.stdout))


@app.command()
def adjust(
    streamer: Annotated[str, typer.Argument(metavar="STREAMER")],
    amount: Annotated[str, typer.Option(metavar="CNY", help="Such as 12.50, or -12.50 to take back.")],
    reason: Reason,
    reference: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What it refers to, such as a statement.")
    ] = None,
    person: As = None,
) -> None:
    """Correct what a streamer earned, with a reason. The next run settles it.

    Below zero it takes accruals, then earnings, and the rest is owed.
    """
    from api.cli.correcting import adjust_streamer

    adjust_streamer(streamer, amount, reason, reference, person)


@app.command()
def verify(
    statements: Annotated[
        str, typer.Option(metavar="N|all", help="How many statements to make again, chosen at random.")
    ] = "100",
) -> None:
    """Check every promise of the books.

    Over the whole database, in one snapshot. The exit status is 1 if one is broken.
    """
    if statements != "all" and not (statements.isascii() and statements.isdigit()):
        raise typer.BadParameter("--statements is a number, or all")
    from api.cli.verifying import verify_and_show
    from api.wiring import open_house

    with open_house() as house:
        if not verify_and_show(house.database, None if statements == "all" else int(statements)):
            raise typer.Exit(_NOT_IN_ORDER)


@_export.command()
def beancount(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to write; - is standard output.")],
) -> None:
    """Write the books as a Beancount file, dated by when things occurred."""
    from api.cli.exporting import export_beancount

    export_beancount(file)


@app.command("trails")
def show_collusion_trails(
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Tips from then on: a time with offset, or a date, from its 0:00 (+08:00) on "
            "(default: 30 days before the end).",
        ),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="And before then; a date is included to its end (default: now)."),
    ] = None,
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Which moderator looks (default: you, by login)."),
    ] = None,
) -> None:
    """Print tips that come back to their source, or stay just under a limit.

    It opens no case: that is for a person to do.
    """
    import getpass

    from api.cli.trailing import show_trails

    show_trails(since, until, f"moderator:{person or getpass.getuser()}")


@app.command()
def simulate(
    seed: Annotated[int, typer.Option(help="The same seed makes the same evening.")] = 1,
    events: Annotated[int, typer.Option(min=1, help="How many lines.")] = 20_000,
    viewers: Annotated[int | None, typer.Option(min=1, help="How many viewers (default: by events).")] = None,
    streamers: Annotated[
        int | None, typer.Option(min=1, help="How many streamers (default: by events).")
    ] = None,
    day: Annotated[
        str | None, typer.Option(metavar="DATE", help="Which evening (default 2026-10-01).")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write here instead of stdout.")
    ] = None,
) -> None:
    """Make up an evening, as an event file."""
    from api.cli.moments import calendar_date
    from api.cli.writing import written_anew
    from api.simulate import Evening

    date = calendar_date(day or "2026-10-01", "--day")
    evening = Evening(seed=seed, events=events, viewers=viewers, streamers=streamers, day=date)
    with nullcontext(sys.stdout) if output is None else written_anew(output) as file:
        file.writelines(evening.lines())


@app.command()
def queue(
    state: Annotated[
        str,
        typer.Option(metavar="STATE", help="received, awaiting_materials, accepted, rejected or closed."),
    ] = "received",
    flagged: Annotated[
        bool | None,
        typer.Option("--flagged/--unflagged", help="Only of reporters found in bad faith, or none of these."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
) -> None:
    """Print the reports that wait for a moderator.

    The most harmful first, then the oldest.
    """
    from api.cli.queue import show_queue
    from moderation.reports.states import STATES

    if state not in STATES:
        raise Misused(f"--state is one of {', '.join(STATES)}")
    show_queue(state, flagged=flagged, limit=limit)


@app.command()
def bench(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which rows; default all.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="The rows that take long, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Measure how fast the books are."""
    from api.bench.running import UnknownBench, run

    try:
        floors_held = run(names or [], full, json)
    except UnknownBench as unknown:
        raise Misused(str(unknown)) from None
    if not floors_held:
        raise typer.Exit(_BELOW_FLOOR)


@app.command()
def serve(
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Do the scheduled work, too (ZHIBO_WORKER).")
    ] = True,
) -> None:
    """Serve the HTTP API.

    Settings are environment variables that begin with ZHIBO_.
    """
    from api.http.server import serve as serve_http
    from api.settings import Settings

    settings = Settings.from_environment()
    serve_http(settings if worker else settings.model_copy(update={"worker": False}))


@app.command()
def worker() -> None:
    """Do the scheduled work, without serving.

    Until it is told to stop.
    """
    from api.work.alone import work

    work()


@app.command()
def migrate() -> None:
    """Make the tables this version needs."""
    from api.migrations import migrate as apply_migrations
    from ledger.database import open_database

    with open_database() as database:
        applied = apply_migrations(database)
    for revision in applied:
        print(f"applied {revision}")
    if not applied:
        print("nothing to do")


@app.command()
def expire() -> None:
    """End every hold whose time is over."""
    from api.wiring import open_house
    from ledger.journal.expiry import expire as expire_holds

    with open_house() as house:
        print(f"{expire_holds(house.journal):,} holds expired")


@app.command()
def demo() -> None:
    """Play a made-up evening, and look at it.

    Into books of its own: the folder `demo` in ZHIBO_DATA.
    """
    from api.demo import demonstrate

    demonstrate()


@app.command()
def token(
    role: Annotated[
        list[str], typer.Option(help="viewer, streamer, gateway, moderator or finance; may be given twice.")
    ],
    party: Annotated[str, typer.Option(help="Whose token, such as v00001.")],
) -> None:
    """Print a token for the sandbox.

    Only with ZHIBO_SANDBOX=1.
    """
    from api.event_file.fields import Malformed, text
    from api.sandbox import sandbox_token
    from api.tokens import ROLES

    if unknown := [name for name in role if name not in ROLES]:
        raise Misused(f"--role {unknown[0]!r} is not one of {', '.join(ROLES)}")
    try:
        text(party)
    except Malformed as reason:
        raise Misused(f"--party {reason}") from None
    print(sandbox_token(*role, party=party))
