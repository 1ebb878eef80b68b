"""SNMP as a question to a few devices: does it answer, and for how long has it been up."""

import asyncio
from collections.abc import Iterable

from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    get_cmd,
)

from atlas.settings import Settings

SYS_UPTIME = "1.3.6.1.2.1.1.3.0"


class SnmpDriver:
    """Asks devices over SNMP v2c. In the demo every device answers at one address, told apart by community."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine = SnmpEngine()

    async def uptime(self, device: str, address: str, within: float = 0.7) -> float | None:
        """Seconds the device has been up, or None when it does not answer in `within` seconds, asked twice."""
        community = self.settings.snmp_community.get_secret_value()
        if self.settings.demo:
            community, address = f"{community}@{device}", "127.0.0.1"
        target = await UdpTransportTarget.create((address, self.settings.snmp_port), timeout=within, retries=1)
        error, status, _, values = await get_cmd(
            self.engine,
            CommunityData(community, mpModel=1),  # noqa: S508 - what the devices speak; v3 comes with its own feed
            target,
            ContextData(),
            ObjectType(ObjectIdentity(SYS_UPTIME)),
            lookupMib=False,
        )
        return None if error or status else int(values[0][1]) / 100

    async def answering(self, devices: Iterable[tuple[str, str]], within: float = 0.7) -> dict[str, bool]:
        """Which of these (name, address) answer."""
        pairs = list(devices)
        found = await asyncio.gather(*(self.uptime(name, address, within) for name, address in pairs))
        return {name: uptime is not None for (name, _), uptime in zip(pairs, found, strict=True)}

    def close(self) -> None:
        """Let go of the socket."""
        self.engine.close_dispatcher()
