"""The form of the evidence tables, what holds for every technology, and how often each kind of element fails.

All numbers are judgements of the field, written where they can be read and corrected; what people's verdicts
teach moves them from here (`cortex.learning`).
Only their ratios matter: an alarm that a cause explains adds log(P(seen | cause) / leak) to the case for
that cause, one that should be there and is not adds log(1 - P(seen | cause)).
"""

from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """How the element an alarm speaks of lies to the element that failed."""

    ITSELF = "itself"  # it is the failed element
    FAR_END = "far end"  # it is alive at the other end of a link that failed, or of a link to the failed node
    BEHIND = "behind"  # it has lost its last gateway
    PASSIVE = "passive"  # alive at the other end of a passive path that leads to the failed element


class Voice(StrEnum):
    """Whose words an alarm is: whether its element must have been alive, and able to send, to raise it."""

    SPEAKS = "speaks"  # the element itself says it: it was alive and had a way out
    LAST_WORDS = "last words"  # the element itself says it, as it goes down or comes back
    ABSENCE = "absence"  # somebody else noticed that the element is silent
    ABOUT = "about"  # a device beside it says it of the element


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """What holds for an alarm type whatever the cause.

    `leak`: P(seen | no cause at all near) within one window. `alone`: one such alarm is enough for a fault.
    `delay`: seconds after the fault by which it has usually been seen. `lasts`: a condition that is cleared
    some day; the others are events and keep no fault open.
    """

    type: str
    voice: Voice
    leak: float
    alone: bool
    delay: float
    words: str
    lasts: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """P(seen | cause) of an alarm type in a relation.

    `path` holds for a failed link, fibre or duct, `node` for a failed node.
    """

    type: str
    relation: Relation
    path: float
    node: float

    def given(self, cause_is_node: bool) -> float:
        """P(seen | cause) for a cause of that class."""
        return self.node if cause_is_node else self.path


ITSELF, FAR_END, BEHIND, PASSIVE = Relation.ITSELF, Relation.FAR_END, Relation.BEHIND, Relation.PASSIVE

ALARMS = (
    AlarmRow("unreachable", Voice.ABSENCE, 0.01, True, 60.0, "no answer to polls"),
    AlarmRow("radius-interim-missing", Voice.ABSENCE, 0.03, False, 900.0, "accounting fell silent"),
    AlarmRow("restarted", Voice.LAST_WORDS, 0.01, False, 300.0, "restarted", lasts=False),
    AlarmRow("equipment-failure", Voice.LAST_WORDS, 0.005, True, 10.0, "equipment failure"),
    AlarmRow("feed-silent", Voice.ABSENCE, 0.05, False, 120.0, "a feed fell silent"),
    AlarmRow("other", Voice.LAST_WORDS, 0.2, False, 60.0, "another alarm"),
)

#: A path has no voice: "itself" has a `path` of zero where only a node can say it.
ROWS = (
    Row("unreachable", ITSELF, 0.9, 0.95),
    Row("unreachable", BEHIND, 0.9, 0.9),
    Row("radius-interim-missing", ITSELF, 0.7, 0.7),
    Row("radius-interim-missing", BEHIND, 0.7, 0.7),
    Row("restarted", ITSELF, 0.0, 0.5),
    Row("restarted", BEHIND, 0.02, 0.05),
    Row("equipment-failure", ITSELF, 0.05, 0.5),
    Row("equipment-failure", BEHIND, 0.005, 0.01),
    Row("equipment-failure", FAR_END, 0.05, 0.05),
    Row("feed-silent", ITSELF, 0.5, 0.5),
    Row("feed-silent", BEHIND, 0.5, 0.5),
    Row("other", ITSELF, 0.2, 0.4),
    Row("other", FAR_END, 0.3, 0.3),
    Row("other", BEHIND, 0.2, 0.2),
)

#: How often an element of a kind fails against a fibre's once; kinds not named here are `PRIOR_OTHER`.
PRIOR_NODE = {
    "transit": 0.3,
    "core_router": 0.2,
    "bng": 0.2,
    "aggregation": 0.3,
    "olt": 0.3,
    "cmts": 0.3,
    "pon_port": 0.3,
    "splitter": 0.2,
    "fibre_node": 0.4,
    "tower": 0.4,
    "sector": 0.4,
    "ont": 2.0,
    "modem": 2.0,
    "cpe": 2.0,
}
PRIOR_LINK = {"fibre": 0.4, "coax": 0.6, "radio": 0.8, "internal": 0.1}
PRIOR_RISK = {"fibre": 1.0, "duct": 0.5}
PRIOR_OTHER = 0.4
