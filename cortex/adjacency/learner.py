"""Learns from sessions who is next to whom and whose address is whose, one message after another.

The far end of a session is known once a device names the address at this end: the two name each other. An
address that several name is a loopback. A device never names an address of its own, so what is named by all
of a mesh but one is that one's. Nothing is learned from a single end but that the address is somebody's.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from cortex.adjacency.ends import Other, address_of, block_of, others_of, plain, shows_pairs

#: A router has no more loopbacks than these: an IPv4 and an IPv6 one.
LOOPBACKS = 2


Block = tuple[int, int]


class Heard(NamedTuple):
    """A device's word about a neighbour. `peer`: an address, a router id or a name, as it says it.

    `times` such words, from `at` until `until`, where several are told as one.
    """

    device: str
    peer: str
    at: float
    type: str = ""
    part: str = ""
    peer_as: str = ""
    cleared: bool = False
    times: int = 1
    until: float = 0.0


class Said:
    """How often, and from when to when, a device spoke of one neighbour."""

    __slots__ = ("count", "first", "last")

    def __init__(self, at: float) -> None:
        """Not yet counted."""
        self.count, self.first, self.last = 0, at, at

    def add(self, heard: Heard) -> None:
        """Count it."""
        self.count += heard.times
        self.first, self.last = min(self.first, heard.at), max(self.last, heard.at, heard.until)


class Learner:
    """What all messages so far say of neighbours."""

    def __init__(self) -> None:
        """Nothing heard."""
        self.said: dict[str, dict[str, Said]] = defaultdict(dict)  # device -> address or name it spoke of
        self.namers: dict[str, set[str]] = defaultdict(set)  # address or name -> devices that spoke of it
        self.as_of: dict[str, str] = {}  # address -> the AS its neighbour says it is in
        self.holders: dict[str, set[str]] = defaultdict(set)  # AS -> devices that hold an address in it
        self.holders_in_fours: dict[str, set[tuple[str, Block]]] = defaultdict(set)  # the same, by links in fours
        self.shared: dict[str, set[str]] = defaultdict(set)  # AS -> addresses in it that several name
        self.in_pairs: set[Block] = set()  # blocks of addresses in which links are numbered in pairs
        self.owners: dict[str, str] = {}  # what was found otherwise: by timing, or read from documentation

    def hear(self, heard: Heard) -> None:
        """Take in one message. A device that names itself says nothing."""
        peer = plain(heard.peer)
        if not peer or peer == heard.device:
            return
        said = self.said[heard.device].get(peer)
        if said is None:
            said = self.said[heard.device][peer] = Said(heard.at)
            self._name(heard.device, peer)
        said.add(heard)
        if heard.peer_as and self.as_of.get(peer) != heard.peer_as:
            self.as_of[peer] = heard.peer_as
            for place, other in enumerate(others_of(peer)):
                for device in self.namers.get(other.address, set()) - self.namers[peer]:
                    self._hold(device, peer, place)
        if heard.peer_as and len(self.namers[peer]) > 1:
            self.shared[heard.peer_as].add(peer)

    def _name(self, device: str, peer: str) -> None:
        """A device speaks of this neighbour for the first time: it holds the address at this end."""
        self.namers[peer].add(device)
        if shows_pairs(peer):
            self.in_pairs.add(block_of(peer))
        for place, other in enumerate(others_of(peer)):
            if device not in self.namers.get(other.address, ()):
                self._hold(device, other.address, place)

    def _hold(self, device: str, address: str, place: int) -> None:
        """Keep that a device holds an address of some AS; in fours, it counts only where there are no pairs."""
        number = self.as_of.get(address)
        if number and place == 0:
            self.holders[number].add(device)
        elif number:
            self.holders_in_fours[number].add((device, block_of(address)))

    def others(self, address: str) -> tuple[Other, ...]:
        """Where the other end of this address' link may be, by how links around it are numbered."""
        found = others_of(address)
        return found[:1] if block_of(address) in self.in_pairs else found

    def claims(self, address: str) -> set[str]:
        """Devices that speak of the address at the other end of this one's link, and so hold this one."""
        namers = self.namers.get(address, set())
        for other in self.others(address):
            found = self.namers.get(other.address, set()) - namers
            if found:
                return set(found)
        return set()

    def owner(self, peer: str) -> str | None:
        """The device that an address, router id or name is of; None where that is not known or contradicted."""
        peer = plain(peer)
        if peer in self.said:
            return peer  # it is a name, and that device speaks itself
        if address_of(peer) is None:
            return peer if peer in self.namers else None
        found = self.owners.get(peer)
        if found is not None:
            return found
        claims = self.claims(peer)
        return next(iter(claims)) if len(claims) == 1 else self._left_over(peer) if not claims else None

    def _left_over(self, address: str) -> str | None:
        """The one device that never names an address which at least two others, all the others, do."""
        namers = self.namers.get(address, set())
        if len(namers) < 2 or len(namers) != len(self.said) - 1:
            return None
        (left,) = self.said.keys() - namers
        return left if any(self.owner_by_pair(peer) in namers for peer in self.said[left]) or self._mesh(left) else None

    def owner_by_pair(self, address: str) -> str | None:
        """The owner by the two ends of a link alone."""
        claims = self.claims(address)
        return next(iter(claims)) if len(claims) == 1 else None

    def _mesh(self, device: str) -> bool:
        """Whether what this device names is named by others too, as loopbacks are."""
        return any(len(self.namers[peer]) > 1 for peer in self.said[device])

    def router_of(self, peer: str) -> str:
        """What stands for the far end of a session: its device, else that of its AS or "AS n" where that may be
        one router, else its address.
        """
        peer = plain(peer)
        number = self.as_of.get(peer, "")
        return self.owner(peer) or (self.router_in(number) if number else "") or peer

    def router_in(self, number: str) -> str:
        """The one router of an AS, by name or as "AS n"; "" where it is of several.

        It may be one as long as no two devices are known in it, and no more loopbacks than one router has. In a
        fabric numbered by RFC 7938 most are; a provider's own AS is not.
        """
        holders = self.holders.get(number, set())
        if len(holders) <= 1:
            fours = self.holders_in_fours.get(number, ())
            holders = holders | {device for device, block in fours if block not in self.in_pairs}
        if len(holders) > 1 or len(self.shared.get(number, ())) > LOOPBACKS:
            return ""
        return next(iter(holders), f"AS {number}")

    def learn(self, heard: Iterable[Heard]) -> None:
        """Take in many."""
        for each in heard:
            self.hear(each)
