"""A lone line is taken for its own without a search for causes: the search would have said the same."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from cortex.config import Config
from cortex.correlator import Correlator
from cortex.group import NONE, Evidence
from cortex.impact import Weights, measure
from cortex.root_cause import diagnose
from cortex.signals import Signal
from tests.cortex.storms import START, ring_of_trees

KINDS = ("ont-loss-of-signal", "ont-dying-gasp", "radius-interim-missing")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.sets(st.sampled_from(KINDS), min_size=1))
def test_the_search_for_causes_says_the_same_of_a_lone_line(seed: int, kinds: set[str]) -> None:
    rng = random.Random(seed)
    topology = ring_of_trees(rng, lines=rng.randint(2, 6)).topology
    ont = rng.choice([i for i in range(topology.nodes) if topology.kind(i) == "ont"])
    correlator = Correlator(topology)
    correlator.add([Signal(1, ont, kind, False, START, START, "syslog", key="a") for kind in kinds])

    (finding,) = correlator.findings(START + 30)

    said = [Evidence(ont, kind, NONE, "a", START, START, True, "syslog", {1}, [1]) for kind in kinds]
    (answers,) = diagnose(topology, said, START + 30, Config()).slots
    (cause,) = finding.causes
    assert {cause.element, *cause.tied_with} == {m.element for m in answers[0].members}
    assert not finding.notable
    searched = measure(topology, Weights.none(topology), [answers[0].element])
    assert (finding.impact.devices, finding.impact.cut_off.tolist()) == (searched.devices, searched.cut_off.tolist())
