"""PostgreSQL itself keeps a subscriber's tool to that subscriber's rows: every such tool, every such table.

Two neighbours have a row in every table that is about people. Ann's wall is then tried from within: by table,
and by each tool's body with the worst mistake it could hold, that it takes somebody else for the caller.
"""

import re
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import ForeignKeyConstraint, Table, create_engine, event, insert, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from atlas import db, server
from atlas.clock import FrozenClock, Ids
from atlas.errors import DomainError
from atlas.migrate import SUBSCRIBER_ROLE
from atlas.models import metadata
from atlas.settings import Settings
from forge.wall import reading_session, writing_session
from policies.spec import Principal, Risk, ToolContext, ToolSpec
from tests.factories.neighbours import CONVERSATION, NOW, rows_of
from tools.registry import all_tools

ANN, BEN = (Principal("subscriber", f"471{n}", "subscriber", n, "otp") for n in (1, 2))

#: What each subscriber-facing tool is called with here.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "my_service_status": {},
    "my_tickets": {},
    "open_ticket": {"category": "slow", "description": "Every evening."},
    "my_bill": {},
    "hand_over_to_person": {"reason": "Please."},
}
#: About everybody and nobody: read, or told, by anyone.
OPEN = {"plan": {"SELECT"}, "zone": {"SELECT"}, "event": {"INSERT"}}
#: About subscribers, and closed to their tools altogether.
CLOSED = {"action", "action_target", "excluded_line", "pseudonym", "turn"}

SPECS = {name: spec for name, spec in all_tools().items() if "subscriber" in spec.audience}
MODELS = metadata.tables


def leads_to_subscriber(table: Table) -> bool:
    """Whether a column names a subscriber, or a conversation, account or line of one."""
    personal = {"subscriber", "account", "invoice", "service", "conversation"}
    keys = [each for each in table.constraints if isinstance(each, ForeignKeyConstraint)]
    return table.name in personal or any(key.referred_table.name in personal for key in keys)


PERSONAL = sorted(name for name, table in MODELS.items() if leads_to_subscriber(table))


# -- the two neighbours

ROWS = {n: rows_of(n) for n in (1, 2)}


def with_id(table: str, n: int) -> dict[str, Any]:
    """Subscriber n's row of a table, with the id n where ids are numbers."""
    row, columns = ROWS[n][table], MODELS[table].columns
    return {"id": n} | row if "id" in columns else row


@pytest.fixture(scope="module")
def neighbours(server_url: str, template: str) -> Iterator[str]:
    """The URL of a database with both neighbours in it; whoever uses it rolls back."""
    name = "test_wall_neighbours"
    server.drop_database(server_url, name)
    server.create_database(server_url, name, template)
    url = server.with_database(server_url, name)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        for table in ROWS[1]:
            connection.execute(insert(MODELS[table]), [with_id(table, n) for n in (1, 2)])
            if "id" in MODELS[table].columns and isinstance(with_id(table, 1)["id"], int):
                connection.execute(text(f"ALTER TABLE {table} ALTER id RESTART WITH 10"))
    engine.dispose()
    yield url
    server.drop_database(server_url, name)


