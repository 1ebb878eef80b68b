"""The documented network held against its devices' words, on the demo ISP whose documentation is right."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas import db
from atlas.clock import FrozenClock
from atlas.network.enums import AlarmType
from atlas.network.ingest import record_alarms
from atlas.network.schemas import Alarm
from forge.causality import learn_causes
from forge.documentation import find
from forge.feeds.messages import read_line

LINKS = """
SELECT l.name, a.name, z.name, l.a_interface, l.z_interface, l.a_address, l.z_address
FROM link l JOIN node a ON a.id = l.a_node_id JOIN node z ON z.id = l.z_node_id
WHERE l.a_address IS NOT NULL AND l.z_address IS NOT NULL ORDER BY l.id
"""


@pytest.fixture
async def isp(demo_database: str) -> AsyncIterator[AsyncSession]:
    """A session on a demo ISP of the test's own."""
    engine = db.make_engine(demo_database, pool_size=1)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        yield session
    await engine.dispose()


async def every_link_flaps(session: AsyncSession, now: datetime) -> None:
    """Both ends of every routed link say of its BFD session that it went down and came back, three times."""
    alarms = []
    for _, a, z, a_port, z_port, a_address, z_address in await session.execute(text(LINKS)):
        for device, port, peer in ((a, a_port, z_address), (z, z_port, a_address)):
            alarms += [
                Alarm(
                    resource=f"{device}/{port}",
                    alarm_type=AlarmType.BFD_DOWN,
                    qualifier=peer,
                    is_cleared=flap % 2 == 1,
                    event_time=now - timedelta(minutes=60 - flap),
                    extra={"neighbour": peer},
                )
                for flap in range(6)
            ]
    await record_alarms(session, alarms, now)


async def test_a_right_documentation_has_no_gaps(isp: AsyncSession, clock: FrozenClock) -> None:
    await every_link_flaps(isp, clock.now())
    assert await find(isp, clock.now()) == []


async def test_a_link_that_is_not_documented_is_found_and_nothing_else(isp: AsyncSession, clock: FrozenClock) -> None:
    await every_link_flaps(isp, clock.now())
    name, a, z, *_ = (await isp.execute(text(LINKS))).all()[3]
    await isp.execute(text("DELETE FROM link WHERE name = :name"), {"name": name})
    found = await find(isp, clock.now())
    assert [(gap.kind, {gap.a, gap.z}) for gap in found] == [("no link", {a, z})]


async def test_neighbours_that_discover_each_other_by_name_are_found(isp: AsyncSession, clock: FrozenClock) -> None:
    said = []
    for device, other in (("z3-agg-1", "z6-olt-2"), ("z6-olt-2", "z3-agg-1")):
        words = f"Native VLAN mismatch discovered on Gi0/9 (1), with {other} Gi0/9 (9)"
        line = f"<188>{device}: %CDP-4-NATIVE_VLAN_MISMATCH: {words}"
        said += [read_line(line, device, clock.now() - timedelta(minutes=n)) for n in range(5)]
    await record_alarms(isp, [each for each in said if isinstance(each, Alarm)], clock.now())
    gaps = await find(isp, clock.now())
    assert [{"z3-agg-1", "z6-olt-2"} <= set(str(gap).replace("'", " ").replace(",", " ").split()) for gap in gaps] == [
        True
    ]


async def test_ends_that_are_swapped_are_found(isp: AsyncSession, clock: FrozenClock) -> None:
    await every_link_flaps(isp, clock.now())
    name, *_, a_address, z_address = (await isp.execute(text(LINKS))).all()[3]
    swap = text("UPDATE link SET a_address = :z, z_address = :a WHERE name = :name")
    await isp.execute(swap, {"a": a_address, "z": z_address, "name": name})
    found = await find(isp, clock.now())
    assert {gap.kind for gap in found} == {"wrong end"}
    assert {gap.subject for gap in found} == {f"wrong end {name} {a_address}", f"wrong end {name} {z_address}"}


async def test_which_type_sets_off_which_is_learned_from_the_log(isp: AsyncSession, clock: FrozenClock) -> None:
    now, alarms = clock.now(), []
    for n in range(60):
        at = now - timedelta(hours=100 - n)
        for kind, after in ((AlarmType.LINK_DOWN, 0), (AlarmType.BGP_PEER_DOWN, 25)):
            when = at + timedelta(seconds=after + n % 7)
            alarms.append(Alarm(resource=f"r{n % 6}", alarm_type=kind, qualifier=str(n), event_time=when))
    await isp.execute(text("DELETE FROM alarm_occurrence"))
    await record_alarms(isp, alarms, now)
    found = await learn_causes(isp, 30, now)
    assert [(row.cause, row.effect) for row in found] == [("link-down", "bgp-peer-down")]
    assert 5 < found[0].lag_seconds < 100
