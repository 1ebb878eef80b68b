"""What one row of the message tables says: how a line reads, and which alarm it is."""

import re
from dataclasses import dataclass

from atlas.network.enums import AlarmType, EventType, Severity


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of message.

    `mnemonics` are facility and name without the severity digit ("ROUTING-BGP-ADJCHANGE"); empty in rows for
    free text. `regex` is searched in the text after the mnemonic. Its named groups: `down` or `up` (exactly
    one matches: raised or cleared), `part` (interface, port, card), `neighbour`, `vrf`, `detail` (joins the
    qualifier); any other group goes into `extra` under its name.
    """

    mnemonics: tuple[str, ...]
    regex: re.Pattern[str]
    alarm_type: AlarmType
    severity: Severity = Severity.MAJOR
    probable_cause: str = "communicationsSubsystemFailure"
    event_type: EventType = EventType.COMMUNICATIONS
    qualifier: str = ""


#: An interface, a port, a card: no blanks, none of the marks that end it in a sentence.
PART = r"(?P<part>[^\s,;()]{0,80}[^\s,;().:])"
#: An address or a device name.
NEIGHBOUR = r"(?P<neighbour>[\w.:%-]{0,100}[\w:])"


def sentence(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that ignores case; PART and NEIGHBOUR stand for their expressions."""
    return re.compile(pattern.replace("<PART>", PART).replace("<NEIGHBOUR>", NEIGHBOUR), re.IGNORECASE)
