"""Who says what when the demo's network is cut, and what gets through."""

import asyncio
import dataclasses
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta

import psycopg
import pytest

from atlas import server
from atlas.clock import FrozenClock
from atlas.db import make_engine, make_sessions
from atlas.demo.gear.mouth import Mouth
from atlas.demo.gear.nas import Accounting, Line, load_lines, online
from atlas.demo.gear.storm import storm
from atlas.demo.gear.world import Reach, World, load_world
from atlas.network.enums import DEVICE_KINDS, AlarmType
from atlas.network.schemas import Alarm
from forge.feeds.messages import read_line
from forge.feeds.snmp import decode
from forge.feeds.trap_meaning import understand
from tests.atlas.demo.graph import cut_off

BACKHAUL = "fibre:F-Z3-BH-1"


@pytest.fixture(scope="module")
def network_url(server_url: str, demo_template: str) -> Iterator[str]:
    """A copy of the demo ISP that this module only reads."""
    name = f"read_{uuid.uuid4().hex[:12]}"
    server.create_database(server_url, name, demo_template)
    yield server.with_database(server_url, name)
    server.drop_database(server_url, name)


@pytest.fixture(scope="module")
def loaded(network_url: str) -> tuple[World, list[Line]]:
    """The network and its lines, read once."""

    async def read() -> tuple[World, list[Line]]:
        engine = make_engine(network_url)
        async with make_sessions(engine)() as session:
            world = await load_world(session)
            lines = await load_lines(session, world)
        await engine.dispose()
        return world, lines

    return asyncio.run(read())


@pytest.fixture
def world(loaded: tuple[World, list[Line]]) -> World:
    return loaded[0]


@pytest.fixture
def lines(loaded: tuple[World, list[Line]]) -> list[Line]:
    return [dataclasses.replace(line) for line in loaded[1]]


class Wire:
    """A mouth and what came out of it, as the alarms the feeds read."""

    def __init__(self, world: World, clock: FrozenClock) -> None:
        self.world, self.clock = world, clock
        self.reach = world.reach([])
        self.alarms: list[Alarm] = []
        self.mouth = Mouth(world, self.reach, clock, "public", self._line, self._trap)

    def _line(self, data: bytes) -> None:
        alarm = read_line(data, "127.0.0.1", self.clock.now())
        assert isinstance(alarm, Alarm), data
        self.alarms.append(alarm)

    def _trap(self, data: bytes) -> None:
        alarm = understand(decode(data), "127.0.0.1", self.clock.now(), {})
        assert isinstance(alarm, Alarm), data
        self.alarms.append(alarm)

    def change(self, failed: Iterable[str]) -> Reach:
        before, self.reach = self.reach, self.world.reach(set(failed))
        self.mouth.reach = self.reach
        self.mouth.plan(storm(self.world, before, self.reach), self.clock.now())
        return before

    def hear(self, seconds: float) -> list[Alarm]:
        """What is said in the next seconds."""
        self.alarms = []
        self.clock.advance(seconds)
        self.mouth.speak()
        return self.alarms


@pytest.fixture
def wire(world: World, clock: FrozenClock) -> Wire:
    return Wire(world, clock)


def key(alarm: Alarm) -> tuple[str, AlarmType, str]:
    return alarm.resource, alarm.alarm_type, alarm.qualifier


async def test_the_gear_finds_cut_off_what_the_rows_say(world: World, network_url: str) -> None:
    cuts: tuple[list[str], ...] = (
        [],
        [BACKHAUL],
        ["duct:D-Z6-R-2-1"],
        ["fibre:F-Z1-R-2"],
        ["fibre:F-Z1-R-2", "fibre:F-Z1-R-4"],
    )
    for elements in cuts:
        reach = world.reach(elements)
        off = {node.name for node, is_up in zip(world.nodes, reach.up, strict=True) if not is_up}
        with psycopg.connect(network_url) as connection:
            assert off == cut_off(connection, elements)


