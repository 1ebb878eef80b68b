"""Every row of every mode moves its score as it says: a sign up by noisy-OR over the leak, its contrary down."""

import itertools
from math import log

import pytest

from cortex.config import Config
from cortex.evidence import alarm
from cortex.group import NONE, Evidence
from cortex.likelihood import Case
from cortex.modes import BY_NAME, MODES, Against, Hits, Mode, Sign, Where
from cortex.modes.search import Fit, weighed
from cortex.modes.spots import Spot, Spots
from tests.cortex.modes.scenes import T0, network

#: Where each mode is tried: an element, or a site or zone.
AT = {
    "rogue ONT": "node:p1",
    "weak light": "node:p1",
    "mains power out": "node:p1",
    "ingress noise": "node:fn-1",
    "partial service": "node:fn-1",
    "provisioning": "node:cmts",
    "rain fade": "zone",
    "heavy rain": "zone",
    "misaligned radio": "node:t3",
    "radar on the channel": "node:t1-a",
    "on the standby path": "link:core-2-core-3",
}
LINK, RADIO = "link:core-2-core-3", "link:t3"

Say = tuple[str, int, int]  # type, element, neighbour

SIGNS = [pytest.param(m, s, id=f"{m.name}: {s.type}, {s.where.value}") for m in MODES for s in m.signs]
AGAINST = [pytest.param(m, r, id=f"{m.name}, {n}: {r.where.value}") for m in MODES for n, r in enumerate(m.against)]
signs = pytest.mark.parametrize(("mode", "sign"), SIGNS)
againsts = pytest.mark.parametrize(("mode", "row"), AGAINST)


def spot_of(mode: Mode, where: Where) -> Spot:
    """A place of the mode at which something can stand in that relation to it."""
    topology = network()
    if where is Where.SITE or mode.technology == "power":
        return Spot("site", next(i for i, site in enumerate(topology.sites) if site.name == "pop"))
    name = RADIO if mode.name == "misaligned radio" and where is Where.END else AT.get(mode.name, LINK)
    if mode.name == "on the standby path" and where is Where.ITSELF:
        name = "node:agg"
    return Spot("zone", 4) if name == "zone" else Spot("element", ident(name))


def ident(name: str) -> int:
    index = network().index(name)
    assert index is not None
    return index


def standing(spot: Spot, sign: Sign | Against) -> list[tuple[int, int]]:
    """Elements in that relation to the place, with the neighbour they name; on its branches in turn."""
    topology, spots = network(), Spots(network())
    match sign.where:
        case Where.ITSELF:
            return [(spot.id, NONE)]
        case Where.END if topology.is_link(spot.id):
            return [(node, spot.id) for node in topology.ends(spot.id)]
        case Where.END:
            return [(spot.id, NONE)]
        case Where.SITE:
            return [(node, NONE) for node in topology.at_site(spot.id)]
        case Where.AREA:
            return [(i, NONE) for i in range(topology.nodes) if topology.zone(i) == 4 and topology.kind(i) == "sector"]
    below = [i for i in range(topology.nodes) if topology.is_line_end(i) and spot.id in topology.ancestors(i)]
    branches = itertools.groupby(
        sorted(below, key=lambda i: spots.branch(i, spot.id)), lambda i: spots.branch(i, spot.id)
    )
    rows = [list(row) for _, row in branches]
    return [(i, NONE) for row in itertools.zip_longest(*rows) for i in row if i is not None]


def base(mode: Mode, spot: Spot, but: str = "") -> list[Say]:
    """Signs just enough to think of the mode, if it can be without those of one type."""
    needs = [need for need in mode.needs if but not in need] or list(mode.needs)
    rows = {sign.type: sign for sign in mode.signs if can_stand(mode, spot, sign)}
    need = next(need for need in needs if need.keys() <= rows.keys())
    return [(kind, *row) for kind, least in need.items() for row in standing(spot, rows[kind])[:least]]


def can_stand(mode: Mode, spot: Spot, sign: Sign) -> bool:
    if spot == spot_of(mode, sign.where):
        return True
    return spot.kind == "element" and (sign.where in (Where.ITSELF, Where.BELOW) or network().is_node(spot.id))


def fit(mode: Mode, spot: Spot, said: list[Say]) -> Fit:
    evidence = [
        Evidence(element, kind, about, f"{n}", T0 + n / 100, T0 + n / 100, True, "syslog", {n}, [n])
        for n, (kind, element, about) in enumerate(said)
    ]
    case = Case(network(), evidence, T0 + 600, Config())
    return next(f for f in weighed(case, Spots(network())) if (f.mode, f.spot) == (mode, spot))


def further(mode: Mode, spot: Spot, row: Sign | Against, kind: str, said: list[Say]) -> Say | None:
    """One more alarm of that type in that relation, by an element that has not said it; None where all have."""
    rows = standing(spot, row)
    if row.where is Where.END and kind == "unreachable":
        rows = [(element, NONE) for element, _ in rows]
    return next(((kind, *place) for place in rows if (kind, *place) not in said), None)


@signs
def test_a_sign_adds_its_log_likelihood_ratio(mode: Mode, sign: Sign) -> None:
    spot = spot_of(mode, sign.where)
    before = base(mode, spot, but=sign.type)
    more = further(mode, spot, sign, sign.type, before)
    if more is None:  # all that can say it are needed: it is gone without them
        assert sign.type in mode.first
        return
    leak = alarm(sign.type).leak
    gain = log((sign.given + (1 - sign.given) * leak) / leak)
    told = fit(mode, spot, [*before, more])
    assert told.explained > fit(mode, spot, before).explained
    if mode.hits is Hits.DEAD:  # the devices that died of it bring evidence of their own
        assert told.nats > fit(mode, spot, before).nats - 5
    elif sign.is_expected:
        assert told.nats >= fit(mode, spot, before).nats + gain
    else:
        assert told.nats == pytest.approx(fit(mode, spot, before).nats + gain)


@againsts
def test_what_speaks_against_it_takes_its_nats_away(mode: Mode, row: Against) -> None:
    spot = spot_of(mode, row.where)
    for kind in sorted(row.types - {sign.type for sign in mode.signs}):
        before = base(mode, spot)
        more = further(mode, spot, row, kind, before)
        assert more is not None
        unsaid = 0.0
        if mode.unsaid and kind in mode.unsaid.types:
            unsaid = mode.unsaid.nats * len(standing(spot, row))
        lost = fit(mode, spot, before).nats - fit(mode, spot, [*before, more]).nats
        doubled = sum(
            r.nats
            for r in mode.against
            if kind in r.types and r.where is not row.where and spot_of(mode, r.where) == spot
        )
        assert row.nats + unsaid <= lost + 1e-9
        assert lost <= row.nats + unsaid + doubled + 1e-9


def test_a_share_too_small_is_no_sign_of_a_whole_port() -> None:
    mode = BY_NAME["weak light"]
    spot = spot_of(mode, Where.BELOW)
    few = [("optical-power-low", i, NONE) for i, _ in standing(spot, mode.signs[0])[:2]]
    with pytest.raises(StopIteration):
        fit(mode, spot, few)
