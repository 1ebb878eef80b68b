"""Evidence of fixed wireless: modulation that falls with the rain, radar that takes a channel, CPEs that go."""

from cortex.evidence.base import BEHIND, ITSELF, AlarmRow, Row, Voice

ALARMS = (
    AlarmRow("radio-modulation-low", Voice.LAST_WORDS, 0.03, False, 60.0, "modulation dropped"),
    AlarmRow("radar-detected", Voice.LAST_WORDS, 0.005, False, 60.0, "radar on its channel", lasts=False),
    AlarmRow("cpe-lost", Voice.ABOUT, 0.03, False, 30.0, "CPE lost"),
    AlarmRow("heavy-rain", Voice.ABOUT, 0.02, False, 300.0, "heavy rain"),
)

ROWS = (
    # what is dead says nothing of its modulation; a link may fall back before it goes
    Row("radio-modulation-low", ITSELF, 0.1, 0.05),
    Row("radio-modulation-low", BEHIND, 0.05, 0.05),
    Row("radar-detected", ITSELF, 0.0, 0.01),
    Row("heavy-rain", ITSELF, 0.0, 0.03),
    Row("cpe-lost", ITSELF, 0.0, 0.85),
    Row("cpe-lost", BEHIND, 0.85, 0.85),
)