@pytest.fixture
async def two(neighbours: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the two neighbours' database."""
    engine = db.make_engine(neighbours)
    yield engine
    await engine.dispose()


async def walls(connection: AsyncConnection) -> dict[str, set[str]]:
    """What the subscriber's role may do with which table, as PostgreSQL has it."""
    rows = await connection.execute(
        text(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants"
            " WHERE grantee = :role AND table_schema = 'public'"
        ),
        {"role": SUBSCRIBER_ROLE},
    )
    granted: dict[str, set[str]] = {}
    for table, privilege in rows:
        granted.setdefault(table, set()).add(privilege)
    return granted


async def behind_rows(connection: AsyncConnection) -> set[str]:
    """Tables whose every row the role sees only by a policy."""
    query = (
        "SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname"
        " WHERE c.relrowsecurity AND c.relnamespace = 'public'::regnamespace AND :role = ANY(p.roles)"
    )
    return set((await connection.execute(text(query), {"role": SUBSCRIBER_ROLE})).scalars())


# -- nothing is forgotten


async def test_every_table_about_people_is_behind_the_wall_or_closed(two: AsyncEngine) -> None:
    async with two.connect() as connection:
        granted, guarded = await walls(connection), await behind_rows(connection)
    unguarded = {table: rights for table, rights in granted.items() if table not in guarded}
    assert unguarded == OPEN
    assert not CLOSED & granted.keys()
    assert set(PERSONAL) - guarded - CLOSED == set()


def test_every_table_about_people_has_rows_to_try_it_with() -> None:
    assert set(PERSONAL) - ROWS[1].keys() == set()


def test_every_tool_for_subscribers_is_tried() -> None:
    assert SPECS.keys() == ARGUMENTS.keys(), "say what the new tool is called with, so that its wall is tried"


# -- table by table


@pytest.mark.parametrize("table", sorted(set(ROWS[1]) - set(OPEN)))
async def test_somebody_elses_row_is_invisible_and_cannot_be_touched(two: AsyncEngine, table: str) -> None:
    async with two.connect() as connection:
        granted = (await walls(connection)).get(table, set())
        await connection.rollback()
        async with writing_session(connection, ANN) as session:
            held = await session.connection()
            if "SELECT" in granted:
                seen = (await held.execute(text(f"SELECT t::text FROM {table} t"))).scalars().all()
                assert len(seen) == 1
                assert "of-2" not in str(seen)
            for verb, statement in (
                ("SELECT", f"SELECT * FROM {table}"),
                ("UPDATE", f"UPDATE {table} SET {first_column(table)} = {first_column(table)}"),
                ("DELETE", f"DELETE FROM {table}"),
            ):
                if verb not in granted:
                    await refused(held, statement, "permission denied")
                else:
                    assert (await held.execute(text(statement))).rowcount <= 1
            await refused(held, insert(MODELS[table]).values(**fresh(table)), "permission denied|row-level security")


def first_column(table: str) -> str:
    return next(iter(MODELS[table].primary_key.columns)).name


def fresh(table: str) -> dict[str, Any]:
    """A new row of Ben's."""
    row = with_id(table, 2)
    if isinstance(row.get("id"), int):
        row = row | {"id": 99}
    elif "id" in row:
        row = row | {"id": uuid.UUID(int=99)}
    return row


async def refused(connection: AsyncConnection, statement: Any, words: str) -> None:
    """PostgreSQL refuses a statement; the transaction goes on."""
    with pytest.raises(ProgrammingError, match=words):
        async with connection.begin_nested():
            await connection.execute(text(statement) if isinstance(statement, str) else statement)


async def test_nobody_in_particular_sees_nothing(two: AsyncEngine) -> None:
    async with two.connect() as connection:
        guarded = await behind_rows(connection)
        await connection.execute(text(f"SET LOCAL ROLE {SUBSCRIBER_ROLE}"))
        for table in sorted(guarded):
            assert (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0, table


# -- tool by tool


@contextmanager
def tables_of(engine: AsyncEngine) -> Iterator[set[str]]:
    """The tables that statements name meanwhile."""
    found: set[str] = set()

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        found.update(re.findall(r"(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", statement))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def run(engine: AsyncEngine, spec: ToolSpec, wall: Principal, caller: Principal, ids: Ids) -> str:
    """What a body answers a caller, behind somebody's wall."""

    async def body(session: Any) -> str:
        ctx = ToolContext(caller, session, FrozenClock(NOW), ids, Settings(), conversation_id=conversation_of(caller))
        return str(spec.dump(await spec.body(ctx, **spec.parse(ARGUMENTS[spec.name]))))

    if spec.risk is Risk.READ:
        async with reading_session(engine, wall) as session:
            return await body(session)
    async with engine.connect() as connection, writing_session(connection, wall) as session:
        return await body(session)


def conversation_of(caller: Principal) -> uuid.UUID:
    return CONVERSATION[caller.subscriber_id or 0]


@pytest.mark.parametrize("name", sorted(SPECS))
async def test_a_tool_works_within_the_wall_and_touches_nothing_outside_it(
    two: AsyncEngine, ids: Ids, name: str
) -> None:
    async with two.connect() as connection:
        guarded = await behind_rows(connection)
    with tables_of(two) as touched:
        answer = await run(two, SPECS[name], ANN, ANN, ids)
    assert touched & guarded
    assert touched & set(MODELS) <= guarded | set(OPEN)
    assert "of-2" not in answer


@pytest.mark.parametrize("name", sorted(SPECS))
async def test_a_tool_that_takes_another_for_the_caller_gets_nothing(two: AsyncEngine, ids: Ids, name: str) -> None:
    """The body is told that it serves Ben; the wall knows that Ann asked."""
    mine = await run(two, SPECS[name], BEN, BEN, ids)
    try:
        answer = await run(two, SPECS[name], ANN, BEN, ids)
    except (DomainError, ProgrammingError) as error:
        assert isinstance(error, DomainError) or "row-level security" in str(error)
    else:
        assert answer != mine
        assert "of-2" not in answer
        assert "of-1" not in answer
        assert SPECS[name].risk is Risk.READ


@pytest.mark.parametrize("name", sorted(SPECS))
async def test_a_tool_leaves_the_neighbours_rows_as_they_were(two: AsyncEngine, ids: Ids, name: str) -> None:
    async def bens() -> dict[str, list[str]]:
        async with two.connect() as connection:
            return {
                table: [
                    row
                    for row in (await connection.execute(text(f"SELECT t::text FROM {table} t ORDER BY 1"))).scalars()
                    if "of-2" in row or str(CONVERSATION[2]) in row
                ]
                for table in ROWS[1]
            }

    before = await bens()
    await run(two, SPECS[name], ANN, ANN, ids)
    assert await bens() == before
