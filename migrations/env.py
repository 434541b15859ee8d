"""How Alembic reaches the database: through the app's own engine and metadata."""

from alembic import context
from flask import current_app

from practice.database import db

engine = current_app.extensions["migrate"].db.engine


def run() -> None:
    """Run the migrations in one transaction; on SQLite changed tables are copied, since it can't alter them."""
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
            user_module_prefix="practice.database.",
        )
        copies_tables = connection.dialect.name == "sqlite"
        if copies_tables:
            # A table that others refer to can't be replaced while SQLite watches; so it looks again at the end.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            with context.begin_transaction():
                context.run_migrations()
            if copies_tables and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise RuntimeError("the migration would leave rows that refer to nothing; nothing was changed")
            connection.commit()
        finally:
            if copies_tables:
                connection.rollback()  # inside a transaction SQLite would not begin to watch again
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
