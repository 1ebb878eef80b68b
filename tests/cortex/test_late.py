"""What comes hours late is history: it joins what is open, opens nothing itself, and reopens nothing."""

from cortex.correlator import Correlator
from cortex.signals import Signal
from tests.cortex.test_correlator import T0, Say, correlator, cut, only, say

__all__ = ["correlator", "say"]

HOURS = 3 * 3600.0


def alive(say: Say, element: str, after: float) -> Signal:
    """A word of the present; by it the sender's clock is known to be right."""
    return say(element, "other", after)


def test_what_was_over_long_ago_opens_nothing(correlator: Correlator, say: Say) -> None:
    correlator.add([alive(say, "core-2", -HOURS - 600.0)])
    down = say("core-2", "loss-of-signal", -HOURS, "link:agg", received=0.0)
    up = down._replace(cleared=True, at=T0 - HOURS + 600.0, received=T0 + 0.1)
    correlator.add([down, up, alive(say, "core-2", 1.0)])
    assert [f for f in correlator.findings(T0 + 60) if f.notable] == []


def test_what_still_stands_once_its_sender_speaks_of_the_present_is_news(correlator: Correlator, say: Say) -> None:
    correlator.add([alive(say, "port", -HOURS - 600.0)])
    correlator.add([say("port", "pon-loss-of-signal", -HOURS, received=0.0)])
    assert [f for f in correlator.findings(T0 + 1) if f.notable] == []
    correlator.add([alive(say, "port", 5.0)])
    finding = only([f for f in correlator.findings(T0 + 6) if f.notable])
    assert finding.opened_at == T0 - HOURS


def test_an_event_of_long_ago_never_becomes_news(correlator: Correlator, say: Say) -> None:
    correlator.add([alive(say, "ont-1", -HOURS - 600.0)])
    gasp = say("ont-1", "ont-dying-gasp", -HOURS, received=0.0)
    correlator.add([gasp, alive(say, "ont-1", 1.0)])
    assert all(gasp.alarm not in f.alarms for f in correlator.findings(T0 + 60))


def test_late_words_join_what_is_open(correlator: Correlator, say: Say) -> None:
    correlator.add([alive(say, "olt-1", -600.0), *cut(say)])
    first = only([f for f in correlator.findings(T0 + 60) if f.notable])
    correlator.add([say("olt-1", "link-down", 0.3, "link:olt-1", received=4000.0)])
    assert only(correlator.findings(T0 + 4001)).group == first.group


def test_late_words_reopen_nothing(correlator: Correlator, say: Say) -> None:
    raised = cut(say)
    correlator.add([alive(say, "olt-1", -600.0), *raised])
    correlator.add([s._replace(cleared=True, at=T0 + 1500, received=T0 + 1500) for s in raised])
    assert only([f for f in correlator.findings(T0 + 1501) if f.notable]).is_cleared
    correlator.add([say("olt-1", "link-down", 0.3, "link:olt-1", received=1600.0)])
    assert all(f.is_cleared for f in correlator.findings(T0 + 1601) if f.notable)
