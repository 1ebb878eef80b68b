"""What the notifications of the tables mean: each raise and its clear, by the MIBs they are of."""

from datetime import UTC, datetime

import pytest

from atlas.network.enums import AlarmType
from atlas.network.schemas import Alarm
from forge.feeds.snmp import SNMP_TRAP_OID, V2C, decode, encode
from forge.feeds.trap_meaning import understand
from forge.feeds.trap_tables import TRAPS
from forge.feeds.trap_tables.calix import E7
from forge.feeds.trap_tables.cisco import ENVMON
from forge.feeds.trap_tables.juniper import CONTENTS, JUNIPER
from forge.feeds.trap_tables.standard import BGP_ADDRESS, BGP_STATE, MIB_2, OSPF_ROUTER, OSPF_STATE, UPS_ALARM

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WELL_KNOWN = f"{MIB_2}.33.1.6.3"


def read(oid: str, *varbinds: tuple[str, object]) -> Alarm | None:
    name = (SNMP_TRAP_OID, V2C.ObjectIdentifier(oid))
    message = decode(encode("trap", 1, "public@r1", [("1.3.6.1.2.1.1.3.0", V2C.TimeTicks(1)), name, *varbinds]))
    alarm = understand(message, "192.0.2.9", NOW, {})
    assert alarm is None or isinstance(alarm, Alarm)
    return alarm


def address(text: str) -> object:
    return V2C.IpAddress(text)


def oid(text: str) -> object:
    return V2C.ObjectIdentifier(text)


# raise, clear, resource, type, qualifier
PAIRS = [
    ((f"{MIB_2}.15.0.2", (f"{BGP_ADDRESS}.10.0.0.2", address("10.0.0.2"))),
     (f"{MIB_2}.15.0.1", (f"{BGP_STATE}.10.0.0.2", 6)), "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2"),
    ((f"{MIB_2}.15.7.2", (f"{BGP_STATE}.10.0.0.2", 1)),
     (f"{MIB_2}.15.7.1", (f"{BGP_STATE}.10.0.0.2", 6)), "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2"),
    ((f"{MIB_2}.14.16.2.2", (f"{OSPF_ROUTER}.10.1.1.2.0", address("10.0.0.2")), (f"{OSPF_STATE}.10.1.1.2.0", 1)),
     (f"{MIB_2}.14.16.2.2", (f"{OSPF_ROUTER}.10.1.1.2.0", address("10.0.0.2")), (f"{OSPF_STATE}.10.1.1.2.0", 8)),
     "r1", AlarmType.OSPF_ADJACENCY_DOWN, "10.0.0.2"),
    ((f"{MIB_2}.33.2.3", (f"{UPS_ALARM}.1", oid(f"{WELL_KNOWN}.2"))),
     (f"{MIB_2}.33.2.4", (f"{UPS_ALARM}.1", oid(f"{WELL_KNOWN}.2"))), "r1", AlarmType.ON_BATTERY, ""),
    ((f"{MIB_2}.33.2.3", (f"{UPS_ALARM}.1", oid(f"{WELL_KNOWN}.3"))),
     (f"{MIB_2}.33.2.4", (f"{UPS_ALARM}.1", oid(f"{WELL_KNOWN}.3"))), "r1", AlarmType.BATTERY_LOW, ""),
    ((f"{ENVMON}.3.0.7", (f"{ENVMON}.1.3.1.2.1", "Inlet"), (f"{ENVMON}.1.3.1.6.1", 3)),
     (f"{ENVMON}.3.0.7", (f"{ENVMON}.1.3.1.2.1", "Inlet"), (f"{ENVMON}.1.3.1.6.1", 1)),
     "r1/Inlet", AlarmType.TEMPERATURE_HIGH, ""),
    ((f"{JUNIPER}.4.1.1", (f"{CONTENTS}.2.1.0.0", "PEM 0")), (f"{JUNIPER}.4.2.1", (f"{CONTENTS}.2.1.0.0", "PEM 0")),
     "r1/PEM 0", AlarmType.EQUIPMENT_FAILURE, "power supply"),
    ((f"{E7}.2.1", (f"{E7}.1.3", 1), (f"{E7}.1.17", "ONT dying gasp"), (f"{E7}.1.29", "ont 7586")),
     (f"{E7}.2.1", (f"{E7}.1.3", 2), (f"{E7}.1.17", "ONT dying gasp"), (f"{E7}.1.29", "ont 7586")),
     "r1/ont 7586", AlarmType.ONT_DYING_GASP, ""),
    ((f"{E7}.2.1", (f"{E7}.1.3.0", 1), (f"{E7}.1.17.0", "Loss of PON"), (f"{E7}.1.29.0", "gpon-port 1/2/3")),
     (f"{E7}.2.1", (f"{E7}.1.3.0", 2), (f"{E7}.1.17.0", "Loss of PON"), (f"{E7}.1.29.0", "gpon-port 1/2/3")),
     "r1/gpon-port 1/2/3", AlarmType.PON_LOS, ""),
]  # fmt: skip

Said = tuple[str, *tuple[tuple[str, object], ...]]


@pytest.mark.parametrize(("down", "up", "resource", "kind", "qualifier"), PAIRS)
def test_a_raise_and_its_clear_share_one_key(
    down: Said, up: Said, resource: str, kind: AlarmType, qualifier: str
) -> None:
    raised, cleared = read(*down), read(*up)
    assert raised is not None and cleared is not None
    assert (raised.is_cleared, cleared.is_cleared) == (False, True)
    for alarm in (raised, cleared):
        assert (alarm.resource, alarm.alarm_type, alarm.qualifier) == (resource, kind, qualifier)


@pytest.mark.parametrize(
    "said",
    [
        (f"{MIB_2}.14.16.2.2", (f"{OSPF_STATE}.10.1.1.2.0", 5)),  # exStart: neither up nor down
        (f"{MIB_2}.33.2.3", (f"{UPS_ALARM}.1", oid(f"{WELL_KNOWN}.18"))),  # an alarm of no consequence
        (f"{ENVMON}.3.0.7", (f"{ENVMON}.1.3.1.6.1", 5)),  # not present
        (f"{E7}.2.1", (f"{E7}.1.3", 1), (f"{E7}.1.17", "Certificate expires")),
        ("1.3.6.1.4.1.99999.1.2.3",),
    ],
)
def test_what_no_row_knows_is_no_alarm(said: Said) -> None:
    assert read(*said) is None


def test_every_notification_is_named_by_an_object_identifier() -> None:
    assert all(part.isdigit() for oid in TRAPS for part in oid.split("."))
