"""Calix alarms in syslog: AXOS terminals (E7-2, E9-2, E3-2) name an alarm, its severity and what it is about.

"… Perceived-Severity:MINOR, Name:ont-dying-gasp, Category:PON … Xpath:/config/system/ont[ont-id='7586'] …"; the
severity CLEAR takes it back. The names are those of the AXOS alarm guide; the E7 of before AXOS uses the same ones.
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

#: Nothing without these words is a Calix alarm.
MARK = "perceived-severity"


def _named(name: str, kind: AlarmType, severity: Severity, cause: str) -> Pattern:
    """An alarm by its name; severity and name may stand in either order."""
    return Pattern(
        (),
        sentence(
            rf"^(?=.*\bname[: ]\s?(?:{name})\b)"
            r"(?=.*\bperceived-severity[: ]\s?(?:(?P<up>clear\w{0,2})|(?P<down>\w+)))"
            r"(?:.*?\[(?:ont-id|port|ont-ua-id|name|slot)='(?P<part>[^'\s]{1,80})')?"
        ),
        kind,
        severity,
        cause,
        EventType.EQUIPMENT,
    )


PATTERNS = (
    _named("ont-dying-gasp", AlarmType.ONT_DYING_GASP, Severity.MINOR, "powerProblem"),
    _named("loss-of-pon", AlarmType.PON_LOS, Severity.CRITICAL, "lossOfSignal"),
    _named("ont-missing|ont-departure", AlarmType.ONT_LOS, Severity.MINOR, "lossOfSignal"),
    _named("low-rx-opt-pwr-[nf]e|low-rx-opt-pwr", AlarmType.OPTICAL_POWER_LOW, Severity.MINOR, "receiverFailure"),
    _named("ont-[ud]s-s[df]ber", AlarmType.ONT_DEGRADED, Severity.MINOR, "degradedSignal"),
    _named("rogue-ont\\w*|ont-rogue\\w*", AlarmType.ROGUE_ONT, Severity.MAJOR, "excessiveErrorRate"),
    _named("loss-of-signal|rx-los|los", AlarmType.LOSS_OF_SIGNAL, Severity.MAJOR, "lossOfSignal"),
    _named("card-departed|duplex-system-failure|fan-\\w+-fail\\w*", AlarmType.EQUIPMENT_FAILURE, Severity.MAJOR, ""),
    _named("ont-battery-low", AlarmType.BATTERY_LOW, Severity.WARNING, "powerProblem"),
    _named("red-temp\\w*|high-temp\\w*", AlarmType.TEMPERATURE_HIGH, Severity.MAJOR, "temperatureUnacceptable"),
)
