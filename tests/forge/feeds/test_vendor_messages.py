"""What vendors' messages mean, by lines written in their published forms: each raise and its clear share one key."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.network.enums import AlarmType
from atlas.network.schemas import Alarm
from forge.feeds.messages import read_line

NOW = datetime(2026, 8, 4, 10, 30, tzinfo=UTC)
IOS = "<189>45: r1: *Aug  4 10:29:44.190: %"
JUNOS = "<28>Aug  4 10:29:44 r1 "
BRIEF = "<28>1 2026-08-04T10:29:44.000Z r1 rpd 77 "
VRP = "<187>Aug  4 2026 10:29:44 r1 %%01"
OLT = "<188>Aug  4 10:29:44 r1 "
AXOS = "notfmgrd[6215]: [1][1][A][6215] [23] Id:5029, Syslog-Severity:3, "
NOKIA = "- APP_NAME:alarm_logic_app,MODULE_NAME:alarm,ENTITY_NAME:{},ENTITY_TYPE:interface,alarm-type-id:{},"
CHASSIS = "chassisd[9]: CHASSISD_SNMP_TRAP{}: SNMP trap generated: {} (jnxContentsContainerIndex 2, "

HUAWEI = [
    (VRP + "IFNET/4/LINK_STATE(l)[53]:The line protocol IP on the interface GigabitEthernet0/0/1 has entered the {} "
     "state.",
     "DOWN", "UP", "r1/Gi0/0/1", AlarmType.LINK_DOWN, "line protocol"),
    ("<187>2026-08-04 10:29:44 r1 %%01IFNET/4/IF_STATE(l):CID=0x80;Interface GE0/0/1 has turned into {} state.",
     "DOWN", "UP", "r1/GE0/0/1", AlarmType.LINK_DOWN, ""),
    (VRP + "IFNET/2/linkDown_{}(l): The interface status changes. (ifName=100GE1/0/1, AdminStatus=UP, "
     "OperStatus=X, Reason=Interface physical link is down, mainIfname=100GE1/0/1)",
     "active", "clear", "r1/100GE1/0/1", AlarmType.LINK_DOWN, ""),
    (VRP + "IFNET/1/IF_LINK{0}(t):OID 1.3.6.1.6.3.1.1.5.3 Interface 5 turned into {0} state."
     "(AdminStatus=1,OperStatus=2,InterfaceName=GE0/0/1)",
     "DOWN", "UP", "r1/GE0/0/1", AlarmType.LINK_DOWN, ""),
    (VRP + "BGP/3/STATE_CHG_UPDOWN(l):CID=0x80;The status of the peer 10.0.0.2 changed from {}. "
     "(InstanceName=Public, StateChangeReason=Hold timer expired)",
     "ESTABLISHED to IDLE", "OPENCONFIRM to ESTABLISHED", "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2"),
    (VRP + "BGP/3/STATE_CHG_UPDOWN(l):The status of the peer 2001:db8::2 changed from {}. (InstanceName=RED, X=y)",
     "ESTABLISHED to ACTIVE", "OPENCONFIRM to ESTABLISHED", "r1", AlarmType.BGP_PEER_DOWN, "2001:db8::2 vrf RED"),
    ("<187>Aug  4 2026 02:29:44-08:00 r1 %%01OSPF/4/NBR_CHANGE_E(l)[0]:Neighbor changes event: neighbor status "
     "changed. (ProcessId=1, NeighborAddress=10.1.12.2, NeighborEvent=Inactivity, NeighborPreviousState=Full, "
     "NeighborCurrentState={})", "Down", "Full", "r1", AlarmType.OSPF_ADJACENCY_DOWN, "10.1.12.2"),
    (VRP + "ISIS/4/ADJ_CHANGE_LEVEL(l):The neighbor of ISIS was changed. (IsisProcessId=1, Neighbor=0000.0000.0002, "
     "InterfaceName=GE0/0/1, CurrentState={}, ChangeType=P2P_HOLDTIMER_EXPIRED, Level=Level-2)",
     "DOWN", "UP", "r1/GE0/0/1", AlarmType.ISIS_ADJACENCY_DOWN, "0000.0000.0002 Level-2"),
    (VRP + "LDP/1/mplsLdpSessionDown_{}(l): The LDP session status changes. (PeerLsrId=10.0.0.2, VrfName=_public_, "
     "SessionType=Local, IfName=GE0/0/1, SubReason=0, Reason=The hello timer expired)",
     "active", "clear", "r1", AlarmType.LDP_SESSION_DOWN, "10.0.0.2"),
    (VRP + "BFD/4/STACHG_TO{}(l)[9]:BFD session changed to {}. (SlotNumber=1, Discriminator=8193, Diagnostic=x, "
     "BindInterfaceName=GE0/0/1)", ("DWN", "Down"), ("UP", "Up"), "r1/GE0/0/1", AlarmType.BFD_DOWN, "8193"),
    (OLT + "! {} 2026-08-04 10:29:44 ALARM NAME : The dying-gasp of GPON ONTi (DGi) is generated PARAMETERS : "
     "FrameID: 0, SlotID: 1, PortID: 3, ONT ID: 12, Equipment ID: EG8145",
     "RUNNING MAJOR", "RECOVERY CLEARED", "r1/0/1/3/12", AlarmType.ONT_DYING_GASP, ""),
    (OLT + "! {} ALARM NAME : The distribute fiber is broken or the OLT cannot receive expected optical signals from "
     "the ONT(LOSi/LOBi) PARAMETERS : FrameID: 0, SlotID: 1, PortID: 3, ONT ID: 12",
     "RUNNING MAJOR", "RECOVERY CLEARED", "r1/0/1/3/12", AlarmType.ONT_LOS, ""),
    (OLT + "! {} ALARM NAME : The feeder fiber is broken or OLT cannot receive any expected optical signals(LOS) "
     "PARAMETERS : FrameID: 0, SlotID: 1, PortID: 3, ONT ID: -",
     "RUNNING CRITICAL", "RECOVERY CLEARED", "r1/0/1/3", AlarmType.PON_LOS, ""),
    (OLT + "ALARM NAME : The signal degrade of ONTi (SDi) {} PARAMETERS : FrameID: 0, SlotID: 1, PortID: 3, ONT ID: 12",
     "occurs", "recovers", "r1/0/1/3/12", AlarmType.ONT_DEGRADED, ""),
]  # fmt: skip

PON = [
    (OLT + AXOS + "Perceived-Severity:{}, Name:ont-dying-gasp, Category:PON Cause:x, Details:SerialNo=D83F0D, "
     "Xpath:/config/system/ont[ont-id='7586'] Address:NULL",
     "MINOR", "CLEAR", "r1/7586", AlarmType.ONT_DYING_GASP, ""),
    (OLT + "id 5005 name loss-of-pon perceived-severity {} category PON address /config/interface/pon[port='4/1/xp10']",
     "MAJOR", "CLEARED", "r1/4/1/xp10", AlarmType.PON_LOS, ""),
    (OLT + AXOS + "Perceived-Severity:{}, Name:ont-missing, Xpath:/config/system/ont[ont-id='7586']",
     "MAJOR", "CLEAR", "r1/7586", AlarmType.ONT_LOS, ""),
    (OLT + AXOS + "Perceived-Severity:{}, Name:low-rx-opt-pwr-ne, Xpath:/config/system/ont[ont-id='7586']",
     "MINOR", "CLEAR", "r1/7586", AlarmType.OPTICAL_POWER_LOW, ""),
    (OLT + NOKIA.format(624406, "onu-dying-gasp") + "event-time:2026-08-04T10:29:44+00:00,perceived-severity:{},"
     "alarm-text:Serial-Number=ALCL1", "major", "cleared", "r1/624406", AlarmType.ONT_DYING_GASP, ""),
    (OLT + NOKIA.format(653751, "onu-loss-of-phy-layer") + "event-time:x,perceived-severity:{},alarm-text:y",
     "major", "cleared", "r1/653751", AlarmType.ONT_LOS, ""),
    (OLT + NOKIA.format("ALCL1", "onu-upstream-rx-power-exceed-threshold") + "event-time:x,perceived-severity:{}",
     "minor", "cleared", "r1/ALCL1", AlarmType.OPTICAL_POWER_LOW, ""),
    (OLT + "alarmd: ONT 12@1/3/1.gpon Dying Gasp {}", "raised", "cleared", "r1/1/3/1/12", AlarmType.ONT_DYING_GASP, ""),
    (OLT + "alarmd: Loss of Signal {} on remote-device 12@1/3/1.gpon", "set", "cleared", "r1/1/3/1/12",
     AlarmType.ONT_LOS, ""),
    (OLT + "alarmd: Rogue ONT 12@1/3/1 {}", "detected", "cleared", "r1/1/3/1/12", AlarmType.ROGUE_ONT, ""),
]  # fmt: skip

JUNIPER = [
    (BRIEF + "RPD_BGP_NEIGHBOR_STATE_CHANGED [junos@2636.1.1.1.2.29 peer-name=\"10.0.0.2 (External AS 65001)\" "
     "old-state=\"{}\" new-state=\"{}\" event-name=\"HoldTime\"]",
     ("Established", "Idle"), ("OpenConfirm", "Established"), "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2"),
    (BRIEF + "SNMP_TRAP_LINK_{} [junos@2636.1.1.1.2.29 snmp-interface-index=\"545\" admin-status=\"up(1)\" "
     "operational-status=\"{}\" interface-name=\"ge-0/0/1\"]",
     ("DOWN", "down(2)"), ("UP", "up(1)"), "r1/ge-0/0/1", AlarmType.LINK_DOWN, ""),
    (BRIEF + "BFDD_TRAP_SHOP_STATE_{} [junos@2636.1.1.1.2.513 session-id=\"40\" state=\"{}\" "
     "pip-interface=\"ae20.3032\" remote-peer=\"10.0.0.2\"]",
     ("DOWN", "down"), ("UP", "up"), "r1/ae20.3032", AlarmType.BFD_DOWN, "10.0.0.2"),
    (JUNOS + "bfdd[9]: %DAEMON-4-BFDD_TRAP_SHOP_STATE_{}: local discriminator: 40, new state: {}, "
     "interface: ae20.3032, peer addr: 10.0.0.2",
     ("DOWN", "down"), ("UP", "up"), "r1/ae20.3032", AlarmType.BFD_DOWN, "10.0.0.2"),
    (JUNOS + CHASSIS + "jnxContentsDescr PEM 0, jnxOperatingState/Temp 6)",
     (10, "Power Supply failed"), (7, "Power Supply OK"), "r1", AlarmType.EQUIPMENT_FAILURE, "power supply PEM 0"),
    (JUNOS + CHASSIS + "jnxContentsDescr Fan Tray 0)", (10, "Fan/Blower failed"), (7, "Fan/Blower OK"),
     "r1", AlarmType.EQUIPMENT_FAILURE, "fan Fan Tray 0"),
    (JUNOS + CHASSIS + "jnxContentsDescr Routing Engine 0)", (10, "Over Temperature!"), (7, "Temperature OK"),
     "r1", AlarmType.TEMPERATURE_HIGH, "Routing Engine 0"),
    (JUNOS + "alarmd[12]: Alarm {}: PS color=RED, class=CHASSIS, reason=PEM 0 Not OK", "set", "cleared",
     "r1", AlarmType.EQUIPMENT_FAILURE, "PEM 0 Not OK"),
    (JUNOS + "fpc1 MIC(1/0) link 0 SFP receive power low  alarm {}", "set", "cleared",
     "r1", AlarmType.OPTICAL_POWER_LOW, "MIC(1/0) link 0"),
]  # fmt: skip

CISCO = [
    (IOS + "BFDFSM-6-BFD_SESS_{}: BFD-SYSLOG: BFD session ld:4097 handle:1{}", ("DOWN", ",is going Down Reason: ECHO"),
     ("UP", " is going UP"), "r1", AlarmType.BFD_DOWN, "ld:4097"),
    (IOS + "IOSXE_PEM-{}: The PEM in slot P0 is {}", ("3-PEMFAIL", "switched off or encountering a failure condition"),
     ("6-PEMOK", "functioning properly"), "r1", AlarmType.EQUIPMENT_FAILURE, "PEM in slot P0"),
    (IOS + "PLATFORM_FEP-{}: Switch 1: signal on power supply A is {}", ("1-FRU_PS_SIGNAL_FAULTY", "faulty"),
     ("6-FRU_PS_SIGNAL_OK", "restored"), "r1", AlarmType.EQUIPMENT_FAILURE, "Switch 1: signal on power supply A"),
    (IOS + "ENVIRONMENTAL-{}: Temp: Inlet 1, Location: P0, State: {}, Reading: 60 Celsius", ("1-ALERT", "Warning"),
     ("6-NOTICE", "Normal"), "r1", AlarmType.TEMPERATURE_HIGH, "Inlet 1, Location: P0"),
    (IOS + "PM-4-ERR_{}Gi0/1, x", ("DISABLE: link-flap error detected on ",),
     ("RECOVER: Attempting to recover from link-flap err-disable state on ",), "r1/Gi0/1",
     AlarmType.INTERFACE_FLAPPING, ""),
]  # fmt: skip

PAIRS = HUAWEI + PON + JUNIPER + CISCO


def read(line: str, words: str | tuple[object, ...]) -> Alarm:
    item = read_line(line.format(*(words if isinstance(words, tuple) else (words,))), "r1", NOW)
    assert isinstance(item, Alarm), item
    return item


@pytest.mark.parametrize(("line", "down", "up", "resource", "kind", "qualifier"), PAIRS)
def test_a_raise_and_its_clear_share_one_key(
    line: str, down: str, up: str, resource: str, kind: AlarmType, qualifier: str
) -> None:
    raised, cleared = read(line, down), read(line, up)
    assert (raised.is_cleared, cleared.is_cleared) == (False, True)
    for alarm in (raised, cleared):
        assert (alarm.resource, alarm.alarm_type, alarm.qualifier) == (resource, kind, qualifier)
        assert alarm.event_time.replace(microsecond=0) == datetime(2026, 8, 4, 10, 29, 44, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (IOS + "SYS-5-RESTART: System restarted --", AlarmType.RESTARTED),
        (IOS + "SFF8472-5-THRESHOLD_VIOLATION: Gi1/0/1: Rx power low alarm; Operating value: -34.5 dBm",
         AlarmType.OPTICAL_POWER_LOW),
        (IOS + "PLATFORM_ENV-1-PWR: Faulty internal power supply A detected", AlarmType.EQUIPMENT_FAILURE),
        (JUNOS + "snmpd[7]: SNMPD_TRAP_COLD_START: trap_generate_cold: SNMP trap: cold start", AlarmType.RESTARTED),
        (OLT + "! RUNNING MAJOR ALARM NAME : A rogue ONT exists PARAMETERS : FrameID: 0, SlotID: 1, PortID: 3",
         AlarmType.ROGUE_ONT),
    ],
)  # fmt: skip
def test_what_happens_and_is_never_taken_back(line: str, kind: AlarmType) -> None:
    alarm = read(line.replace("{", "{{"), "")
    assert (alarm.alarm_type, alarm.is_cleared) == (kind, False)


@pytest.mark.parametrize(
    "line",
    [
        VRP + "SHELL/5/CMDRECORD(s):Recorded command information. (Task=VT0, Ip=10.0.0.9, User=admin)",
        VRP + "OSPF/4/NBR_CHANGE_E(l):x (ProcessId=1, NeighborAddress=10.1.12.2, NeighborCurrentState=ExStart)",
        VRP + "IFNET/2/linkDown_active: x. (ifName=GE0/0/1, AdminStatus=DOWN, OperStatus=DOWN, Reason=shut down)",
        OLT + AXOS + "Perceived-Severity:INFO, Name:user-login, Category:SECURITY Cause:x",
        OLT + NOKIA.format("u", "lan-los") + "event-time:x,perceived-severity:major",
        OLT + "sshd: accepted key for admin@10.0.0.9",
        BRIEF + 'UI_LOGIN_EVENT [junos@2636.1.1.1.2.18 username="admin"]',
        BRIEF + 'RPD_BGP_NEIGHBOR_STATE_CHANGED [junos@2636 peer-name="10.0.0.2" old-state="Idle" new-state="Active"]',
        JUNOS + "chassisd[9]: CHASSISD_SNMP_TRAP6: SNMP trap generated: Fru Insertion (jnxFruName PEM 0)",
    ],
)  # fmt: skip
def test_what_is_no_alarm_is_passed_over(line: str) -> None:
    assert read_line(line, "r1", NOW) is None


@given(pair=st.sampled_from(PAIRS), cut=st.integers(0, 400), junk=st.text(max_size=30))
def test_reading_what_is_cut_or_mangled_never_raises(pair: tuple[str, ...], cut: int, junk: str) -> None:
    read_line(pair[0][:cut] + junk + pair[0][cut:], "r1", NOW)
    read_line(pair[0][:cut], "r1", NOW)


@given(
    st.lists(
        st.sampled_from(["name ", "ont", "@1/3/1", "perceived-severity ", "alarm-type-id:", "ALARM ", ",", "x " * 40])
    )
)
def test_no_mixture_of_marks_makes_it_raise(words: list[str]) -> None:
    read_line(OLT + "".join(words), "r1", NOW)


def test_a_long_text_full_of_marks_is_read_to_its_end() -> None:
    """A pattern that backtracks without bound would never come back."""
    marks = ("name ", "ont 1@1/3/1 ", "perceived-severity x", "alarm-type-id:", "alarm set FrameID: 0 ", "SNMP trap ")
    for mark in marks:
        read_line(OLT + mark * 2_000, "r1", NOW)
        read_line(OLT + "CHASSISD_SNMP_TRAP7: " + mark * 2_000, "r1", NOW)
