"""`zhibo export`: the books for another program."""

import sys
from contextlib import nullcontext
from pathlib import Path

from api.beancount import export
from api.cli.writing import written_anew
from api.wiring import open_house

_STDOUT = "-"


def export_beancount(file: str) -> None:
    """Write the books as a Beancount file, as one snapshot. Raises ``Stop`` when it cannot be written."""
    opened = nullcontext(sys.stdout) if file == _STDOUT else written_anew(Path(file))
    with opened as out, open_house() as house, house.database.app.connect() as connection:
        entries = export(connection, out)
    print(f"{entries:,} entries", file=sys.stderr)
