"""Why a fault mode is named, in sentences with numbers, and where to go for it."""

from cortex.evidence import alarm
from cortex.explain import bare, listed, short
from cortex.modes.row import Hits, Where
from cortex.modes.search import Fit
from cortex.modes.spots import Spots


def phrase(fit: Fit) -> str:
    """The mode in words, with {what} left for the place's own name."""
    felt = {sign.type for sign in fit.mode.signs if sign.is_felt} & fit.mode.first
    count = max((len(units) for kind, units in fit.shown.items() if kind in felt), default=0)
    text = fit.mode.title.replace("{count}", str(count))
    return text.replace("links", "link") if count == 1 else text


def because(spots: Spots, fit: Fit) -> tuple[str, ...]:
    """Which signs, how many of how many, the rule behind it, and what speaks against it."""
    below = spots.below(fit.spot)
    sentences = []
    for kind, units in fit.shown.items():
        names = listed([bare(spots.topology, unit) for unit in units])
        is_below = any(sign.type == kind and sign.where is Where.BELOW for sign in fit.mode.signs)
        many = f"{len(units)} of {below} lines" if is_below and below >= len(units) > 1 else names
        sentences.append(f"{many}: {alarm(kind).words}")
    sentences.append(fit.mode.because)
    if fit.refuted:
        sentences.append(f"against it: {fit.refuted} beside it say otherwise")
    return tuple(sentences)


def whereabouts(spots: Spots, fit: Fit) -> str:
    """Where a crew should go, or where the rain is."""
    topology, spot = spots.topology, fit.spot
    if spot.kind != "element":
        return spots.name(spot).replace(":", " ")
    if fit.mode.hits is Hits.NAMED:
        return f"around {bare(topology, spot.id)}"
    if fit.mode.name == "rogue ONT" and "rogue-ont" in fit.shown:
        named = [unit for unit in fit.shown["rogue-ont"] if topology.is_line_end(unit)]
        return f"ONT {listed([bare(topology, unit) for unit in named])}" if named else short(topology, spot.id)
    if topology.is_link(spot.id):
        return "between " + " and ".join(bare(topology, node) for node in topology.ends(spot.id))
    return short(topology, spot.id)
