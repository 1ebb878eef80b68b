"""Neighbours that devices discover: read from syslog, and held against the documented network."""

import pytest

from atlas.clock import FrozenClock
from atlas.network.enums import AlarmType
from atlas.network.schemas import Alarm
from forge.feeds.messages import read_line

VLAN = (
    "<188>{}: Mar  2 09:00:00: %CDP-4-NATIVE_VLAN_MISMATCH: Native VLAN mismatch discovered on Gi0/1 (1),"
    " with {} Gi0/2 (99)."
)
DUPLEX = (
    "<188>{}: Mar  2 09:00:00: %CDP-4-DUPLEX_MISMATCH: duplex mismatch discovered on Gi0/1 (not full duplex),"
    " with {} Gi0/2 (full duplex)."
)
ADDED = (
    "<189>{}: 2026 Mar  2 09:00:00 UTC: %LLDP-5-SERVER_ADDED: Server with Chassis ID 00de.fb0f.2ae8 Port ID Ethernet1/1"
    " management address {} discovered on local port Eth1/49 in vlan 0 with enabled capability Bridge Router"
)


@pytest.mark.parametrize(
    ("line", "port", "neighbour", "is_cleared"),
    [(VLAN, "Gi0/1", "z3-olt-7", False), (DUPLEX, "Gi0/1", "z3-olt-7", False), (ADDED, "Eth1/49", "10.9.0.7", True)],
)
def test_the_neighbour_at_a_port_is_named(
    clock: FrozenClock, line: str, port: str, neighbour: str, is_cleared: bool
) -> None:
    alarm = read_line(line.format("z3-agg-1", neighbour), "z3-agg-1", clock.now())
    assert isinstance(alarm, Alarm), alarm
    assert (alarm.alarm_type, alarm.resource, alarm.is_cleared) == (AlarmType.OTHER, f"z3-agg-1/{port}", is_cleared)
    assert alarm.extra["neighbour"] == neighbour
