"""What is doubted and what is not: who says so, how many it would be, and who says otherwise."""

import pytest

from cortex.config import Config
from cortex.correlator import UNKNOWN, Correlator, Finding
from cortex.finding import Effect, Remedy
from cortex.signals import Signal
from tests.cortex.test_correlator import T0, TOPOLOGY, Say, cut, only, say, weights

__all__ = ["say"]

LINES = [f"ont-{i}" for i in range(8)]
CONFIG = Config(doubtful_share=1.1)  # so small a network is always all of it


@pytest.fixture
def correlator() -> Correlator:
    return Correlator(TOPOLOGY, weights(), CONFIG)


def missed(say: Say, element: str, after: float = 0.0) -> Signal:
    return say(element, "unreachable", after)._replace(feed="poller")


def account(correlator: Correlator, at: float, every: float = 60.0) -> None:
    """Every line sends its update."""
    for line in LINES:
        index = TOPOLOGY.index(f"node:{line}")
        assert index is not None
        correlator.sightings.accounted(index, T0 + at, every)


def at(correlator: Correlator, after: float) -> Finding:
    return only([f for f in correlator.findings(T0 + after) if f.notable])


def test_a_device_that_only_polls_miss_is_doubted(correlator: Correlator, say: Say) -> None:
    correlator.add([missed(say, "olt-1")])
    finding = at(correlator, 61)
    assert "only the poller says so" in finding.doubts[0]
    assert finding.impact.totals["subscribers"] == 16


def test_the_elements_own_words_are_not_doubted(correlator: Correlator, say: Say) -> None:
    correlator.add([say("port", "pon-loss-of-signal", 0.0)])
    assert at(correlator, 5).doubts == ()


def test_a_neighbour_that_saw_it_is_enough(correlator: Correlator, say: Say) -> None:
    correlator.add(cut(say))
    assert at(correlator, 60).doubts == ()


def test_lines_that_come_back_before_the_polls_do_are_a_repair_and_no_blind_poller(
    correlator: Correlator, say: Say
) -> None:
    said = cut(say)
    words, polls = said[:3], [poll._replace(feed="poller") for poll in said[3:]]
    account(correlator, -30.0)
    correlator.add([*words, *polls])
    broken = at(correlator, 60)
    correlator.add([w._replace(cleared=True, at=w.at + 1200, received=w.at + 1200) for w in words])
    for after in range(1210, 1500, 60):
        account(correlator, float(after))
    mending = at(correlator, 1500)
    assert (mending.causes[0].name, mending.effect, mending.doubts) == (broken.causes[0].name, Effect.DOWN, ())


def test_words_about_something_else_confirm_nothing(correlator: Correlator, say: Say) -> None:
    correlator.add([missed(say, "olt-1"), missed(say, "olt-2", 5.0), missed(say, "agg", 9.0)])
    correlator.add([say("agg", "temperature-high", -50.0)])
    assert at(correlator, 61).doubts


def test_lines_that_account_behind_a_silent_device_make_the_poller_blind(correlator: Correlator, say: Say) -> None:
    account(correlator, -10.0)
    correlator.add([missed(say, "olt-1")])
    assert at(correlator, 61).causes[0].element != UNKNOWN
    account(correlator, CONFIG.linger + 20.0)
    finding = at(correlator, CONFIG.linger + 30.0)
    (cause,) = finding.causes
    assert (cause.name, cause.mode, cause.remedy) == ("monitoring:poller", "blind", Remedy.DESK)
    assert finding.effect is Effect.NONE
    assert finding.impact.devices == 0
    assert "8 lines behind them have accounted since" in finding.doubts[0]


def test_updates_soon_after_prove_nothing_a_dead_session_lingers(correlator: Correlator, say: Say) -> None:
    account(correlator, -10.0)
    correlator.add([missed(say, "olt-1")])
    account(correlator, CONFIG.linger - 20.0)
    assert at(correlator, CONFIG.linger + 1.0).causes[0].element != UNKNOWN


