"""Learns from sessions who is next to whom and whose address is whose, one message after another.

The far end of a session is known once a device names the address at this end: the two name each other. An
address that several name is a loopback. A device never names an address of its own, so what is named by all
of a mesh but one is that one's. Nothing is learned from a single end but that the address is somebody's.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from cortex.adjacency.ends import Other, address_of, block_of, others_of, plain, shows_pairs

#: With more addresses an AS is not looked into: it is a provider's, and the look would cost too much.
ONE_ROUTER = 256


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
        self.in_as: dict[str, set[str]] = defaultdict(set)  # AS -> addresses in it
        self.in_pairs: set[tuple[int, int]] = set()  # blocks of addresses in which links are numbered in pairs
        self.owners: dict[str, str] = {}  # what was found otherwise: by timing, or read from documentation

    def hear(self, heard: Heard) -> None:
        """Take in one message. A device that names itself says nothing."""
        peer = plain(heard.peer)
        if not peer or peer == heard.device:
            return
        said = self.said[heard.device].get(peer)
        if said is None:
            said = self.said[heard.device][peer] = Said(heard.at)
            self.namers[peer].add(heard.device)
            if shows_pairs(peer):
                self.in_pairs.add(block_of(peer))
        said.add(heard)
        if heard.peer_as:
            self.as_of[peer] = heard.peer_as
            self.in_as[heard.peer_as].add(peer)

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

        It may be one as long as no two devices are known in it, and no more loopbacks than one router has, an
        IPv4 and an IPv6 one. In a fabric numbered by RFC 7938 most are; a provider's own AS is not.
        """
        addresses = self.in_as.get(number, set())
        if len(addresses) > ONE_ROUTER:
            return ""
        owners = {self.owner(address) for address in addresses} - {None}
        loopbacks = sum(1 for address in addresses if len(self.namers[address]) > 1)
        if len(owners) > 1 or loopbacks > 2:
            return ""
        return next((owner for owner in owners if owner), f"AS {number}")

    def learn(self, heard: Iterable[Heard]) -> None:
        """Take in many."""
        for each in heard:
            self.hear(each)
