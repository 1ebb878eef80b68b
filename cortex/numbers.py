"""A version's numbers as JSON, and what moved between two versions in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from cortex.evidence import Relation
from cortex.knowledge import Knowledge

#: A number that moved by less than this share is not worth a word.
WORTH_A_WORD = 0.05


def to_json(knowledge: Knowledge) -> dict[str, Any]:
    """The numbers that differ from the tables."""
    return {
        "given": [[kind, str(relation), node, p] for (kind, relation, node), p in sorted(knowledge.given.items())],
        "leaks": dict(sorted(knowledge.leaks.items())),
        "priors": [[family, kind, rate] for (family, kind), rate in sorted(knowledge.priors.items())],
        "elements": dict(sorted(knowledge.elements.items())),
    }


def from_json(version: int, numbers: Mapping[str, Any]) -> Knowledge:
    """The same again. ValueError where a number is none that can be weighed with."""
    knowledge = Knowledge(
        version=version,
        given={(kind, Relation(relation), bool(node)): float(p) for kind, relation, node, p in numbers["given"]},
        leaks={kind: float(p) for kind, p in numbers["leaks"].items()},
        priors={(family, kind): float(rate) for family, kind, rate in numbers["priors"]},
        elements={name: float(times) for name, times in numbers["elements"].items()},
    )
    shares = [*knowledge.given.values(), *knowledge.leaks.values()]
    rates = [*knowledge.priors.values(), *knowledge.elements.values()]
    if not all(0.0 < p < 1.0 for p in shares) or not all(0.0 < rate < 1e6 for rate in rates):
        raise ValueError(f"version {version} holds a number that is no share or no rate")
    return knowledge


def changes(before: Knowledge, after: Knowledge) -> list[str]:
    """What moved, in words, the largest move first."""
    moved = sorted(_moved(before, after), key=lambda each: -abs(each[1] / each[0] - 1.0) if each[0] else 0.0)
    return [f"{words} {_short(old)} → {_short(new)}" for old, new, words in moved if _is_worth(old, new)]


def _moved(before: Knowledge, after: Knowledge) -> Iterator[tuple[float, float, str]]:
    for family, kind in {**before.priors, **after.priors}:
        words = f"{kind.replace('_', ' ')} priors" + ("" if family == "node" else f" ({family})")
        yield before.prior(family, kind), after.prior(family, kind), words
    for name in {**before.elements, **after.elements}:
        yield before.elements.get(name, 1.0), after.elements.get(name, 1.0), f"{name} fails, times its kind,"
    for kind, relation, is_node in {**before.given, **after.given}:
        words = f"P({kind} | {relation}, {'node' if is_node else 'path'})"
        yield before.seen(kind, relation, is_node), after.seen(kind, relation, is_node), words
    for kind in {**before.leaks, **after.leaks}:
        yield before.leak(kind), after.leak(kind), f"leak of {kind}"


def _is_worth(old: float, new: float) -> bool:
    return abs(new - old) > WORTH_A_WORD * old


def _short(number: float) -> str:
    return f"{number:.1f}" if number >= 0.95 else f"{number:.2g}"