async def test_the_near_ends_speak_and_nothing_behind_the_cut_does(wire: Wire) -> None:
    wire.change([BACKHAUL])
    alarms = wire.hear(60)
    assert {alarm.device for alarm in alarms} == {"z3-bng-1", "z3-bng-2"}
    assert {alarm.alarm_type for alarm in alarms} == {
        AlarmType.LOSS_OF_SIGNAL,
        AlarmType.LINK_DOWN,
        AlarmType.BFD_DOWN,
        AlarmType.OSPF_ADJACENCY_DOWN,
        AlarmType.LDP_SESSION_DOWN,
        AlarmType.BGP_PEER_DOWN,
    }


async def test_light_goes_first_and_hold_timers_follow(wire: Wire) -> None:
    wire.change([BACKHAUL])
    first = {alarm.alarm_type for alarm in wire.hear(0.1)}
    assert first == {AlarmType.LOSS_OF_SIGNAL, AlarmType.LINK_DOWN}
    assert {alarm.alarm_type for alarm in wire.hear(0.9)} == {AlarmType.BFD_DOWN}
    assert {alarm.alarm_type for alarm in wire.hear(9)} == {AlarmType.OSPF_ADJACENCY_DOWN}
    assert {alarm.alarm_type for alarm in wire.hear(25)} == {AlarmType.LDP_SESSION_DOWN, AlarmType.BGP_PEER_DOWN}


async def test_a_repair_clears_exactly_what_was_raised(wire: Wire) -> None:
    wire.change([BACKHAUL])
    raised = wire.hear(60)
    wire.change([])
    cleared = wire.hear(60)
    near = {alarm.device for alarm in raised}
    assert {key(alarm) for alarm in raised} == {key(alarm) for alarm in cleared if alarm.device in near}
    assert not any(alarm.is_cleared for alarm in raised)
    assert all(alarm.is_cleared for alarm in cleared)


async def test_a_blink_shorter_than_a_hold_timer_loses_no_session(wire: Wire) -> None:
    wire.change([BACKHAUL])
    wire.hear(2)
    wire.change([])
    said = wire.hear(60)
    assert AlarmType.BGP_PEER_DOWN not in {alarm.alarm_type for alarm in said if not alarm.is_cleared}


async def test_what_waited_behind_the_cut_comes_late_with_its_old_time(wire: Wire) -> None:
    cut_at = wire.clock.now()
    wire.change([BACKHAUL])
    wire.hear(1_200)
    before = wire.change([])
    back = [node for node, is_up in enumerate(wire.reach.up) if is_up and not before.up[node]]
    kept = wire.mouth.release(back)
    wire.alarms = []
    await wire.mouth.flush(kept)
    assert {alarm.device for alarm in wire.alarms} == {"z3-agg-1"}
    assert all(alarm.event_time - cut_at < timedelta(seconds=60) for alarm in wire.alarms)
    assert not any(alarm.is_cleared for alarm in wire.alarms)
    assert wire.mouth.release(back) == []


async def test_a_feeder_cut_is_loss_of_signal_at_each_of_its_ports(wire: Wire) -> None:
    wire.change(["fibre:F-Z1-FD-1"])
    lost = [alarm for alarm in wire.hear(5) if alarm.alarm_type is AlarmType.PON_LOS]
    ports = {wire.world.nodes[wire.world.links[link].a.node].name for link in wire.world.riding["fibre:F-Z1-FD-1"]}
    assert {alarm.resource for alarm in lost} == ports
    wire.change([])
    assert {key(alarm) for alarm in wire.hear(5) if alarm.is_cleared} >= {key(alarm) for alarm in lost}


async def test_an_ont_without_power_gasps_and_is_named(wire: Wire) -> None:
    wire.change(["node:z3-olt-1/0/1/0/1"])
    assert {key(alarm)[:2] for alarm in wire.hear(5)} == {
        ("z3-olt-1/0/1/0/1", AlarmType.ONT_DYING_GASP),
        ("z3-olt-1/0/1/0/1", AlarmType.ONT_LOS),
    }


