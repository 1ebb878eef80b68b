"""Faults that kill nothing: noise on a fibre node, an ONT that disturbs its port, rain over a chain of masts, radar.

`mode:<mode>@<element>` as a fault's key. The equipment says them in the words of the demo's own makers: Ostwind (OLT),
Koralle (CMTS), Feldmast (radio). Every second or third neighbour shows it, as in the field.
"""

from collections.abc import Callable, Collection, Iterator

from atlas.demo.gear.storm import Said
from atlas.demo.gear.voices import Line
from atlas.demo.gear.world import World
from atlas.network.enums import NodeKind

PREFIX = "mode:"


def voices(world: World, before: Collection[str], after: Collection[str]) -> Iterator[Said]:
    """What is said because these faults began or ended."""
    for key in sorted(set(before) ^ set(after)):
        if key.startswith(PREFIX):
            mode, _, name = key.removeprefix(PREFIX).partition("@")
            yield from PLAYED[mode](world, world.by_name[name], key not in after)


def _ingress(world: World, node: int, is_over: bool) -> Iterator[Said]:
    head = world.parent(node)
    assert head is not None
    state = "normal" if is_over else "low"
    yield _said(head, 1.0, "docsis", f"Upstream SNR {state} on node {world.nodes[node].name}", is_over)
    for number, modem in enumerate(world.down_from(node, NodeKind.MODEM)[::2]):
        words = "ranging normal" if is_over else "T3 time-outs"
        yield _said(head, 2.0 + 1.5 * number, "docsis", f"Modem {world.nodes[modem].name} {words}", is_over)


def _rogue(world: World, ont: int, is_over: bool) -> Iterator[Said]:
    splitter = world.parent(ont)
    port = world.parent(splitter) if splitter is not None else None
    olt = world.parent(port) if port is not None else None
    assert splitter is not None
    assert olt is not None
    place = world.nodes[ont].name.partition("/")[2]
    yield _said(olt, 5.0, "ponmgr", f"Rogue ONT {place} {'cleared' if is_over else 'detected'}", is_over)
    for number, other in enumerate(world.down_from(splitter, NodeKind.ONT)[::2]):
        name = world.nodes[other].name.partition("/")[2]
        yield _said(olt, 0.5 * number, "ponmgr", f"ONT {name} SDi{' cleared' if is_over else ''}", is_over)


def _rain(world: World, tower: int, is_over: bool) -> Iterator[Said]:
    """Rain comes over a mast and goes on along its chain, a few minutes from link to link."""
    state = "normal" if is_over else "low"
    yield _said(tower, 0.0, "weather", "rain is over" if is_over else "heavy rain, 60 mm/h", is_over)
    for number, mast in enumerate(_chain(world, tower)):
        for step, sector in enumerate(world.down_from(mast, NodeKind.SECTOR)):
            yield _said(sector, 60.0 + 180 * number + 40 * step, "radio", f"modulation {state}", is_over)


def _chain(world: World, tower: int) -> list[int]:
    found = [tower]
    for mast in found:
        found += world.down_from(mast, NodeKind.TOWER)
    return found


def _radar(world: World, sector: int, is_over: bool) -> Iterator[Said]:
    if not is_over:
        yield _said(sector, 0.0, "dfs", "radar detected on channel 104, leaving it", is_over)
    for number, cpe in enumerate(world.down_from(sector, NodeKind.CPE)):
        words = "associated" if is_over else "lost"
        yield _said(sector, 1.0 + 0.3 * number, "radio", f"CPE {world.nodes[cpe].name} {words}", is_over)


def _said(node: int, after: float, process: str, text: str, is_over: bool) -> Said:
    return Said(node, Line(after, process, text), None, is_over)


#: What can be played; `atlas.demo.service.MODES` says on which kind of node.
PLAYED: dict[str, Callable[[World, int, bool], Iterator[Said]]] = {
    "ingress": _ingress,
    "rogue-ont": _rogue,
    "rain": _rain,
    "radar": _radar,
}
