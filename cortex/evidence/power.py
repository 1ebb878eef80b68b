"""Evidence of power and climate: mains, batteries, temperature."""

from cortex.evidence.base import ITSELF, AlarmRow, Row, Voice

ALARMS = (
    AlarmRow("mains-power-loss", Voice.LAST_WORDS, 0.003, True, 10.0, "mains power lost"),
    AlarmRow("on-battery", Voice.LAST_WORDS, 0.003, True, 10.0, "running on its battery"),
    AlarmRow("battery-low", Voice.LAST_WORDS, 0.003, True, 3600.0, "battery low"),
    AlarmRow("temperature-high", Voice.LAST_WORDS, 0.01, False, 600.0, "temperature high"),
)

ROWS = (
    # a node that is dead for its own reasons; that its power failed is a mode of cortex.modes.power
    Row("on-battery", ITSELF, 0.0, 0.02),
    Row("battery-low", ITSELF, 0.0, 0.02),
    Row("temperature-high", ITSELF, 0.0, 0.1),
    Row("mains-power-loss", ITSELF, 0.0, 0.05),
)
