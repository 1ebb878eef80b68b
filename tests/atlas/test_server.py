"""The embedded server, and the databases on it."""

from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from atlas import server
from atlas.settings import Settings


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server of its own; its parent is not there yet."""
    return tmp_path_factory.mktemp("srv") / "home" / "pg"


def test_it_starts_from_nothing_is_shared_and_stops(data: Path) -> None:
    server.stop_embedded(data)  # nothing there: nothing to do
    url = server.start_embedded(data)
    try:
        assert server.start_embedded(data) == url
        with psycopg.connect(url) as connection:
            assert connection.info.server_version >= 160000
            shown = connection.execute("SELECT current_setting('max_connections')").fetchone()
            assert shown == (server.SERVER_SETTINGS["max_connections"],)
    finally:
        server.stop_embedded(data)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    try:
        assert server.start_embedded(data) == url  # and starts again on the same data
        conf = (data / "postgresql.conf").read_text()
        assert conf.count("max_connections = 300") == 1
    finally:
        server.stop_embedded(data)


def test_databases_come_and_go(server_url: str) -> None:
    name, copy = "test_of_server", "test_of_server_copy"
    try:
        server.create_database(server_url, name)
        server.create_database(server_url, name)  # there already: fine
        with psycopg.connect(server.with_database(server_url, name), autocommit=True) as connection:
            connection.execute("CREATE TABLE here (n int)")
        server.create_database(server_url, copy, name)
        held = psycopg.connect(server.with_database(server_url, copy))
        assert held.execute("SELECT count(*) FROM here").fetchone() == (0,)
        server.drop_database(server_url, copy)  # though somebody is connected
        held.close()
        assert server.database_exists(server_url, name)
        assert not server.database_exists(server_url, copy)
    finally:
        server.drop_database(server_url, name)
        server.drop_database(server_url, copy)
    assert not server.database_exists(server_url, name)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("postgresql://postgres:@/postgres?host=/run/pg", "postgresql://postgres:@/x?host=/run/pg"),
        ("postgresql://u:p@db.example:5432/old", "postgresql://u:p@db.example:5432/x"),
    ],
)
def test_the_same_server_another_database(url: str, other: str) -> None:
    assert server.with_database(url, "x") == other


def test_a_server_given_by_url_is_taken_as_it_is(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url="postgresql://db.example/bedrock", token_secret=SecretStr("x"))
    assert server.server_url(settings) == server.database_url(settings) == "postgresql://db.example/bedrock"
    assert not list(tmp_path.iterdir())
