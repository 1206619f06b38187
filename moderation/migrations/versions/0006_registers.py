"""The blacklist, permissions, promises, room actions, disclosures and tickets."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """The statements stand beside this file, in SQL."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
