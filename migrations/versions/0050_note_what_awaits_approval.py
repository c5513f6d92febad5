"""A final version laid before the head says since when it lies there."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "deliverables",
        sa.Column(
            "approval_asked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="its final version lies before the head",
        ),
    )


def downgrade() -> None:
    op.drop_column("deliverables", "approval_asked_at")