async def test_a_device_that_fails_says_nothing_and_starts_cold(wire: Wire) -> None:
    wire.change(["node:z3-olt-1"])
    assert {alarm.device for alarm in wire.hear(60)} == {"z3-agg-1"}
    wire.change([])
    said = wire.hear(60)
    assert ("z3-olt-1", AlarmType.RESTARTED) in {(alarm.device, alarm.alarm_type) for alarm in said}


async def test_whatever_is_cut_every_word_is_understood(wire: Wire) -> None:
    elements = [key for key in wire.world.riding if key.startswith(("fibre:", "duct:"))][::23]
    elements += [f"node:{node.name}" for node in wire.world.nodes if node.kind in DEVICE_KINDS][::11]
    for element in elements:
        wire.change([element])
        raised = wire.hear(60)
        wire.change([])
        cleared = wire.hear(60)
        assert {key(a) for a in raised if not a.is_cleared} <= {key(a) for a in cleared if a.is_cleared}, element


class Nas:
    """Accounting by hand, with what was sent."""

    def __init__(self, lines: list[Line], reach: Reach, *, answers: bool = True) -> None:
        self.sent: list[tuple[int, bytes]] = []
        self.answers = answers
        self.accounting = Accounting(lines, reach, b"testing123", self._send, 8)

    def _send(self, socket: int, data: bytes) -> None:
        self.sent.append((socket, data))
        if self.answers:
            self.accounting.answered(socket, bytes((5, data[1])) + bytes(18))

    def run(self, since: float, seconds: int) -> int:
        """Packets sent in these seconds, a tick each."""
        before = len(self.sent)
        for second in range(1, seconds + 1):
            self.accounting.tick(since + second, since + second, 10_000)
        return len(self.sent) - before


def heard_until(lines: list[Line]) -> float:
    return max(line.last for line in lines)


async def test_each_line_accounts_once_per_interval_evenly(world: World, lines: list[Line]) -> None:
    nas, start = Nas(lines, world.reach([])), heard_until(lines)
    halves = [nas.run(start + 900 * n, 900) for n in range(4)]
    assert sum(halves[:2]) == sum(halves[2:]) == len(lines)
    assert max(halves) - min(halves) < 10


async def test_cut_lines_fall_silent_and_go_on_when_mended_in_time(world: World, lines: list[Line]) -> None:
    nas, start = Nas(lines, world.reach([])), heard_until(lines)
    cut = world.reach([BACKHAUL])
    nas.accounting.change(cut, start)
    assert nas.run(start, 1_800) == online(lines, cut) == len(lines) - 312
    nas.accounting.change(world.reach([]), start + 1_800)
    nas.run(start + 1_800, 70)
    assert {status(data) for _, data in nas.sent} == {3}
    assert all(line.lost_at is None for line in lines)


async def test_sessions_lost_too_long_stop_and_start_anew(world: World, lines: list[Line]) -> None:
    nas, start = Nas(lines, world.reach([])), heard_until(lines)
    nas.accounting.change(world.reach([BACKHAUL]), start)
    nas.run(start, 7_200)
    nas.sent.clear()
    nas.accounting.change(world.reach([]), start + 7_200)
    nas.run(start + 7_200, 70)
    kinds = [status(data) for _, data in nas.sent]
    assert (kinds.count(2), kinds.count(1)) == (312, 312)


async def test_an_unanswered_packet_is_sent_again_and_then_given_up(world: World, lines: list[Line]) -> None:
    nas, start = Nas(lines[:1], world.reach([]), answers=False), lines[0].last + 1_800
    nas.run(start, 60)
    assert len(nas.sent) == 5
    assert len(set(nas.sent)) == 1


def status(data: bytes) -> int:
    """Acct-Status-Type, the first attribute."""
    return int.from_bytes(data[22:26], "big")
