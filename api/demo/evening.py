"""The demo from beginning to end."""

import os
import shlex
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import BinaryIO

from rich.console import Console
from sqlalchemy import text

from api.audits import all_audits
from api.cli.showing import console_on, progress, table, trial_table
from api.demo.promises import promises_table
from api.demo.server import tip_over_http
from api.demo.sights import busiest_streamers, earnings_of, forfeited_freeze, wallet_of_most_generous
from api.replay import Tally, replay
from api.simulate import Evening
from api.simulate.evening import DAY
from api.wiring import House, open_house
from ledger.audits.verify import verify
from ledger.database import DatabaseSettings, DataFolder
from ledger.journal.history import trial_balance

EVENTS = 20_000
#: The demo's folder in ZHIBO_DATA. Run from within it, as its own last words suggest, it stays there.
_OWN = "demo"


def demonstrate() -> None:
    """Play the next evening into the demo's books, and show it. Run again, another evening follows.

    Raises ``DatabaseUnavailable``.
    """
    folder = _move_into_own_books()
    console = console_on(sys.stdout)
    console.print(f"The demo keeps books of its own in {folder}; yours are not touched.")
    with open_house() as house:
        _play(house, console)
        with house.database.app.connect() as connection:
            console.print(busiest_streamers(connection))
            wallet_of_most_generous(connection, console)
            earnings_of(connection, console)
            forfeited_freeze(connection, console)
            console.print(trial_table(trial_balance(connection)))
        audits = all_audits()
        console.print(promises_table(audits, verify(house.database.app, audits)))
        tip_over_http(house, console)
    console.print(_next_steps(folder))


def _move_into_own_books() -> Path:
    """From here on, the environment of this process and its children names the demo's books."""
    users = DatabaseSettings.from_environment().data
    if users.name == _OWN:
        folder = users
    else:
        DataFolder(users).prepare()
        folder = users / _OWN
    for variable in ("DATABASE_URL", "ZHIBO_OWNER_URL"):
        os.environ.pop(variable, None)
    os.environ["ZHIBO_DATA"] = str(folder)
    return folder


def _play(house: House, console: Console) -> None:
    with house.database.app.connect() as connection:
        evenings = connection.execute(text("SELECT count(*) FROM settlement.runs")).scalar_one()
    day = DAY + timedelta(days=evenings)
    evening = Evening(seed=evenings + 1, events=EVENTS, day=day)
    tally = Tally()
    with TemporaryFile() as file:
        file.writelines(line.encode() for line in evening.lines())
        file.seek(0)
        seconds = _replay(house, file, tally)
    console.print(
        f"\nThe evening of {day}: {EVENTS:,} events, {EVENTS / seconds:,.0f} a second, settled at the end."
    )
    rows = [("accepted", f"{tally.accepted:,}")]
    rows += [(f"refused: {code}", f"{times:,}") for code, times in tally.refused.most_common()]
    rows.append(("of all these, said before and answered again", f"{tally.repeated:,}"))
    console.print(table("What the books decided", "", ">events", rows=rows))


def _replay(house: House, file: BinaryIO, tally: Tally) -> float:
    started = perf_counter()
    with progress("an evening of gifts", EVENTS, lambda events: f"{events:,.0f} events") as advance:
        told = 0
        for _ in replay(house.journal, file, tally):
            advance(tally.events - told)
            told = tally.events
    return perf_counter() - started


def _next_steps(folder: Path) -> str:
    program = Path(sys.argv[0])
    zhibo = os.path.relpath(program) if program.name == "zhibo" else "zhibo"
    return f"""
What to try next, with these books:

  export ZHIBO_DATA={shlex.quote(str(folder))}
  {zhibo} balances | head
  {zhibo} account earnings s0001
  {zhibo} trial-balance --as-of {DAY}
  {zhibo} export beancount books.beancount
  {zhibo} simulate --seed 99 --events 100000 -o big.jsonl && {zhibo} replay big.jsonl
  ZHIBO_SANDBOX=1 {zhibo} token --role viewer --party v00001
  ZHIBO_SANDBOX=1 {zhibo} serve

`demo` once more plays the next evening into them; `{zhibo} --help` shows everything there is."""
