"""Bring a database to the present schema: one Alembic history for all modules."""

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

# Roles belong to the whole cluster, so two databases migrating at once must not both create them.
ROLE_LOCK = 0x0BED_0001
SUBSCRIBER_ROLE = "bedrock_subscriber"


def upgrade(url: str, revision: str = "head") -> None:
    """Create the database roles and run the migrations up to `revision` on a libpq URL."""
    create_roles(url)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def create_roles(url: str) -> None:
    """Create the role that a subscriber's tool bodies run under, once per cluster."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (ROLE_LOCK,))
        found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (SUBSCRIBER_ROLE,)).fetchone()
        if not found:
            connection.execute(f"CREATE ROLE {SUBSCRIBER_ROLE} NOLOGIN")
            connection.execute(f"GRANT {SUBSCRIBER_ROLE} TO CURRENT_USER")
        connection.execute("SELECT pg_advisory_unlock(%s)", (ROLE_LOCK,))
