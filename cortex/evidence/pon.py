"""Evidence of passive optical networks (ITU-T G.984.3, G.9807.1: LOS, LOSi/LOBi, dying gasp).

The port sees no light from anyone: feeder, splitter, or the port itself. Some of its ONTs are lost: a
branch splitter or drops. A dying gasp is an ONT's last words when its power fails, and best effort: a
switched-off ONT says it alone, a mains cut makes many say it at once, a cut fibre lets none say it.
"""

from cortex.evidence.base import BEHIND, FAR_END, ITSELF, PASSIVE, AlarmRow, Row, Voice

ALARMS = (
    AlarmRow("pon-loss-of-signal", Voice.SPEAKS, 0.002, True, 3.0, "no light from any ONT"),
    AlarmRow("ont-loss-of-signal", Voice.ABOUT, 0.02, False, 10.0, "ONT lost"),
    AlarmRow("ont-dying-gasp", Voice.LAST_WORDS, 0.03, False, 5.0, "dying gasp", lasts=False),
    AlarmRow("ont-signal-degraded", Voice.ABOUT, 0.03, False, 60.0, "ONT with bit errors"),
    AlarmRow("rogue-ont", Voice.SPEAKS, 0.003, True, 10.0, "an ONT transmits out of turn"),
)

ROWS = (
    # bit errors before the end; many at once are a mode of cortex.modes.pon
    Row("ont-signal-degraded", ITSELF, 0.0, 0.1),
    Row("ont-signal-degraded", BEHIND, 0.05, 0.05),
    Row("rogue-ont", ITSELF, 0.0, 0.05),
    Row("pon-loss-of-signal", ITSELF, 0.0, 0.5),
    Row("pon-loss-of-signal", FAR_END, 0.95, 0.9),
    Row("pon-loss-of-signal", PASSIVE, 0.95, 0.9),
    Row("pon-loss-of-signal", BEHIND, 0.02, 0.02),
    Row("ont-loss-of-signal", ITSELF, 0.0, 0.85),
    Row("ont-loss-of-signal", BEHIND, 0.85, 0.85),
    Row("ont-dying-gasp", ITSELF, 0.0, 0.7),
    Row("ont-dying-gasp", BEHIND, 0.01, 0.01),
)
