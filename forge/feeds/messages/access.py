"""Free text of access gear and of power: what the demo's makers say of noise, rain, radar, rogue ONTs and batteries.

Ostwind (OLT): "Rogue ONT 0/1/3/12 detected", "ONT 0/1/3/12 SDi". Koralle (CMTS): "Upstream SNR low on node z4-fn-2",
"Modem z4-cm-7 T3 time-outs", "… partial service", "… offline", "… registered". Feldmast (radio): "modulation low",
"radar detected on channel 104", "CPE z4-cpe-7 lost", "heavy rain, 60 mm/h". Any of them: "running on battery",
"battery low". Each with the words that take it back.
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

_ONT = r"\bONT\s+(?P<ont>[\w./:-]{0,60}\w)\s+"
_MODEM = r"\bModem\s+<PART>\s+"
_RADIO = r"\bmodulation (?:(?P<down>low)|(?P<up>normal))\b(?: (?:on|towards) <NEIGHBOUR>)?"


def _row(
    words: str,
    alarm_type: AlarmType,
    cause: str = "",
    severity: Severity = Severity.MINOR,
    event_type: EventType = EventType.QUALITY_OF_SERVICE,
) -> Pattern:
    return Pattern((), sentence(words), alarm_type, severity, cause, event_type)


_POWER, _PLACE = "powerProblem", EventType.ENVIRONMENTAL
PATTERNS = (
    _row(r"\bRogue " + _ONT + r"(?:(?P<down>detected)|(?P<up>cleared))", AlarmType.ROGUE_ONT, "", Severity.MAJOR),
    _row(_ONT + r"(?:(?P<up>(?:SDi|SFi|DOWi) cleared)|(?P<down>SDi|SFi|DOWi))\b", AlarmType.ONT_DEGRADED),
    _row(r"\bUpstream SNR (?:(?P<down>low)|(?P<up>normal)) on node <PART>", AlarmType.UPSTREAM_SNR_LOW),
    _row(_MODEM + r"(?:(?P<down>T3 time-?outs?)|(?P<up>ranging normal))", AlarmType.T3_TIMEOUTS),
    _row(_MODEM + r"(?:(?P<down>partial service)|(?P<up>full service))", AlarmType.PARTIAL_SERVICE),
    _row(_MODEM + r"(?:(?P<down>offline)|(?P<up>online))\b", AlarmType.MODEM_OFFLINE),
    _row(_MODEM + r"(?P<down>registered)\b", AlarmType.MODEM_REGISTERED, "", Severity.WARNING),
    _row(_RADIO, AlarmType.MODULATION_LOW),
    _row(r"(?P<down>\bradar detected)\b", AlarmType.RADAR_DETECTED, "", Severity.WARNING),
    _row(r"\bCPE\s+<PART>\s+(?:(?P<down>lost)|(?P<up>associated))\b", AlarmType.CPE_LOST),
    _row(r"(?:(?P<down>\bheavy rain)|(?P<up>\brain is over))\b", AlarmType.RAIN, "", Severity.WARNING, _PLACE),
    _row(
        r"\b(?:(?P<down>running on battery)|(?P<up>on-battery operation ended))\b",
        AlarmType.ON_BATTERY, _POWER, Severity.MAJOR, _PLACE,
    ),
    _row(
        r"\bbattery (?:(?P<down>low)|(?P<up>charging, low alarm cleared))\b",
        AlarmType.BATTERY_LOW, _POWER, Severity.CRITICAL, _PLACE,
    ),
)  # fmt: skip
