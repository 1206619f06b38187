"""`zhibo keys`: what personal data is sealed under."""

from typing import Annotated

import typer

keys_app = typer.Typer(help="The keys that personal data is sealed under.", rich_markup_mode=None)


@keys_app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="ID", help="What it is to be called, such as 2026-10.")],
) -> None:
    """Print a new sealing key.

    To be put in front of those in ZHIBO_SEALING_KEYS. With `matching` for ID: a ZHIBO_MATCHING_KEY.
    """
    from api.cli import Misused
    from api.sealing import new_key
    from ledger.sealing import InvalidKeys, read_keys

    key = new_key()
    if name == "matching":
        print(key)
        return
    try:
        read_keys(f"{name}:{key}", new_key())
    except InvalidKeys as reason:
        raise Misused(str(reason)) from None
    print(f"{name}:{key}")


@keys_app.command()
def rotate() -> None:
    """Seal anew, under the first of ZHIBO_SEALING_KEYS, whatever another key seals.

    Stopped anywhere and started again it goes on. Once it is done, the other keys open nothing any more.
    """
    from api.cli import Stop
    from api.cli.showing import progress
    from api.evidence import evidence_folder
    from api.sealing import require_sealing_keys
    from api.settings import Settings
    from api.wiring import open_house
    from ledger.resealing import left_under_other_keys, reseal
    from ledger.sealing import CannotUnseal
    from moderation.evidence.files import FileLost
    from moderation.evidence.reading import files_named
    from moderation.sealing import tables as of_moderation
    from settlement.payees import tables as of_payees

    values = of_payees.sealed_values, of_moderation.sealed_values
    settings = Settings.from_environment()
    keys, folder = require_sealing_keys(settings), evidence_folder(settings)
    with open_house() as house:
        with house.database.app.connect() as connection:
            left = sum(left_under_other_keys(connection, table, keys) for table in values)
            files = [digest for digest, _ in files_named(connection)]
        try:
            with progress("rotate", left, lambda done: f"{done:,.0f} of {left:,} values") as advance:
                for table in values:
                    for sealed in reseal(house.journal, table, keys):
                        advance(sealed)
            with progress("files", len(files), lambda done: f"{done:,.0f} of {len(files):,}") as advance:
                resealed = 0
                for digest in files:
                    resealed += folder.reseal(keys, digest)
                    advance(1)
        except (CannotUnseal, FileLost) as reason:
            raise Stop(str(reason)) from None
    print(f"{left:,} values sealed anew under key {keys.current!r}")
    if files:
        print(f"{resealed:,} files of evidence likewise")
