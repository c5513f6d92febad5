"""Events get all that an agenda tells, series, and a history of their own."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0060"
branch_labels = None
depends_on = None

CHECKS = ("eventkind", "importance", "eventsource", "an_end_has_a_start", "ends_after_it_starts")
EVENTS = sa.table("events", sa.column("id", sa.Integer), sa.column("uid", sa.String))


def upgrade() -> None:
    op.create_table(
        "event_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_series")),
    )

    op.create_table(
        "event_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.String(length=255), nullable=False),
        sa.Column(
            "verb",
            sa.Enum(
                "created",
                "changed",
                "confirmed",
                "made_tentative",
                "rescheduled",
                "postponed",
                "cancelled",
                name="eventverb",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False, comment="field -> former value, moments in ISO"),
        sa.ForeignKeyConstraint(
            ["by_id"], ["people.id"], name=op.f("fk_event_changes_by_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_changes_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_changes")),
    )

    with op.batch_alter_table("event_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_changes_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_changes_event_id"), ["event_id"], unique=False)

    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(
                    "ceremony",
                    "council",
                    "works",
                    "fair",
                    "culture",
                    "sport",
                    "training",
                    "meeting",
                    "press",
                    "service",
                    "other",
                    name="eventkind",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                server_default="other",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "importance",
                sa.Enum(
                    "high",
                    "normal",
                    "low",
                    name="importance",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                server_default="normal",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "presides",
                sa.String(length=255),
                server_default="",
                nullable=False,
                comment="who presides over it",
            )
        )
        batch_op.add_column(sa.Column("attendance", sa.Integer(), nullable=True, comment="people expected"))
        batch_op.add_column(
            sa.Column(
                "note", sa.Text(), server_default="", nullable=False, comment="what else one should know"
            )
        )
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("uid", sa.String(length=255), nullable=True))
        batch_op.add_column(
            sa.Column(
                "source",
                sa.Enum(
                    "ticket",
                    "agenda",
                    "weekly_ask",
                    "imported",
                    name="eventsource",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                server_default="ticket",
                nullable=False,
            )
        )
        batch_op.alter_column(
            "version",
            existing_type=sa.Integer(),
            existing_nullable=False,
            comment="also the calendars' SEQUENCE, counted from 0",
        )
        batch_op.add_column(sa.Column("created_by_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_events_series_id"), ["series_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_events_series_id_event_series"),
            "event_series",
            ["series_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_events_created_by_id_people"),
            "people",
            ["created_by_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_events_an_end_has_a_start"), "ends_at IS NULL OR starts_at IS NOT NULL"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_events_ends_after_it_starts"), "ends_at IS NULL OR ends_at > starts_at"
        )
    name_events()
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.alter_column("uid", existing_type=sa.String(length=255), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_events_uid"), ["uid"])


def name_events() -> None:
    """Give the events that are there a name for calendars; it is never changed again."""
    connection = op.get_bind()
    for (event_id,) in connection.execute(sa.select(EVENTS.c.id)).all():
        connection.execute(sa.update(EVENTS).where(EVENTS.c.id == event_id).values(uid=str(uuid4())))


def downgrade() -> None:
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_events_created_by_id_people"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_events_series_id_event_series"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_events_uid"), type_="unique")
        for check in CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_events_{check}"), type_="check")
        batch_op.drop_index(batch_op.f("ix_events_series_id"))
        batch_op.alter_column(
            "version",
            existing_type=sa.Integer(),
            existing_nullable=False,
            existing_comment="also the calendars' SEQUENCE, counted from 0",
            comment=None,
        )
        batch_op.drop_column("created_by_id")
        batch_op.drop_column("source")
        batch_op.drop_column("uid")
        batch_op.drop_column("series_id")
        batch_op.drop_column("note")
        batch_op.drop_column("attendance")
        batch_op.drop_column("presides")
        batch_op.drop_column("importance")
        batch_op.drop_column("kind")

    op.drop_table("event_changes")

    op.drop_table("event_series")
