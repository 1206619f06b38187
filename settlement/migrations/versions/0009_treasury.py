"""Tax handed over, debts paid in, and batches of payouts that are taken back."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """The statements stand beside this file, in SQL."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
