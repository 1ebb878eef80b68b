"""From Cortex' finding to what Atlas writes down: ids become rows and names, causes become sentences."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm.schemas import Assessment
from atlas.network.elements import describe
from cortex.correlator import Cause, Finding
from cortex.topology import Topology

#: A cause below this share is not worth naming beside the first.
WORTH_NAMING = 0.1
#: What an element key begins with.
KINDS = frozenset({"node", "link", "fibre", "duct", "site", "zone", "service", "monitoring"})


async def assess(session: AsyncSession, topology: Topology, finding: Finding, node_ids: Sequence[int]) -> Assessment:
    """Say a finding in Atlas' terms. `node_ids[i]` is the row of topology node i."""
    causes = [await _cause(session, topology, cause) for cause in finding.causes]
    until = finding.power_until
    totals = finding.impact.totals
    return Assessment(
        group=finding.group,
        element=_key(finding.causes[0].name) if finding.causes else None,
        title=title(causes, certain=finding.certain, together=finding.together),
        confidence=finding.causes[0].confidence if finding.causes else 0.0,
        is_certain=finding.certain,
        causes=causes,
        explanation=list(finding.explanation),
        place=finding.causes[0].place if finding.causes else "",
        started_at=datetime.fromtimestamp(finding.opened_at, UTC),
        devices=finding.impact.devices,
        subscribers=int(totals.get("subscribers", 0)),
        business=int(totals.get("business", 0)),
        vulnerable=int(totals.get("vulnerable", 0)),
        at_risk=finding.impact.at_risk,
        revenue_per_hour=totals.get("revenue_per_hour", 0.0),
        alarm_ids=list(finding.alarms),
        node_ids=[node_ids[i] for i in finding.impact.cut_off.tolist() if i < len(node_ids)],
        mode=finding.causes[0].mode if finding.causes else "",
        effect=finding.effect.value,
        remedy=finding.causes[0].remedy.value if finding.causes else "crew",
        degraded=finding.degraded,
        doubts=list(finding.doubts),
        power_until=datetime.fromtimestamp(until, UTC) if until is not None else None,
    )


def _key(name: str) -> str | None:
    """Element keys carry their kind; a cause outside the topology has none, though an address may have colons."""
    return name if name.partition(":")[0] in KINDS else None


async def _cause(session: AsyncSession, topology: Topology, cause: Cause) -> dict[str, Any]:
    return {
        "element": cause.name,
        "words": cause.phrase.replace("{what}", await describe(session, cause.name)),
        "kind": cause.kind,
        "confidence": round(cause.confidence, 3),
        "why": list(cause.why),
        "tied_with": [topology.name(i) for i in cause.tied_with],
        "place": cause.place,
        "mode": cause.mode,
        "remedy": cause.remedy.value,
        "skill": cause.skill,
    }


def title(causes: Sequence[dict[str, Any]], *, certain: bool, together: int = 1) -> str:
    """The incident's name: its cause, or what `together` fails at once; the candidates when it is not sure."""
    if not causes:
        return "Alarms without a known cause"
    if certain:
        named = " and ".join(str(c["words"]) for c in causes[:together])
        return named[0].upper() + named[1:]
    others = [c for c in causes[1:3] if c["confidence"] >= WORTH_NAMING]
    return "Not sure: " + " or ".join(f"{c['words']} ({c['confidence']:.1f})" for c in [causes[0], *others])
