"""Whether monitoring itself may be blind: what is claimed dead, by whom, and who says otherwise.

That somebody hears nothing is evidence of the element, or of the listener. So absence noticed from one vantage
only is doubted until something else agrees, and so is whatever would cut off a large share of everybody; a
device's own words about itself are not. Lines that still account behind devices "dead" to a poller, or such a
device that speaks, are more than a doubt: then it is the poller that is cut off.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cortex.config import Config
from cortex.evidence import ALARMS, Voice, alarm
from cortex.explain import bare, listed
from cortex.finding import UNKNOWN, Cause, Remedy
from cortex.group import Evidence
from cortex.likelihood import inside
from cortex.notable import counting, is_unnamed_port
from cortex.points import MINOR
from cortex.sightings import Sightings
from cortex.topology import Topology

#: What a monitor says that calls a device dead because it hears nothing of it.
CALLED_DEAD = "unreachable"
#: Alarms of which a feed is one vantage; what else is missed (traffic, sessions, a probe) is measured apart.
BY_FEED = frozenset({CALLED_DEAD, "radius-interim-missing"})
#: Sources that are not a monitor's silence: the devices' own messages.
WORDS = "words"
#: A device that speaks so many seconds after it fell silent has not fallen silent.
SPOKE_AFTER = 5.0
#: Accounting says something once this many updates were due; dead lines send at most this share of them.
DUE, DEAD = 5.0, 0.05
#: And at least this share, and so many, of those due must have come before the monitor is called blind.
ALIVE, SEEN = 0.5, 3
#: Share of an interval by which an update may be late.
LATE = 0.2
#: What was confirmed of some silent devices holds until there are so many times as many.
GROWN = 2
#: Confidence that it is the monitor, where what it calls dead is seen alive.
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Witness:
    """What accounting and the devices themselves say of those a monitor calls dead. `due`: updates that were
    expected of their lines since; `came`: those that came; `spoke`: devices that spoke since; `dead`: devices
    behind which enough were due and next to none came.
    """

    silent: int
    spoke: int
    due: float
    came: int
    is_listening: bool
    dead: tuple[int, ...] = ()

    @property
    def denies(self) -> bool:
        """Whether they are alive."""
        return (self.came >= SEEN and self.came >= ALIVE * self.due) or (
            self.spoke > 0 and 2 * self.spoke >= self.silent
        )

    @property
    def agrees(self) -> bool:
        """Whether their lines are gone too, as far as anybody listens."""
        return self.is_listening and self.due >= DUE and self.came <= DEAD * self.due


@dataclass(frozen=True, slots=True)
class Judgement:
    """`doubts`: why a person must look. `vantage`: the one monitor that carries it all, "" where there are more
    sources; `is_blind`: and it is known to be wrong about most of `silent` devices. `is_confirmed`: nothing is
    doubtful.
    """

    doubts: tuple[str, ...] = ()
    vantage: str = ""
    is_blind: bool = False
    silent: int = 0
    is_confirmed: bool = False


def judge(
    topology: Topology,
    sightings: Sightings,
    evidence: Sequence[Evidence],
    share: float,
    now: float,
    config: Config,
    confirmed: int = 0,
) -> Judgement:
    """What is doubtful of a group's evidence at `now`. `share`: of all subscribers, those said to be cut off.
    `confirmed`: how many silent devices other sources have agreed on before; signs of life are signs of repair then.
    """
    heard = [e for e in counting(evidence) if e.type not in MINOR and not is_unnamed_port(e)]
    standing = [e for e in heard if e.active]
    silent = [e for e in standing if e.type == CALLED_DEAD and e.element >= 0]
    if silent and len(silent) <= GROWN * confirmed:
        return Judgement(silent=len(silent), is_confirmed=True)
    seen = witness(topology, sightings, silent, now, config)
    sources, speakers = _sources(topology, standing, _words(heard), silent, seen)
    if seen.denies and WORDS not in sources:
        (vantage, _), *_ = Counter(e.feed for e in silent).most_common(1)
        return Judgement(_blind(topology, vantage, seen), vantage, is_blind=True, silent=len(silent))
    doubts, vantage = [], ""
    if len(sources) == 1 and sources != {WORDS}:
        (vantage,) = sources
        doubts.append(f"only {_named(vantage)} says so, by hearing nothing: nothing else has confirmed it")
    enough = sources if speakers > 1 else sources - {WORDS}  # of so many, one device's words are not enough
    if share >= config.doubtful_share and len(enough) < 2 and standing:
        doubts.append(f"{share:.0%} of all subscribers at once, and no second independent source has confirmed it")
    if WORDS not in sources and seen.came >= SEEN and seen.came > DEAD * seen.due:
        doubts.append(f"{seen.came} of {seen.due:.0f} accounting updates due from lines behind it still came")
    return Judgement(tuple(doubts), vantage, silent=len(silent), is_confirmed=bool(silent) and not doubts)


def _words(heard: Sequence[Evidence]) -> list[Evidence]:
    """What the devices say themselves, also what they have taken back since: that is how a repair sounds."""
    return [e for e in heard if alarm(e.type).voice is not Voice.ABSENCE]


def witness(
    topology: Topology, sightings: Sightings, silent: Sequence[Evidence], now: float, config: Config
) -> Witness:
    """What is known by other means of the devices a monitor calls dead, and of the lines that depend on them."""
    if not silent:
        return Witness(0, 0, 0.0, 0, is_listening=False)
    dead: list[int] = []
    due, came, outside = 0.0, 0, sightings.line[: topology.nodes].copy()
    earliest = min(e.at for e in silent)
    for e in _tops(topology, silent):
        behind = topology.tour.order[int(topology.tour.tin[e.element]) : int(topology.tour.tout[e.element])]
        behind = behind[behind < topology.nodes]
        since = e.at + config.linger
        every, line = sightings.every[behind], sightings.line[behind]
        online = line >= e.at - (1 + LATE) * every
        expected = float(np.minimum(1.0, max(0.0, now - since) / every[online]).sum())
        heard = int(np.count_nonzero(line > since))
        due, came = due + expected, came + heard
        if expected >= DUE and heard <= DEAD * expected:
            dead.append(e.element)
        outside[behind] = -np.inf
    spoke = sum(bool(sightings.spoke[e.element] > e.at + SPOKE_AFTER) for e in silent)
    is_listening = bool(outside.size and outside.max() > earliest)
    return Witness(len(silent), spoke, due, came, is_listening, tuple(dead))


def _tops(topology: Topology, silent: Sequence[Evidence]) -> list[Evidence]:
    """The silent on whom the others depend; each counted once, from when it first fell silent."""
    tour, found, end = topology.tour, list[Evidence](), -1
    for e in sorted((e for e in silent if e.element < topology.nodes), key=lambda e: (int(tour.tin[e.element]), e.at)):
        if int(tour.tin[e.element]) >= end:
            found.append(e)
            end = int(tour.tout[e.element])
    return found


def _sources(
    topology: Topology,
    standing: Sequence[Evidence],
    words: Sequence[Evidence],
    silent: Sequence[Evidence],
    seen: Witness,
) -> tuple[set[str], int]:
    """Who says so independently of one another, and how many devices' words are among that."""
    absent = [e for e in standing if alarm(e.type).voice is Voice.ABSENCE]
    sources = {e.feed if e.type in BY_FEED else e.type for e in absent}
    if words and _confirm(topology, words, silent):
        sources.add(WORDS)
    if seen.agrees:
        sources.add("radius")
    return sources, len({e.element if e.element >= 0 else e.key for e in words})


