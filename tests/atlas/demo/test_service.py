"""Cutting and mending by hand: what may be cut, what is said when it can't be."""

import pytest
from sqlalchemy import select

from atlas.clock import FrozenClock
from atlas.db import Sessions
from atlas.demo.service import DemoError, UnknownElementError, cut, list_elements, repair
from atlas.events import Event


async def test_a_cut_and_its_repair_are_kept_and_told(demo_sessions: Sessions, clock: FrozenClock) -> None:
    async with demo_sessions() as session:
        fault = await cut(session, "fibre:F-Z3-BH-1", clock.now())
        assert (fault.element, fault.cut_at, fault.repaired_at) == ("fibre:F-Z3-BH-1", clock.now(), None)
        assert {one.element for one in await list_elements(session) if one.is_cut} == {"fibre:F-Z3-BH-1"}
        clock.advance(60)
        mended = await repair(session, "fibre:F-Z3-BH-1", clock.now())
        assert (mended.id, mended.repaired_at) == (fault.id, clock.now())
        told = await session.execute(
            select(Event.kind, Event.subject).where(Event.kind.in_(["demo.cut", "demo.repair"])).order_by(Event.id)
        )
        assert [tuple(row) for row in told] == [
            ("demo.cut", "fibre:F-Z3-BH-1"),
            ("demo.repair", "fibre:F-Z3-BH-1"),
        ]


async def test_a_bare_name_will_do(demo_sessions: Sessions, clock: FrozenClock) -> None:
    async with demo_sessions() as session:
        assert (await cut(session, "z3-olt-1", clock.now())).element == "node:z3-olt-1"
        assert (await cut(session, "D-Z3-R-1", clock.now())).element == "duct:D-Z3-R-1"


async def test_an_unknown_element_names_close_ones(demo_sessions: Sessions, clock: FrozenClock) -> None:
    async with demo_sessions() as session:
        with pytest.raises(UnknownElementError, match="Did you mean fibre:F-Z3-BH-1"):
            await cut(session, "fibre:F-Z3-BH1", clock.now())
        with pytest.raises(UnknownElementError, match="bedrock demo list"):
            await cut(session, "¿¿¿", clock.now())


async def test_nothing_is_cut_or_mended_twice(demo_sessions: Sessions, clock: FrozenClock) -> None:
    async with demo_sessions() as session:
        with pytest.raises(DemoError, match="is not cut; cut now: nothing"):
            await repair(session, "fibre:F-Z3-BH-1", clock.now())
        await cut(session, "fibre:F-Z3-BH-1", clock.now())
        with pytest.raises(DemoError, match="cut already"):
            await cut(session, "F-Z3-BH-1", clock.now())


async def test_the_list_says_what_things_are_and_begins_with_backhauls(demo_sessions: Sessions) -> None:
    async with demo_sessions() as session:
        elements = await list_elements(session)
    assert [(one.element, one.what, one.zone) for one in elements[:2]] == [
        ("fibre:F-Z3-BH-1", "backhaul", 3),
        ("fibre:F-Z6-BH-1", "backhaul", 6),
    ]
    words = {one.what.partition(" with ")[0] for one in elements}
    assert words >= {"ring cable", "feeder cable", "long-haul cable", "uplink of an access site", "duct", "OLT"}
    assert len({one.element for one in elements}) == len(elements)
