"""Which alarm a Prometheus rule's alert is: by its name, as people name their rules, read without marks and case.

The names are those of the rules that come with node_exporter, snmp_exporter, blackbox_exporter and the usual
collections of rules for network gear. The first row that matches counts; what no row knows is `other`, in its own
words.
"""

import re
from dataclasses import dataclass

from atlas.network.enums import AlarmType, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """`needs_part`: the name says so little that it counts only where the alert names an interface."""

    name: re.Pattern[str]
    alarm_type: AlarmType
    needs_part: bool = False


_DOWN = r"(is)?(down|lost|fail(ed|ure|ing)?|unavailable|notestablished|notup|idle|missing)"

_NAMES: tuple[tuple[str, AlarmType], ...] = (
    (r"dyinggasp", AlarmType.ONT_DYING_GASP),
    (r"rogue(ont|onu)?", AlarmType.ROGUE_ONT),
    (r"(ont|onu).*(degraded|ber)", AlarmType.ONT_DEGRADED),
    (rf"(ont|onu).*(los|offline|{_DOWN})", AlarmType.ONT_LOS),
    (rf"g?pon(port)?.*(los|{_DOWN})", AlarmType.PON_LOS),
    (r"t3timeouts?", AlarmType.T3_TIMEOUTS),
    (r"t4timeouts?", AlarmType.T4_TIMEOUT),
    (r"(upstream|docsis|cmts).*(snr|mer).*low|low(upstream|us)(snr|mer)", AlarmType.UPSTREAM_SNR_LOW),
    (r"partialservice", AlarmType.PARTIAL_SERVICE),
    (rf"modems?(offline|{_DOWN})", AlarmType.MODEM_OFFLINE),
    (r"(low)?(radio)?modulation(low|degraded|dropped)", AlarmType.MODULATION_LOW),
    (r"radar|dfsevent", AlarmType.RADAR_DETECTED),
    (rf"cpe(offline|{_DOWN})", AlarmType.CPE_LOST),
    (r"bgp.*prefix(es)?.*(drop|lost|low|missing|decrease|none|zero)", AlarmType.PREFIXES_LOST),
    (rf"bgp.*({_DOWN}|flap)", AlarmType.BGP_PEER_DOWN),
    (rf"ospf.*({_DOWN}|flap)", AlarmType.OSPF_ADJACENCY_DOWN),
    (rf"isis.*({_DOWN}|flap)", AlarmType.ISIS_ADJACENCY_DOWN),
    (rf"bfd.*({_DOWN}|flap)", AlarmType.BFD_DOWN),
    (rf"ldp.*({_DOWN}|flap)", AlarmType.LDP_SESSION_DOWN),
    (r"(interface|link|port).*flap", AlarmType.INTERFACE_FLAPPING),
    (r"(interface|link|port|network|nic).*(err(or)?s|crc|fec)", AlarmType.INTERFACE_ERRORS),
    (r"(optical|optics?|transceiver|sfp|laser|rx).*power", AlarmType.OPTICAL_POWER_LOW),
    (r"lossofsignal|lossoflight|^los$", AlarmType.LOSS_OF_SIGNAL),
    (
        rf"(ifoper|interface|link|(?<!re)(?<!sup)port|lag|trunk)(status|state|oper(ational)?)*{_DOWN}",
        AlarmType.LINK_DOWN,
    ),
    (r"protectionswitch|failover", AlarmType.PROTECTION_SWITCH),
    (
        rf"powersupply|psu|fan(tray)?s?(speed)?(alarm|fault|stopped|{_DOWN})|raid|diskfail|hardware|linecard",
        AlarmType.EQUIPMENT_FAILURE,
    ),
    (r"onbattery|upsbattery(mode|inuse)", AlarmType.ON_BATTERY),
    (r"batter(y|ies).*low|lowbatter(y|ies)", AlarmType.BATTERY_LOW),
    (r"(mains|utility|ac|commercial|site|grid)?power(loss|lost|fail(ed|ure)?|outage|cut)", AlarmType.POWER_LOSS),
    (r"temperature|(^|high|over)temp(high|alarm|critical|$)|toohot|overheat", AlarmType.TEMPERATURE_HIGH),
    (r"reboot|(host|node|device|router|switch|olt|cmts)restart|coldstart|uptimereset", AlarmType.RESTARTED),
    (r"auth(entication)?.*reject|radius.*reject", AlarmType.AUTH_REJECTS),
    (r"(auth(entication)?|radius).*timeout", AlarmType.AUTH_TIMEOUTS),
    (r"(sessions?|subscribers?|pppoe?).*(low|drop|below|decrease)", AlarmType.SESSIONS_LOW),
    (r"traffic.*(low|drop|below|decrease)|low(traffic|throughput)", AlarmType.TRAFFIC_LOW),
    (r"(dns|resolver|unbound|bind).*(fail|servfail|down|error|timeout)", AlarmType.DNS_FAILURES),
    (r"dhcp.*(fail|nak|down|error|exhaust|noleases)", AlarmType.DHCP_FAILURES),
    (r"(^|cg)nat.*(exhaust|full|ports)", AlarmType.NAT_EXHAUSTED),
    (r"(blackbox|probe|synthetic).*(fail|down|slow)|probe(failed|failure)", AlarmType.PROBE_FAILED),
    (
        r"(instance|host|target|node|device|switch|router|olt|cmts|sector|tower|snmp|ping|icmp)"
        rf"(target|agent|probe)?(unreachable|notresponding|{_DOWN})",
        AlarmType.UNREACHABLE,
    ),
)

