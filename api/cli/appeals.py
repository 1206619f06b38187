"""`zhibo appeals`: which appeals wait, why somebody appeals, and the answer (申诉).

To look is written down, as over HTTP; of one's own affairs there is nothing to see.
"""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import Misused, Stop
from api.cli.asking import Limit, Reason, decide, fen_of, id_of, words_of
from api.cli.documents import name_of, now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from moderation.appeals.reading import AppealView

appeals_app = typer.Typer(help="Appeals against decisions, and their answers.", rich_markup_mode=None)

_Person = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Which moderator it is (default: you, by login).")
]
_Appeal = Annotated[str, typer.Argument(metavar="APPEAL", help="The id of an appeal.")]


@appeals_app.command("list")
def list_appeals(
    every: Annotated[bool, typer.Option("--all", help="Those that were answered, too.")] = False,
    limit: Limit = 50,
    person: _Person = None,
) -> None:
    """Print the appeals that wait for an answer, the oldest first. Nothing of what they say."""
    from api.cli.showing import console_on, table
    from api.wiring import open_house
    from moderation.access.records import record
    from moderation.appeals.reading import appeals_of

    who = name_of(person, "looks")
    with open_house() as house, house.database.app.begin() as connection:
        record(connection, f"moderator:{who}", "read_appeals", "appeals")
        is_open = None if every else True
        found = appeals_of(connection, is_open=is_open, unless_about=who, limit=limit)
    columns = ("appeal", "decision", "by", "filed", "to be answered by", "verdict")
    console_on(sys.stdout).print(table(f"Appeals: {len(found)}", *columns, rows=map(_row, found)))


@appeals_app.command()
def show(appeal: _Appeal, person: _Person = None) -> None:
    """Print an appeal and its answer."""
    from api.sealing import require_sealing_keys
    from api.settings import Settings
    from api.wiring import open_house
    from ledger.sealing import CannotUnseal
    from moderation.access.records import record
    from moderation.appeals.reading import appeals_of
    from moderation.appeals.refusals import AppealNotFound
    from moderation.cases.concerning import is_concerned
    from moderation.cases.records import read_decisions

    id, who = id_of(appeal), name_of(person, "looks")
    keys = require_sealing_keys(Settings.from_environment())
    with open_house() as house, house.database.app.begin() as connection:
        found = appeals_of(connection, appeal=id)
        decisions = read_decisions(connection, [one.decision for one in found])
        cases = {decision.case for decision in decisions.values()}
        if not found or any(is_concerned(connection, who, case) for case in cases):
            raise Stop(str(AppealNotFound(str(id))))
        record(connection, f"moderator:{who}", "read_appeal", f"appeal:{id}")
    try:
        text = keys.unseal(found[0].text)
    except CannotUnseal as reason:
        raise Stop(str(reason)) from None
    for line in _lines(found[0], text):
        print(line)


@appeals_app.command()
def answer(
    appeal: _Appeal,
    verdict: Annotated[str, typer.Argument(metavar="upheld|changed|overturned")],
    reason: Reason,
    ended: Annotated[
        list[int] | None, typer.Option(min=0, metavar="N", help="Changed: the measure of this number ends.")
    ] = None,
    lowered: Annotated[
        list[str] | None,
        typer.Option(metavar="N=AMOUNT", help="Changed: the measure of this number takes so many 元 only."),
    ] = None,
    person: _Person = None,
) -> None:
    """Answer an appeal, as somebody who neither decided nor approved what it is against."""
    from uuid import uuid4

    from moderation.appeals.commands import DecideAppeal, Verdict

    if verdict not in [one.value for one in Verdict]:
        raise Misused(f"{verdict!r} is not one of {', '.join(Verdict)}")
    actor = f"moderator:{name_of(person, 'answers it')}"
    decide(
        DecideAppeal(
            uuid4(),
            actor,
            now(),
            None,
            id_of(appeal),
            verdict,
            words_of(reason, "--reason"),
            tuple(ended or ()),
            tuple(map(_lower, lowered or ())),
        )
    )
    print(f"{verdict} {appeal} as {actor}")


def _lower(asked: str) -> tuple[int, int]:
    """Which measure, and how many fen it still takes."""
    number, _, amount = asked.partition("=")
    if not (number.isascii() and number.isdecimal() and amount):
        raise Misused(f"--lowered {asked[:40]!r} is not a number of a measure, = and an amount")
    return int(number), fen_of(amount, "--lowered")


def _row(one: "AppealView") -> tuple[str, ...]:
    from api.cli.moments import written

    dates = written(one.filed_at), written(one.answer_by)
    return (str(one.appeal), str(one.decision), one.appellant, *dates, one.verdict or "")


def _lines(one: "AppealView", text: str) -> "Iterable[str]":
    from api.cli.moments import written

    yield f"appeal {one.appeal} of {one.appellant} against decision {one.decision}"
    yield f"  filed {written(one.filed_at)}, to be answered by {written(one.answer_by)}"
    for line in text.splitlines():
        yield f"    {line}"
    if one.verdict and one.decided_at is not None:
        yield f"  {one.verdict} {written(one.decided_at)}"
        for line in (one.reason or "").splitlines():
            yield f"    {line}"
