"""What gear says at one end of a link that dies or comes back: which message, after how many seconds.

Loss of light is seen at once; BFD needs 150 ms (three of 50), OSPF its dead timer where no BFD is bound to it,
LDP and BGP their hold times. IOS-XR lines are worded as the system message reference has them.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from atlas.demo.gear.world import End, Link, World
from atlas.network.enums import LinkKind, NodeKind

#: The kinds that send IOS-XR syslog.
IOS_XR = frozenset({NodeKind.CORE_ROUTER, NodeKind.BNG, NodeKind.AGGREGATION})
_NUMBERS = re.compile(r"\d+/\d+/\d+/\d+$")


class Line(NamedTuple):
    """A syslog message: syslog severity 0-7 is in its mnemonic."""

    after: float
    process: str
    text: str

    @property
    def severity(self) -> int:
        found = re.search(r"%[A-Z0-9_]+(?:-[A-Z0-9_]+)*?-([0-7])-", self.text)
        return int(found[1]) if found else 5


class Trap(NamedTuple):
    """An SNMP notification: its name in `notify`, and what it is about."""

    after: float
    name: str
    part: str = ""
    ont: int | None = None


Utterance = Line | Trap


def link_voices(world: World, link: Link, near: End, is_up: bool) -> Iterator[Utterance]:
    """What the device at the near end says of its link."""
    device, far = world.nodes[near.node], link.far(near.node)
    yield Trap(0.2 if is_up else 0.05, "linkUp" if is_up else "linkDown", near.interface)
    if device.kind in IOS_XR:
        yield from _light(link, near, is_up)
        yield from _interface(near, is_up)
        if near.address and far.address and world.nodes[far.node].address:
            yield from _adjacencies(world, near, far, is_up)


def _light(link: Link, near: End, is_up: bool) -> Iterator[Line]:
    numbers = _NUMBERS.search(near.interface)
    if link.kind == LinkKind.FIBRE and numbers:
        what = "CLEAR" if is_up else "DECLARE"
        port = f"Optics{numbers[0]}"
        text = f"%PKT_INFRA-FM-2-FAULT_CRITICAL : ALARM_CRITICAL :OPTICS RX LOS LANE-0 :{what} : {port}:  {port}"
        yield Line(0.0, "optics_driver[326]", text)


def _interface(near: End, is_up: bool) -> Iterator[Line]:
    state, after = ("Up", 0.2) if is_up else ("Down", 0.012)
    yield Line(after, "ifmgr[397]", f"%PKT_INFRA-LINK-3-UPDOWN : Interface {near.interface}, changed state to {state}")
    protocol = f"%PKT_INFRA-LINEPROTO-5-UPDOWN : Line protocol on Interface {near.interface}, changed state to {state}"
    yield Line(after + 0.002, "ifmgr[397]", protocol)


def _adjacencies(world: World, near: End, far: End, is_up: bool) -> Iterator[Line]:
    neighbour = world.nodes[far.node]
    is_core = NodeKind.CORE_ROUTER in (world.nodes[near.node].kind, neighbour.kind)
    loopback = neighbour.address
    yield Line(*_bfd(near, far, is_up))
    if is_core:
        state = "Up, New adjacency" if is_up else "Down, BFD session DOWN"
        text = f"%ROUTING-ISIS-5-ADJCHANGE : Adjacency to {neighbour.name} ({near.interface}) (L2) {state}"
        yield Line(6.0 if is_up else 0.2, "isis[1011]", text)
    else:
        change = "LOADING to FULL, Loading Done" if is_up else "FULL to DOWN, Neighbor Down: dead timer expired"
        text = f"%ROUTING-OSPF-5-ADJCHG : Process 1, Nbr {loopback} on {near.interface} in area 0 from {change}"
        yield Line(7.0 if is_up else 4.0, "ospf[1018]", f"{text}, vrf default vrfid 0x60000000")
    state = "UP" if is_up else "DOWN (Reason: Discovery Hello Hold Timer Expired)"
    text = f"%ROUTING-LDP-5-NBR_CHANGE : VRF 'default' (0x60000000), Neighbor {loopback}:0 is {state}"
    yield Line(12.0 if is_up else 15.0, "mpls_ldp[1180]", text)
    if not is_core:
        state = "Up" if is_up else "Down - BGP Notification sent, hold time expired"
        text = f"%ROUTING-BGP-5-ADJCHANGE : neighbor {far.address} {state} (VRF: default) (AS: 64512)"
        yield Line(20.0 if is_up else 30.0, "bgp[1074]", text)


def _bfd(near: End, far: End, is_up: bool) -> tuple[float, str, str]:
    where = f"BFD session to neighbor {far.address} on interface {near.interface}"
    if is_up:
        return 1.0, "bfd_agent[125]", f"%L2-BFD-6-SESSION_STATE_UP : {where} is up"
    reason = "has gone down. Reason: Echo function failed"
    return 0.15, "bfd_agent[125]", f"%L2-BFD-6-SESSION_STATE_DOWN : {where} {reason}"


def port_voices(port: str, is_up: bool) -> Iterator[Utterance]:
    """What an OLT says when a PON port loses every ONT, or has them again; `port` is `0/<slot>/<port>`."""
    yield Trap(0.3 if is_up else 0.01, "oltPonLosClear" if is_up else "oltPonLos", port)
    text = f"LOS cleared on port {port}" if is_up else f"LOS on port {port}"
    yield Line(0.35 if is_up else 0.02, "ponmgr", text)


def ont_voices(place: str, is_up: bool, has_power: bool) -> Iterator[Utterance]:
    """What an OLT says of one ONT; `place` is `0/<slot>/<port>/<ont>`. Without power it gasps first."""
    port, _, ont = place.rpartition("/")
    if not has_power:
        yield Trap(2.0 if is_up else 0.0, "oltOntOnline" if is_up else "oltOntDyingGasp", port, int(ont))
    text = f"ONT {place} LOSi cleared" if is_up else f"ONT {place} LOSi"
    yield Line(2.0 if is_up else 0.05, "ponmgr", text)
