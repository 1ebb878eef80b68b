"""Adtran terminals (Total Access 5000, SDX): an ONT is named as the command line names it, "12@1/3/1.gpon".

Its state stands behind it or before it: "ONT 12@1/3/1.gpon Dying Gasp", "Loss of Signal cleared on remote-device
12@1/3/1". Adtran publishes no list of these sentences: the words are those of its alarm names (LOS, LOSi, Dying
Gasp, Signal Degrade, Rogue ONT), in any order.
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

#: Nothing without this mark names an ONT so.
MARK = "@"

_ONT = r"(?=.*?\b(?P<ont>\d{1,4})@(?P<port>\d{1,3}/\d{1,3}/\d{1,3}))"
_CLEARED = r"(?=(?:.*?\b(?P<up>clear(?:ed|s)?|inactive|restored|recovered)\b)?)"


def _said(words: str, kind: AlarmType, severity: Severity, cause: str) -> Pattern:
    expression = rf"^{_ONT}{_CLEARED}(?=.*?(?P<down>\b(?:{words})\b))"
    return Pattern((), sentence(expression), kind, severity, cause, EventType.EQUIPMENT)


PATTERNS = (
    _said(r"dying[ -]gasp", AlarmType.ONT_DYING_GASP, Severity.MINOR, "powerProblem"),
    _said(r"rogue(?: ONT)?", AlarmType.ROGUE_ONT, Severity.MAJOR, "excessiveErrorRate"),
    _said(r"signal degrade|SDi?|DOWi", AlarmType.ONT_DEGRADED, Severity.MINOR, "degradedSignal"),
    _said(r"low (?:rx|receive|optical)[\w ]{0,20}power", AlarmType.OPTICAL_POWER_LOW, Severity.MINOR, ""),
    _said(r"LOSi?|LOBi|LOFi|loss of signal|ONT (?:missing|down)", AlarmType.ONT_LOS, Severity.MINOR, "lossOfSignal"),
)
