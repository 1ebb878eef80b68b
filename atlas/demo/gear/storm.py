"""Who says what when the network changes: both ends of every link that died or came back, and the OLTs.

Nobody is asked here whether their words get through: what a cut-off device says waits in its buffer.
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from atlas.demo.gear.voices import Trap, Utterance, link_voices, ont_voices, port_voices
from atlas.demo.gear.world import Reach, World
from atlas.network.enums import NodeKind

PON_KINDS = frozenset({NodeKind.PON_PORT, NodeKind.SPLITTER, NodeKind.ONT})


class Said(NamedTuple):
    """A device's utterance. With `link` it is said only if that link is still up or down as it says by then."""

    node: int
    words: Utterance
    link: int | None
    is_up: bool


def storm(world: World, before: Reach, after: Reach) -> Iterator[Said]:
    """Everything said because the network went from `before` to `after`."""
    for node in before.dead_nodes - after.dead_nodes:
        if world.nodes[node].address:
            yield Said(node, Trap(1.0, "coldStart"), None, True)
    changed = sorted(before.dead_links ^ after.dead_links)
    for index in changed:
        yield from _ends(world, index, index not in after.dead_links, after)
    for port in dict.fromkeys(_ports(world, changed)):
        yield from _pon(world, port, before, after)


def _ends(world: World, index: int, is_up: bool, after: Reach) -> Iterator[Said]:
    link = world.links[index]
    if {world.nodes[link.a.node].kind, world.nodes[link.z.node].kind} & PON_KINDS:
        return
    for near in (link.a, link.z):
        if world.nodes[near.node].address and near.node not in after.dead_nodes:
            for words in link_voices(world, link, near, is_up):
                yield Said(near.node, words, index, is_up)


def _ports(world: World, changed: list[int]) -> Iterator[int]:
    """The PON ports above every passive part that changed."""
    for index in changed:
        node: int | None = world.links[index].z.node
        while node is not None and world.nodes[node].kind in PON_KINDS:
            if world.nodes[node].kind is NodeKind.PON_PORT:
                yield node
            node = world.parent(node)


def _pon(world: World, port: int, before: Reach, after: Reach) -> Iterator[Said]:
    """An OLT's words on one port: all its ONTs lost is loss of signal, some are named one by one."""
    olt = world.parent(port)
    if olt is None or olt in after.dead_nodes or olt in before.dead_nodes:
        return
    name = world.nodes[port].name.partition("/")[2]
    lit_before, lit = _lit(world, port, before), _lit(world, port, after)
    if bool(lit_before) != bool(lit):
        for words in port_voices(name, bool(lit)):
            yield Said(olt, words, None, bool(lit))
    unlit = before.dead_nodes | after.dead_nodes
    named = lit_before ^ lit
    for ont in sorted(named if bool(lit_before) == bool(lit) else named & unlit):
        place = world.nodes[ont].name.partition("/")[2]
        has_power = ont not in unlit
        for words in ont_voices(place, ont in lit, has_power or _is_too_weak(world, ont)):
            yield Said(olt, words, None, ont in lit)


def _is_too_weak(world: World, ont: int) -> bool:
    """A last word is best effort: every tenth ONT has no charge left to say it."""
    return zlib.crc32(world.nodes[ont].name.encode()) % 10 == 0


def _lit(world: World, port: int, reach: Reach) -> set[int]:
    """ONTs that get light from this port."""
    lit: set[int] = set()
    queue = [] if port in reach.dead_nodes else [port]
    while queue:
        node = queue.pop()
        for index in world.around[node]:
            link = world.links[index]
            if link.a.node == node and index not in reach.dead_links:
                (lit.add if world.nodes[link.z.node].kind is NodeKind.ONT else queue.append)(link.z.node)
    return lit
