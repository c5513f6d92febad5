"""Rows whose parent was deleted over a connection that did not watch foreign keys, as after every restart on SQLite."""

from alembic import op

revision = "0120"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do what each reference says is done when its parent goes; PostgreSQL never let one dangle."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    while broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        mended = sum(mend(table, rowid, number) for table, rowid, _parent, number in broken)
        if not mended:
            return  # what is left has no rule; the check after the migrations names it


def mend(table: str, rowid: int, number: int) -> int:
    """Mend one reference; how many rows that changed."""
    connection = op.get_bind()
    keys = connection.exec_driver_sql(f"PRAGMA foreign_key_list('{table}')").mappings().all()
    key = next(key for key in keys if key["id"] == number)
    if key["on_delete"] == "SET NULL":
        statement = f'UPDATE "{table}" SET "{key["from"]}" = NULL WHERE rowid = ?'
    elif key["on_delete"] == "CASCADE":
        statement = f'DELETE FROM "{table}" WHERE rowid = ?'
    else:
        return 0
    return connection.exec_driver_sql(statement, (rowid,)).rowcount


def downgrade() -> None:
    """Nothing: what was mended was pointing at nothing."""
