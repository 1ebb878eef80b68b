"""Calix E7 alarms: one notification, e7TrapAlarm, of E7-Notifications-MIB, whose text says which alarm it is and
whose status whether it is on (1) or off (2). The object is named as the command line names it.
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.trap_tables.trap import Table, Trap

E7 = "1.3.6.1.4.1.6321.1.2.2.4"
STATUS, TEXT, OBJECT = f"{E7}.1.3", f"{E7}.1.17", f"{E7}.1.29"

#: What the text says, in any spelling of the blanks, and which alarm that is.
_WORDS = (
    ("dying.?gasp", AlarmType.ONT_DYING_GASP, Severity.MINOR, "powerProblem"),
    ("loss.?of.?pon", AlarmType.PON_LOS, Severity.CRITICAL, "lossOfSignal"),
    ("ont.?missing|ont.?not.?present", AlarmType.ONT_LOS, Severity.MINOR, "lossOfSignal"),
    ("low.?(?:rx|receive).?opt", AlarmType.OPTICAL_POWER_LOW, Severity.MINOR, "receiverFailure"),
    ("rogue", AlarmType.ROGUE_ONT, Severity.MAJOR, "excessiveErrorRate"),
    ("sd.?ber|sf.?ber|signal.?degrade", AlarmType.ONT_DEGRADED, Severity.MINOR, "degradedSignal"),
)

TRAPS: Table = {
    f"{E7}.2.1": tuple(
        Trap(
            "e7TrapAlarm",
            kind,
            is_cleared,
            severity,
            EventType.EQUIPMENT,
            cause,
            when=((STATUS, "2" if is_cleared else "1"), (TEXT, f".*(?:{words}).*")),
            part=(OBJECT,),
        )
        for words, kind, severity, cause in _WORDS
        for is_cleared in (False, True)
    )
}
