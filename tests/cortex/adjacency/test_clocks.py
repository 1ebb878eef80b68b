"""A clock that is off by a zone shows in the words of the neighbours."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.shared import shared
from cortex.adjacency.clocks import Change, zone_errors
from forge.feeds.replay import Tally, replay

RECORDED = shared("alarms/ios-xr-bgpclear")


def changes(off: dict[str, float]) -> list[Change]:
    """Six routers in a ring; each session goes down and up at some time, both ends say so within two seconds."""
    rng, found = random.Random(1), []
    for n in range(6):
        a, z = f"r{n}", f"r{(n + 1) % 6}"
        for flap in range(4):
            for up in (False, True):
                at = 10_000.0 * flap + 700.0 * n + 60.0 * up
                found.append(Change(a, f"10.0.{n}.1", up, at + off.get(a, 0.0)))
                found.append(Change(z, f"10.0.{n}.0", up, at + rng.uniform(-2, 2) + off.get(z, 0.0)))
    return found


def test_clocks_that_are_right_are_left_alone() -> None:
    assert zone_errors(changes({})) == {}
    assert zone_errors(changes({"r1": 4.0})) == {}


def test_a_clock_in_another_zone_is_found() -> None:
    assert zone_errors(changes({"r2": 7 * 3600.0})) == {"r2": 7 * 3600.0}
    assert zone_errors(changes({"r2": -20_700.0})) == {"r2": -20_700.0}  # Nepal's


def test_two_of_them_are_found_one_after_the_other() -> None:
    assert zone_errors(changes({"r1": 3600.0, "r4": -3600.0})) == {"r1": 3600.0, "r4": -3600.0}


def test_neighbours_of_one_router_are_witnesses_too() -> None:
    lost = [
        Change(f"r{n}", f"10.0.{n}.1", False, 7200.0 * (n == 3) + 5000.0 * flap, "65503")
        for n in range(4)
        for flap in range(4)
    ]
    assert zone_errors(lost) == {"r3": 7200.0}


def test_the_recorded_router_in_another_zone_is_found_without_its_head(tmp_path: Path) -> None:
    files = sorted(RECORDED.glob("*.bgpclear.log"))
    if not files:
        pytest.skip(f"no recorded alarms in {RECORDED}")
    for file in files:
        lines = file.read_text().splitlines()
        body = [line for line in lines if line.startswith(("RP/", "LC/", "0/"))]
        (tmp_path / file.name).write_text("\n".join(body))
    tally = Tally()
    list(replay(sorted(tmp_path.glob("*.log")), datetime(2017, 8, 4, 12, tzinfo=UTC), tally=tally))
    assert tally.ahead == {"leaf4": 7 * 3600.0}  # its head says UTC, all others say PDT
