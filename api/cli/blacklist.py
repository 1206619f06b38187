"""`zhibo blacklist`: who is barred from streaming (主播黑名单). Numbers are hashed at once."""

import sys
from typing import Annotated

import typer

blacklist_app = typer.Typer(
    help="Read in lists of people barred from streaming, and see who was found.", rich_markup_mode=None
)


@blacklist_app.command("import")
def import_list(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="CSV with the columns number and, if you like, name; - is stdin."
        ),
    ],
    name: Annotated[str, typer.Option("--list", metavar="NAME", help="What the list is called.")],
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Which moderator reads it in (default: you, by login)."),
    ] = None,
) -> None:
    """Read a list in, and stop whoever on it is verified here.

    Only keyed hashes are kept. Read in again, a file changes nothing.
    """
    from api.cli.listing import import_file

    found = import_file(file, name, person)
    print(f"{found.named:,} on the list {name!r}, {len(found.hits):,} of them found and stopped")
    for hit in found.hits:
        print(f"  {hit.party}: case {hit.case}")


@blacklist_app.command("screen")
def screen() -> None:
    """Match everybody on a list with everybody verified, now. The worker does it, too."""
    from time import time_ns

    from api.screening import screen_all
    from api.wiring import open_house

    with open_house() as house:
        hits = screen_all(house.journal, time_ns() // 1_000)
    for hit in hits:
        print(f"{hit.party}: case {hit.case}")
    print(f"{len(hits):,} found and stopped", file=sys.stderr)
