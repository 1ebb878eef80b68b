"""The SNMP agents of all devices on one UDP port, told apart by community: "public@z3-olt-2".

Answered to GET: sysUpTime.0, sysName.0; per link of a device, in the order of the links' ids from 1: ifName and
ifOperStatus (IF-MIB), and the received optical level of fibre links in hundredths of a dBm:

    1.3.6.1.4.1.32473.1.2.1.<ifIndex>   integer

under the enterprise number that RFC 5612 keeps for documentation. A device that is cut off stays silent.
"""

import asyncio
import hmac
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from atlas.clock import Clock
from atlas.demo.gear import ber
from atlas.demo.gear.world import Reach, World
from atlas.network.enums import LinkKind

SYS_UP_TIME = ber.oid_content("1.3.6.1.2.1.1.3.0")
SYS_NAME = ber.oid_content("1.3.6.1.2.1.1.5.0")
IF_OPER_STATUS = ber.oid_content("1.3.6.1.2.1.2.2.1.8")
IF_NAME = ber.oid_content("1.3.6.1.2.1.31.1.1.1.1")
RX_POWER = ber.oid_content("1.3.6.1.4.1.32473.1.2.1")
NO_SUCH_INSTANCE = ber.tlv(ber.NO_SUCH_INSTANCE, b"")
UP, DOWN = 1, 2
#: No light at all, as transceivers report it.
DARK = -4_000


class Agents(asyncio.DatagramProtocol):
    """Answers polls for every device that has a way to a gateway."""

    def __init__(self, world: World, reach: Reach, clock: Clock, community: str) -> None:
        self.world, self.reach, self.clock = world, reach, clock
        self.answered = 0
        #: Whether the poller's way to us is gone, though everything works.
        self.is_unheard = False
        self._community = community.encode()
        self._devices = {
            node.name.encode(): index for index, node in enumerate(world.nodes) if node.address is not None
        }
        self._booted: dict[int, float] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def restart(self, nodes: Iterable[int], at: datetime) -> None:
        """These devices were switched on at `at`: their uptime starts again."""
        self._booted.update(dict.fromkeys(nodes, at.timestamp()))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self.answer(data)
        if answer is not None and self._transport is not None:
            self.answered += 1
            self._transport.sendto(answer, addr)

    def error_received(self, exc: Exception) -> None:
        """A poller that has gone away; its next request comes from another port."""

    def answer(self, data: bytes) -> bytes | None:
        """The response to one datagram; None where a real agent would say nothing."""
        try:
            request = ber.read_get(data)
        except ber.BadMessageError:
            return None
        secret, _, name = request.community.partition(b"@")
        device = self._devices.get(name)
        if (
            device is None
            or not hmac.compare_digest(secret, self._community)
            or not self.reach.up[device]
            or self.is_unheard
        ):
            return None
        bound = [(ber.tlv(ber.OID, wanted), self._value(device, wanted)) for wanted in request.objects]
        return ber.message(ber.RESPONSE, request.community, request.request_id, bound)

    def _value(self, device: int, wanted: bytes) -> bytes:
        if wanted == SYS_UP_TIME:
            return ber.integer(self._uptime(device), ber.TIME_TICKS)
        if wanted == SYS_NAME:
            return ber.octets(self.world.nodes[device].name)
        for column in (IF_OPER_STATUS, IF_NAME, RX_POWER):
            if wanted.startswith(column) and len(wanted) > len(column):
                return self._row(device, column, _index(wanted[len(column) :]))
        return NO_SUCH_INSTANCE

    def _uptime(self, device: int) -> int:
        """Hundredths of a second since this device's boot, some days to some months before the clock's 2026."""
        booted = self._booted.get(device)
        if booted is None:
            booted = 1_767_225_600 - zlib.crc32(self.world.nodes[device].name.encode()) % 10_000_000
        return int((self.clock.now().timestamp() - booted) * 100) % 2**32

    def _row(self, device: int, column: bytes, index: int) -> bytes:
        links = self.world.around[device]
        if not 1 <= index <= len(links):
            return NO_SUCH_INSTANCE
        link = links[index - 1]
        is_dead = link in self.reach.dead_links
        if column == IF_NAME:
            return ber.octets(self.world.links[link].near(device).interface)
        if column == IF_OPER_STATUS:
            return ber.integer(DOWN if is_dead else UP)
        if self.world.links[link].kind != LinkKind.FIBRE:
            return NO_SUCH_INSTANCE
        return ber.integer(DARK if is_dead else -850 - zlib.crc32(b"%d" % link) % 900)


def _index(content: bytes) -> int:
    """One arc of an object identifier, base 128."""
    value = 0
    for byte in content:
        value = value << 7 | byte & 0x7F
    return value
