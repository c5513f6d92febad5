"""Signed links that were used or revoked, secret calendar addresses, and signing from the mail."""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0080"
branch_labels = None
depends_on = None

BEFORE = ("app", "filed", "oficio", "phone", "in_person")


def allow(*methods: str) -> None:
    """Let the requester's name stand by these methods."""
    words = ", ".join(f"'{method}'" for method in methods)
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_agreements_signmethod"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_agreements_signmethod"), f"method IN ({words})")


def upgrade() -> None:
    op.create_table(
        "spent_links",
        sa.Column("key", sa.String(length=64), nullable=False, comment="SHA-256 of the link's token"),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="of the link: after it the row may go",
        ),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column(
            "answer", sa.String(length=400), nullable=False, comment="what it did, for whoever comes again"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_spent_links_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_spent_links")),
    )

    with op.batch_alter_table("spent_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spent_links_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_spent_links_person_id"), ["person_id"], unique=False)

    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "mine",
                "department",
                "search",
                "agenda",
                name="feedscope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column(
            "query", sa.String(length=400), nullable=False, comment="of a search: as in the queue's address"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_calendar_feeds_department_id_departments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_calendar_feeds_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_calendar_feeds_secret_hash")),
    )

    with op.batch_alter_table("calendar_feeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feeds_person_id"), ["person_id"], unique=False)

    op.add_column(
        "people",
        sa.Column(
            "links_from",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="signed links made before it are revoked",
        ),
    )

    allow(*BEFORE, "mail")


def downgrade() -> None:
    op.execute("UPDATE agreements SET method = 'app' WHERE method = 'mail'")
    allow(*BEFORE)

    op.drop_column("people", "links_from")

    op.drop_table("calendar_feeds")

    op.drop_table("spent_links")
