"""Where what devices say and what is documented differ: links nobody wrote down, ends on the wrong device, links
that nobody ever spoke of, neighbours that no inventory knows.

Only what is next to a device counts: a session on an interface, or between the two addresses of one link. That
two loopbacks have a session says nothing of a cable.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from cortex.adjacency.ends import address_of, plain
from cortex.adjacency.learner import Heard, Learner
from cortex.adjacency.timing import Hint

#: Messages about a neighbour before it is believed in: a test bench says less, a real link more.
ENOUGH = 4
#: A link is missed once both its devices have spoken of so many other links and never of this one.
OTHERS = 3


class GapKind(StrEnum):
    """What differs."""

    NO_LINK = "no link"  # two devices speak as neighbours, and no link between them is documented
    WRONG_END = "wrong end"  # an address is documented on one device, and another one holds it
    NEVER_HEARD = "never heard"  # a documented link of which neither end ever spoke
    NO_DEVICE = "no device"  # a neighbour that is no documented device
    RELATED = "related"  # devices of which nothing is documented, and which keep speaking together


class DocumentedLink(NamedTuple):
    """A link as it is documented; ports as devices name them in messages, "" and None where not known."""

    name: str
    a: str
    z: str
    a_port: str = ""
    z_port: str = ""
    a_address: str | None = None
    z_address: str | None = None


class Gap(NamedTuple):
    """One difference. `subject` names it for good; `messages`, `first`, `last`: what was heard (epoch seconds)."""

    kind: GapKind
    subject: str
    a: str
    z: str
    sentence: str
    confidence: float
    messages: int
    first: float
    last: float


@dataclass(slots=True)
class _Talk:
    """What two devices said of each other."""

    messages: int = 0
    first: float = float("inf")
    last: float = float("-inf")
    speakers: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)

    def add(self, heard: Heard, over: str) -> None:
        self.messages += heard.times
        self.first, self.last = min(self.first, heard.at), max(self.last, heard.at, heard.until)
        self.speakers.add(heard.device)
        self.over.add(over)


def gaps_of(
    heard: Sequence[Heard],
    links: Sequence[DocumentedLink],
    addresses: Mapping[str, str],
    devices: set[str],
    hints: Iterable[Hint] = (),
) -> list[Gap]:
    """All differences. `addresses`: documented address -> device; `devices`: the names of all documented nodes."""
    learner = Learner()
    learner.learn(heard)
    misplaced = list(_wrong_ends(links, learner))
    learner.owners = {plain(address): device for address, device in addresses.items()}
    talks = _talks(heard, learner)
    return [
        *misplaced,
        *_undocumented(talks, links, devices),
        *_never_heard(heard, links),
        *(_related(hint) for hint in hints if not {hint.a, hint.z} & devices),
    ]


def _talks(heard: Iterable[Heard], learner: Learner) -> dict[tuple[str, str], _Talk]:
    """Who speaks of whom as of a neighbour, by the pair of them."""
    talks: dict[tuple[str, str], _Talk] = defaultdict(_Talk)
    for each in heard:
        peer = plain(each.peer)
        pair = next((o.prefix for o in learner.others(peer) if o.address in learner.namers), "")
        if not peer or not (each.part or pair):
            continue
        known = address_of(peer)
        far = learner.owner(peer) or ("" if known and known.is_link_local else peer)
        if far and far != each.device:
            a, z = sorted((each.device, far))
            talks[a, z].add(each, pair or each.part)
    return talks


def _undocumented(
    talks: Mapping[tuple[str, str], _Talk], links: Iterable[DocumentedLink], devices: set[str]
) -> Iterable[Gap]:
    documented = {frozenset((link.a, link.z)) for link in links}
    for (a, z), talk in sorted(talks.items()):
        if talk.messages < ENOUGH or frozenset((a, z)) in documented or not {a, z} & devices:
            continue
        over = f"over {', '.join(sorted(talk.over)[:3])}"
        if {a, z} <= devices:
            words = f"{a} and {z} speak as neighbours {over}; no link between them is documented"
            sure = 0.95 if len(talk.speakers) > 1 else 0.8
            yield Gap(GapKind.NO_LINK, f"no link {a} {z}", a, z, words, sure, talk.messages, talk.first, talk.last)
        else:
            near, far = (a, z) if a in devices else (z, a)
            words = f"{near} has a neighbour {far} {over}; no such device is documented"
            yield Gap(
                GapKind.NO_DEVICE,
                f"no device {near} {far}",
                near,
                far,
                words,
                0.8,
                talk.messages,
                talk.first,
                talk.last,
            )


def _wrong_ends(links: Iterable[DocumentedLink], learner: Learner) -> Iterable[Gap]:
    """Addresses that the other end's words put on another device than the documented one."""
    for link in links:
        for device, address in ((link.a, link.a_address), (link.z, link.z_address)):
            holder = learner.owner_by_pair(plain(address)) if address else None
            if holder is None or holder == device or address is None:
                continue
            said = [learner.said[namer][plain(address)] for namer in learner.namers.get(plain(address), ())]
            messages = sum(each.count for each in said)
            if messages >= ENOUGH:
                words = f"{address} of link {link.name} is documented on {device}; by the messages {holder} holds it"
                first, last = min(each.first for each in said), max(each.last for each in said)
                subject = f"wrong end {link.name} {address}"
                yield Gap(GapKind.WRONG_END, subject, device, holder, words, 0.9, messages, first, last)


def _never_heard(heard: Iterable[Heard], links: Sequence[DocumentedLink]) -> Iterable[Gap]:
    """Links with addresses, between devices that spoke of others and never of these."""
    spoke: dict[str, set[str]] = defaultdict(set)
    total: dict[str, _Talk] = defaultdict(_Talk)
    for each in heard:
        spoke[each.device].update({plain(each.peer), each.part})
        total[each.device].add(each, "")
    ports = {(link.name, end): _marks(link, end) for link in links for end in (link.a, link.z)}
    lost: dict[str, set[str]] = defaultdict(set)
    for (name, end), marks in ports.items():
        if marks & spoke[end]:
            lost[end].add(name)
    for link in links:
        ends = (link.a, link.z)
        if link.a_address and link.z_address and all(link.name not in lost[e] and len(lost[e]) >= OTHERS for e in ends):
            talks = [total[end] for end in ends]
            others = " and ".join(f"{end} of {len(lost[end])} others" for end in ends)
            words = f"link {link.name} between {link.a} and {link.z} was never heard of, while {others} spoke"
            yield Gap(
                GapKind.NEVER_HEARD,
                f"never heard {link.name}",
                *ends,
                words,
                0.5,
                sum(talk.messages for talk in talks),
                min(talk.first for talk in talks),
                max(talk.last for talk in talks),
            )


def _marks(link: DocumentedLink, end: str) -> set[str]:
    """What a device says when it speaks of this link: the far address, its own port, the far device."""
    far, port, address = (
        (link.z, link.a_port, link.z_address) if end == link.a else (link.a, link.z_port, link.a_address)
    )
    return {far, port, plain(address) if address else ""} - {""}


def _related(hint: Hint) -> Gap:
    words = (
        f"{hint.a} and {hint.z}, of which nothing is documented, spoke in the same half minute {hint.common} times, "
        f"where chance gives {hint.expected:.1f}"
    )
    return Gap(GapKind.RELATED, f"related {hint.a} {hint.z}", hint.a, hint.z, words, 0.2, hint.common, 0.0, 0.0)
