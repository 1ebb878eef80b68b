"""Alarms of one line's end and of nothing else: by far the most common group, and never worth a search for causes."""

from collections.abc import Sequence
from dataclasses import replace

from cortex.config import Config
from cortex.evidence import SILENCE, alarm
from cortex.explain import listed, short
from cortex.finding import Cause, Effect, Finding, Remedy
from cortex.group import Evidence, Group
from cortex.impact import NO_IMPACT, Weights, measure_one
from cortex.topology import Topology

#: Confidence that a lone line's alarm is of that line, and not the first of many.
LONE = 0.8
#: The mode of an ONT that said its last words alone.
SWITCHED_OFF = "switched off"
#: Alarms of a line that is there and works poorly.
POOR = frozenset(
    {
        "ont-signal-degraded",
        "optical-power-low",
        "docsis-t3-timeouts",
        "docsis-upstream-snr-low",
        "docsis-partial-service",
        "radio-modulation-low",
        "interface-errors",
        "interface-flapping",
    }
)


def is_lone_line(topology: Topology, group: Group) -> bool:
    """Whether the group is one line's end and none of its alarms stands alone."""
    line = next(iter(group.evidence))[0]
    if line < 0 or not topology.is_line_end(line):
        return False
    return not any(element != line or about >= 0 or alarm(kind).alone for element, kind, about, _ in group.evidence)


def lone_line(topology: Topology, weights: Weights, config: Config, group: Group) -> Finding:
    """The line itself, or what serves it alone. Not notable of itself."""
    evidence = list(group.evidence.values())
    line = evidence[0].element
    said = f"only {short(topology, line)}: {listed(sorted({alarm(e.type).words for e in evidence}))}"
    merged, group.merged, group.was_reported = tuple(sorted(group.merged)), (), True
    cause = Cause(line, topology.name(line), topology.kind(line), LONE, (said,), _tied(topology, line, evidence))
    types = {e.type for e in evidence}
    if types == {"ont-dying-gasp"}:
        cause = replace(cause, mode=SWITCHED_OFF, remedy=Remedy.WAIT, phrase="{what}, switched off at home")
    is_lost = bool(types & SILENCE)
    impact = measure_one(topology, weights, line)
    poor = not is_lost and bool(types & POOR)
    return Finding(
        group=group.id,
        opened_at=group.first_at,
        last_at=group.last_at,
        alarms=tuple(sorted(a for e in evidence for a in e.alarms)),
        causes=(cause,),
        certain=config.sure <= LONE,
        impact=impact if is_lost else NO_IMPACT,
        effect=Effect.DEGRADED if poor else Effect.DOWN if is_lost and not cause.mode else Effect.NONE,
        degraded=round(impact.totals.get("subscribers", 1.0)) if poor else 0,
        is_cleared=group.is_cleared,
        explanation=(said,),
        notable=group.notable,
        merged=merged,
    )


def _tied(topology: Topology, line: int, evidence: Sequence[Evidence]) -> tuple[int, ...]:
    """What serves this line and nobody else: its drop, and on upwards while that holds. Last words rule it
    out: they came through.
    """
    if any(e.type == "ont-dying-gasp" for e in evidence):
        return ()
    found: list[int] = []
    above = line
    while (above := topology.above[above]) >= 0:
        if topology.lines_below(above) > 1 or topology.devices_below(above):
            break
        found += [above, *(topology.risks_of(above) if topology.is_link(above) else ())]
    return tuple(found)
