"""Which failures no alarm can tell apart, worked out from the physical model alone.

Every element is failed by itself, and what it makes heard is its signature. Two of one signature can't be told
apart; and where alarms were lost or hidden, a failure is not distinguishable from one that explains all that came
through and predicts no more than the real one does; nor is one all of whose alarms follow from another fault that goes
on beside it.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.storms.faults import Fault
from benchmarks.storms.voices import State, heard
from benchmarks.storms.world import LINES, World

Witness = tuple[str, str, str]
Signature = frozenset[Witness]
NOTHING = frozenset[str]()


@dataclass(slots=True)
class Signatures:
    """What each element makes heard when it fails alone, dark or hung."""

    world: World
    of: dict[tuple[str, str], Signature] = field(default_factory=dict)
    telling: dict[Witness, set[tuple[str, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fail everything once."""
        world = self.world
        for element in [*world.nodes, *world.links, *world.riders]:
            self._learn((element, "dark"), {element}, set())
        for element, node in world.nodes.items():
            if node.kind in ("core_router", "aggregation", "olt", "cmts", "tower"):
                self._learn((element, "hung"), set(), {element})

    def _learn(self, name: tuple[str, str], dark: set[str], hung: set[str]) -> None:
        calm = State(NOTHING, NOTHING, NOTHING)
        after = State.of(self.world, frozenset(dark), frozenset(hung))
        self.of[name] = _said(self.world, calm, after)
        for witness in self.of[name]:
            self.telling.setdefault(witness, set()).add(name)

    def with_all(self, witnesses: Iterable[Witness]) -> set[tuple[str, str]]:
        """The failures that would make all of these heard."""
        rows = sorted((self.telling.get(w, set()) for w in witnesses), key=len)
        return set.intersection(*rows) if rows else set()


def _said(world: World, before: State, after: State) -> Signature:
    """All that may be heard at once of a change."""
    return frozenset(s.witness for s in heard(world, before, after, _Always()) if not s.kept)


class _Always(random.Random):
    """Chance that takes every chance to speak."""

    def random(self) -> float:
        return 0.0


def signature(world: World, fault: Fault) -> Signature:
    """All that a fault may make heard, its feeds that are down aside."""
    said: set[Witness] = {s.witness for s in fault.noise}
    before, dark, hung = State(NOTHING, NOTHING, NOTHING), NOTHING, NOTHING
    for step in fault.steps:
        dark, hung = dark | step.dark, hung | step.hung
        after = State.of(world, dark, hung)
        told = {s for s in heard(world, before, after, _Always()) if not s.kept}
        said |= {s.witness for s in [*told, *step.words] if s.speaker not in fault.mute}
        before = after
    return frozenset(said)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What can be asked about one fault: who would do as an answer, and whether the alarms tell it from others."""

    alike: frozenset[str]
    distinguishable: bool


def verdict(signatures: Signatures, fault: Fault, received: set[Witness], beside: Iterable[Fault] = ()) -> Verdict:
    """Who is alike, and whether what came through leaves no other as good; `beside`: what else fails meanwhile."""
    world = signatures.world
    expected = signature(world, fault)
    alike = {fault.element}
    if fault.mode in ("cut", "dead", "hung", "gasp", "decay"):
        alike |= {name for name, _ in signatures.with_all(expected) if _less(signatures, name, fault) == expected}
    if fault.mode == "mains":
        homes = world.lines_under(fault.element)
        alike |= {n for n in world.under([fault.element]) if world.lines_under(n) == homes}
    if not received or any(received <= signature(world, other) for other in beside):
        return Verdict(frozenset(alike), False)
    rivals = signatures.with_all(received)
    for name in rivals:
        if name[0] not in alike and len(_reduced(signatures.of[name], world, fault)) <= len(expected):
            return Verdict(frozenset(alike), False)
    return Verdict(frozenset(alike), True)


def _less(signatures: Signatures, name: str, fault: Fault) -> Signature | None:
    found = [signatures.of[name, how] for how in ("dark", "hung") if (name, how) in signatures.of]
    reduced = [_reduced(s, signatures.world, fault) for s in found]
    expected = signature(signatures.world, fault)
    return expected if expected in reduced else None


def _reduced(of: Signature, world: World, fault: Fault) -> Signature:
    """A signature without what the feeds that are down would have brought."""
    if not fault.mute:
        return of
    polled = ("unreachable", "radius-interim-missing")
    return frozenset(w for w in of if w[1] in polled or _speaker(world, w) not in fault.mute)


def _speaker(world: World, witness: Witness) -> str:
    """Who says it: an access device speaks for its ports and lines."""
    node = witness[0]
    while world.nodes[node].kind in LINES | {"pon_port", "splitter", "sector", "fibre_node"}:
        node = world.across(world.nodes[node].up, node)
    return node
