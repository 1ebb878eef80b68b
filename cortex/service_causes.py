"""What the signs of one service failure are said to be of, and whether they are worth an incident."""

from collections.abc import Sequence

from cortex.evidence import alarm
from cortex.evidence.services import EFFECTS
from cortex.explain import listed
from cortex.finding import UNKNOWN, Cause, Remedy
from cortex.group import Evidence
from cortex.service_effect import mode_of, name_of, why
from cortex.service_faults import Answer, ServiceCase
from cortex.topology import Topology

#: Seconds that effects alone must last before they are an incident: a cut that explains them may take that long to
#: be understood.
PATIENCE = 300.0
#: Seconds after its first sign before a failure is an incident: measurements come by the minute, not all at once.
SETTLE = 90.0


def cause_of(topology: Topology, case: ServiceCase, answer: Answer, evidence: Sequence[Evidence]) -> Cause:
    """What an answer names, and why."""
    suspect = answer.suspect
    alone = len(suspect.elements) == 1
    return Cause(
        element=suspect.elements[0] if alone else UNKNOWN,
        name=name_of(topology, suspect),
        kind=suspect.kind,
        confidence=round(answer.confidence, 3),
        why=why(topology, answer, case.evidence),
        mode=mode_of(suspect, [case.evidence[p] for p in answer.explained] or evidence),
        remedy=Remedy.DESK,
    )


def unknown_cause(evidence: Sequence[Evidence]) -> Cause:
    """Where nothing known explains the signs."""
    words = listed(sorted({alarm(e.type).words for e in evidence}))
    return Cause(UNKNOWN, f"unknown reason for {words}", "service", 0.2, (words,), remedy=Remedy.DESK)


def is_notable(evidence: Sequence[Evidence], causes: Sequence[Cause], now: float) -> bool:
    """Several agree on a likely cause. One sign that tells its reason must last, and so must mere effects;
    subscribers who call are enough then.
    """
    age = now - min(e.at for e in evidence)
    several = len({(e.type, e.element, e.about) for e in evidence}) > 1
    called = any(e.type == "contacts-clustered" for e in evidence)
    if any(e.type not in EFFECTS for e in evidence):
        likely = causes[0].confidence >= 0.5
        return (several and likely and age >= SETTLE) or (age >= PATIENCE and (several or likely))
    return (several or called) and age >= PATIENCE