def _confirm(topology: Topology, words: Sequence[Evidence], silent: Sequence[Evidence]) -> bool:
    """Whether what the devices say would by itself cut off most of the silent."""
    named = {e.about if e.about >= 0 else e.element for e in words}
    spans = topology.cut_intervals(i for i in named if i >= 0)
    behind = sum(inside(int(topology.tour.tin[e.element]), spans) for e in silent if e.element < topology.nodes)
    return 2 * behind >= len(silent)


def _named(vantage: str) -> str:
    if vantage in ALARMS:
        return f"“{alarm(vantage).words}”"
    return {"poller": "the poller", "radius": "accounting"}.get(vantage, f"the feed {vantage}")


def _blind(topology: Topology, vantage: str, seen: Witness) -> tuple[str, ...]:
    alive = []
    if seen.came:
        alive.append(f"{seen.came} lines behind them have accounted since")
    if seen.spoke:
        alive.append(f"{seen.spoke} of them have spoken since")
    heard = f"{_named(vantage)} hears nothing of {seen.silent} devices, but {' and '.join(alive)}"
    sentences = [f"{heard}: it is the monitor that is blind"]
    if seen.dead:
        names = listed([bare(topology, e) for e in seen.dead])
        sentences.append(f"look at {names} all the same: behind them no line has accounted since")
    return tuple(sentences)


def blind_cause(judgement: Judgement) -> Cause:
    """The cause where it is the monitor that has failed, and not the network."""
    return Cause(
        element=UNKNOWN,
        name=f"monitoring:{judgement.vantage}",
        kind="monitoring",
        confidence=SURE,
        why=judgement.doubts,
        mode="blind",
        remedy=Remedy.DESK,
    )
