"""Cases, decisions and the measures in force."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """The statements stand beside this file, in SQL."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
