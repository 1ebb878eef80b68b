"""Why a cause is named, in sentences with numbers, and where the crew should look."""

from collections.abc import Sequence

from cortex.evidence import alarm
from cortex.intervals import total
from cortex.likelihood import Case, Score, inside, united
from cortex.root_cause import Answer, Diagnosis
from cortex.topology import Topology

#: How many names one sentence holds.
NAMES = 4


def short(topology: Topology, element: int) -> str:
    """A name without its prefix, after what it is: "fibre f1", "olt z3-olt-2"."""
    name = topology.name(element)
    _, _, bare = name.partition(":")
    kind = "link" if topology.is_link(element) else topology.kind(element).replace("_", " ")
    return f"{kind} {bare or name}"


def bare(topology: Topology, element: int) -> str:
    """A name without its prefix."""
    name = topology.name(element)
    return name.partition(":")[2] or name


def why(case: Case, answer: Answer) -> tuple[str, ...]:
    """What speaks for a cause, and what speaks against it."""
    best = answer.members[0]
    alone = case.score((best.element,))
    sentences = [
        _silence(case, best.element, alone if alone.heard or alone.silent else best.score),
        *_near_end(case, answer),
    ]
    sentences += _itself(case, best.element)
    if best.score.refuted:
        sentences.append(f"against it: {best.score.refuted} behind it still spoke")
    if best.score.unheard:
        sentences.append(f"against it: {len(best.score.unheard)} live neighbour(s) reported nothing")
    if len(answer.members) > 1:
        others = [short(case.topology, m.element) for m in answer.members[1:]]
        sentences.append(f"these alarms can't tell it apart from {listed(others)}")
    return tuple(s for s in sentences if s)


def _silence(case: Case, element: int, score: Score) -> str:
    lines = total(case.topology.line_sums, score.spans)
    silent_lines = int(case.silent_lines.within(score.spans))
    parts = []
    if score.devices:
        parts.append(f"{score.silent} of {score.devices} devices")
    if silent_lines:
        parts.append(f"{silent_lines} of {lines} lines")
    if not parts:
        return ""
    where = "at" if case.topology.is_node(element) else "behind"
    return f"{' and '.join(parts)} {where} {short(case.topology, element)} fell silent"


def _near_end(case: Case, answer: Answer) -> list[str]:
    """Which live neighbours reported what, and how long before anything else was noticed."""
    heard = answer.members[0].score.heard
    places = [i for end in heard for i in (*case.far.get(end, ()), *case.unnamed.get(end[0], ()))]
    if not places:
        return []
    first = min((case.evidence[i] for i in places), key=lambda e: e.at)
    speakers = sorted({bare(case.topology, case.evidence[i].element) for i in places})
    words = sorted({alarm(case.evidence[i].type).words for i in places})
    sentence = f"{listed(speakers)} reported {listed(words)} towards it"
    later = case.first_after(first.at, answer.explained)
    if later is not None and first.at <= case.first + 2.0:
        return [sentence, f"{alarm(first.type).words} came first, {later - first.at:.1f} s before the rest"]
    return [sentence]


def _itself(case: Case, element: int) -> list[str]:
    words = sorted({alarm(case.evidence[i].type).words for i in case.itself.get(element, ())} - {"no answer to polls"})
    return [f"{short(case.topology, element)} itself: {listed(words)}"] if words else []


def explanation(case: Case, diagnosis: Diagnosis, alarms: int) -> tuple[str, ...]:
    """The finding in sentences: how many alarms, how many faults, how sure."""
    explained = united(answers[0].explained for answers in diagnosis.slots).size
    sentences = [
        f"{alarms} alarms of {len(case.evidence)} conditions, {explained} of them explained by "
        f"{'one fault' if len(diagnosis.slots) == 1 else f'{len(diagnosis.slots)} faults at once'}"
    ]
    for answers in diagnosis.slots:
        first, *others = answers
        sentence = f"{short(case.topology, first.element)} ({first.confidence:.2f})"
        if others:
            rest = " or ".join(f"{short(case.topology, a.element)} ({a.confidence:.2f})" for a in others[:2])
            sentence = f"not sure: {sentence} or {rest}" if first.confidence < case.config.sure else sentence
        sentences.append(": ".join((sentence, "; ".join(why(case, first)))))
    if explained < len(case.evidence):
        sentences.append(f"{len(case.evidence) - explained} conditions are not explained by it")
    return tuple(sentences)


def place(case: Case, element: int) -> str:
    """Where to look: between which sites, and along which ducts that are not ruled out by links alive in
    them.
    """
    topology = case.topology
    links = topology.failing((element,)) if not topology.is_node(element) else []
    if not links:
        return ""
    spans = [" and ".join(bare(topology, n) for n in topology.ends(link)) for link in links[:NAMES]]
    sites = "; ".join(f"between {s}" for s in dict.fromkeys(spans))
    if topology.kind(element) == "duct" and topology.is_risk(element):
        return f"duct {bare(topology, element)}, {sites}{_position(topology, element, links[0])}"
    ducts = [r for r in topology.risks_of(links[0]) if topology.kind(r) == "duct"]
    suspect = [d for d in ducts if not _alive(case, d, links)]
    along = f", along duct {listed([bare(topology, d) for d in suspect])}" if suspect else ""
    ruled_out = [bare(topology, d) for d in ducts if d not in suspect]
    return sites + along + (f" (not {listed(ruled_out)}: links in it are up)" if ruled_out and suspect else "")


def _position(topology: Topology, duct: int, link: int) -> str:
    ducts = [r for r in topology.risks_of(link) if topology.kind(r) == "duct"]
    if len(ducts) < 2:
        return ""
    return f" ({ducts.index(duct) + 1} of {len(ducts)} from {bare(topology, topology.ends(link)[0])})"


def _alive(case: Case, duct: int, failed: Sequence[int]) -> bool:
    """Whether another link in the duct has a live, polled end that said nothing about it."""
    topology = case.topology
    spans = topology.cut_intervals(failed)
    lost = {link for _, link in case.far}
    return any(
        link not in failed
        and link not in lost
        and any(topology.is_device(n) and not inside(int(case.tin[n]), spans) for n in topology.ends(link))
        for link in topology.neighbours(duct)
    )


def listed(names: Sequence[str]) -> str:
    """ "a, b and c", cut short when there are many."""
    if len(names) > NAMES:
        return f"{', '.join(names[:NAMES])} and {len(names) - NAMES} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
