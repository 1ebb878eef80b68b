"""What a cut makes the network say, worked out from the demo's own rows: the alarms of one fault.

The near ends speak at once, what lies behind is missed by the poller half a minute later, and its lines by their
accounting after a minute. Nothing behind a cut can speak.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from atlas.demo.gear.world import Link, World, load_world
from atlas.network.enums import DEVICE_KINDS, PREMISES_KINDS, AlarmType, Feed, Severity
from atlas.network.schemas import Alarm
from benchmarks.installation import session_on

#: Seconds after the cut.
NEAR, POLLED, MISSED = 0.2, 30.0, 60.0


async def read_world(url: str) -> World:
    """The network, as the demo's gear reads it."""
    async with session_on(url) as session:
        return await load_world(session)


def largest(world: World) -> tuple[str, int]:
    """The aggregation router that most lines hang on, and how many."""
    best = ("", 0)
    for node in world.nodes:
        if node.kind in ("aggregation", "bng", "core_router"):
            up = world.reach([f"node:{node.name}"]).up
            lines = sum(not up[n] for n, each in enumerate(world.nodes) if each.kind in PREMISES_KINDS)
            best = max(best, (f"node:{node.name}", lines), key=lambda pair: pair[1])
    return best


def storm(world: World, element: str, at: datetime) -> list[Alarm]:
    """The alarms of a cut, in the order they happen."""
    reach = world.reach([element])
    alarms = [said for index in sorted(reach.dead_links) for said in _ends(world, world.links[index], reach.up, at)]
    for kinds, kind, feed, after in (
        (DEVICE_KINDS, AlarmType.UNREACHABLE, Feed.POLLER, POLLED),
        (PREMISES_KINDS, AlarmType.INTERIM_MISSING, Feed.RADIUS, MISSED),
    ):
        silent = [node for n, node in enumerate(world.nodes) if node.kind in kinds and not reach.up[n]]
        alarms += [alarm(node.name, kind, feed, at + timedelta(seconds=after)) for node in silent]
    return alarms


def _ends(world: World, link: Link, up: bytearray, at: datetime) -> Iterator[Alarm]:
    for end in (link.a, link.z):
        near, far = world.nodes[end.node], link.far(end.node)
        if up[end.node] and near.address and end.interface:
            port, after = f"{near.name}/{end.interface}", at + timedelta(seconds=NEAR)
            yield alarm(port, AlarmType.LOSS_OF_SIGNAL, Feed.SYSLOG, at)
            yield alarm(port, AlarmType.LINK_DOWN, Feed.SNMP_TRAP, at)
            if far.address:
                yield alarm(near.name, AlarmType.OSPF_ADJACENCY_DOWN, Feed.SYSLOG, after, far.address)


def alarm(resource: str, kind: AlarmType, feed: Feed, at: datetime, neighbour: str = "") -> Alarm:
    """One alarm as a feed would make it."""
    return Alarm(
        resource=resource,
        alarm_type=kind,
        qualifier=neighbour,
        severity=Severity.CRITICAL,
        event_time=at,
        feed=feed,
        text=f"{kind.value} on {resource}",
        extra={"neighbour": neighbour} if neighbour else {},
    )
