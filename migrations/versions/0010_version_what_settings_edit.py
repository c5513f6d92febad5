"""Two people may edit the same person, department or kind: the second must see it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = ("people", "departments", "deliverable_kinds")


def upgrade() -> None:
    for table in TABLES:
        comment = "of what the settings page edits" if table == "people" else None
        op.add_column(
            table, sa.Column("version", sa.Integer(), server_default="1", nullable=False, comment=comment)
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "version")
