"""What breaks, in steps: cut fibres and ducts, dead and hung equipment, mains, and faults that grow."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from benchmarks.storms.voices import SYSLOG, TRAP, Said, gasps
from benchmarks.storms.world import ACCESS, LINES, ROUTED, World

NOTHING = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Step:
    """`after` (s) the fault began these fail too; `words` are said besides."""

    after: float
    dark: frozenset[str] = NOTHING
    hung: frozenset[str] = NOTHING
    words: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One physical cause. `mute`: live speakers whose words don't arrive (their feed is down).

    `planned`: somebody works there. `small`: it takes one line at most, and is no incident.
    """

    number: int
    element: str
    mode: str
    start: float
    end: float
    steps: tuple[Step, ...]
    mute: frozenset[str] = NOTHING
    planned: bool = False
    small: bool = False
    noise: tuple[Said, ...] = field(default=())

    def overlaps(self, other: "Fault") -> bool:
        """Whether both go on at some moment."""
        return self.start < other.end and other.start < self.end


def cut(world: World, element: str, rng: random.Random) -> tuple[Step, ...]:  # noqa: ARG001
    """No light, at once and without a word: a fibre, a duct, a radio path, or a node that loses all its power."""
    return (Step(0.0, dark=frozenset({element})),)


def hang(world: World, element: str, rng: random.Random) -> tuple[Step, ...]:  # noqa: ARG001
    """A router that shines and does nothing else."""
    return (Step(0.0, hung=frozenset({element})),)


def gasp(world: World, element: str, rng: random.Random) -> tuple[Step, ...]:  # noqa: ARG001
    """A node that says that its mains fail, and goes."""
    word = Said(element, "mains-power-loss", "", TRAP, 0.0, element)
    return (Step(0.0, words=(word,)), Step(0.4, dark=frozenset({element})))


def mains(world: World, element: str, rng: random.Random) -> tuple[Step, ...]:
    """The homes under an OLT or a port lose their power; the network has batteries."""
    homes = [line for line in world.lines_under(element) if rng.random() < 0.9]
    return (Step(0.0, dark=frozenset(homes), words=tuple(gasps(homes, rng))),)


def decay(world: World, element: str, rng: random.Random) -> tuple[Step, ...]:
    """A router whose line cards go one by one, and then all of it."""
    word = Said(element, "equipment-failure", "", SYSLOG, 0.5, element)
    links = [link for link in world.links_of[element] if world.links[link].kind != "internal"]
    rng.shuffle(links)
    steps = [Step(0.0, dark=frozenset(links[:1]), words=(word,))]
    at = 0.0
    for link in links[1:-1]:
        at += rng.uniform(15.0, 60.0)
        steps.append(Step(at, dark=frozenset({link})))
    return (*steps, Step(at + rng.uniform(15.0, 60.0), dark=frozenset({element})))


def battery(world: World, element: str, rng: random.Random) -> tuple[Step, ...]:  # noqa: ARG001
    """The mains of a cabinet: first its battery speaks, a quarter of an hour later it goes dark."""
    lost = Said(element, "mains-power-loss", "", TRAP, 0.0, element)
    says = (lost, Said(element, "on-battery", "", TRAP, 1.0, element))
    low = (Said(element, "battery-low", "", TRAP, rng.uniform(0.0, 60.0), element),)
    last = rng.uniform(700.0, 1000.0)
    return (Step(0.0, words=says), Step(last - 120.0, words=low), Step(last, dark=frozenset({element})))


MODES: dict[str, Callable[[World, str, random.Random], tuple[Step, ...]]] = {
    "cut": cut,
    "dead": cut,
    "hung": hang,
    "gasp": gasp,
    "mains": mains,
    "decay": decay,
    "battery": battery,
}

