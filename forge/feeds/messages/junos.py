"""Junos messages that are alarms (Junos OS system log explorer)."""

from atlas.network.enums import AlarmType
from forge.feeds.messages.pattern import Pattern, sentence

PATTERNS = (
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
)
