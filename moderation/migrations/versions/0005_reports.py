"""Reports, evidence, notices, and who looked at what."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """The statements stand beside this file, in SQL."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
