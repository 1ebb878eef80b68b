"""Notifications of the IETF: SNMPv2-MIB (RFC 3418), IF-MIB (RFC 2863), BGP4-MIB (RFC 4273, RFC 1657), OSPF-TRAP-MIB
(RFC 4750), MPLS-LDP-STD-MIB (RFC 3815), UPS-MIB (RFC 1628).
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.trap_tables.trap import Table, Trap

STANDARD = "1.3.6.1.6.3.1.1.5"
MIB_2 = "1.3.6.1.2.1"
BGP_ADDRESS, BGP_STATE = f"{MIB_2}.15.3.1.7", f"{MIB_2}.15.3.1.2"
OSPF_ROUTER, OSPF_STATE = f"{MIB_2}.14.10.1.3", f"{MIB_2}.14.10.1.6"
UPS_ALARM, UPS_WELL_KNOWN = f"{MIB_2}.33.1.6.2.1.2", r"1\.3\.6\.1\.2\.1\.33\.1\.6\.3\."

_RESTART = (AlarmType.RESTARTED, False, Severity.WARNING, EventType.EQUIPMENT)


def _bgp(name: str, is_cleared: bool) -> tuple[Trap, ...]:
    return (
        Trap(
            name,
            AlarmType.BGP_PEER_DOWN,
            is_cleared,
            probable_cause="communicationsSubsystemFailure",
            neighbour=BGP_ADDRESS,
            neighbour_index=BGP_STATE,
        ),
    )


def _ospf(states: str, is_cleared: bool) -> Trap:
    return Trap(
        "ospfNbrStateChange",
        AlarmType.OSPF_ADJACENCY_DOWN,
        is_cleared,
        probable_cause="communicationsSubsystemFailure",
        when=((OSPF_STATE, states),),
        neighbour=OSPF_ROUTER,
    )


def _ups(name: str, is_cleared: bool) -> tuple[Trap, ...]:
    """Which of the well-known alarms was added or removed decides what it is; a battery that is spent is one low."""
    return tuple(
        Trap(
            name,
            kind,
            is_cleared,
            severity,
            EventType.ENVIRONMENTAL,
            "powerProblem",
            when=((UPS_ALARM, UPS_WELL_KNOWN + number),),
        )
        for number, kind, severity in (
            ("2", AlarmType.ON_BATTERY, Severity.MAJOR),
            ("[34]", AlarmType.BATTERY_LOW, Severity.CRITICAL),
            ("5", AlarmType.TEMPERATURE_HIGH, Severity.MAJOR),
            ("6", AlarmType.POWER_LOSS, Severity.MAJOR),
            ("(1|20)", AlarmType.EQUIPMENT_FAILURE, Severity.MAJOR),
        )
    )


TRAPS: Table = {
    f"{STANDARD}.1": (Trap("coldStart", *_RESTART),),
    f"{STANDARD}.2": (Trap("warmStart", *_RESTART),),
    f"{STANDARD}.3": (Trap("linkDown", AlarmType.LINK_DOWN, probable_cause="lossOfSignal"),),
    f"{STANDARD}.4": (Trap("linkUp", AlarmType.LINK_DOWN, True, probable_cause="lossOfSignal"),),
    f"{MIB_2}.15.0.1": _bgp("bgpEstablishedNotification", True),
    f"{MIB_2}.15.0.2": _bgp("bgpBackwardTransNotification", False),
    f"{MIB_2}.15.7.1": _bgp("bgpEstablished", True),
    f"{MIB_2}.15.7.2": _bgp("bgpBackwardTransition", False),
    f"{MIB_2}.14.16.2.2": (_ospf("8", True), _ospf("[123]", False)),
    f"{MIB_2}.10.166.4.0.3": (Trap("mplsLdpSessionUp", AlarmType.LDP_SESSION_DOWN, True),),
    f"{MIB_2}.10.166.4.0.4": (Trap("mplsLdpSessionDown", AlarmType.LDP_SESSION_DOWN),),
    f"{MIB_2}.33.2.1": (
        Trap(
            "upsTrapOnBattery",
            AlarmType.ON_BATTERY,
            event_type=EventType.ENVIRONMENTAL,
            probable_cause="powerProblem",
        ),
    ),
    f"{MIB_2}.33.2.3": _ups("upsTrapAlarmEntryAdded", False),
    f"{MIB_2}.33.2.4": _ups("upsTrapAlarmEntryRemoved", True),
}
