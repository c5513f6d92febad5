"""The weekly ask with its answers, the digests, and how often each person wants mail."""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0090"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "key",
            sa.Enum(
                "ask",
                "nag",
                "weekly",
                "daily",
                "head",
                name="mailingkey",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("period", sa.String(length=16), nullable=False, comment="2026-W48 or 2026-11-24, local"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it should have gone; much earlier than made_at: late",
        ),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column(
            "finished_at", sa.DateTime(timezone=True), nullable=True, comment="every reader has a copy"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("key", "period", name="uq_digests_once"),
    )

    op.create_table(
        "mailings",
        sa.Column(
            "key",
            sa.Enum(
                "ask",
                "nag",
                "weekly",
                "daily",
                "head",
                name="mailingkey",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False, comment="0 is Monday; daily mails do not read it"),
        sa.Column("hour", sa.Time(), nullable=False, comment="local"),
        sa.Column("audience", sa.JSON(), nullable=False, comment="roles"),
        sa.Column("subject", sa.String(length=255), nullable=False, comment="empty: the program's own words"),
        sa.Column("opening", sa.Text(), nullable=False, comment="the first paragraph; empty: our own"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_mailings_a_day_of_the_week")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mailings")),
    )

    op.create_table(
        "weekly_asks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False, comment="first day of the week asked about"),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it should have gone; much earlier than asked_at: late",
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "nagged_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the silent ones were reminded",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_asks")),
        sa.UniqueConstraint("monday", name=op.f("uq_weekly_asks_monday")),
    )

    op.create_table(
        "mail_preferences",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "tickets",
                "conversation",
                "assignments",
                "agenda",
                name="mailsubject",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "rhythm",
            sa.Enum(
                "each",
                "daily",
                "weekly",
                "never",
                name="rhythm",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_mail_preferences_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "subject", name=op.f("pk_mail_preferences")),
    )

    op.create_table(
        "weekly_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ask_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column(
            "asked_person_id", sa.Integer(), nullable=True, comment="the liaison asked; none: nobody to ask"
        ),
        sa.Column("nagged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "via",
            sa.Enum(
                "mail_link",
                "signed_in",
                "office",
                name="answervia",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("no_events", sa.Boolean(), nullable=False, comment="answered that there are none"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (via IS NULL)", name=op.f("ck_weekly_answers_an_answer_says_how_it_came")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"],
            ["people.id"],
            name=op.f("fk_weekly_answers_answered_by_id_people"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["ask_id"],
            ["weekly_asks.id"],
            name=op.f("fk_weekly_answers_ask_id_weekly_asks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["asked_person_id"],
            ["people.id"],
            name=op.f("fk_weekly_answers_asked_person_id_people"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["departments.id"],
            name=op.f("fk_weekly_answers_department_id_departments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_answers")),
        sa.UniqueConstraint("ask_id", "department_id", name="uq_weekly_answers_once"),
    )

    with op.batch_alter_table("weekly_answers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_weekly_answers_asked_person_id"), ["asked_person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_weekly_answers_department_id"), ["department_id"], unique=False)

    op.create_table(
        "weekly_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("nag", sa.Boolean(), nullable=False),
        sa.Column("envelope_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["weekly_answers.id"],
            name=op.f("fk_weekly_mails_answer_id_weekly_answers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["envelope_id"],
            ["envelopes.id"],
            name=op.f("fk_weekly_mails_envelope_id_envelopes"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_weekly_mails_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_weekly_mails")),
        sa.UniqueConstraint("answer_id", "person_id", "nag", name="uq_weekly_mails_once"),
    )

    with op.batch_alter_table("weekly_mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_weekly_mails_envelope_id"), ["envelope_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_weekly_mails_person_id"), ["person_id"], unique=False)

    op.create_table(
        "digest_copies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("envelope_id", sa.Integer(), nullable=True),
        sa.Column("personal", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["digest_id"], ["digests.id"], name=op.f("fk_digest_copies_digest_id_digests"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["envelope_id"],
            ["envelopes.id"],
            name=op.f("fk_digest_copies_envelope_id_envelopes"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_digest_copies_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_copies")),
        sa.UniqueConstraint("digest_id", "person_id", name="uq_digest_copies_once"),
    )

    with op.batch_alter_table("digest_copies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_digest_copies_envelope_id"), ["envelope_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_digest_copies_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "liaison_id",
                sa.Integer(),
                nullable=True,
                comment="answers the weekly ask; none: its directors",
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_departments_liaison_id_people"),
            "people",
            ["liaison_id"],
            ["id"],
            ondelete="SET NULL",
        )

    op.add_column(
        "notices",
        sa.Column(
            "rhythm",
            sa.String(length=12),
            server_default="each",
            nullable=False,
            comment="not each: waits for the day or week",
        ),
    )


def downgrade() -> None:
    op.drop_column("notices", "rhythm")

    with op.batch_alter_table("departments", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_departments_liaison_id_people"), type_="foreignkey")
        batch_op.drop_column("liaison_id")

    op.drop_table("digest_copies")

    op.drop_table("weekly_mails")

    op.drop_table("weekly_answers")

    op.drop_table("mail_preferences")

    op.drop_table("weekly_asks")

    op.drop_table("mailings")

    op.drop_table("digests")
