"""Alembic's entry: runs the migrations over the URL that `atlas.migrate` passes in."""

from alembic import context
from sqlalchemy import create_engine, pool

from atlas.models import metadata


def run() -> None:
    """Run online, in one transaction per migration, one migrator at a time."""
    url = context.config.attributes["url"].replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            include_name=lambda name, kind, _: kind != "schema" or name is None,
        )
        with context.begin_transaction():
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(198180866)")
            context.run_migrations()


run()
