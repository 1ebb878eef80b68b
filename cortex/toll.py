"""Who feels the parts of a finding: cut off, with poor service, or one fault away; and until when batteries last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from cortex.composing import Part
from cortex.evidence import SILENCE
from cortex.finding import Effect
from cortex.group import Evidence
from cortex.impact import Impact, Weights, measure, measure_nodes
from cortex.intervals import merged
from cortex.modes.battery import ends_at
from cortex.modes.power import POWER
from cortex.modes.row import Hits
from cortex.modes.search import Fit
from cortex.modes.spots import Spots
from cortex.topology import Topology

Ids = npt.NDArray[np.int64]
_WORST = (Effect.DOWN, Effect.DEGRADED, Effect.AT_RISK, Effect.NONE)


@dataclass(frozen=True, slots=True)
class Toll:
    """What subscribers notice; the counts of `Impact`, and those with poor service; sentences that say so."""

    impact: Impact
    effect: Effect
    degraded: int = 0
    power_until: float | None = None
    said: tuple[str, ...] = ()


class Counter:
    """Counts who feels what over one topology. `sums`: `topology.sums(weights.table)`."""

    def __init__(self, spots: Spots, weights: Weights, sums: npt.NDArray[np.float64]) -> None:
        """Nothing is counted yet."""
        self.spots, self.weights, self.sums = spots, weights, sums
        self.topology: Topology = spots.topology

    def toll(self, parts: Sequence[Part], evidence: Sequence[Evidence]) -> Toll:
        """Who feels these faults together."""
        modes = [part.fit for part in parts if part.fit is not None]
        failed = [element for part in parts for element in part.failed]
        lost = {node for fit in modes if fit.mode.effect is Effect.DOWN for node in self._named(fit, SILENCE)}
        impact = self._impact(failed, lost)
        poor = self._without(self._behind(modes, Effect.DEGRADED), impact.cut_off)
        risky = self._without(self._behind(modes, Effect.AT_RISK), impact.cut_off)
        impact = replace(impact, at_risk=impact.at_risk + len(risky)) if len(risky) else impact
        until = min((at for fit in modes if (at := self._battery(fit, evidence)) is not None), default=None)
        effect = self._effect(modes, impact, is_dead=len(modes) < len(parts))
        said = [sentence for fit in modes for sentence in self._says(fit, evidence, impact)]
        return Toll(impact, effect, self._subscribers(poor), until, tuple(said))

    def _impact(self, failed: Sequence[int], lost: set[int]) -> Impact:
        if not lost:
            return measure(self.topology, self.weights, failed, self.sums)
        nodes = np.union1d(self.topology.cut_off(failed), np.asarray(sorted(lost), dtype=np.int64))
        whole = measure_nodes(self.topology, self.weights, nodes)
        return replace(whole, at_risk=self.topology.exposed(failed)) if failed else whole

    def _effect(self, modes: Sequence[Fit], impact: Impact, *, is_dead: bool) -> Effect:
        """The worst of what they notice; a fault that was to cut people off and cuts off nobody is none."""
        effects = {fit.mode.effect for fit in modes} - {Effect.DOWN}
        if impact.cut_off.size:
            effects.add(Effect.DOWN)
        elif is_dead and impact.at_risk:
            effects.add(Effect.AT_RISK)
        return next((effect for effect in _WORST if effect in effects), Effect.NONE)

    # -- who is behind

    def _named(self, fit: Fit, types: frozenset[str] | None = None) -> list[int]:
        """The nodes that the signs of a mode name, the place itself aside."""
        if fit.mode.hits is not Hits.NAMED:
            return []
        felt = {sign.type for sign in fit.mode.signs if sign.is_felt}
        kinds = [kind for kind in fit.shown if kind in felt and (types is None or kind in types)]
        return [unit for kind in kinds for unit in fit.shown[kind] if unit != fit.spot.id]

    def _behind(self, modes: Sequence[Fit], effect: Effect) -> Ids:
        """The nodes on which modes of this effect are felt."""
        found: list[Ids] = [np.empty(0, dtype=np.int64)]
        for fit in (fit for fit in modes if fit.mode.effect is effect):
            if effect is Effect.AT_RISK:
                found.append(self._depends(fit))
            elif fit.mode.hits is Hits.NAMED:
                found.append(self._below(self._named(fit)))
            elif fit.spot.kind == "element":
                found.append(self._below([fit.spot.id]))
        return np.unique(np.concatenate(found))

    def _below(self, elements: Iterable[int]) -> Ids:
        spans = merged([span for element in elements for span in self.topology.cut_intervals((element,))])
        nodes = self.topology.vertices_in(spans)
        return nodes[nodes < self.topology.nodes]

    def _depends(self, fit: Fit) -> Ids:
        """Who would be cut off if the place failed after all; of a link with others beside it, who would have no
        other way then.
        """
        topology, spot = self.topology, fit.spot
        if spot.kind != "element":
            return topology.cut_off(self.spots.nodes(spot))
        below = self._below([spot.id])
        if not topology.is_link(spot.id):
            return below
        exposed = topology.vertices_in(topology.exposed_spans((spot.id,)))
        return np.union1d(below, exposed[exposed < topology.nodes])

    def _without(self, nodes: Ids, cut_off: Ids) -> Ids:
        return np.setdiff1d(nodes, cut_off) if cut_off.size else nodes

    def _subscribers(self, nodes: Ids) -> int:
        """How many subscribers these nodes serve; lines where nothing is known of subscribers."""
        if "subscribers" in self.weights.columns:
            return round(float(self.weights.table[nodes, self.weights.columns.index("subscribers")].sum()))
        return sum(self.topology.is_line_end(node) for node in nodes.tolist())

    # -- batteries

    def _battery(self, fit: Fit, evidence: Sequence[Evidence]) -> float | None:
        """When the battery of a place without mains ends; None where nobody knows, or where mains is back."""
        if fit.mode.technology != "power" or fit.mode.effect is not Effect.AT_RISK or fit.spot.kind != "site":
            return None
        site = self.topology.sites[fit.spot.id]
        here = [e for e in evidence if e.type in POWER and self.topology.site(e.element) == fit.spot.id]
        lost = [e.at for e in here if not e.is_cleared]
        if not lost or site.battery_hours is None:
            return None
        low = min((e.at for e in here if e.type == "battery-low" and not e.is_cleared), default=None)
        return ends_at(min(lost), site.battery_hours, site.installed_at, low)

    def _says(self, fit: Fit, evidence: Sequence[Evidence], impact: Impact) -> list[str]:
        """Who is one fault away, and until when."""
        if fit.mode.effect is not Effect.AT_RISK:
            return []
        count = self._subscribers(self._without(self._depends(fit), impact.cut_off))
        until = self._battery(fit, evidence)
        if until is not None:
            return [f"{count} subscribers lose service at {clock(until)} when the battery ends"]
        if fit.spot.kind == "site" and fit.mode.kind == "mains":
            return [f"{count} subscribers lose service when the battery ends; nobody has written down what it holds"]
        return [f"0 down, {count} subscribers one fault away"]


def clock(at: float) -> str:
    """A time of day as people on shift say it."""
    return f"{datetime.fromtimestamp(at, UTC):%H:%M} UTC"
