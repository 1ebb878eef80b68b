"""Power and climate: one finding per site, a countdown while the battery lasts, and what comes after it."""

import pytest

from cortex.finding import Effect, Remedy
from cortex.modes.battery import ends_at
from cortex.signals import Signal
from tests.cortex.modes.scenes import CPES, MODEMS, ONTS, T0, YEAR, Scene, check, found, heard, played

EVERYBODY = 2 * ONTS + 2 * MODEMS + 6 * CPES
MAINS, ON_BATTERY, LOW = "mains-power-loss", "on-battery", "battery-low"
DARK = (("agg", MAINS, 0.0), ("olt", MAINS, 2.0), ("cmts", ON_BATTERY, 3.0))
DEAD = tuple((name, "unreachable", 14_000.0 + i) for i, name in enumerate(("agg", "olt", "cmts", "fn-1", "fn-2")))
AFTER = (*DEAD, *((f"t{i}{s}", "unreachable", 14_010.0) for i in (1, 2, 3) for s in ("", "-a", "-b")))

SCENES = (
    Scene("devices of one site lose their mains", DARK, "site:pop", "on battery", Effect.AT_RISK, Remedy.DESK, down=0),
    Scene(
        "the battery says that it is low: now somebody drives",
        (*DARK, ("agg", LOW, 9_000.0)),
        "site:pop",
        "battery low",
        Effect.AT_RISK,
        down=0,
    ),
    Scene(
        "the battery ends, and the site's devices with it",
        (*DARK, ("agg", LOW, 9_000.0), *AFTER),
        "site:pop",
        "without power",
        Effect.DOWN,
        down=EVERYBODY,
    ),
    Scene(
        "a device without a known site stands for itself",
        (("t2-a", MAINS, 0.0),),
        "site:t2",
        "on battery",
        Effect.AT_RISK,
        Remedy.DESK,
        down=0,
    ),
    Scene(
        "several devices too hot: the air conditioning of their site",
        (("agg", "temperature-high"), ("olt", "temperature-high", 100.0)),
        "site:pop",
        "too hot",
        Effect.AT_RISK,
        down=0,
    ),
    Scene(
        "one device too hot is no incident yet",
        (("agg", "temperature-high"),),
        "site:pop",
        "too hot",
        Effect.AT_RISK,
        incident=False,
        down=0,
    ),
    Scene(
        "a site that falls silent without a word of its power is dead, not dark",
        tuple((name, kind, after - 14_000.0) for name, kind, after in AFTER),
        "node:agg",
        down=EVERYBODY,
    ),
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_scene(scene: Scene) -> None:
    check(scene)


def test_a_site_on_battery_is_one_finding_with_a_countdown() -> None:
    (finding,) = found(heard(DARK))
    assert finding.power_until == pytest.approx(ends_at(T0, 4.0, T0 - 5 * YEAR))
    assert f"{EVERYBODY} subscribers lose service at 11:36 UTC when the battery ends" in finding.explanation
    assert (finding.impact.devices, finding.impact.cut_off.size) == (0, 0)
    assert finding.impact.at_risk > EVERYBODY


def test_a_battery_that_is_low_ends_sooner() -> None:
    (finding,) = found(heard((*DARK, ("agg", LOW, 3_600.0))))
    assert finding.power_until == pytest.approx(T0 + 3_600 + 0.2 * 3.6 * 3_600)


def test_mains_that_is_back_stops_the_countdown() -> None:
    signals = heard(DARK)
    back = [Signal(s.alarm, s.element, s.type, True, T0 + 600, T0 + 600, s.feed, None, s.key) for s in signals]
    (finding,) = found([*signals, *back])
    assert finding.is_cleared
    assert finding.power_until is None


def test_two_sites_without_mains_are_two_places_each_with_its_own_battery() -> None:
    findings = found(heard((("fn-1", MAINS, 0.0), ("fn-1", ON_BATTERY, 1.0), ("fn-2", MAINS, 400.0))))
    causes = {(c.name, c.mode) for f in findings for c in f.causes[: f.together]}
    assert causes == {("site:fn-1", "on battery"), ("site:fn-2", "on battery")}


def test_a_battery_of_unknown_size_gives_no_countdown() -> None:
    finding = played(Scene("", (("t1", MAINS, 0.0), ("t1-a", MAINS, 1.0)), ""))
    assert finding.power_until is None
    assert any("nobody has written down" in sentence for sentence in finding.explanation)
