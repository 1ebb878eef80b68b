"""Power that fails and faults that kill nothing: what the demo's equipment says, and what the feeds make of it."""

from datetime import timedelta

import pytest

from atlas.clock import FrozenClock
from atlas.db import Sessions
from atlas.demo import service
from atlas.demo.gear import modes, power
from atlas.demo.gear.world import World, load_world
from atlas.demo.service import UnknownElementError, cut, find_element
from atlas.network.enums import AlarmType, NodeKind
from atlas.network.schemas import Alarm
from tests.atlas.demo.wire import Wire

SITE = "power:z3-pop"
MAINS, ON_BATTERY, LOW = AlarmType.POWER_LOSS, AlarmType.ON_BATTERY, AlarmType.BATTERY_LOW


@pytest.fixture
async def world(demo_sessions: Sessions) -> World:
    async with demo_sessions() as session:
        return await load_world(session)


@pytest.fixture
def wire(world: World, clock: FrozenClock) -> Wire:
    return Wire(world, clock)


def said(alarms: list[Alarm]) -> set[tuple[str, AlarmType, bool]]:
    return {(alarm.resource, alarm.alarm_type, alarm.is_cleared) for alarm in alarms}


def life(wire: Wire) -> timedelta:
    """How long the site's battery lasts from now."""
    now = wire.clock.now()
    return power.turn(wire.world.sites["z3-pop"], now).empty_at - now


async def test_a_site_stands_for_all_that_is_in_its_building(world: World) -> None:
    names = {world.nodes[node].name for node in world.sites["z3-pop"].nodes}
    assert names == {"z3-agg-1", "z3-olt-1", "z3-cmts-1"}


async def test_a_site_without_mains_says_so_and_nobody_is_down(wire: Wire) -> None:
    heard = said(wire.change(SITE))
    assert heard == {(n, k, False) for n in ("z3-agg-1", "z3-olt-1", "z3-cmts-1") for k in (MAINS, ON_BATTERY)}
    assert all(wire.reach.up)


async def test_its_battery_is_low_before_it_is_empty_and_then_its_devices_die(wire: Wire) -> None:
    lasts = life(wire)
    wire.change(SITE)
    heard = said(wire.change(SITE, after=0.85 * lasts))
    assert heard == {(n, LOW, False) for n in ("z3-agg-1", "z3-olt-1", "z3-cmts-1")}
    assert all(wire.reach.up)
    heard = said(wire.change(SITE, after=0.2 * lasts))
    assert {name.partition("/")[0] for name, _, _ in heard} == {"z3-bng-1", "z3-bng-2"}
    assert not wire.reach.up[wire.world.by_name["z3-agg-1"]]


async def test_mains_that_is_back_takes_back_all_that_was_said(wire: Wire) -> None:
    lasts = life(wire)
    raised = said(wire.change(SITE)) | said(wire.change(SITE, after=0.85 * lasts))
    wire.change(SITE, after=0.2 * lasts)
    cleared = said(wire.change())
    assert {(name, kind, True) for name, kind, _ in raised} <= cleared
    assert all(wire.reach.up)


async def test_a_street_without_mains_gasps_all_but_those_too_weak_to(wire: Wire) -> None:
    splitter = next(i for i, n in enumerate(wire.world.nodes) if n.kind is NodeKind.SPLITTER)
    homes = wire.world.down_from(splitter, NodeKind.ONT)
    heard = said(wire.change(f"power:{wire.world.nodes[splitter].name}"))
    gasped = {name for name, kind, _ in heard if kind is AlarmType.ONT_DYING_GASP}
    assert gasped < {wire.world.nodes[ont].name for ont in homes}
    assert len(gasped) > 0.7 * len(homes)
    assert not any(wire.reach.up[ont] for ont in homes)


@pytest.mark.parametrize(
    ("mode", "kind", "types"),
    [
        ("ingress", NodeKind.FIBRE_NODE, {AlarmType.UPSTREAM_SNR_LOW, AlarmType.T3_TIMEOUTS}),
        ("rogue-ont", NodeKind.ONT, {AlarmType.ROGUE_ONT, AlarmType.ONT_DEGRADED}),
        ("rain", NodeKind.TOWER, {AlarmType.RAIN, AlarmType.MODULATION_LOW}),
        ("radar", NodeKind.SECTOR, {AlarmType.RADAR_DETECTED, AlarmType.CPE_LOST}),
    ],
)
async def test_a_fault_that_kills_nothing_is_heard_and_taken_back(
    wire: Wire, mode: str, kind: NodeKind, types: set[AlarmType]
) -> None:
    place = next(node.name for node in wire.world.nodes if node.kind is kind)
    raised = wire.change(f"mode:{mode}@{place}", hear=3_600)
    assert {alarm.alarm_type for alarm in raised} == types
    assert all(wire.reach.up)
    cleared = said(wire.change(hear=3_600))
    events = {AlarmType.RADAR_DETECTED}
    assert {(name, kind, True) for name, kind, _ in said(raised) if kind not in events} == cleared


async def test_what_can_be_broken_is_checked_and_named(demo_sessions: Sessions, clock: FrozenClock) -> None:
    async with demo_sessions() as session:
        assert (await cut(session, SITE, clock.now())).element == SITE
        assert await find_element(session, "power:z3-mast") == "power:z3-mast"
        with pytest.raises(UnknownElementError, match="Did you mean power:z3-pop"):
            await find_element(session, "power:z3-popp")
        with pytest.raises(UnknownElementError, match="ingress is a fault of a fibre node"):
            await find_element(session, "mode:ingress@z3-agg-1")
        with pytest.raises(UnknownElementError, match="there are ingress"):
            await find_element(session, "mode:gremlins@z3-agg-1")


def test_all_that_can_be_asked_for_can_be_played() -> None:
    assert service.MODES.keys() == modes.PLAYED.keys()
