"""Failures that no path explains: signs of services are kept here, apart from the alarms of paths, and each failure
behind them becomes one finding.

A cut path makes such signs too: fewer sessions, less traffic, servers out of reach. Those belong to the finding of
the cut. What is left is worked out anew whenever it changes, and by time, since what stays away is evidence too; a
finding keeps the number it was first reported under.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from cortex.config import Config
from cortex.dependencies import Dependencies, none_of
from cortex.evidence import alarm
from cortex.evidence.services import EFFECTS, SERVICE
from cortex.explain import listed
from cortex.finding import Effect, Finding
from cortex.group import NONE, Evidence, Key
from cortex.groups import Groups
from cortex.impact import NO_IMPACT, Weights
from cortex.service_aftermath import Aftermath
from cortex.service_causes import PATIENCE, SETTLE, cause_of, is_notable, unknown_cause
from cortex.service_cuts import RECOVERY, Cut
from cortex.service_effect import called, felt
from cortex.service_faults import Fault, ServiceCase, faults
from cortex.signals import Signal
from cortex.topology import Topology
from cortex.tour import Ints


def trusted_time(signal: Signal, config: Config) -> float:
    """The sender's time where it is believable, else the time of arrival."""
    return signal.at if -config.ahead <= signal.received - signal.at <= config.late else signal.received


def _named(faults_: Iterable[Fault]) -> set[int]:
    """What these failures are taken to be."""
    likely = (fault.answers[0] for fault in faults_ if fault.answers)
    return {element for answer in likely if answer.confidence >= 0.5 for element in answer.suspect.elements}


@dataclass(slots=True)
class Kept:
    """A finding as it was reported last."""

    opened_at: float
    gist: tuple[object, ...] = ()
    notable: bool = False
    looked_at: float = 0.0
    told: set[int] = field(default_factory=set)
    signs: set[Key] = field(default_factory=set)


