"""Evidence of what lines depend on though no path leads through it: RADIUS, DHCP, DNS, CGNAT, transit's routes.

Every device answers its polls; what is seen is rejects, time-outs, and far less going on than at this hour of
earlier weeks. A sign has a vantage (who measured) and, often, a provider it asked. `SIGNS` says for each kind of
element that may be failing how likely a sign is, by how its vantage stands to the failing element.
"""

from dataclasses import dataclass

from cortex.evidence.base import ITSELF, AlarmRow, Row, Voice

ALARMS = (
    AlarmRow("authentication-rejects", Voice.ABOUT, 0.01, False, 120.0, "authentications rejected"),
    AlarmRow("authentication-timeouts", Voice.ABOUT, 0.005, False, 120.0, "authentication unanswered"),
    AlarmRow("sessions-below-expected", Voice.ABSENCE, 0.01, False, 1800.0, "fewer sessions than usual"),
    AlarmRow("traffic-below-expected", Voice.ABSENCE, 0.01, False, 300.0, "less traffic than usual"),
    AlarmRow("dns-failures", Voice.ABOUT, 0.005, False, 120.0, "names not resolved"),
    AlarmRow("dhcp-failures", Voice.ABOUT, 0.005, False, 120.0, "no addresses given"),
    AlarmRow("nat-ports-exhausted", Voice.LAST_WORDS, 0.003, False, 120.0, "NAT ports exhausted"),
    AlarmRow("bgp-prefixes-lost", Voice.LAST_WORDS, 0.003, False, 120.0, "routes lost"),
    AlarmRow("probe-failed", Voice.ABSENCE, 0.01, False, 120.0, "probe failed"),
    AlarmRow("contacts-clustered", Voice.ABOUT, 0.01, False, 1800.0, "subscribers call"),
)

#: What the path model makes of such an alarm where it must: it speaks for its own element, weakly.
ROWS = tuple(Row(alarm.type, ITSELF, 0.0, 0.5) for alarm in ALARMS)

SERVICE = frozenset(alarm.type for alarm in ALARMS)
#: Signs that tell of an effect and not of its reason: a cut path makes them too.
EFFECTS = frozenset({"sessions-below-expected", "traffic-below-expected", "probe-failed", "contacts-clustered"})


@dataclass(frozen=True, slots=True)
class Sign:
    """P(seen | an element of this kind fails), by how the sign stands to it.

    `itself`: it is about the failing element. `there`: the failing element measured it, of somebody else.
    `bereft`: its vantage depends on the failing and has nobody else left. `covered`: it depends on them, and
    others are left. `above`: it is about somebody who serves the failing and a few others, as a CGNAT does.
    """

    kind: str
    type: str
    itself: float = 0.0
    there: float = 0.0
    bereft: float = 0.0
    covered: float = 0.0
    above: float = 0.0


#: Judgements of the field, none learned yet. A RADIUS that takes accounting along leaves sessions unheard of,
#: while traffic goes on; names that don't resolve are noticed by everyone within a minute.
SIGNS = (
    Sign("radius", "authentication-timeouts", itself=0.95, bereft=0.5, covered=0.03),
    Sign("radius", "authentication-rejects", itself=0.1, bereft=0.1, covered=0.02),
    Sign("radius", "sessions-below-expected", bereft=0.3, covered=0.02),
    Sign("radius", "traffic-below-expected", bereft=0.05),
    Sign("radius", "contacts-clustered", bereft=0.2, covered=0.02),
    Sign("radius", "probe-failed", itself=0.9, bereft=0.2, covered=0.02),
    Sign("radius rejects", "authentication-rejects", itself=0.95, bereft=0.6, covered=0.03),
    Sign("radius rejects", "authentication-timeouts", itself=0.05),
    Sign("radius rejects", "sessions-below-expected", bereft=0.3),
    Sign("radius rejects", "traffic-below-expected", bereft=0.1),
    Sign("radius rejects", "contacts-clustered", bereft=0.3, covered=0.02),
    Sign("radius rejects", "probe-failed", itself=0.9, bereft=0.2, covered=0.02),
    Sign("dhcp", "dhcp-failures", itself=0.95, bereft=0.5, covered=0.03),
    Sign("dhcp", "sessions-below-expected", bereft=0.1),
    Sign("dhcp", "traffic-below-expected", bereft=0.1),
    Sign("dhcp", "contacts-clustered", bereft=0.2, covered=0.02),
    Sign("dhcp", "probe-failed", itself=0.9, bereft=0.2, covered=0.02),
    Sign("dns", "dns-failures", itself=0.95, bereft=0.6, covered=0.03),
    Sign("dns", "traffic-below-expected", bereft=0.6, covered=0.05),
    Sign("dns", "contacts-clustered", bereft=0.5, covered=0.1),
    Sign("dns", "probe-failed", itself=0.9, bereft=0.6, covered=0.1),
    Sign("cgnat", "nat-ports-exhausted", itself=0.85),
    Sign("cgnat", "traffic-below-expected", itself=0.5, bereft=0.5, covered=0.05),
    Sign("cgnat", "dns-failures", bereft=0.05),
    Sign("cgnat", "contacts-clustered", itself=0.3, bereft=0.3, covered=0.05),
    Sign("cgnat", "probe-failed", itself=0.8, bereft=0.6, covered=0.05),
    Sign("transit", "bgp-prefixes-lost", itself=0.85),
    Sign("transit", "traffic-below-expected", itself=0.7, bereft=0.85, covered=0.03),
    Sign("transit", "dns-failures", bereft=0.85, covered=0.02),
    Sign("transit", "probe-failed", itself=0.9, bereft=0.95, covered=0.1),
    Sign("transit", "contacts-clustered", bereft=0.5, covered=0.05),
    Sign("bng", "authentication-timeouts", there=0.75),
    Sign("bng", "authentication-rejects", there=0.1),
    Sign("bng", "dhcp-failures", there=0.7),
    Sign("bng", "dns-failures", there=0.3),
    Sign("bng", "sessions-below-expected", itself=0.8),
    Sign("bng", "traffic-below-expected", itself=0.8, above=0.3),
    Sign("bng", "contacts-clustered", itself=0.4),
    Sign("bng", "probe-failed", itself=0.8),
    Sign("", "contacts-clustered", itself=0.6),
    Sign("", "probe-failed", itself=0.6),
)
_SIGNS = {(sign.kind, sign.type): sign for sign in SIGNS}
_NEVER = Sign("", "")

#: How often such an element fails against transit's once, and a whole pool of it together: a shared back end,
#: a change on all at once, an attack.
PRIOR = {"transit": 1.0, "dns": 0.4, "cgnat": 0.4, "radius": 0.3, "radius rejects": 0.1, "dhcp": 0.3, "bng": 0.2}
#: A kind that fails in more than one way, each with signs of its own.
WAYS = {"radius": ("radius", "radius rejects")}
PRIOR_OTHER, TOGETHER = 0.1, 0.2


def sign_of(way: str, type_: str) -> Sign:
    """How failing in this way shows in a type of sign; a kind that has no row of its own has the common one."""
    return _SIGNS.get((way if way in PRIOR else "", type_), _NEVER)
