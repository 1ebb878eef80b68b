"""What messages mean: each vendor's raise and clear, paired by one key."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.network.enums import AlarmType, Severity
from atlas.network.schemas import Alarm, DeadLetter
from forge.feeds.messages import read_line

NOW = datetime(2026, 8, 4, 10, 30, tzinfo=UTC)
XR = "RP/0/RP0/CPU0:Aug  4 10:29:44.190 : proc[1]: %"
IOS = "<189>45: *Aug  4 10:29:44.190: %"
JUNOS = "<28>Aug  4 10:29:44 r1 rpd[77]: "
PLAIN = "<13>Aug  4 10:29:44 r1 olt: "

# raise, clear, resource, type, qualifier, neighbour
PAIRS = [
    (XR + "PKT_INFRA-LINK-3-UPDOWN : Interface HundredGigE0/1/0/35, changed state to Down",
     XR + "PKT_INFRA-LINK-3-UPDOWN : Interface HundredGigE0/1/0/35, changed state to Up",
     "r1/Hu0/1/0/35", AlarmType.LINK_DOWN, "", None),
    (XR + "PKT_INFRA-LINEPROTO-5-UPDOWN : Line protocol on Interface TenGigE0/0/0/1, changed state to Down",
     XR + "PKT_INFRA-LINEPROTO-5-UPDOWN : Line protocol on Interface TenGigE0/0/0/1, changed state to Up",
     "r1/Te0/0/0/1", AlarmType.LINK_DOWN, "line protocol", None),
    (XR + "ROUTING-BGP-5-ADJCHANGE : neighbor 10.0.0.2 Down - Peer closing down the session (VRF: default) (AS: 65012)",
     XR + "ROUTING-BGP-5-ADJCHANGE : neighbor 10.0.0.2 Up (VRF: default) (AS: 65012)",
     "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2", "10.0.0.2"),
    (XR + "ROUTING-BGP-5-ADJCHANGE : neighbor 2001:db8::2 Down - BGP Notification sent, hold time expired",
     XR + "ROUTING-BGP-5-ADJCHANGE : neighbor 2001:db8::2 Up",
     "r1", AlarmType.BGP_PEER_DOWN, "2001:db8::2", "2001:db8::2"),
    (XR + "ROUTING-BGP-5-ADJCHANGE : neighbor 10.0.0.2 Down - Interface flap (VRF: RED) (AS: 65012)",
     XR + "ROUTING-BGP-5-ADJCHANGE : neighbor 10.0.0.2 Up (VRF: RED) (AS: 65012)",
     "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2 vrf RED", "10.0.0.2"),
    (XR + "ROUTING-OSPF-5-ADJCHG : Process 1, Nbr 10.0.0.2 on TenGigE0/0/0/1 in area 0 from FULL to DOWN, "
          "Neighbor Down: dead timer expired, vrf default vrfid 0x60000000",
     XR + "ROUTING-OSPF-5-ADJCHG : Process 1, Nbr 10.0.0.2 on TenGigE0/0/0/1 in area 0 from LOADING to FULL, "
          "Loading Done, vrf default vrfid 0x60000000",
     "r1/Te0/0/0/1", AlarmType.OSPF_ADJACENCY_DOWN, "10.0.0.2", "10.0.0.2"),
    (XR + "ROUTING-ISIS-4-ADJCHANGE : Adjacency to core2 (TenGigE0/0/0/1) (L2) Down, Interface state down",
     XR + "ROUTING-ISIS-5-ADJCHANGE : Adjacency to core2 (TenGigE0/0/0/1) (L2) Up, New adjacency",
     "r1/Te0/0/0/1", AlarmType.ISIS_ADJACENCY_DOWN, "core2 L2", "core2"),
    (XR + "L2-BFD-6-SESSION_STATE_DOWN : BFD session to neighbor 10.0.0.2 on interface TenGigE0/0/0/1 has gone "
          "down. Reason: Control timer expired",
     XR + "L2-BFD-6-SESSION_STATE_UP : BFD session to neighbor 10.0.0.2 on interface TenGigE0/0/0/1 is up",
     "r1/Te0/0/0/1", AlarmType.BFD_DOWN, "10.0.0.2", "10.0.0.2"),
    (XR + "ROUTING-LDP-5-NBR_CHANGE : Neighbor 10.0.0.2:0, DOWN (Interface state down)",
     XR + "ROUTING-LDP-5-NBR_CHANGE : VRF 'default' (0x60000000), Neighbor 10.0.0.2:0 is UP (IPv4 connection)",
     "r1", AlarmType.LDP_SESSION_DOWN, "10.0.0.2", "10.0.0.2"),
    (XR + "PKT_INFRA-FM-2-FAULT_CRITICAL : ALARM_CRITICAL :OPTICS RX LOS LANE-0 :DECLARE : Optics0/1/0/32: x",
     XR + "PKT_INFRA-FM-2-FAULT_CRITICAL : ALARM_CRITICAL :OPTICS RX LOS LANE-0 :CLEAR : Optics0/1/0/32: x",
     "r1/Optics0/1/0/32", AlarmType.LOSS_OF_SIGNAL, "OPTICS RX LOS LANE-0", None),
    (XR + "PKT_INFRA-FM-2-FAULT_CRITICAL : ALARM_CRITICAL :OPTICS RX POWER LANE-3 LOW ALARM :DECLARE : Optics0/0/0/27:",
     XR + "PKT_INFRA-FM-2-FAULT_CRITICAL : ALARM_CRITICAL :OPTICS RX POWER LANE-3 LOW ALARM :CLEAR : Optics0/0/0/27:",
     "r1/Optics0/0/0/27", AlarmType.OPTICAL_POWER_LOW, "OPTICS RX POWER LANE-3 LOW ALARM", None),
    (XR + "PKT_INFRA-FM-3-FAULT_MAJOR : ALARM_MAJOR :RP-REDUNDANCY-LOST :DECLARE :0:",
     XR + "PKT_INFRA-FM-3-FAULT_MAJOR : ALARM_MAJOR :RP-REDUNDANCY-LOST :CLEAR :0:",
     "r1/0", AlarmType.EQUIPMENT_FAILURE, "RP-REDUNDANCY-LOST", None),
    (XR + "L2-OPTICS-2-LOS : Optics0/0/0/4 : LOS detected", XR + "L2-OPTICS-2-LOS : Optics0/0/0/4 : LOS cleared",
     "r1/Optics0/0/0/4", AlarmType.LOSS_OF_SIGNAL, "", None),
    (XR + "INFRA-SHELF_MGR-5-CARD_REMOVAL : Location: 0/RP1, Serial#: SAL1",
     XR + "INFRA-SHELF_MGR-5-CARD_INSERTION : Location: 0/RP1, Serial #: SAL1",
     "r1/0/RP1", AlarmType.EQUIPMENT_FAILURE, "card removed", None),
    (XR + "HA-HA_WD-4-MEMORY_ALARM : Memory threshold crossed: Severe with 79.4MB free. Previous state: Minor",
     XR + "HA-HA_WD-4-MEMORY_ALARM : Memory threshold crossed: Normal with 3839MB free. Previous state: Severe",
     "r1", AlarmType.OTHER, "memory", None),
    (IOS + "LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to down",
     IOS + "LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to up",
     "r1/Gi0/1", AlarmType.LINK_DOWN, "", None),
    (IOS + "LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/1, changed state to down",
     IOS + "LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/1, changed state to up",
     "r1/Gi0/1", AlarmType.LINK_DOWN, "line protocol", None),
    (IOS + "OSPF-5-ADJCHG: Process 1, Nbr 10.0.0.2 on Gi0/1 from FULL to DOWN, Neighbor Down: Dead timer expired",
     IOS + "OSPF-5-ADJCHG: Process 1, Nbr 10.0.0.2 on Gi0/1 from LOADING to FULL, Loading Done",
     "r1/Gi0/1", AlarmType.OSPF_ADJACENCY_DOWN, "10.0.0.2", "10.0.0.2"),
    (IOS + "BGP-5-ADJCHANGE: neighbor 10.0.0.2 vpn vrf RED Down Peer closed the session",
     IOS + "BGP-5-ADJCHANGE: neighbor 10.0.0.2 vpn vrf RED Up",
     "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2 vrf RED", "10.0.0.2"),
    (IOS + "BGP-3-NOTIFICATION: sent to neighbor 10.0.0.2 4/0 (hold time expired) 0 bytes",
     IOS + "BGP-5-ADJCHANGE: neighbor 10.0.0.2 Up",
     "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2", "10.0.0.2"),
    (IOS + "CLNS-5-ADJCHANGE: ISIS: Adjacency to core2 (Gi0/1) Down, hold time expired",
     IOS + "CLNS-5-ADJCHANGE: ISIS: Adjacency to core2 (Gi0/1) Up, new adjacency",
     "r1/Gi0/1", AlarmType.ISIS_ADJACENCY_DOWN, "core2", "core2"),
    (IOS + "LDP-5-NBRCHG: LDP Neighbor 10.0.0.2:0 (1) is DOWN (Discovery Hello Hold Timer expired)",
     IOS + "LDP-5-NBRCHG: LDP Neighbor 10.0.0.2:0 (1) is UP",
     "r1", AlarmType.LDP_SESSION_DOWN, "10.0.0.2", "10.0.0.2"),
    (JUNOS + "SNMP_TRAP_LINK_DOWN: ifIndex 526, ifAdminStatus up(1), ifOperStatus down(2), ifName ge-0/0/1",
     JUNOS + "SNMP_TRAP_LINK_UP: ifIndex 526, ifAdminStatus up(1), ifOperStatus up(1), ifName ge-0/0/1",
     "r1/ge-0/0/1", AlarmType.LINK_DOWN, "", None),
    (JUNOS + "RPD_BGP_NEIGHBOR_STATE_CHANGED: BGP peer 10.0.0.2 (External AS 65001) changed state from "
             "Established to Idle (event HoldTime) (instance master)",
     JUNOS + "RPD_BGP_NEIGHBOR_STATE_CHANGED: BGP peer 10.0.0.2 (External AS 65001) changed state from "
             "OpenConfirm to Established (event RecvKeepAlive) (instance master)",
     "r1", AlarmType.BGP_PEER_DOWN, "10.0.0.2", "10.0.0.2"),
    (JUNOS + "RPD_OSPF_NBRDOWN: OSPF neighbor 10.0.0.2 (realm ospf-v2 ge-0/0/1.0 area 0.0.0.0) state changed "
             "from Full to Down due to InActiveTimer (event reason: no response)",
     JUNOS + "RPD_OSPF_NBRUP: OSPF neighbor 10.0.0.2 (realm ospf-v2 ge-0/0/1.0 area 0.0.0.0) state changed "
             "from Loading to Full due to LoadingDone",
     "r1/ge-0/0/1.0", AlarmType.OSPF_ADJACENCY_DOWN, "10.0.0.2", "10.0.0.2"),
    (JUNOS + "RPD_ISIS_ADJDOWN: IS-IS lost L2 adjacency to core2 on ge-0/0/1.0, reason: Aged Out",
     JUNOS + "RPD_ISIS_ADJUP: IS-IS new L2 adjacency to core2 on ge-0/0/1.0",
     "r1/ge-0/0/1.0", AlarmType.ISIS_ADJACENCY_DOWN, "core2 L2", "core2"),
    (PLAIN + "link Te0/0/0/1 down", PLAIN + "link Te0/0/0/1 up", "r1/Te0/0/0/1", AlarmType.LINK_DOWN, "", None),
    (PLAIN + "Interface ge-0/0/1 is down", PLAIN + "Interface ge-0/0/1, changed state to up",
     "r1/ge-0/0/1", AlarmType.LINK_DOWN, "", None),
    (PLAIN + "LOS on port 0/1/3", PLAIN + "LOS cleared on port 0/1/3", "r1/0/1/3", AlarmType.PON_LOS, "", None),
    (PLAIN + "LOS on port 0/1/3", PLAIN + "LOS on port 0/1/3 cleared", "r1/0/1/3", AlarmType.PON_LOS, "", None),
    (PLAIN + "ONT 0/1/3/12 dying gasp", PLAIN + "ONT 12 on port 0/1/3 online",
     "r1/0/1/3/12", AlarmType.ONT_DYING_GASP, "", None),
    (PLAIN + "ONT 12 on port 0/1/3: LOSi", PLAIN + "ONT 12 on port 0/1/3: LOSi cleared",
     "r1/0/1/3/12", AlarmType.ONT_LOS, "", None),
    (PLAIN + "mains power failed", PLAIN + "mains power restored", "r1", AlarmType.POWER_LOSS, "", None),
]  # fmt: skip


def alarm(line: str | bytes, sender: str = "r1") -> Alarm:
    item = read_line(line, sender, NOW)
    assert isinstance(item, Alarm), item
    return item


@pytest.mark.parametrize(("down", "up", "resource", "kind", "qualifier", "neighbour"), PAIRS)
def test_a_raise_and_its_clear_share_one_key(
    down: str, up: str, resource: str, kind: AlarmType, qualifier: str, neighbour: str | None
) -> None:
    raised, cleared = alarm(down), alarm(up)
    assert (raised.is_cleared, cleared.is_cleared) == (False, True)
    for item in (raised, cleared):
        assert (item.resource, item.alarm_type, item.qualifier) == (resource, kind, qualifier)
        assert item.extra.get("neighbour") == neighbour
        assert item.event_time.replace(microsecond=0) == datetime(2026, 8, 4, 10, 29, 44, tzinfo=UTC)


def test_the_device_is_the_host_without_its_domain_else_the_sender() -> None:
    named = "<28>Aug  4 10:29:44 r7.pop1.example.net olt: link ge-0/0/1 down"
    assert alarm(named, sender="192.0.2.9").device == "r7"
    assert alarm("<28>link ge-0/0/1 down", sender="192.0.2.9").device == "192.0.2.9"


def test_memory_severity_is_what_the_router_says() -> None:
    line = XR + "HA-HA_WD-4-MEMORY_ALARM : Memory threshold crossed: {} with 1MB free. Previous state: Normal"
    severities = [alarm(line.format(state)).severity for state in ("Minor", "Severe", "Critical")]
    assert severities == [Severity.MINOR, Severity.MAJOR, Severity.CRITICAL]


@pytest.mark.parametrize(
    "line",
    [
        XR + "SECURITY-SSHD-6-INFO_USER_LOGOUT : User 'admin' from '10.2.9.1' logged out on 'vty0'",
        XR + "PKT_INFRA-LINK-5-CHANGED : Interface MgmtEth0/RP1/CPU0/0, changed state to Administratively Down",
        IOS + "SYS-5-CONFIG_I: Configured from console by vty0",
        IOS + "OSPF-5-ADJCHG: Process 1, Nbr 10.0.0.2 on Gi0/1 from INIT to 2WAY, 2-Way Received",
        IOS + "BGP-3-NOTIFICATION: sent to neighbor 10.0.0.2 passive 6/7 (Connection Collision Resolution) 0 bytes",
        JUNOS + "SNMP_TRAP_LINK_DOWN: ifIndex 5, ifAdminStatus down(2), ifOperStatus down(2), ifName ge-0/0/1",
        "<38>Aug  4 10:29:44 r1 sshd[9]: Accepted publickey for admin",
    ],
)  # fmt: skip
def test_what_is_no_alarm_is_passed_over(line: str) -> None:
    assert read_line(line, "r1", NOW) is None


@pytest.mark.parametrize("data", [b"\x00\x01\x02\xff\xfe" * 50, b"GET / HTTP/1.1", b"", b"<999>x"])
def test_garbage_becomes_a_dead_letter_with_its_reason(data: bytes) -> None:
    item = read_line(data, "192.0.2.9", NOW)
    assert isinstance(item, DeadLetter)
    assert item.reason.endswith(".")
    assert "\x00" not in item.payload


def test_a_megabyte_in_one_field_stays_one_alarm_and_one_letter_is_cut() -> None:
    huge = "x" * 1_000_000
    assert alarm(f"<28>Aug  4 10:29:44 r1 olt: link ge-0/0/1 down {huge}").resource == "r1/ge-0/0/1"
    letter = read_line(huge, "r1", NOW)
    assert isinstance(letter, DeadLetter)
    assert len(letter.payload) < 9_000
    assert "1000000 in all" in letter.payload


def test_a_name_too_long_to_be_one_becomes_a_dead_letter() -> None:
    assert isinstance(read_line("<28>link ge-0/0/1 down", "r" * 400, NOW), DeadLetter)


def test_a_clock_that_is_a_day_off_is_kept() -> None:
    assert alarm("<28>Aug  3 10:29:44 r1 olt: link ge-0/0/1 down").event_time == NOW - timedelta(days=1, seconds=16)


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400)))
def test_reading_never_raises(data: bytes | str) -> None:
    read_line(data, "r1", NOW)


@given(
    pair=st.sampled_from(PAIRS),
    cut=st.integers(0, 300),
    junk=st.text(max_size=20),
)
def test_reading_what_is_cut_or_mangled_never_raises(pair: tuple[str, ...], cut: int, junk: str) -> None:
    read_line(pair[0][:cut] + junk + pair[0][cut:], "r1", NOW)
    read_line(pair[1][:cut], "r1", NOW)


@given(
    neighbour=st.one_of(st.ip_addresses().map(str), st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)),
    interface=st.from_regex(r"(TenGigE|HundredGigE|Bundle-Ether)[0-9](/[0-9]){0,3}(\.[0-9]{1,4})?", fullmatch=True),
    reason=st.text(alphabet=st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=40),
)
def test_one_adjacency_one_key_whoever_the_neighbour_and_whatever_the_reason(
    neighbour: str, interface: str, reason: str
) -> None:
    forms = [
        ("ROUTING-BGP-5-ADJCHANGE : neighbor {n} Down - {r} (VRF: default) (AS: 1)",
         "ROUTING-BGP-5-ADJCHANGE : neighbor {n} Up (VRF: default) (AS: 1)"),
        ("ROUTING-ISIS-5-ADJCHANGE : Adjacency to {n} ({i}) (L2) Down, {r}",
         "ROUTING-ISIS-5-ADJCHANGE : Adjacency to {n} ({i}) (L2) Up, {r}"),
        ("ROUTING-OSPF-5-ADJCHG : Process 1, Nbr {n} on {i} in area 0 from FULL to DOWN, {r}, vrf default vrfid 0",
         "ROUTING-OSPF-5-ADJCHG : Process 1, Nbr {n} on {i} in area 0 from LOADING to FULL, {r}"),
        ("L2-BFD-6-SESSION_STATE_DOWN : BFD session to neighbor {n} on interface {i} has gone down. Reason: {r}",
         "L2-BFD-6-SESSION_STATE_UP : BFD session to neighbor {n} on interface {i} is up"),
    ]  # fmt: skip
    for down, up in forms:
        raised = alarm(XR + down.format(n=neighbour, i=interface, r=reason))
        cleared = alarm(XR + up.format(n=neighbour, i=interface, r=reason))
        assert not raised.is_cleared
        assert cleared.is_cleared
        assert (raised.resource, raised.alarm_type, raised.qualifier) == (
            cleared.resource, cleared.alarm_type, cleared.qualifier,
        )  # fmt: skip
        assert raised.extra["neighbour"] == neighbour
