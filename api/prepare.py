"""Bring a database up to date: our own schema, DBOS's tables, the graph's checkpoints."""

from langgraph.checkpoint.postgres import PostgresSaver

from atlas import migrate
from forge import runtime


def prepare_database(url: str) -> None:
    """Migrate the database behind a libpq URL; running it again changes nothing."""
    migrate.upgrade(url)
    runtime.prepare(url)
    with PostgresSaver.from_conn_string(url) as saver:
        saver.setup()
