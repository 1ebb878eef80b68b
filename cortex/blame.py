"""Which routers, as few as will do, explain what was lost between routers that no topology knows.

Every loss has one or two ends, and its messages blame the one or the other. A router that lost its sessions with
several neighbours is far likelier to be at fault than all those neighbours at once; of a single link's two
ends neither is, unless somebody says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp

from cortex.adjacency.ends import address_of
from cortex.adjacency.sides import WEIGHT, Side
from cortex.config import Config

#: Messages of one session say one thing: their blame is not added up beyond this (nats).
MOST_BLAME = 4.0
#: A further router must explain so many losses that the others don't; fewer where it says itself that it did it.
ANOTHER, ANOTHER_BY_OWN_WORD = 3.0, 1.5
#: The most confidence in a router that no topology knows: heard from both ends of its sessions, and from one.
HEARD_TWICE, HEARD_ONCE = 0.9, 0.7
#: From this blame on (nats) one end of a link is named rather than the link.
TELLING = 1.0


@dataclass(slots=True)
class Loss:
    """Something that was lost. `blame`: for each end, how much likelier it is at fault than the other, in nats."""

    blame: dict[str, float] = field(default_factory=dict)
    speakers: set[str] = field(default_factory=set)
    own_words: set[str] = field(default_factory=set)

    def say(self, device: str, *far: str, side: Side = Side.UNSAID) -> None:
        """A device says that it lost this, whose other end is one of `far`, and whom it blames."""
        self.speakers.add(device)
        if side == Side.NEAR:
            self.own_words.add(device)
        self._shift(device, WEIGHT[side])
        for other in set(far) - {device}:
            self._shift(other, -WEIGHT[side])

    def _shift(self, end: str, nats: float) -> None:
        self.blame[end] = max(-MOST_BLAME, min(MOST_BLAME, self.blame.get(end, 0.0) + nats))

    def share(self, end: str) -> float:
        """How probably this end is the one at fault, twice over: 1 where nothing tells the ends apart."""
        return 2.0 / (1.0 + exp(-self.blame[end])) if len(self.blame) > 1 else 1.0


@dataclass(frozen=True, slots=True)
class Suspect:
    """A router, or a link between two, and why it is suspected. `says_so`: by its own word it did it."""

    name: str
    kind: str
    confidence: float
    why: tuple[str, ...]
    says_so: bool = False


def suspects(losses: Sequence[Loss], config: Config) -> list[Suspect]:
    """The fewest routers that explain the losses between them, the most telling first; at least one."""
    of: dict[str, list[Loss]] = {}
    for loss in losses:
        for end in loss.blame:
            of.setdefault(end, []).append(loss)
    found: list[Suspect] = []
    left = {id(loss) for loss in losses}
    while len(found) < config.max_faults:
        gains = {end: sum(loss.share(end) for loss in own if id(loss) in left) for end, own in of.items()}
        best = min(gains, key=lambda end: (-round(gains[end], 6), -len(of[end]), end))
        own = [loss for loss in of[best] if id(loss) in left]
        said = sum(1 for loss in own if best in loss.own_words)
        if found and gains[best] < (ANOTHER_BY_OWN_WORD if said > 1 else ANOTHER):
            break
        found.append(_suspect(best, own, config))
        left -= {id(loss) for loss in own}
        if not left:
            break
    return found


def _suspect(end: str, own: Sequence[Loss], config: Config) -> Suspect:
    sessions = [loss for loss in own if len(loss.blame) == 2]
    far = {other for loss in sessions for other in loss.blame if other != end}
    blame = sum(loss.blame[end] for loss in sessions) / max(1, len(sessions))
    if len(far) == 1 and abs(blame) < TELLING and len(sessions) == len(own):
        return _link(end, next(iter(far)), own)
    apart = len({"" if address_of(other) else other for other in far})  # two addresses may be of one router
    nats = config.temper * (config.another_fault * max(0, apart - 1) + blame)
    twice = sum(1 for loss in own if len(loss.speakers) > 1)
    ceiling = HEARD_TWICE if twice > 1 else HEARD_ONCE
    said = sum(1 for loss in own if end in loss.own_words)
    why = [_lost(end, own, far, twice)]
    if said:
        why.append(f"{called(end)} says of {said} of them that they were ended on it")
    elif blame >= TELLING:
        why.append(f"its neighbours say that {called(end)} ended them or fell silent")
    return Suspect(called(end), "device", ceiling / (1 + exp(-nats)), tuple(why), said * 2 > len(own))


def _lost(end: str, own: Sequence[Loss], far: set[str], twice: int) -> str:
    if not far:
        return f"{len(own)} parts of {called(end)} speak, and no neighbour with them"
    words = (
        f"{called(end)} is an end of {len(own)} losses with {len(far)} {'neighbours' if len(far) > 1 else 'neighbour'}"
    )
    both = {other for loss in own if len(loss.speakers) > 1 for other in loss.blame if other != end}
    return f"{words}, {len(both)} of which say so too" if twice else words


def _link(a: str, z: str, own: Sequence[Loss]) -> Suspect:
    a, z = sorted((a, z))
    why = f"{len(own)} sessions between {called(a)} and {called(z)} were lost, and no others of theirs"
    return Suspect(f"link between {called(a)} and {called(z)}", "link", 0.5 * HEARD_TWICE, (why,))


def called(end: str) -> str:
    """A router in words: its name, or what is known instead of it."""
    if end.startswith("AS "):
        return f"the router of {end}"
    return f"neighbour {end}" if address_of(end) is not None else f"device {end}"
