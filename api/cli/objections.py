"""`zhibo objections`: what streamers object to in their statements, and finance's answers."""

from typing import Annotated

import typer

from api.cli.asking import As, Before, Limit, decide, head, id_of

objections_app = typer.Typer(help="Objections to statements, and their answers.", rich_markup_mode=None)


@objections_app.command("list")
def list_objections(
    every: Annotated[bool, typer.Option("--all", help="Those that were answered, too.")] = False,
    limit: Limit = 20,
    before: Before = None,
) -> None:
    """Print the objections that wait for an answer, the newest first."""
    from api.cli.answering import objection_lines
    from api.wiring import open_house
    from settlement.objections.reading import objection_page

    with open_house() as house, house.database.app.connect() as connection:
        page = objection_page(connection, before=before, limit=limit, open_only=not every)
    for objection in page.objections:
        for line in objection_lines(objection):
            print(line)
    if not page.objections:
        print("there is no objection" if every else "no objection waits for an answer")
    if page.next_cursor is not None:
        print(f"older ones: --before {page.next_cursor}")


@objections_app.command()
def answer(
    objection: Annotated[str, typer.Argument(metavar="OBJECTION", help="The id of an objection.")],
    text: Annotated[str, typer.Option(metavar="TEXT", help="The answer, which the streamer reads.")],
    adjustment: Annotated[
        str | None,
        typer.Option(metavar="ID", help="What put it right, as `zhibo adjust` names it."),
    ] = None,
    person: As = None,
) -> None:
    """Answer an objection, once. The statement stays as it is."""
    from api.cli.answering import said
    from settlement.objections.commands import Answer

    named = None if adjustment is None else id_of(adjustment)
    decide(Answer(*head(person), id_of(objection), said(text), named))
    print(f"answered {objection}")
