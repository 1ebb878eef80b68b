"""How Forge speaks to the network."""

from dataclasses import dataclass

from atlas.settings import Settings
from forge.drivers.snmp import SnmpDriver


@dataclass(frozen=True, slots=True)
class NetworkDrivers:
    """The doors to devices, built once per process and handed to tools."""

    snmp: SnmpDriver

    @classmethod
    def build(cls, settings: Settings) -> "NetworkDrivers":
        """Drivers on these settings."""
        return cls(snmp=SnmpDriver(settings))
