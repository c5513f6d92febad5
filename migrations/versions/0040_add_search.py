"""Add full-text search over tickets, and the indexes the queue walks along.

Revision ID: 0040
Revises: 0001
"""

from alembic import op

revision = "0040"
down_revision = "0001"
branch_labels = None
depends_on = None

FTS5 = """
CREATE VIRTUAL TABLE ticket_search USING fts5(
    own, said, internal, tokenize = 'unicode61 remove_diacritics 0', prefix = '3 4'
)
"""
# Two vectors are computed from the three texts, so that the writer never has to keep them in step.
POSTGRESQL = """
CREATE TABLE ticket_search (
    ticket_id integer CONSTRAINT pk_ticket_search PRIMARY KEY
        CONSTRAINT fk_ticket_search_ticket_id_tickets REFERENCES tickets (id) ON DELETE CASCADE,
    own text NOT NULL,
    said text NOT NULL,
    internal text NOT NULL,
    open_text tsvector GENERATED ALWAYS AS (to_tsvector('simple', own || ' ' || said)) STORED,
    everything tsvector GENERATED ALWAYS AS (to_tsvector('simple', own || ' ' || said || ' ' || internal)) STORED
)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(FTS5)
        # A deleted ticket (only retention deletes) leaves the index with it, as the foreign key does elsewhere.
        op.execute(
            "CREATE TRIGGER ticket_search_follows AFTER DELETE ON tickets "
            "BEGIN DELETE FROM ticket_search WHERE rowid = OLD.id; END"
        )
    else:
        op.execute(POSTGRESQL)
        op.execute("CREATE INDEX ix_ticket_search_open_text ON ticket_search USING gin (open_text)")
        op.execute("CREATE INDEX ix_ticket_search_everything ON ticket_search USING gin (everything)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER ticket_search_follows")
    op.execute("DROP TABLE ticket_search")
