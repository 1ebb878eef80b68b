"""Who is cut off, and who is one fault away: plain graph search over the rows, sharing nothing with Cortex."""

from collections import Counter
from typing import Any, NamedTuple

import psycopg
import rustworkx

from atlas.network.enums import DEVICE_KINDS

Connection = psycopg.Connection[Any]
LINKS = """
SELECT l.name, a.name, z.name, array_remove(array_agg('fibre:' || f.name) || array_agg('duct:' || d.name), NULL)
FROM link l JOIN node a ON a.id = l.a_node_id JOIN node z ON z.id = l.z_node_id
LEFT JOIN fibre f ON f.id = l.fibre_id LEFT JOIN fibre_section s ON s.fibre_id = f.id
LEFT JOIN duct d ON d.id = s.duct_id
GROUP BY l.name, a.name, z.name
"""


class Loss(NamedTuple):
    """Names of the nodes without a way to any gateway, and how many of them are devices."""

    nodes: frozenset[str]
    devices: int


def cut_off(connection: Connection, element: str) -> Loss:
    """What is lost when a node, link, fibre or duct fails."""
    kinds = dict(connection.execute("SELECT name, kind FROM node").fetchall())
    graph = _graph(connection, element)
    alive = {graph[index] for index in rustworkx.descendants(graph, 0)}
    lost = frozenset(name for name in kinds if f"node:{name}" not in alive)
    return Loss(lost, sum(kinds[name] in DEVICE_KINDS for name in lost))


def at_risk(connection: Connection, element: str) -> int:
    """How many nodes stay up but hang on more single nodes and links than before."""
    before, after = _single_points(_graph(connection, "")), _single_points(_graph(connection, element))
    return sum(after[name] > before[name] for name in after if name.startswith("node:"))


def _graph(connection: Connection, dead: str) -> "rustworkx.PyDiGraph[str, None]":
    """Nodes and links as vertices behind one root, number 0, that leads to every gateway."""
    graph: rustworkx.PyDiGraph[str, None] = rustworkx.PyDiGraph()
    root, at = graph.add_node("everyone else"), {}
    for name, is_gateway in connection.execute("SELECT name, is_gateway FROM node").fetchall():
        if f"node:{name}" != dead:
            at[name] = graph.add_node(f"node:{name}")
            if is_gateway:
                graph.add_edge(root, at[name], None)
    for name, a, z, rides_on in connection.execute(LINKS).fetchall():
        if dead != f"link:{name}" and dead not in rides_on and a in at and z in at:
            link = graph.add_node(f"link:{name}")
            for end in (at[a], at[z]):
                graph.add_edge(end, link, None)
                graph.add_edge(link, end, None)
    return graph


def _single_points(graph: "rustworkx.PyDiGraph[str, None]") -> dict[str, int]:
    """How many vertices each one that is up cannot do without."""
    above = rustworkx.immediate_dominators(graph, 0)
    depth = {0: 0}
    for vertex in above:
        path = []
        while vertex not in depth:
            path.append(vertex)
            vertex = above[vertex]
        for each in reversed(path):
            depth[each] = depth[above[each]] + 1
    return {graph[vertex]: depth[vertex] for vertex in above}


def _lines(connection: Connection, loss: Loss) -> list[tuple[int, int]]:
    """(subscriber, zone number) of each active line that ends at a lost node."""
    query = (
        "SELECT s.subscriber_id, z.number FROM service s JOIN node n ON n.id = s.access_node_id"
        " JOIN address a ON a.id = s.address_id JOIN zone z ON z.id = a.zone_id"
        " WHERE s.state = 'active' AND n.name = ANY(%s)"
    )
    return connection.execute(query, (list(loss.nodes),)).fetchall()


def subscribers_of(connection: Connection, loss: Loss) -> set[int]:
    """Ids of the subscribers who lose an active line."""
    return {subscriber for subscriber, _ in _lines(connection, loss)}


def zones_of(connection: Connection, loss: Loss) -> dict[int, int]:
    """Zone number to how many active lines are lost there."""
    return dict(Counter(zone for _, zone in _lines(connection, loss)))