Table = tuple[tuple[str, tuple[str, ...], float], ...]
#: What fails how often, of what kind: (mode, kinds of elements, weight).
PLAIN: Table = (
    ("cut", ("core fibre",), 3.0),
    ("cut", ("duct",), 1.5),
    ("cut", ("access fibre",), 3.0),
    ("cut", ("feeder",), 3.0),
    ("cut", ("radio",), 1.0),
    ("dead", ("core_router",), 1.0),
    ("dead", ("aggregation",), 1.5),
    ("dead", ("olt", "cmts", "tower"), 1.5),
    ("dead", ("pon_port", "splitter", "fibre_node", "sector"), 2.0),
    ("hung", ("core_router", "aggregation", "olt", "cmts"), 1.5),
    ("gasp", ("aggregation", "olt", "cmts", "tower"), 1.5),
    ("mains", ("olt", "pon_port"), 1.5),
    ("cut", ("drop",), 1.0),
)
GROWING: Table = (
    ("decay", ("core_router", "aggregation"), 2.0),
    ("battery", ("aggregation", "olt", "cmts", "tower"), 2.0),
)
#: Deep enough to be missed by all but the poller: what hangs below must fall silent.
ROOTS: Table = (("dead", ("core_router", "aggregation"), 3.0), ("cut", ("access fibre", "duct"), 2.0))


def elements(world: World, kind: str) -> list[str]:
    """All elements of such a kind."""
    if kind == "duct":
        return sorted(r for r in world.riders if r.startswith("duct") and len(world.riders[r]) > 1)
    if kind.endswith("fibre") or kind in ("feeder", "drop", "radio"):
        return sorted(name for name, link in world.links.items() if _kind(world, name) == kind and link.a != "")
    return sorted(node.name for node in world.nodes.values() if node.kind == kind)


def _kind(world: World, link: str) -> str:
    of = world.links[link]
    lower = world.nodes[of.z].kind
    if of.kind == "radio":
        return "radio" if lower == "tower" else ""
    if of.kind != "fibre":
        return ""
    if lower in LINES:
        return "drop"
    if lower in ROUTED:
        return "core fibre"
    return "access fibre" if lower in ACCESS else "feeder"


def draw(world: World, rng: random.Random, table: Table) -> tuple[str, str]:
    """A mode and an element."""
    while True:
        mode, kinds, _ = rng.choices(table, [row[2] for row in table])[0]
        found = elements(world, rng.choice(kinds))
        if not found:
            continue
        element = rng.choice(found)
        if element in world.links and world.links[element].risks:
            element = world.links[element].risks[0]  # the fibre is what a digger cuts
        return mode, element


def made(world: World, number: int, mode: str, element: str, start: float, lasts: float, rng: random.Random) -> Fault:
    """One fault."""
    small = mode == "cut" and element in world.links and world.nodes[world.links[element].z].kind in LINES
    return Fault(number, element, mode, start, start + lasts, MODES[mode](world, element, rng), small=small)


def muted(world: World, fault: Fault) -> Fault:
    """The same with all that stands next to it unheard: only what hangs below tells of it."""
    near = {
        end
        for failed in (s for step in fault.steps for s in step.dark | step.hung)
        for link in (world.links_of[failed] if failed in world.nodes else world.dead_links([failed]))
        for end in (world.links[link].a, world.links[link].z)
    }
    return replace(fault, mute=frozenset(near))


def noise(world: World, number: int, at: float, rng: random.Random) -> Fault:
    """Something of no consequence: an ONT switched off, errors on a port, a bit of weather."""
    lines = [n.name for n in world.nodes.values() if n.kind in LINES]
    routers = [n.name for n in world.nodes.values() if n.kind in ROUTED]
    line, router = rng.choice(lines), rng.choice(routers)
    kind = world.nodes[line].kind
    said: Iterator[Said] = iter(())
    pick = rng.random()
    if pick < 0.6 and kind == "ont":
        said = iter(
            [Said(line, "ont-dying-gasp", "", TRAP, 0.0, ""), Said(line, "ont-loss-of-signal", "", TRAP, 2.0, "")]
        )
    elif pick < 0.8:
        said = iter([Said(line, "radius-interim-missing", "", "radius", 0.0, "")])
    elif pick < 0.9:
        said = iter([Said(router, "other", "", SYSLOG, 0.0, router)])
    else:
        said = iter([Said(router, "interface-errors", rng.choice(world.links_of[router]), SYSLOG, 0.0, router)])
    return Fault(number, line, "noise", at, at + rng.uniform(300, 3000), (), small=True, noise=tuple(said))
