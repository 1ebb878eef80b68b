"""Features: what moved is told from what is as it was, and nothing is read from the future."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortex.degradation.features import NAMES, failing, features
from cortex.degradation.fleet import Fleet
from tests.cortex.degradation.fleets import steady

CUT = 60


def feature(fleet: Fleet, name: str, cut: int = CUT) -> np.ndarray:
    return features(fleet, cut).table[:, NAMES.index(name)]


def test_a_level_that_sinks_is_told_from_its_siblings() -> None:
    fleet = steady()
    fleet.measured["level"][3, 45:] -= np.linspace(0, 4, 25)
    assert feature(fleet, "level_drift")[3] < -1.5
    assert abs(feature(fleet, "level_z")[3]) > 5
    assert feature(fleet, "level_beside_siblings")[3] < -1.5
    assert abs(feature(fleet, "level_drift")[4]) < 0.5


def test_a_whole_splitter_that_sinks_is_its_feeder() -> None:
    fleet = steady()
    fleet.measured["level"][:8, 50:] -= 3.0
    assert feature(fleet, "level_drift")[0] < -2
    assert abs(feature(fleet, "level_beside_siblings")[0]) < 0.5
    assert feature(fleet, "level_siblings_drift")[0] < -2


def test_a_restless_level_need_not_move() -> None:
    fleet = steady()
    fleet.measured["level"][5, 40:] += np.random.default_rng(2).normal(0, 1.0, 30)
    assert feature(fleet, "level_unrest_ratio")[5] > 2.5
    assert feature(fleet, "level_unrest_ratio")[6] < 2


def test_dips_are_counted_and_measured() -> None:
    fleet = steady()
    fleet.measured["level"][7, [42, 48, 55]] -= 2.0
    assert feature(fleet, "level_dips")[7] == 3
    assert feature(fleet, "level_deepest")[7] == pytest.approx(2.0, abs=0.6)
    assert feature(fleet, "level_dips")[8] == 0


def test_a_step_is_found_with_its_size_and_its_day() -> None:
    fleet = steady()
    fleet.measured["level"][9, 50:] -= 3.0
    assert feature(fleet, "level_step")[9] == pytest.approx(-3.0, abs=0.4)
    assert feature(fleet, "level_step_days_ago")[9] == CUT - 50
    assert feature(fleet, "level_step")[10] == 0


def test_what_goes_with_the_season_is_no_drift() -> None:
    fleet = steady()
    heat = np.linspace(0, 30, 70) + np.random.default_rng(3).normal(0, 2, 70)
    fleet.measured["temperature"][:] = heat
    fleet.measured["level"][11] -= 0.1 * heat
    assert feature(fleet, "level_by_heat")[11] == pytest.approx(-0.1, abs=0.02)
    assert abs(feature(fleet, "level_drift")[11]) < 0.5


def test_a_new_part_has_no_past() -> None:
    fleet = steady()
    fleet.measured["level"][12, :50] = -27
    fleet.mended[12, 49] = fleet.replaced[12, 49] = True
    assert abs(np.nan_to_num(feature(fleet, "level_drift")[12])) < 0.5
    assert feature(fleet, "age_days")[12] == CUT - 49
    assert feature(fleet, "age_days")[13] == CUT + 500


def test_what_has_just_failed_is_not_judged() -> None:
    fleet = steady()
    fleet.failed[1, CUT - 2] = fleet.failed[2, CUT - 20] = fleet.failed[3, CUT + 3] = True
    alive = features(fleet, CUT).alive
    assert not alive[1]
    assert alive[2] and alive[3]
    assert list(np.flatnonzero(failing(fleet, CUT, 14))) == [3]


@settings(max_examples=15, deadline=None)
@given(st.integers(14, 69), st.integers(0, 2**32 - 1))
def test_nothing_from_the_cut_on_is_read(cut: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    fleet = steady(size=16, seed=seed % 1000)
    before = features(fleet, cut).table
    for table in (*fleet.measured.values(), *fleet.heard.values()):
        table[:, cut:] = rng.normal(0, 50, table[:, cut:].shape)
    for what in (fleet.failed, fleet.mended, fleet.replaced):
        what[:, cut:] = rng.random(what[:, cut:].shape) < 0.5
    np.testing.assert_array_equal(features(fleet, cut).table, before)


def test_a_fleet_of_which_nothing_is_known_has_features_of_nothing() -> None:
    fleet = steady()
    fleet.measured["level"][:] = np.nan
    assert np.isnan(feature(fleet, "level_drift")).all()
