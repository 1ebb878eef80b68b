"""The demo's clock: one for all processes, going on where it stopped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from api.store import _epoch_from, clock_for, resume_clock
from atlas.clock import SystemClock
from atlas.settings import Settings

SECOND = timedelta(seconds=1)


def test_outside_the_demo_time_is_the_walls(tmp_path: Path) -> None:
    assert clock_for(Settings(home=tmp_path, clock_speed=60)) == SystemClock()
    assert clock_for(Settings(home=tmp_path, demo=True)) == SystemClock()


def test_every_process_has_the_same_time(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, demo=True, clock_speed=60)
    assert clock_for(settings) == clock_for(settings)
    assert not list(tmp_path.glob("epoch.*"))


def test_time_goes_on_from_where_it_stopped(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, demo=True, clock_speed=60)
    clock_for(settings)
    last = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    resume_clock(settings, last)
    assert timedelta() <= clock_for(settings).now() - last < timedelta(hours=1)


@given(
    st.floats(0.1, 1000).filter(lambda speed: abs(speed - 1) > 1e-3),
    st.integers(-10_000, 10_000).map(lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)),
)
def test_whatever_the_speed_the_clock_begins_at_the_moment_to_resume(speed: float, last: datetime) -> None:
    wall = datetime(2026, 6, 1, tzinfo=UTC)
    epoch = _epoch_from(speed, last, wall)
    shown = epoch + (wall - epoch) * speed
    assert abs(shown - last) < SECOND
