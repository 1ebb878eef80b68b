"""Who is cut off, worked out from the rows alone with rustworkx: the tests' own opinion, shared with no code."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import psycopg
import rustworkx

from atlas.network.enums import DEVICE_KINDS


class Loss(NamedTuple):
    """What a cut takes away."""

    devices: set[str]
    subscribers: set[int]
    open_tickets: set[int]
    zones: set[int]


def links_on(connection: psycopg.Connection[Any], element: str) -> set[str]:
    """Names of the links that fail with a fibre or a duct."""
    kind, _, name = element.partition(":")
    query = {
        "fibre": "SELECT l.name FROM link l JOIN fibre f ON f.id = l.fibre_id WHERE f.name = %s",
        "duct": (
            "SELECT l.name FROM link l JOIN fibre_section s ON s.fibre_id = l.fibre_id"
            " JOIN duct d ON d.id = s.duct_id WHERE d.name = %s"
        ),
        "link": "SELECT name FROM link WHERE name = %s",
    }[kind]
    return {row[0] for row in connection.execute(query, (name,))}


def cut_off(connection: psycopg.Connection[Any], elements: Iterable[str]) -> set[str]:
    """Names of the nodes with no way to any gateway when these fibres, ducts or links are cut."""
    dead = set().union(*(links_on(connection, element) for element in elements))
    graph = rustworkx.PyGraph()
    nodes = connection.execute("SELECT id, name, is_gateway FROM node").fetchall()
    at = {row[0]: graph.add_node(row) for row in nodes}
    for name, a, z in connection.execute("SELECT name, a_node_id, z_node_id FROM link"):
        if name not in dead:
            graph.add_edge(at[a], at[z], name)
    reached: set[int] = set()
    for part in rustworkx.connected_components(graph):
        if any(graph[index][2] for index in part):
            reached |= part
    return {row[1] for row in nodes if at[row[0]] not in reached}


def loss(connection: psycopg.Connection[Any], elements: Iterable[str]) -> Loss:
    """Devices, subscribers with an active service, their open tickets, and zones."""
    off = cut_off(connection, elements)
    devices = connection.execute("SELECT name, kind FROM node WHERE device_id IS NOT NULL").fetchall()
    lines = connection.execute(
        "SELECT n.name, s.subscriber_id, z.number FROM service s JOIN node n ON n.id = s.access_node_id"
        " JOIN zone z ON z.id = n.zone_id WHERE s.state = 'active'"
    ).fetchall()
    subscribers = {row[1] for row in lines if row[0] in off}
    tickets = connection.execute(
        "SELECT id, subscriber_id FROM ticket WHERE state IN ('open', 'in_progress') AND kind = 'subscriber'"
    ).fetchall()
    return Loss(
        {name for name, kind in devices if name in off and kind in DEVICE_KINDS},
        subscribers,
        {row[0] for row in tickets if row[1] in subscribers},
        {row[2] for row in lines if row[0] in off},
    )
