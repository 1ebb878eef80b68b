"""Free text that any device may send: links up and down, and what optical line terminals say of their ports.

The sentences, with "cleared", "up" or "online" taking the alarm back:
"link Te0/0/0/1 down", "interface ge-0/0/1 is up", "LOS on port 0/1/3", "LOS cleared on port 0/1/3",
"ONT 0/1/3/12 dying gasp", "ONT 12 on port 0/1/3 LOS", "ONT 0/1/3/12 online", "mains power failed",
"mains power restored". "ONT n on port p" and "ONT p/n" are the same one: part "p/n".
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

_ONT = r"\b(?:ONT|ONU)\s+(?P<ont>[\w./:-]{0,60}\w)(?:\s+on\s+(?:PON )?port\s+(?P<port>[\w./:-]{0,60}\w))?[\s:,]+"

PATTERNS = (
    Pattern(
        (),
        sentence(_ONT + r"(?:(?P<up>dying[ -]gasp cleared|online|up\b)|(?P<down>dying[ -]gasp))"),
        AlarmType.ONT_DYING_GASP,
        Severity.MINOR,
        probable_cause="powerProblem",
        event_type=EventType.EQUIPMENT,
    ),
    Pattern(
        (),
        sentence(_ONT + r"(?:(?P<up>(?:LOS[iI]?|LOBi|LOFi) cleared)|(?P<down>(?:LOS[iI]?|LOBi|LOFi)\b))"),
        AlarmType.ONT_LOS,
        Severity.MINOR,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        (),
        sentence(r"\bLOS (?:(?P<up>cleared on)|(?P<down>on))\s+(?:PON )?port\s+<PART>(?: (?P<up2>cleared))?"),
        AlarmType.PON_LOS,
        Severity.CRITICAL,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        (),
        sentence(
            r"\b(?:link|interface|port)\s+<PART>,?\s+(?:is |went |link |(?:has )?changed state to |state )?"
            r"(?:(?P<down>down)|(?P<up>up))\b"
        ),
        AlarmType.LINK_DOWN,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        (),
        sentence(r"\bmains power (?:(?P<down>failed|failure|lost)|(?P<up>restored))\b"),
        AlarmType.POWER_LOSS,
        probable_cause="powerProblem",
        event_type=EventType.ENVIRONMENTAL,
    ),
)
