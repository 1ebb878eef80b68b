"""Planned work explains its own element, its own time and its own alarms; anything else is an incident."""

import pytest

from cortex.correlator import Correlator
from cortex.planned import LIKELIER, Planned, Work
from tests.cortex.test_correlator import T0, TOPOLOGY, Say, correlator, cut, named, only, say, weights

__all__ = ["correlator", "say"]

CUT = ("core-2", "agg", "olt-1", "olt-2")


def work(element: str = "fibre:agg", starts: float = -60.0, ends: float = 3600.0, **more: object) -> Work:
    index = TOPOLOGY.index(element)
    assert index is not None
    return Work(1, "CHG-12", index, T0 + starts, T0 + ends, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("element", ["fibre:agg", "link:agg", "node:agg"])
def test_the_alarms_of_planned_work_open_nothing(correlator: Correlator, say: Say, element: str) -> None:
    correlator.sieve.planned.plan([work(element)])
    correlator.add(cut(say))
    assert correlator.findings(T0 + 60) == []
    assert len(correlator.sieve.planned.noted) == 6


@pytest.mark.parametrize(
    "planned",
    [
        work("link:far"),  # elsewhere
        work(starts=30.0, ends=33.0),  # at another time
        work(expects=frozenset({"temperature-high"})),  # something else
    ],
)
def test_anything_else_is_an_incident(correlator: Correlator, say: Say, planned: Work) -> None:
    correlator.sieve.planned.plan([planned])
    correlator.add(cut(say))
    assert only(correlator.findings(T0 + 60)).notable


def test_what_must_stay_up_pages(correlator: Correlator, say: Say) -> None:
    correlator.sieve.planned.plan([work("node:agg", with_dependents=False)])
    correlator.add(cut(say))
    found = [f for f in correlator.findings(T0 + 120) if f.notable]
    assert found
    assert {a for f in found for a in f.alarms} == {5, 6}  # the OLTs; the router itself was expected to go


def test_work_that_overruns_is_an_incident_and_says_so(correlator: Correlator, say: Say) -> None:
    correlator.sieve.planned.plan([work(ends=600.0)])
    correlator.add(cut(say))
    assert correlator.findings(T0 + 599) == []
    finding = only(correlator.findings(T0 + 720))
    assert finding.notable
    assert "fibre:agg" in named(finding)
    assert any("should have ended 2 minutes ago: CHG-12" in line for line in finding.explanation)


def test_work_that_ends_in_time_leaves_nothing(correlator: Correlator, say: Say) -> None:
    correlator.sieve.planned.plan([work(ends=600.0)])
    raised = cut(say)
    correlator.add([*raised, *(s._replace(cleared=True, at=T0 + 500, received=T0 + 500) for s in raised)])
    assert correlator.findings(T0 + 720) == []


def test_what_was_raised_before_the_work_began_stays_an_incident(correlator: Correlator, say: Say) -> None:
    correlator.add(cut(say))
    first = only(correlator.findings(T0 + 60))
    correlator.sieve.planned.plan([work(starts=100.0)])
    correlator.add([s._replace(cleared=True, at=T0 + 300, received=T0 + 300) for s in cut(say)])
    assert only(correlator.findings(T0 + 301)).group == first.group


def test_a_recent_change_makes_its_element_likelier_and_is_named(say: Say) -> None:
    """A silent OLT, or its fibre: nobody can tell, but the OLT was given new firmware a quarter of an hour ago."""
    correlator = Correlator(TOPOLOGY, weights())
    changed = work("node:olt-1", starts=-1800.0, ends=-840.0)
    correlator.sieve.planned.plan([changed])
    correlator.add([say("olt-1", "unreachable", 0.0)])
    finding = only(correlator.findings(T0 + 62))
    assert finding.causes[0].name == "node:olt-1"
    assert any("changed 15 minutes ago: CHG-12" in line for line in finding.causes[0].why)


def test_the_advantage_of_a_change_fades() -> None:
    planned = Planned(TOPOLOGY)
    planned.plan([work(ends=0.0)])
    (fresh,) = planned.likelier(T0).values()
    (later,) = planned.likelier(T0 + 7200).values()
    assert fresh == pytest.approx(2 * later)
    assert LIKELIER > 2
    assert planned.likelier(T0 + 2 * 86_400) == {}
    assert planned.likelier(T0 - 3600) == {}
