"""What speaks against a cause: an element it would have silenced that spoke, and a live neighbour that said nothing."""

from math import log

import pytest

from cortex.config import Config
from cortex.group import NONE, Evidence
from cortex.likelihood import NOT_HEARD, REFUTED, Case
from cortex.topology import Edge, Element, Topology

TOPOLOGY = Topology.build(
    [
        Element("gw", "transit", is_gateway=True),
        Element("core", "core_router", is_device=True),
        Element("agg", "aggregation", is_device=True),
        Element("olt-1", "olt", is_device=True),
        Element("olt-2", "olt", is_device=True),
    ],
    [
        Edge("gw-core", "gw", "core", "internal"),
        Edge("core-agg", "core", "agg", "fibre"),
        Edge("agg-1", "agg", "olt-1", "fibre"),
        Edge("agg-2", "agg", "olt-2", "fibre"),
    ],
)
ID = {TOPOLOGY.name(i): i for i in range(TOPOLOGY.size)}


def seen(element: str, kind: str, at: float, about: str = "", prompt: bool = True) -> Evidence:
    return Evidence(ID[element], kind, ID[about] if about else NONE, element, at, at, prompt, "syslog", {1}, [1])


def case(*evidence: Evidence) -> Case:
    return Case(TOPOLOGY, evidence, 1000.0, Config())


def test_a_prompt_word_from_behind_refutes_a_cause() -> None:
    silent = seen("olt-1", "unreachable", 30.0)
    alive = case(silent, seen("agg", "link-down", 1.0, "agg-1")).score([ID["agg"]])
    late = case(silent, seen("agg", "link-down", 1.0, "agg-1", prompt=False)).score([ID["agg"]])
    assert (alive.refuted, late.refuted) == (1, 0)
    assert alive.nats <= late.nats - REFUTED


def test_a_word_before_falling_silent_refutes_nothing() -> None:
    spoke, then_silent = seen("agg", "link-down", 1.0, "agg-1"), seen("agg", "unreachable", 40.0)
    assert case(spoke, then_silent).score([ID["core-agg"]]).refuted == 0


def test_a_live_neighbour_that_says_nothing_speaks_against_a_cut() -> None:
    silent = seen("agg", "unreachable", 30.0)
    score = case(silent).score([ID["core-agg"]])
    assert score.unheard == ((ID["core"], ID["core-agg"]),)
    assert score.heard == ()
    whole = case(silent).behind.within(score.spans) + 2 * log(1 - 0.9) + NOT_HEARD  # two more should be silent
    assert score.nats == pytest.approx(whole + 0.7)


def test_devices_that_should_be_silent_and_are_not_speak_against_a_cause() -> None:
    silent = [seen("olt-1", "unreachable", 30.0)]
    everyone = [*silent, seen("olt-2", "unreachable", 31.0), seen("agg", "unreachable", 32.0)]
    few, all_of_them = (case(*e).score([ID["agg"]]) for e in (silent, everyone))
    assert (few.silent, few.devices) == (1, 3)
    assert all_of_them.silent == 3
    assert all_of_them.nats > few.nats + 2 * -log(1 - 0.9)


def test_one_alarm_counts_once_however_many_links_it_may_mean() -> None:
    named = case(seen("core", "loss-of-signal", 0.0, "core-agg")).score([ID["core-agg"]]).nats
    both = case(seen("core", "loss-of-signal", 0.0, "core-agg"), seen("core", "loss-of-signal", 0.1, "agg")).score(
        [ID["core-agg"]]
    )
    assert both.nats - named < 2.0 + case(seen("core", "loss-of-signal", 0.1, "agg")).behind.sums[-1]
