"""The indicator reads a year of requests from one index, without opening the requests themselves."""

from alembic import op

revision = "0060"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_tickets_counted",
        "tickets",
        [
            "received_at",
            "department_id",
            "status",
            "closed_at",
            "outcome",
            "cause",
            "waiting_since",
            "due_at",
            "agreed_at",
        ],
    )
    op.drop_index("ix_tickets_received_at", "tickets")


def downgrade() -> None:
    op.create_index("ix_tickets_received_at", "tickets", ["received_at"])
    op.drop_index("ix_tickets_counted", "tickets")