class Services:
    """The signs of services, and the findings made of them."""

    def __init__(
        self,
        topology: Topology,
        weights: Weights,
        config: Config,
        groups: Groups,
        dependencies: Dependencies | None = None,
    ) -> None:
        """No signs yet. Numbers of findings are taken from `groups`, so that no two findings share one."""
        self.topology, self.weights, self.config, self.groups = topology, weights, config, groups
        self.dependencies = dependencies or none_of(topology)
        self._signs: dict[Key, Evidence] = {}
        self._shares: dict[Key, float] = {}
        self._group_of: dict[Key, int] = {}
        self._kept: dict[int, Kept] = {}
        self._cuts: dict[int, Cut] = {}
        self._aftermaths: dict[int, Aftermath] = {}
        self._is_dirty = False
        self._now = float("-inf")

    # -- signs in

    def take(self, signals: Sequence[Signal]) -> list[Signal]:
        """Keep the signs of services; the rest is handed back, in order."""
        rest = []
        for signal in signals:
            if signal.type in SERVICE:
                self._add(signal, None)
            else:
                rest.append(signal)
        return rest

    def adopt(self, group: int, signals: Sequence[Signal]) -> list[Signal]:
        """After a restart: these were of this finding. A finding of services alone is reported already."""
        rest = [s for s in signals if s.type not in SERVICE]
        mine = sorted((s for s in signals if s.type in SERVICE), key=lambda s: (s.at, s.cleared, s.alarm))
        if mine and not rest:
            self.groups.reserve(group)
            self._kept[group] = Kept(mine[0].at, notable=True)
        for signal in mine:
            self._add(signal, None if rest else group)
        return rest

    def close(self, group: int) -> None:
        """Forget a finding; a later sign opens another. A closed cut explains what comes of it a while longer."""
        self._kept.pop(group, None)
        if group in self._cuts:
            self._cuts[group].until = self._cuts[group].until or self._now
        for key in [key for key, owner in self._group_of.items() if owner == group]:
            self._drop(key)

    def _add(self, signal: Signal, group: int | None) -> None:
        element = NONE if signal.element is None else signal.element
        about = NONE if signal.about is None else signal.about
        key = (element, signal.type, about, f"{signal.key}/{signal.peer}" if signal.peer else signal.key)
        at = trusted_time(signal, self.config)
        known = self._signs.get(key)
        if known is not None and known.cleared_at is not None and at > known.cleared_at + self.config.hold:
            self._drop(key)  # long over: this is another story
            known = None
        if known is None:
            if signal.cleared:
                return
            known = self._signs[key] = Evidence(*key, at=at, last=at, prompt=True, feed=signal.feed)
        if signal.cleared:
            if at >= known.last:
                known.active.clear()
                known.cleared_at = at
        elif known.cleared_at is None or at >= known.cleared_at:
            known.at = known.at if known.cleared_at is None else at
            known.active.add(signal.alarm)
            known.last, known.cleared_at = max(known.last, at), None
            self._shares[key] = 1.0 if signal.share is None else signal.share
        if signal.alarm not in known.alarms:
            known.alarms.append(signal.alarm)
        if group is not None:
            self._group_of[key] = group
            self._kept[group].signs.add(key)
        self._is_dirty = True

    # -- findings out

    def complete(self, found: list[Finding], now: float) -> list[Finding]:
        """The findings of paths with the signs that are theirs, and after them those of services."""
        self._now = now
        self._forget(now - self.config.hold)
        for finding in found:
            self._note(finding, now)
        self._cuts = {g: cut for g, cut in self._cuts.items() if cut.until is None or now <= cut.until + RECOVERY}
        owned = self._owned_by_cuts(now)
        completed = [self._with_signs(finding, owned.get(finding.group, [])) for finding in found]
        return completed + self._findings(owned, now)

    def explained_by(self, now: float) -> set[int]:
        """Groups of paths that own a sign of which they have not yet told."""
        owned = self._owned_by_cuts(now)
        return {
            g for g, keys in owned.items() if self._cuts[g].until is None and any(self._is_news(g, k) for k in keys)
        }

    def _is_news(self, group: int, key: Key) -> bool:
        return self._group_of.get(key) != group

    def _note(self, finding: Finding, now: float) -> None:
        """What is cut off now, and by which finding."""
        for merged in finding.merged:
            self._cuts.pop(merged, None)
        cut = self._cuts.get(finding.group)
        if finding.is_cleared:
            if cut is not None and cut.until is None:
                cut.until, self._is_dirty = now, True
        elif finding.notable and len(finding.impact.cut_off):
            nodes = finding.impact.cut_off
            if cut is None or cut.until is not None or len(cut.nodes) != len(nodes):
                self._cuts[finding.group] = self._cut(nodes, finding.opened_at)
                self._is_dirty = True

    def _cut(self, nodes: Ints, since: float) -> Cut:
        return Cut(frozenset(nodes.tolist()), self.dependencies.lines_cut(nodes), since)

    def _owned_by_cuts(self, now: float) -> dict[int, list[Key]]:
        """For each cut the signs that follow from it."""
        owned: dict[int, list[Key]] = {}
        for key, e in self._signs.items():
            group = next((g for g, cut in self._cuts.items() if cut.explains(e, self._shares.get(key, 1.0), now)), None)
            if group is not None:
                owned.setdefault(group, []).append(key)
        return owned

    def _with_signs(self, finding: Finding, keys: Sequence[Key]) -> Finding:
        """A path's finding, with the signs of services that it explains and the findings they had been."""
        if not keys or finding.is_cleared:
            return finding
        merged = {self._group_of[k] for k in keys if k in self._group_of} - {finding.group}
        gone = tuple(sorted(g for g in merged if g in self._kept and self._kept[g].signs <= set(keys)))
        for group in gone:
            del self._kept[group]
        self._group_of.update(dict.fromkeys(keys, finding.group))
        alarms = {a for k in keys for a in self._signs[k].alarms}
        words = listed(sorted({alarm(k[1]).words for k in keys}))
        said = f"it explains {len(keys)} signs beside: {words}"
        return replace(
            finding,
            alarms=tuple(sorted({*finding.alarms, *alarms})),
            explanation=(*finding.explanation, said),
            merged=tuple(sorted({*finding.merged, *gone})),
        )

    def _findings(self, owned: dict[int, list[Key]], now: float) -> list[Finding]:
        if not self._is_due(now):
            return []
        self._is_dirty = False
        left = self._left_over(now)
        theirs = {key for keys in owned.values() for key in keys} | left
        keys = [key for key in self._signs if key not in theirs]
        evidence = [self._signs[key] for key in keys]
        blind = {node for cut in self._cuts.values() if cut.until is None for node in cut.nodes}
        standing = [i for i, e in enumerate(evidence) if not e.is_cleared]
        case = ServiceCase(self.topology, self.dependencies, [evidence[i] for i in standing], now, self.config, blind)
        parts = [(fault, [keys[standing[p]] for p in fault.places]) for fault in faults(case)]
        dead = {fault: blind | _named(f for f, _ in parts if f is not fault) for fault, _ in parts}
        numbers = self._numbered([part for _, part in parts])
        found = [
            self._finding(case, fault, part, number, dead[fault], now)
            for (fault, part), number in zip(parts, numbers, strict=True)
        ]
        found += self._cleared(left.union(*(part for _, part in parts)))
        return [finding for finding in found if finding is not None]

    def _left_over(self, now: float) -> set[Key]:
        """What is left of failures that end: it stays with their findings, as they were reported last."""
        self._aftermaths = {g: after for g, after in self._aftermaths.items() if not after.is_over(now)}
        left: set[Key] = set()
        for group, after in self._aftermaths.items():
            standing = {k: e for k, e in self._signs.items() if e.active and self._group_of.get(k, group) == group}
            own = {k for k in standing if k in self._group_of}
            after.look((standing[k] for k in own), now)
            mine = {k for k, e in standing.items() if after.explains(e, now, is_its_own=k in own)}
            self._group_of.update(dict.fromkeys(mine, group))
            left |= mine
        return left

    def _is_due(self, now: float) -> bool:
        """Whether something changed, or time may have changed what is thought of a finding."""
        if self._is_dirty:
            return True
        if any(after.is_over(now) for after in self._aftermaths.values()):
            return True
        delays = (30.0, SETTLE, PATIENCE, 900.0, 1800.0)
        return any(kept.looked_at < kept.opened_at + delay <= now for kept in self._kept.values() for delay in delays)

    def _finding(
        self,
        case: ServiceCase,
        fault: Fault,
        keys: list[Key],
        number: tuple[int, tuple[int, ...]],
        down: set[int],
        now: float,
    ) -> Finding | None:
        """What is thought of one failure; None where it is what was said before."""
        group, merged = number
        kept = self._kept.setdefault(group, Kept(min(self._signs[k].at for k in keys)))
        kept.signs.update(keys)
        kept.looked_at = now
        finding = self._said(case, fault, group, keys, kept, down, now)
        kept.notable = finding.notable
        if kept.notable and finding.certain and any(k[1] not in EFFECTS for k in keys):
            ends = Aftermath.of(fault.answers[0].suspect.elements, kept.opened_at)
            ends.look((self._signs[k] for k in keys), now)
            self._aftermaths[group] = ends
        if finding.gist == kept.gist and not merged and kept.told.issuperset(finding.alarms):
            return None
        kept.gist = finding.gist
        kept.told.update(finding.alarms)
        return replace(finding, merged=merged)

    def _numbered(self, parts: Sequence[Sequence[Key]]) -> list[tuple[int, tuple[int, ...]]]:
        """For each part the number of the finding most of it was of, or a new one; and the findings that are part of
        it from now on.
        """
        known = self._kept.keys()
        shared = [Counter(self._group_of[k] for k in keys if self._group_of.get(k, NONE) in known) for keys in parts]
        pairs = sorted((-count, g, part) for part, counts in enumerate(shared) for g, count in counts.items())
        number: dict[int, int] = {}
        for _, group, part in pairs:
            if part not in number and group not in number.values():
                number[part] = group
        groups = [number[part] if part in number else self.groups.reserve() for part in range(len(parts))]
        for group, keys in zip(groups, parts, strict=True):
            self._group_of.update(dict.fromkeys(keys, group))
        owners = set(self._group_of.values())
        merged = [tuple(sorted(g for g in counts if g not in owners and g in known)) for counts in shared]
        for group in {g for some in merged for g in some}:
            del self._kept[group]
        return list(zip(groups, merged, strict=True))

    def _said(
        self,
        case: ServiceCase,
        fault: Fault,
        group: int,
        keys: list[Key],
        kept: Kept,
        down: set[int],
        now: float,
    ) -> Finding:
        signs = [(self._signs[key], self._shares.get(key, 1.0)) for key in keys]
        evidence = [e for e, _ in signs]
        causes = tuple(cause_of(self.topology, case, answer, evidence) for answer in fault.answers) or (
            unknown_cause(evidence),
        )
        sure = causes[0].confidence >= self.config.sure
        effect, impact, degraded, words = Effect.NONE, NO_IMPACT, 0, "what it means for subscribers is not known"
        if fault.answers:
            seen = felt(self.topology, self.weights, self.dependencies, fault.answers[0].suspect, signs, down)
            effect, impact, degraded, words = seen.effect, seen.impact, seen.degraded, seen.words
        names = " or ".join(f"{called(self.topology, a.suspect)} ({a.confidence:.2f})" for a in fault.answers[:3])
        headline = "not sure: " if not sure else ""
        explanation = (
            f"{len(evidence)} signs of a service, none of a path: {headline}{names or 'nothing known explains them'}",
            *causes[0].why,
            words,
        )
        return Finding(
            group=group,
            opened_at=kept.opened_at,
            last_at=max(e.last for e in evidence),
            alarms=tuple(sorted({a for e in evidence for a in e.alarms})),
            causes=causes,
            certain=sure,
            impact=impact,
            is_cleared=False,
            explanation=explanation,
            notable=kept.notable or is_notable(evidence, causes, now),
            effect=effect,
            degraded=degraded,
        )

    def _forget(self, before: float) -> None:
        """Let go of signs that cleared before this time, and of findings that have none left."""
        for key in [k for k, e in self._signs.items() if e.cleared_at is not None and e.cleared_at < before]:
            self._drop(key)
        owners = set(self._group_of.values())
        self._kept = {group: kept for group, kept in self._kept.items() if group in owners}

    def _drop(self, key: Key) -> None:
        del self._signs[key]
        self._shares.pop(key, None)
        self._group_of.pop(key, None)

    def _cleared(self, standing: set[Key]) -> list[Finding]:
        """Findings of which no sign stands any more: said once, kept for a while for a flap."""
        found = []
        for group, kept in list(self._kept.items()):
            keys = [k for k, owner in self._group_of.items() if owner == group]
            if any(k in standing for k in keys):
                continue
            if kept.gist and kept.gist[0] != "cleared":
                found.append(self._gone(group, kept, keys))
                kept.gist = ("cleared",)
        return found

    def _gone(self, group: int, kept: Kept, keys: Sequence[Key]) -> Finding:
        evidence = [self._signs[k] for k in keys]
        return Finding(
            group=group,
            opened_at=kept.opened_at,
            last_at=max((e.last for e in evidence), default=kept.opened_at),
            alarms=tuple(sorted({a for e in evidence for a in e.alarms})),
            causes=(unknown_cause(evidence),),
            certain=False,
            impact=NO_IMPACT,
            is_cleared=True,
            explanation=("every sign of it has cleared",),
            notable=kept.notable,
            effect=Effect.NONE,
        )
