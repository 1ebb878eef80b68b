"""The migrations and the models say the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from atlas import migrate, server
from atlas.models import metadata

# Everything of a table that a statement can run into, as PostgreSQL prints it.
COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
       pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


@pytest.fixture(scope="module")
def migrated(server_url: str) -> Iterator[Connection]:
    """An empty database, brought up by the migrations."""
    yield from _database(server_url, "test_migrations_up")


@pytest.fixture(scope="module")
def created(server_url: str) -> Iterator[Connection]:
    """An empty database, brought up from the models."""
    for connection in _database(server_url, "test_migrations_models", by_models=True):
        metadata.create_all(connection)
        yield connection


def _database(server_url: str, name: str, *, by_models: bool = False) -> Iterator[Connection]:
    server.drop_database(server_url, name)
    server.create_database(server_url, name)
    url = server.with_database(server_url, name)
    if not by_models:
        migrate.upgrade(url)
        migrate.upgrade(url)  # the second time there is nothing to do
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    server.drop_database(server_url, name)


def test_nothing_is_left_for_a_new_migration_to_do(migrated: Connection) -> None:
    context = MigrationContext.configure(migrated, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("catalogue", [COLUMNS, CONSTRAINTS, INDEXES], ids=["columns", "constraints", "indexes"])
def test_postgresql_sees_no_difference(migrated: Connection, created: Connection, catalogue: str) -> None:
    """Stricter than the above, which does not look into checks, partial indexes or defaults."""

    def seen(connection: Connection) -> set[tuple[Any, ...]]:
        rows = {tuple(row) for row in connection.execute(text(catalogue))}
        return {row for row in rows if "alembic_version" not in row}

    assert seen(created) != set()
    assert seen(migrated) == seen(created)


def test_there_is_one_history() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert len(script.get_heads()) == len(script.get_bases()) == 1
