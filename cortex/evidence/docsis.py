"""Evidence of cable networks (DOCSIS: CM-SP-MULPI, CM-SP-OSSI): ranging time-outs, upstream noise, bonding.

A modem that hears no answer to its ranging requests times out (T3), at the sixteenth gives up (T4) and starts
again. Noise that enters one upstream makes all its modems do so while the node itself answers.
"""

from cortex.evidence.base import BEHIND, ITSELF, AlarmRow, Row, Voice

ALARMS = (
    AlarmRow("docsis-t3-timeouts", Voice.ABOUT, 0.03, False, 60.0, "T3 time-outs"),
    AlarmRow("docsis-t4-timeout", Voice.ABOUT, 0.02, False, 60.0, "T4 time-out"),
    AlarmRow("docsis-upstream-snr-low", Voice.ABOUT, 0.01, False, 60.0, "low upstream SNR"),
    AlarmRow("docsis-partial-service", Voice.ABOUT, 0.03, False, 120.0, "partial service"),
    AlarmRow("modem-offline", Voice.ABOUT, 0.03, False, 60.0, "modem offline"),
    AlarmRow("modem-registered", Voice.ABOUT, 0.05, False, 300.0, "modem registered anew", lasts=False),
)

ROWS = (
    # a modem, or what it hangs on, that is about to be lost ranges in vain first
    Row("docsis-t3-timeouts", ITSELF, 0.0, 0.1),
    Row("docsis-t3-timeouts", BEHIND, 0.1, 0.1),
    Row("docsis-t4-timeout", ITSELF, 0.0, 0.3),
    Row("docsis-t4-timeout", BEHIND, 0.3, 0.3),
    # these show that it lives; as signs they belong to the modes of cortex.modes.docsis
    Row("docsis-upstream-snr-low", ITSELF, 0.0, 0.05),
    Row("docsis-partial-service", ITSELF, 0.0, 0.05),
    # when it comes back
    Row("modem-registered", ITSELF, 0.0, 0.3),
    Row("modem-registered", BEHIND, 0.1, 0.1),
    Row("modem-offline", ITSELF, 0.0, 0.85),
    Row("modem-offline", BEHIND, 0.85, 0.85),
)
