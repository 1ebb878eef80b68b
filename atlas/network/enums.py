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
    PROTECTION_SWITCH = "protection-switch"  # traffic has moved to the standby path: nothing is down
    INTERFACE_ERRORS = "interface-errors"  # CRC or FEC errors above a threshold
    INTERFACE_FLAPPING = "interface-flapping"
    UNREACHABLE = "unreachable"  # a poll got no answer
    INTERIM_MISSING = "radius-interim-missing"  # a session's accounting fell silent
    PON_LOS = "pon-loss-of-signal"  # OLT port sees none of its ONTs
    ONT_LOS = "ont-loss-of-signal"  # one ONT lost (LOSi/LOBi)
    ONT_DYING_GASP = "ont-dying-gasp"  # an ONT's last words: its power failed
    ONT_DEGRADED = "ont-signal-degraded"  # one ONT with bit errors or drifting windows (SDi, DOWi)
    ROGUE_ONT = "rogue-ont"  # an ONT that lights up outside its time slot
    T3_TIMEOUTS = "docsis-t3-timeouts"  # ranging requests unanswered: upstream noise
    T4_TIMEOUT = "docsis-t4-timeout"  # a modem lost station maintenance
    UPSTREAM_SNR_LOW = "docsis-upstream-snr-low"
    PARTIAL_SERVICE = "docsis-partial-service"  # a modem lost some of its bonded channels
    MODEM_OFFLINE = "modem-offline"
    MODEM_REGISTERED = "modem-registered"  # a modem came up anew: one is a restart, many at once are not
    MODULATION_LOW = "radio-modulation-low"
    RADAR_DETECTED = "radar-detected"  # DFS: a sector must leave its channel
    CPE_LOST = "cpe-lost"  # a sector lost one of its CPEs
    RAIN = "heavy-rain"  # a rain gauge or the weather service, where the operator has one
    POWER_LOSS = "mains-power-loss"
    ON_BATTERY = "on-battery"
    BATTERY_LOW = "battery-low"
    TEMPERATURE_HIGH = "temperature-high"
    RESTARTED = "restarted"  # coldStart / warmStart
    EQUIPMENT_FAILURE = "equipment-failure"
    AUTH_REJECTS = "authentication-rejects"  # far more Access-Rejects than usual
    AUTH_TIMEOUTS = "authentication-timeouts"  # RADIUS requests unanswered
    SESSIONS_LOW = "sessions-below-expected"  # against the same hour of earlier weeks
    TRAFFIC_LOW = "traffic-below-expected"
    DNS_FAILURES = "dns-failures"  # SERVFAIL or no answer
    DHCP_FAILURES = "dhcp-failures"  # NAKs, or DISCOVERs without an OFFER
    NAT_EXHAUSTED = "nat-ports-exhausted"
    PREFIXES_LOST = "bgp-prefixes-lost"  # the session is up, the routes are gone
    PROBE_FAILED = "probe-failed"  # a probe outside our network, or beside a customer, can't get through
    CONTACTS_CLUSTERED = "contacts-clustered"  # subscribers call, more of them than chance explains
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
    RADIUS = "radius"  # authenticates lines
    DHCP = "dhcp"
    DNS = "dns"  # a resolver
    CGNAT = "cgnat"


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


#: What lines depend on though no path leads through it.
SERVICE_KINDS = frozenset({NodeKind.RADIUS, NodeKind.DHCP, NodeKind.DNS, NodeKind.CGNAT})


class Role(StrEnum):
    """What a provider does for the lines that depend on it."""

    AUTHENTICATION = "authentication"
    ADDRESSES = "addresses"
    NAMES = "names"
    NAT = "nat"
    ROUTES = "routes"  # to everyone else


class Metric(StrEnum):
    """What is measured of a service: failures of so many tries, or, the last three, a level."""

    AUTH_REJECTS = "auth_rejects"  # Access-Rejects of answered requests
    AUTH_TIMEOUTS = "auth_timeouts"  # RADIUS requests without an answer
    DNS_FAILURES = "dns_failures"  # SERVFAIL or no answer
    DHCP_FAILURES = "dhcp_failures"  # NAKs, or DISCOVERs without an OFFER
    NAT_FAILURES = "nat_failures"  # flows for which no port was left
    PROBE_FAILURES = "probe_failures"
    SESSIONS = "sessions"  # of which accounting was heard lately
    TRAFFIC = "traffic_bps"
    PREFIXES = "prefixes"  # routes learnt from a neighbour


#: Metrics that are a level rather than a share of tries.
LEVELS = frozenset({Metric.SESSIONS, Metric.TRAFFIC, Metric.PREFIXES})


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
    ALERTMANAGER = "alertmanager"  # Prometheus's rules, over exporters
    GNMI = "gnmi"  # streaming telemetry
    INTERNAL = "internal"
