"""Cisco IOS-XR messages that are alarms (Cisco IOS XR system error message reference)."""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

# ":OPTICS RX LOS LANE-0 :DECLARE : Optics0/1/0/32:  Optics0/1/0/32"; the place may be "0/RP1", or just "0".
_FAULT = r":\s*(?P<detail><NAME>)\s*:(?:(?P<down>DECLARE)|(?P<up>CLEAR))\s*:\s*<PART>?\s*(?::|$)"


def _faults(name: str, alarm_type: AlarmType, probable_cause: str) -> tuple[Pattern, ...]:
    """The fault manager's alarms whose name reads so, one row per severity."""
    return tuple(
        Pattern(
            (f"PKT_INFRA-FM-FAULT_{severity.name}",),
            sentence(_FAULT.replace("<NAME>", name)),
            alarm_type,
            severity,
            probable_cause,
            EventType.EQUIPMENT,
        )
        for severity in (Severity.CRITICAL, Severity.MAJOR, Severity.MINOR)
    )


LINKS = (
    Pattern(
        ("PKT_INFRA-LINK-UPDOWN",),
        sentence(r"Interface <PART>, changed state to (?:(?P<down>Down)|(?P<up>Up))\b"),
        AlarmType.LINK_DOWN,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        ("PKT_INFRA-LINEPROTO-UPDOWN",),
        sentence(r"Line protocol on Interface <PART>, changed state to (?:(?P<down>Down)|(?P<up>Up))\b"),
        AlarmType.LINK_DOWN,
        qualifier="line protocol",
    ),
)

ADJACENCIES = (
    Pattern(
        ("ROUTING-BGP-ADJCHANGE",),
        sentence(
            r"neighbor <NEIGHBOUR> (?:(?P<down>Down)|(?P<up>Up))\b(?:\s*-\s*(?P<reason>.{1,200}?))?"
            r"\s*(?:\(VRF: ?(?P<vrf>[^\s;)]+)[^)]*\)\s*)?(?:\(AS: ?(?P<asn>[\d.]+)\)\s*)?$"
        ),
        AlarmType.BGP_PEER_DOWN,
    ),
    Pattern(
        ("ROUTING-OSPF-ADJCHG", "ROUTING-OSPFv3-ADJCHG"),
        sentence(
            r"Nbr <NEIGHBOUR> on <PART> (?:in area \S+ )?"
            r"from (?:(?P<up>\w+ to FULL)|(?P<down>FULL to \w+|\w+ to DOWN))\b"
            r"(?:,\s*(?P<reason>[^,]{1,200}))?(?:.*\bvrf (?P<vrf>[^\s,]+))?"
        ),
        AlarmType.OSPF_ADJACENCY_DOWN,
    ),
    Pattern(
        ("ROUTING-ISIS-ADJCHANGE",),
        sentence(
            r"Adjacency to <NEIGHBOUR> \(<PART>\) (?:\((?P<detail>L[12]+|p2p)\) )?"
            r"(?:(?P<down>Down)|(?P<up>Up))\b"
            r"(?:,\s*(?P<reason>.{1,200}))?"
        ),
        AlarmType.ISIS_ADJACENCY_DOWN,
    ),
    Pattern(
        ("L2-BFD-SESSION_STATE_DOWN", "L2-BFD-SESSION_STATE_UP"),
        sentence(
            r"BFD session to neighbor <NEIGHBOUR> on interface <PART> "
            r"(?:(?P<down>has gone down|is down)|(?P<up>is up|has come up))"
            r"(?:\.?\s*Reason: ?(?P<reason>.{1,200}))?"
        ),
        AlarmType.BFD_DOWN,
    ),
    Pattern(
        ("ROUTING-LDP-NBR_CHANGE",),
        sentence(
            r"(?:VRF '(?P<vrf>[^']{1,64})'.{0,40}?)?Neighbor (?P<neighbour>[\w.:-]{1,100}?):\d+,?\s+(?:is )?"
            r"(?:(?P<down>DOWN)|(?P<up>UP))\b(?:\s*\((?P<reason>.{1,200})\))?"
        ),
        AlarmType.LDP_SESSION_DOWN,
    ),
)

OPTICS = (
    *_faults(r"[^:]{0,60}\bLOS\b[^:]{0,60}?", AlarmType.LOSS_OF_SIGNAL, "lossOfSignal"),
    *_faults(r"[^:]{0,60}\bRX POWER\b[^:]{0,40}\bLOW?\b[^:]{0,60}?", AlarmType.OPTICAL_POWER_LOW, "receiverFailure"),
    Pattern(
        ("L2-OPTICS-LOS", "L2-OPTICS-RX_LOS"),
        sentence(
            r"<PART>\s*[:,]\s*(?:LOS|loss of (?:signal|light))\s*"
            r"(?:(?P<up>cleared|restored)|(?P<down>detected|raised))"
        ),
        AlarmType.LOSS_OF_SIGNAL,
        Severity.CRITICAL,
        probable_cause="lossOfSignal",
        event_type=EventType.EQUIPMENT,
    ),
)

EQUIPMENT = (
    *_faults(r"[^:]{1,120}?", AlarmType.EQUIPMENT_FAILURE, "equipmentMalfunction"),
    Pattern(
        ("INFRA-SHELF_MGR-CARD_REMOVAL",),
        sentence(r"(?P<down>Location): <PART>"),
        AlarmType.EQUIPMENT_FAILURE,
        probable_cause="replaceableUnitMissing",
        event_type=EventType.EQUIPMENT,
        qualifier="card removed",
    ),
    Pattern(
        ("INFRA-SHELF_MGR-CARD_INSERTION",),
        sentence(r"(?P<up>Location): <PART>"),
        AlarmType.EQUIPMENT_FAILURE,
        probable_cause="replaceableUnitMissing",
        event_type=EventType.EQUIPMENT,
        qualifier="card removed",
    ),
    *(
        Pattern(
            ("HA-HA_WD-MEMORY_ALARM",),
            sentence(rf"Memory threshold crossed: (?:(?P<down>{state})|(?P<up>Normal))\b"),
            AlarmType.OTHER,
            severity,
            probable_cause="outOfMemory",
            event_type=EventType.PROCESSING,
            qualifier="memory",
        )
        for state, severity in (
            ("Minor", Severity.MINOR),
            ("Severe", Severity.MAJOR),
            ("Critical", Severity.CRITICAL),
        )
    ),
)

PATTERNS = LINKS + ADJACENCIES + OPTICS + EQUIPMENT
