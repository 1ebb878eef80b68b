"""Junos messages that are alarms (Junos OS system log explorer).

They come as text or, with `structured-data`, as RFC 5424 with or (`brief`) without the text; brief ones are read by
their fields. `explicit-priority` puts "%DAEMON-4-" before the name.
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

PROTOCOLS = (
    Pattern(
        ("SNMP_TRAP_LINK_DOWN", "SNMP_TRAP_LINK_UP"),
        sentence(r"ifAdminStatus up\(1\), ifOperStatus (?:(?P<up>up\(1\))|(?P<down>\w+\(\d\))), ifName <PART>"),
        AlarmType.LINK_DOWN,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        ("RPD_BGP_NEIGHBOR_STATE_CHANGED",),
        sentence(
            r"BGP peer <NEIGHBOUR> \((?:External|Internal) AS (?P<asn>[\d.]+)\) changed state from "
            r"(?:(?P<up>\w+ to Established)|(?P<down>Established to \w+))(?: \(event (?P<reason>\w{1,60})\))?"
            r"(?:.*\(instance (?P<vrf>[^\s)]{1,64})\))?"
        ),
        AlarmType.BGP_PEER_DOWN,
    ),
    Pattern(
        ("RPD_OSPF_NBRDOWN", "RPD_OSPF_NBRUP"),
        sentence(
            r"OSPF neighbor <NEIGHBOUR> \(realm \S+ <PART> area [^)]+\) state changed from "
            r"(?:(?P<up>\w+ to Full)|(?P<down>Full to \w+|\w+ to Down))(?: due to (?P<reason>.{1,200}))?"
        ),
        AlarmType.OSPF_ADJACENCY_DOWN,
    ),
    Pattern(
        ("RPD_ISIS_ADJDOWN", "RPD_ISIS_ADJUP"),
        sentence(
            r"IS-IS (?:(?P<down>lost)|(?P<up>new)) (?P<detail>L[12]+) adjacency to <NEIGHBOUR> on <PART>"
            r"(?:,\s*reason: ?(?P<reason>.{1,200}))?$"
        ),
        AlarmType.ISIS_ADJACENCY_DOWN,
    ),
    Pattern(
        ("RPD_LDP_NBRDOWN", "RPD_LDP_NBRUP"),
        sentence(r"LDP neighbor <NEIGHBOUR> \(<PART>\) is (?:(?P<down>down)|(?P<up>up))\b"),
        AlarmType.LDP_SESSION_DOWN,
    ),
    Pattern(
        ("BFDD_TRAP_SHOP_STATE_DOWN", "BFDD_TRAP_SHOP_STATE_UP", "BFDD_STATE_UP_TO_DOWN"),
        sentence(r"new state: (?:(?P<down>down|admin down)|(?P<up>up)), interface: <PART>, peer addr: <NEIGHBOUR>"),
        AlarmType.BFD_DOWN,
    ),
    Pattern(
        ("SNMP_TRAP_LINK_DOWN", "SNMP_TRAP_LINK_UP"),
        sentence(
            r'(?:admin-status|ifAdminStatus)="up\(1\)" (?:operational-status|ifOperStatus)='
            r'"(?:(?P<up>up\(1\))|(?P<down>\w+\(\d\)))" (?:interface-name|ifName)="(?P<part>[^"\s]{1,80})"'
        ),
        AlarmType.LINK_DOWN,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        ("RPD_BGP_NEIGHBOR_STATE_CHANGED",),
        sentence(
            r'peer-name="<NEIGHBOUR>[" ].*old-state="(?:(?P<down>Established)|\w+)" '
            r'new-state="(?:(?P<up>Established)|\w+)"(?:.*routing-instance="(?P<vrf>[^"]{1,64})")?'
        ),
        AlarmType.BGP_PEER_DOWN,
    ),
    Pattern(
        ("BFDD_TRAP_SHOP_STATE_DOWN", "BFDD_TRAP_SHOP_STATE_UP"),
        sentence(
            r'state="(?:(?P<down>down)|(?P<up>up))" [\w-]*interface="(?P<part>[^"\s]{1,80})" remote-peer="<NEIGHBOUR>"'
        ),
        AlarmType.BFD_DOWN,
    ),
    Pattern(
        ("SNMPD_TRAP_COLD_START", "SNMPD_TRAP_WARM_START"),
        sentence(r"(?P<down>cold start|warm start)"),
        AlarmType.RESTARTED,
        Severity.WARNING,
        probable_cause="",
        event_type=EventType.EQUIPMENT,
    ),
)

_TRAPS = tuple(f"CHASSISD_SNMP_TRAP{number}" for number in ("", 0, 1, 2, 3, 6, 7, 8, 9, 10))


def _chassis(words: str, kind: AlarmType, cause: str, qualifier: str, about: str = "jnxContentsDescr") -> Pattern:
    """A trap of the chassis, as its log repeats it; what it is about is named in words."""
    return Pattern(
        _TRAPS,
        sentence(rf"SNMP trap generated: {words}(?:.*\b{about} (?P<detail>[^,)]{{1,60}}))?"),
        kind,
        probable_cause=cause,
        event_type=EventType.ENVIRONMENTAL,
        qualifier=qualifier,
    )


CHASSIS = (
    _chassis(
        r"(?:(?P<down>Power Supply failed)|(?P<up>Power Supply OK))",
        AlarmType.EQUIPMENT_FAILURE,
        "powerSupplyFailure",
        "power supply",
    ),
    _chassis(
        r"(?:(?P<down>Fan(?:/Blower)? (?:failed|removed))|(?P<up>Fan(?:/Blower)? (?:OK|inserted)))",
        AlarmType.EQUIPMENT_FAILURE,
        "heatingVentCoolingSystem",
        "fan",
    ),
    _chassis(
        r"(?:(?P<down>Over Temperature)|(?P<up>Temperature (?:OK|back to normal)))",
        AlarmType.TEMPERATURE_HIGH,
        "temperatureUnacceptable",
        "",
    ),
    _chassis(
        r"(?:(?P<down>Fru (?:Failed|Offline|Power off))|(?P<up>Fru (?:OK|Online|Power on)))",
        AlarmType.EQUIPMENT_FAILURE,
        "replaceableUnitProblem",
        "",
        about="jnxFruName",
    ),
)

PATTERNS = PROTOCOLS + CHASSIS

#: Nothing without this word is one of the texts below, which come without a name.
MARK = "alarm "
FREE_TEXT = (
    Pattern(
        (),
        sentence(
            r"Alarm (?:(?P<down>set)|(?P<up>cleared)): [\w ]{0,30}color=\w+, class=CHASSIS, "
            r"reason=(?P<detail>.{1,100}temp.{0,60})"
        ),
        AlarmType.TEMPERATURE_HIGH,
        probable_cause="temperatureUnacceptable",
        event_type=EventType.ENVIRONMENTAL,
    ),
    Pattern(
        (),
        sentence(
            r"Alarm (?:(?P<down>set)|(?P<up>cleared)): [\w ]{0,30}color=\w+, class=CHASSIS, reason=(?P<detail>.{1,100})"
        ),
        AlarmType.EQUIPMENT_FAILURE,
        probable_cause="equipmentMalfunction",
        event_type=EventType.EQUIPMENT,
    ),
    Pattern(
        (),
        sentence(
            r"(?P<detail>MIC\(\d/\d\) link \d{1,3}) \S{1,10} receive power low\s+alarm "
            r"(?:(?P<down>set)|(?P<up>cleared))"
        ),
        AlarmType.OPTICAL_POWER_LOW,
        Severity.MINOR,
        probable_cause="receiverFailure",
        event_type=EventType.EQUIPMENT,
    ),
)
