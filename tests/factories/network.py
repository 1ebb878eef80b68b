"""Alarms as a cut raises them, worked out from the rows of Atlas and not by Cortex."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import rustworkx as rx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.network.enums import DEVICE_KINDS, PREMISES_KINDS, AlarmType, Feed, Severity
from atlas.network.schemas import Alarm


@dataclass(frozen=True, slots=True)
class Cut:
    """What is known of a cut fibre: the ports that see it, and what lies behind."""

    near_ports: list[tuple[str, str, str]]
    devices: list[str]
    lines: list[str]


async def cut_fibre(session: AsyncSession, fibre: str) -> Cut:
    """Work out what a fibre's cut takes from every gateway, by plain graph search."""
    graph: rx.PyGraph[str, None] = rx.PyGraph()
    kinds: dict[str, str] = {}
    at: dict[str, int] = {}
    gateways = []
    for name, kind, is_gateway in await session.execute(text("SELECT name, kind, is_gateway FROM node")):
        at[name], kinds[name] = graph.add_node(name), kind
        if is_gateway:
            gateways.append(at[name])
    riding = []
    links = await session.execute(
        text(
            "SELECT a.name, z.name, l.a_interface, l.z_interface, l.a_address, l.z_address, f.name"
            " FROM link l JOIN node a ON a.id = l.a_node_id JOIN node z ON z.id = l.z_node_id"
            " LEFT JOIN fibre f ON f.id = l.fibre_id"
        )
    )
    for a, z, a_port, z_port, a_address, z_address, rides in links:
        if rides == fibre:
            riding += [(a, a_port, z_address), (z, z_port, a_address)]
        else:
            graph.add_edge(at[a], at[z], None)
    reached = set().union(*(rx.node_connected_component(graph, gateway) for gateway in gateways))
    alive = {graph[index] for index in reached}
    behind = sorted(set(at) - alive)
    return Cut(
        near_ports=sorted(port for port in riding if port[0] in alive),
        devices=[name for name in behind if kinds[name] in DEVICE_KINDS],
        lines=[name for name in behind if kinds[name] in PREMISES_KINDS],
    )


def storm(cut: Cut, at: datetime, *, cleared: bool = False) -> list[Alarm]:
    """What is heard of a cut: the near ends speak at once, what lies behind is missed later."""

    def alarm(resource: str, kind: AlarmType, feed: Feed, after: float, neighbour: str = "") -> Alarm:
        return Alarm(
            resource=resource,
            alarm_type=kind,
            qualifier=neighbour,
            severity=Severity.CRITICAL,
            is_cleared=cleared,
            event_time=at + timedelta(seconds=after),
            feed=feed,
            extra={"neighbour": neighbour} if neighbour else {},
        )

    alarms = []
    for device, port, neighbour in cut.near_ports:
        alarms += [
            alarm(f"{device}/{port}", AlarmType.LOSS_OF_SIGNAL, Feed.SYSLOG, 0),
            alarm(f"{device}/{port}", AlarmType.LINK_DOWN, Feed.SNMP_TRAP, 0.05),
            alarm(device, AlarmType.OSPF_ADJACENCY_DOWN, Feed.SYSLOG, 0.2, neighbour),
        ]
    alarms += [alarm(device, AlarmType.UNREACHABLE, Feed.POLLER, 30) for device in cut.devices]
    return alarms + [alarm(line, AlarmType.INTERIM_MISSING, Feed.RADIUS, 60) for line in cut.lines]
