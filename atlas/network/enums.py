"""The words of the network: X.733 / RFC 8632 for alarms, plain names for what the network is made of."""

from enum import StrEnum


class Severity(StrEnum):
    """Perceived severity (RFC 8632); that an alarm is cleared is said apart from it."""

    INDETERMINATE = "indeterminate"
    WARNING = "warning"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class EventType(StrEnum):
    """X.733 event type."""

    COMMUNICATIONS = "communications"
    EQUIPMENT = "equipment"
    ENVIRONMENTAL = "environmental"
    PROCESSING = "processing"
    QUALITY_OF_SERVICE = "quality_of_service"


class AlarmType(StrEnum):
    """RFC 8632 alarm-type-id: what is wrong, in one vocabulary for every vendor and feed."""

    LOSS_OF_SIGNAL = "loss-of-signal"  # no light, no carrier on a port
    LINK_DOWN = "link-down"  # interface operationally down
    OPTICAL_POWER_LOW = "optical-power-low"
    BFD_DOWN = "bfd-session-down"
    OSPF_ADJACENCY_DOWN = "ospf-adjacency-down"
    ISIS_ADJACENCY_DOWN = "isis-adjacency-down"
    LDP_SESSION_DOWN = "ldp-session-down"
    BGP_PEER_DOWN = "bgp-peer-down"
    UNREACHABLE = "unreachable"  # a poll got no answer
    INTERIM_MISSING = "radius-interim-missing"  # a session's accounting fell silent
    PON_LOS = "pon-loss-of-signal"  # OLT port sees none of its ONTs
    ONT_LOS = "ont-loss-of-signal"  # one ONT lost (LOSi/LOBi)
    ONT_DYING_GASP = "ont-dying-gasp"  # an ONT's last words: its power failed
    POWER_LOSS = "mains-power-loss"
    RESTARTED = "restarted"  # coldStart / warmStart
    EQUIPMENT_FAILURE = "equipment-failure"
    FEED_SILENT = "feed-silent"  # an expected heartbeat of a feed is absent
    OTHER = "other"  # understood as an alarm, of no type known here


class Technology(StrEnum):
    """How a subscriber's line reaches the network."""

    PON = "pon"
    DOCSIS = "docsis"
    WIRELESS = "wireless"


class NodeKind(StrEnum):
    """What a node of the network is."""

    TRANSIT = "transit"  # an upstream provider's port: a gateway to everyone else
    CORE_ROUTER = "core_router"
    BNG = "bng"
    AGGREGATION = "aggregation"  # aggregation router or switch
    OLT = "olt"
    PON_PORT = "pon_port"
    SPLITTER = "splitter"
    ONT = "ont"
    CMTS = "cmts"
    FIBRE_NODE = "fibre_node"  # DOCSIS optical node
    MODEM = "modem"
    TOWER = "tower"  # the switch or router of a fixed-wireless site
    SECTOR = "sector"
    CPE = "cpe"  # fixed-wireless customer equipment


#: Equipment the operator runs and monitors; the rest is passive, a part of another, or the customer's.
DEVICE_KINDS = frozenset(
    {
        NodeKind.CORE_ROUTER,
        NodeKind.BNG,
        NodeKind.AGGREGATION,
        NodeKind.OLT,
        NodeKind.CMTS,
        NodeKind.FIBRE_NODE,
        NodeKind.TOWER,
        NodeKind.SECTOR,
    }
)

#: Where a subscriber's line ends.
PREMISES_KINDS = frozenset({NodeKind.ONT, NodeKind.MODEM, NodeKind.CPE})


class LinkKind(StrEnum):
    """What carries a link."""

    FIBRE = "fibre"
    COAX = "coax"
    RADIO = "radio"
    INTERNAL = "internal"  # inside one chassis or building


class Feed(StrEnum):
    """Which door an alarm came in by."""

    HTTP = "http"
    SYSLOG = "syslog"
    SNMP_TRAP = "snmp-trap"
    POLLER = "poller"
    RADIUS = "radius"
    INTERNAL = "internal"
