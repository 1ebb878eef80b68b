"""Evidence of routed networks: one cut makes the port, BFD, the IGP, LDP and BGP on it speak, all of one
cause.

A node that loses its power takes its light with it, so loss of signal at the far end speaks for a cut path
but does not rule the node out; an interface that goes down with the light still there speaks for the node.
Fast protocols notice first: BFD in under a second, the IGP by its dead interval, BGP by its hold time (RFC
4271: 90 s).
"""

from cortex.evidence.base import BEHIND, FAR_END, ITSELF, PASSIVE, AlarmRow, Row, Voice

ALARMS = (
    AlarmRow("loss-of-signal", Voice.SPEAKS, 0.004, True, 3.0, "loss of signal"),
    AlarmRow("link-down", Voice.SPEAKS, 0.01, True, 5.0, "link down"),
    AlarmRow("optical-power-low", Voice.LAST_WORDS, 0.02, False, 60.0, "optical power low"),
    AlarmRow("bfd-session-down", Voice.SPEAKS, 0.01, False, 3.0, "BFD session down"),
    AlarmRow("ospf-adjacency-down", Voice.SPEAKS, 0.01, False, 45.0, "OSPF adjacency down"),
    AlarmRow("isis-adjacency-down", Voice.SPEAKS, 0.01, False, 35.0, "IS-IS adjacency down"),
    AlarmRow("ldp-session-down", Voice.SPEAKS, 0.015, False, 45.0, "LDP session down"),
    AlarmRow("bgp-peer-down", Voice.SPEAKS, 0.02, False, 95.0, "BGP peer down"),
    AlarmRow("protection-switch", Voice.SPEAKS, 0.01, True, 5.0, "traffic moved to the standby path"),
    AlarmRow("interface-errors", Voice.SPEAKS, 0.02, False, 300.0, "interface errors"),
    AlarmRow("interface-flapping", Voice.SPEAKS, 0.02, False, 60.0, "interface flapping"),
)

ROWS = (
    Row("protection-switch", FAR_END, 0.5, 0.5),
    # a tired link before its end; while it is up they are modes of cortex.modes.ip
    Row("interface-errors", FAR_END, 0.05, 0.02),
    Row("interface-errors", ITSELF, 0.05, 0.05),
    Row("interface-flapping", FAR_END, 0.2, 0.1),
    Row("interface-flapping", ITSELF, 0.1, 0.1),
    Row("loss-of-signal", FAR_END, 0.9, 0.6),
    Row("link-down", FAR_END, 0.85, 0.95),
    Row("bfd-session-down", FAR_END, 0.5, 0.5),
    Row("ospf-adjacency-down", FAR_END, 0.6, 0.6),
    Row("isis-adjacency-down", FAR_END, 0.6, 0.6),
    Row("ldp-session-down", FAR_END, 0.5, 0.5),
    Row("bgp-peer-down", FAR_END, 0.4, 0.4),
    Row("optical-power-low", FAR_END, 0.3, 0.05),
    # the alarm of a port whose neighbour is not known: some link of the speaker's, perhaps this one
    Row("loss-of-signal", PASSIVE, 0.6, 0.4),
    Row("link-down", PASSIVE, 0.5, 0.5),
    # sessions with something that has been cut off, though no link of the speaker's failed
    Row("bfd-session-down", BEHIND, 0.3, 0.3),
    Row("ospf-adjacency-down", BEHIND, 0.2, 0.2),
    Row("isis-adjacency-down", BEHIND, 0.2, 0.2),
    Row("ldp-session-down", BEHIND, 0.4, 0.4),
    Row("bgp-peer-down", BEHIND, 0.5, 0.5),
    # words of what lies behind, delivered late: it saw the same light go, or its own links
    Row("loss-of-signal", BEHIND, 0.1, 0.1),
    Row("link-down", BEHIND, 0.1, 0.1),
    Row("optical-power-low", BEHIND, 0.02, 0.02),
    # an element that says it of itself, naming nothing: its own optics or line card
    Row("loss-of-signal", ITSELF, 0.5, 0.1),
    Row("link-down", ITSELF, 0.5, 0.1),
    Row("optical-power-low", ITSELF, 0.4, 0.1),
)
