"""Breaking services by hand: what each word means, and what is said where there is no such thing."""

import pytest

from atlas.clock import FrozenClock
from atlas.db import Sessions
from atlas.demo.breaks import break_, find, mend
from atlas.demo.service import DemoError, UnknownElementError


@pytest.mark.parametrize(
    ("what", "key"),
    [
        ("radius", "service:radius"),
        ("dhcp:all", "service:dhcp"),
        ("dns:dns-2", "service:dns-2"),
        ("transit", "service:transit-frankfurt-1"),
        ("transit:all", "service:transit"),
        ("cgnat", "service:cgnat-1"),
        ("bng", "service:z3-bng-1"),
        ("bng:z7-bng-1", "service:z7-bng-1"),
        ("radius-1", "service:radius-1"),
        ("service:radius", "service:radius"),
        ("poller", "service:poller"),
        ("power:z3-olt-1", "power:z3-olt-1"),
    ],
)
async def test_what_each_word_breaks(demo_sessions: Sessions, what: str, key: str) -> None:
    async with demo_sessions() as session:
        assert await find(session, what) == key


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("radius:radius-9", "There is no radius 'radius-9'; there are radius-1, radius-2."),
        ("toaster", "Nothing called 'toaster' can be broken"),
        ("bng:all", "Not all BNGs at once"),
        ("dns:radius-1", "There is no dns 'radius-1'"),
    ],
)
async def test_what_is_not_there_is_said(demo_sessions: Sessions, what: str, words: str) -> None:
    async with demo_sessions() as session:
        with pytest.raises(UnknownElementError, match=words):
            await find(session, what)


async def test_nothing_is_broken_or_mended_twice(demo_sessions: Sessions, clock: FrozenClock) -> None:
    async with demo_sessions() as session:
        with pytest.raises(DemoError, match="is not broken; broken now: nothing"):
            await mend(session, "radius", clock.now())
        fault = await break_(session, "radius", clock.now())
        with pytest.raises(DemoError, match="broken already"):
            await break_(session, "service:radius", clock.now())
        clock.advance(60)
        mended = await mend(session, "radius", clock.now())
        assert (mended.id, mended.repaired_at) == (fault.id, clock.now())


async def test_a_site_without_power_is_cut_like_any_element(demo_sessions: Sessions, clock: FrozenClock) -> None:
    async with demo_sessions() as session:
        with pytest.raises(UnknownElementError):
            await break_(session, "power:atlantis", clock.now())
