"""Nokia optical line terminals (Lightspan MF and FX under the Broadband Forum's YANG alarms), in syslog.

"… ENTITY_NAME:624406,ENTITY_TYPE:interface,alarm-type-id:onu-dying-gasp,event-time:…,perceived-severity:major,
alarm-text:…"; the severity `cleared` takes it back.
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

#: Nothing without these words is such an alarm.
MARK = "alarm-type-id:"


def _typed(name: str, kind: AlarmType, severity: Severity, cause: str) -> Pattern:
    return Pattern(
        (),
        sentence(
            rf"(?:ENTITY_NAME:(?P<part>[^,\s]{{1,80}}),.{{0,200}}?)?alarm-type-id:(?:{name}),.{{0,200}}?"
            r"perceived-severity:(?:(?P<up>cleared)|(?P<down>\w+))"
        ),
        kind,
        severity,
        cause,
        EventType.EQUIPMENT,
    )


PATTERNS = (
    _typed("onu-dying-gasp", AlarmType.ONT_DYING_GASP, Severity.MINOR, "powerProblem"),
    _typed("onu-loss-of-phy-layer|onu-not-present|absence-of-phy", AlarmType.ONT_LOS, Severity.MINOR, "lossOfSignal"),
    _typed(
        "onu-upstream-signal-(?:degradation|fail)|onu-signal-degrade\\w*",
        AlarmType.ONT_DEGRADED,
        Severity.MINOR,
        "degradedSignal",
    ),
    _typed(
        "transceiver-link-rx-power\\w*|onu-(?:up|down)stream-rx-power[\\w-]*",
        AlarmType.OPTICAL_POWER_LOW,
        Severity.MINOR,
        "receiverFailure",
    ),
    _typed("channel-termination-loss-of-signal|pon-los", AlarmType.PON_LOS, Severity.CRITICAL, "lossOfSignal"),
    _typed("rogue-onu[\\w-]*", AlarmType.ROGUE_ONT, Severity.MAJOR, "excessiveErrorRate"),
)
