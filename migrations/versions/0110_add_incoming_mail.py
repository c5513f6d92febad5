"""Mails that come in, how often a silent party was reminded, and messages that were taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0100"
branch_labels = None
depends_on = None

HISTORY_GUARD = """
CREATE TRIGGER timeline_entries_{verb} BEFORE {verb} ON timeline_entries
BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END
"""


def guard_history_again() -> None:
    """SQLite changes a table by copying it, and its triggers stay behind."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(HISTORY_GUARD.format(verb=verb))


def upgrade() -> None:
    op.create_table(
        "incoming_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "message_id", sa.String(length=400), nullable=False, comment="its own, or one made of its bytes"
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "sent_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="its Date header, as far as it can be read",
        ),
        sa.Column("from_address", sa.String(length=255), nullable=False),
        sa.Column("from_name", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="what was written, without what was quoted"),
        sa.Column(
            "fate",
            sa.Enum(
                "answer",
                "draft",
                "quarantined",
                "accepted",
                "discarded",
                "automatic",
                "bounce",
                "loop",
                "refused",
                "unreadable",
                name="mailfate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.Text(), nullable=False, comment="why, in words for the office"),
        sa.Column(
            "file_name",
            sa.String(length=255),
            nullable=False,
            comment="the whole mail in the instance folder, while kept",
        ),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.Column("answer_id", sa.Integer(), nullable=True, comment="what it was answered with"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the office decided on one that waited",
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["envelopes.id"],
            name=op.f("fk_incoming_mails_answer_id_envelopes"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["people.id"],
            name=op.f("fk_incoming_mails_decided_by_id_people"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["drafts.id"], name=op.f("fk_incoming_mails_draft_id_drafts"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_incoming_mails_person_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("fk_incoming_mails_ticket_id_tickets"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_incoming_mails_message_id")),
    )

    with op.batch_alter_table("incoming_mails", schema=None) as batch_op:
        batch_op.create_index("ix_incoming_mails_fate", ["fate", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mails_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mails_draft_id"), ["draft_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mails_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mails_ticket_id"), ["ticket_id"], unique=False)

    op.add_column(
        "tickets",
        sa.Column(
            "nudges", sa.Integer(), server_default="0", nullable=False, comment="sent during this wait"
        ),
    )
    op.add_column("tickets", sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("timeline_entries", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "withdraws_id",
                sa.Integer(),
                nullable=True,
                comment="the message this entry takes back: its words are shown no more",
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_timeline_entries_withdraws_id_timeline_entries"),
            "timeline_entries",
            ["withdraws_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        batch_op.create_unique_constraint(batch_op.f("uq_timeline_entries_withdraws_id"), ["withdraws_id"])
    guard_history_again()


def downgrade() -> None:
    with op.batch_alter_table("timeline_entries", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_timeline_entries_withdraws_id"), type_="unique")
        batch_op.drop_constraint(
            batch_op.f("fk_timeline_entries_withdraws_id_timeline_entries"), type_="foreignkey"
        )
        batch_op.drop_column("withdraws_id")
    guard_history_again()

    op.drop_column("tickets", "nudged_at")
    op.drop_column("tickets", "nudges")

    op.drop_table("incoming_mails")