RULES = (
    *(Rule(re.compile(name), kind) for name, kind in _NAMES),
    Rule(re.compile(r"(high)?error(rate|ratio)?s?"), AlarmType.INTERFACE_ERRORS, needs_part=True),
)

#: An alert that always fires, and says by coming that Prometheus and Alertmanager work.
WATCHDOGS = frozenset({"watchdog", "deadmansswitch", "deadmanswitch"})

#: What is said of a device as a whole, whatever interface an alert may name beside it.
WHOLE_DEVICE = frozenset(
    {
        AlarmType.UNREACHABLE,
        AlarmType.RESTARTED,
        AlarmType.POWER_LOSS,
        AlarmType.ON_BATTERY,
        AlarmType.BATTERY_LOW,
        AlarmType.BGP_PEER_DOWN,
        AlarmType.LDP_SESSION_DOWN,
        AlarmType.PREFIXES_LOST,
    }
)

_SEVERITIES = {
    Severity.CRITICAL: ("critical", "page", "emergency", "disaster", "fatal", "p1", "1"),
    Severity.MAJOR: ("major", "error", "high", "p2", "2"),
    Severity.MINOR: ("minor", "average", "medium", "p3", "3"),
    Severity.WARNING: ("warning", "warn", "low", "ticket", "p4", "4"),
    Severity.INDETERMINATE: ("info", "information", "informational", "notice", "none", "debug", "p5", "5"),
}
SEVERITIES = {word: severity for severity, words in _SEVERITIES.items() for word in words}


def plain(name: str) -> str:
    """A name without marks, in small letters: "BGP_Session-Down" is "bgpsessiondown"."""
    return re.sub(r"[^a-z0-9]", "", name[:200].lower())


def alarm_type(name: str, has_part: bool) -> AlarmType:
    """The alarm that an alert of this name is; `has_part`: it names an interface."""
    bare = plain(name)
    found = (rule.alarm_type for rule in RULES if (has_part or not rule.needs_part) and rule.name.search(bare))
    return next(found, AlarmType.OTHER)


def severity(labels: dict[str, str]) -> Severity:
    """What the severity label says; major where there is none, indeterminate where it says what nobody knows."""
    said = labels.get("severity") or labels.get("priority")
    return SEVERITIES.get(said.strip().lower(), Severity.INDETERMINATE) if said else Severity.MAJOR