def test_lines_that_ought_to_have_accounted_and_did_not_agree(correlator: Correlator, say: Say) -> None:
    account(correlator, -10.0)
    correlator.add([missed(say, "olt-1")])
    assert at(correlator, 61).doubts
    elsewhere = TOPOLOGY.index("node:far")
    assert elsewhere is not None
    correlator.sightings.accounted(elsewhere, T0 + 200.0)  # somebody listens
    assert at(correlator, CONFIG.linger + 61.0).doubts == ()


def test_where_nobody_listens_to_accounting_its_silence_says_nothing(correlator: Correlator, say: Say) -> None:
    account(correlator, -10.0)
    correlator.add([missed(say, "olt-1")])
    correlator.findings(T0 + 61)
    correlator.add([missed(say, "olt-2", 250.0)])
    assert all(f.doubts for f in correlator.findings(T0 + CONFIG.linger + 400.0) if f.notable)


def test_a_device_that_speaks_has_not_fallen_silent(correlator: Correlator, say: Say) -> None:
    correlator.add([missed(say, "olt-1"), say("olt-1", "bgp-peer-down", 100.0)])
    finding = next(f for f in correlator.findings(T0 + 400) if f.causes[0].name == "monitoring:poller")
    assert "1 of them have spoken since" in finding.doubts[0]


def test_a_large_share_at_once_wants_a_second_source(say: Say) -> None:
    correlator = Correlator(TOPOLOGY, weights())
    correlator.add([say("core-2", "loss-of-signal", 0.0, "link:agg")])
    finding = at(correlator, 1)
    assert "100% of all subscribers at once" in finding.doubts[0]
    correlator.add([missed(say, "agg", 30.0), missed(say, "olt-1", 31.0), missed(say, "olt-2", 32.0)])
    assert at(correlator, 60).doubts  # the words of one device
    correlator.add([say("core-3", "bgp-peer-down", 33.0, "node:agg")])
    assert at(correlator, 61).doubts == ()


def test_a_blind_poller_is_one_incident_and_what_it_misses_next_is_of_it(correlator: Correlator, say: Say) -> None:
    account(correlator, -10.0)
    devices = ("olt-1", "far", "core-3", "agg", "olt-2", "core-1", "core-2")
    for place, device in enumerate(devices[:-1]):
        correlator.add([missed(say, device, 10.0 * place)])
        correlator.findings(T0 + 10.0 * place + 1)
    for after in range(100, 500, 20):
        account(correlator, float(after))
        correlator.findings(T0 + after)
    correlator.add([missed(say, devices[-1], 500.0)])
    finding = at(correlator, 561)
    assert finding.causes[0].name == "monitoring:poller"
    assert len(finding.alarms) == len(devices)


def test_one_device_that_cannot_be_polled_hides_no_other(correlator: Correlator, say: Say) -> None:
    account(correlator, -10.0)
    correlator.add([missed(say, "olt-1")])
    account(correlator, CONFIG.linger + 20.0)
    assert at(correlator, CONFIG.linger + 30.0).causes[0].name == "monitoring:poller"
    correlator.add([missed(say, "far", 300.0)])
    found = [f for f in correlator.findings(T0 + 361) if f.notable and "fibre:far" in names(f)]
    assert only(found).causes[0].name != "monitoring:poller"


def names(finding: Finding) -> set[str]:
    first = finding.causes[0]
    return {TOPOLOGY.name(i) for i in (first.element, *first.tied_with) if i != UNKNOWN}


def test_traffic_that_is_missing_while_sessions_stay_up_blinds_nobody(correlator: Correlator, say: Say) -> None:
    low = [say("agg", "traffic-below-expected", 0.0), say("agg", "probe-failed", 1.0), say("agg", "dns-failures", 2.0)]
    correlator.add(low)
    account(correlator, CONFIG.linger + 20.0)
    assert all(f.doubts == () for f in correlator.findings(T0 + CONFIG.linger + 30.0))
