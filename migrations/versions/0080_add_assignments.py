"""Who does what with which equipment, absences, and mails that carry an .ics."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "vehicle",
                "camera",
                "drone",
                "audio",
                "place",
                "other",
                name="resourcekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "note", sa.String(length=255), nullable=False, comment="where it is kept, who holds the keys"
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        sa.UniqueConstraint("name", name=op.f("uq_resources_name")),
    )

    op.create_table(
        "unavailabilities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (resource_id IS NULL)",
            name=op.f("ck_unavailabilities_of_one_or_the_other"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_unavailabilities_ends_after_it_starts")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_unavailabilities_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resources.id"],
            name=op.f("fk_unavailabilities_resource_id_resources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unavailabilities")),
    )

    with op.batch_alter_table("unavailabilities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unavailabilities_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unavailabilities_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unavailabilities_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("deliverable_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False, comment="what to bring, what to bring back"),
        sa.Column(
            "status",
            sa.Enum(
                "assigned",
                "arrived",
                "done",
                "cancelled",
                name="assignmentstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="also the calendars' SEQUENCE, counted from 0"
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_assignments_ends_after_it_starts")),
        sa.CheckConstraint(
            "event_id IS NOT NULL OR ticket_id IS NOT NULL", name=op.f("ck_assignments_is_for_something")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["people.id"],
            name=op.f("fk_assignments_created_by_id_people"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["deliverable_id"],
            ["deliverables.id"],
            name=op.f("fk_assignments_deliverable_id_deliverables"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_assignments_event_id_events"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_assignments_person_id_people"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_assignments_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("uid", name=op.f("uq_assignments_uid")),
    )

    with op.batch_alter_table("assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignments_deliverable_id"), ["deliverable_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_event_id"), ["event_id"], unique=False)
        batch_op.create_index("ix_assignments_person_time", ["person_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_starts_at"), ["starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_assignments_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "assignment_resources",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_assignment_resources_assignment_id_assignments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resources.id"],
            name=op.f("fk_assignment_resources_resource_id_resources"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("assignment_id", "resource_id", name=op.f("pk_assignment_resources")),
    )

    with op.batch_alter_table("assignment_resources", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assignment_resources_resource_id"), ["resource_id"], unique=False
        )

    op.add_column(
        "office",
        sa.Column(
            "travel_minutes",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="left free between two coverages",
        ),
    )

    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("assignment_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_notices_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_notices_assignment_id_assignments"),
            "assignments",
            ["assignment_id"],
            ["id"],
            ondelete="CASCADE",
        )


def downgrade() -> None:
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notices_assignment_id_assignments"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_notices_assignment_id"))
        batch_op.drop_column("assignment_id")

    op.drop_column("office", "travel_minutes")

    op.drop_table("assignment_resources")

    op.drop_table("assignments")

    op.drop_table("unavailabilities")

    op.drop_table("resources")
