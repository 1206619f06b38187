"""Tips that go back."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """The statements stand beside this file, in SQL."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
