"""What is thought of a scene does not hang on the order in which its alarms arrive, nor on their coming twice."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from cortex.correlator import Correlator
from tests.cortex.modes.scenes import Scene, heard, network, weights
from tests.cortex.modes.test_tables import SCENES

LARGE = [scene for scene in SCENES if scene.incident]


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(LARGE), st.integers(0, 2**32))
def test_in_any_order_and_with_repeats_it_is_the_same_fault(scene: Scene, seed: int) -> None:
    rng = random.Random(seed)
    signals = heard(scene.said)
    now = max(s.at for s in signals)
    arrived = [s._replace(received=now) for s in [*signals, *rng.sample(signals, len(signals) // 2)]]
    rng.shuffle(arrived)
    correlator = Correlator(network(), weights())
    correlator.add(arrived)

    findings = [f for f in correlator.findings(now + scene.after) if f.notable]

    assert {f.causes[0].mode for f in findings} == {scene.mode}
    topology = network()
    named = {n for f in findings for n in (f.causes[0].name, *map(topology.name, f.causes[0].tied_with))}
    assert scene.cause in named
