"""Evidence of what lines depend on though no path leads through it: RADIUS, DHCP, DNS, CGNAT, transit's routes.

Every device answers its polls; what is seen is rejects, time-outs, and far less going on than at this hour of
earlier weeks.
"""

from cortex.evidence.base import ITSELF, AlarmRow, Row, Voice

ALARMS = (
    AlarmRow("authentication-rejects", Voice.ABOUT, 0.01, False, 60.0, "authentications rejected"),
    AlarmRow("authentication-timeouts", Voice.ABOUT, 0.005, False, 60.0, "authentication unanswered"),
    AlarmRow("sessions-below-expected", Voice.ABSENCE, 0.01, False, 300.0, "fewer sessions than usual"),
    AlarmRow("traffic-below-expected", Voice.ABSENCE, 0.01, False, 300.0, "less traffic than usual"),
    AlarmRow("dns-failures", Voice.ABOUT, 0.005, False, 60.0, "names not resolved"),
    AlarmRow("dhcp-failures", Voice.ABOUT, 0.005, False, 60.0, "no addresses given"),
    AlarmRow("nat-ports-exhausted", Voice.LAST_WORDS, 0.003, False, 60.0, "NAT ports exhausted"),
    AlarmRow("bgp-prefixes-lost", Voice.LAST_WORDS, 0.003, False, 60.0, "routes lost"),
    AlarmRow("probe-failed", Voice.ABSENCE, 0.01, False, 60.0, "probe failed"),
    AlarmRow("contacts-clustered", Voice.ABOUT, 0.01, False, 600.0, "subscribers call"),
)

ROWS = tuple(Row(alarm.type, ITSELF, 0.0, 0.5) for alarm in ALARMS)
