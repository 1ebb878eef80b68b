"""Mains power in the demo: a site runs on its battery, says so, says that the battery is low, and dies.

`power:<site>` takes the mains of one site's equipment; the homes around keep theirs, so no ONT gasps.
`power:<splitter>` takes the mains of the street behind a splitter: its ONTs have no battery and are gone at once, with
their last words. How long a battery really lasts is this module's own opinion, and not what the operator's books make
of it.
"""

import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from atlas.demo.gear.storm import Said
from atlas.demo.gear.voices import Line
from atlas.demo.gear.world import Site, World
from atlas.network.enums import NodeKind

PREFIX = "power:"
#: Part of the nominal hours that a battery really holds when new, and loses each year; alike for nobody by a tenth.
NEW, YEARLY, SPREAD = 1.0, 0.03, 0.1
#: Part of its life after which a battery says that it is low.
LOW_AFTER = 0.8


class Phase(IntEnum):
    """What a site lives on."""

    MAINS = 0
    BATTERY = 1
    LOW = 2
    DEAD = 3


class Turn(NamedTuple):
    """When a site's battery is low, and when it is empty."""

    low_at: datetime
    empty_at: datetime


def turn(site: Site, lost_at: datetime) -> Turn:
    """What becomes of a site that lost its mains."""
    age = max(0.0, (lost_at.date() - site.battery_since).days / 365.25) if site.battery_since else 0.0
    luck = 1 + SPREAD * (zlib.crc32(site.name.encode()) % 201 - 100) / 100
    hours = (site.battery_hours or 0.0) * max(0.1, NEW - YEARLY * age) * luck
    return Turn(lost_at + timedelta(hours=hours * LOW_AFTER), lost_at + timedelta(hours=hours))


def phases(world: World, faults: Mapping[str, datetime], now: datetime) -> dict[str, Phase]:
    """What each site without mains lives on; `faults`: element key -> since when."""
    found: dict[str, Phase] = {}
    for key, since in faults.items():
        site = world.sites.get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
        if site is not None:
            when = turn(site, since)
            found[site.name] = (
                Phase.DEAD if now >= when.empty_at else Phase.LOW if now >= when.low_at else Phase.BATTERY
            )
    return found


def next_turn(world: World, faults: Mapping[str, datetime], now: datetime) -> datetime | None:
    """When a battery will next be low or empty."""
    turns = [
        turn(world.sites[name], since)
        for key, since in faults.items()
        if key.startswith(PREFIX) and (name := key.removeprefix(PREFIX)) in world.sites
    ]
    return min((at for each in turns for at in each if at > now), default=None)


def dead(world: World, faults: Mapping[str, datetime], now: datetime) -> set[str]:
    """Element keys that have failed: those cut by hand, what stands at sites with an empty battery, dark homes."""
    failed = {key for key in faults if not key.startswith(PREFIX)}
    for name, phase in phases(world, faults, now).items():
        if phase is Phase.DEAD:
            failed.update(f"node:{world.nodes[node].name}" for node in world.sites[name].nodes)
    for key in faults:
        node = world.by_name.get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
        if node is not None:
            failed.update(f"node:{world.nodes[ont].name}" for ont in world.down_from(node, NodeKind.ONT))
    return failed


def voices(world: World, before: Mapping[str, Phase], after: Mapping[str, Phase]) -> Iterator[Said]:
    """What the equipment of each site says as its phase changes."""
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, Phase.MAINS), after.get(name, Phase.MAINS)
        for number, node in enumerate(n for n in world.sites[name].nodes if world.nodes[n].address):
            for text, later in _sentences(was, now):
                yield Said(node, Line(later + 0.7 * number, "powermon", text), None, now is Phase.MAINS)


def _sentences(was: Phase, now: Phase) -> Iterator[tuple[str, float]]:
    if was is now:
        return
    if now is Phase.MAINS:
        after = 30.0 if was is Phase.DEAD else 0.5  # equipment that starts anew says nothing meanwhile
        yield "mains power restored", after
        yield "on-battery operation ended", after + 1.0
        if was >= Phase.LOW:
            yield "battery charging, low alarm cleared", after + 2.0
    elif now is Phase.LOW:
        yield "battery low", 0.0
    elif now is Phase.BATTERY:
        yield "mains power failed", 0.5
        yield "running on battery", 2.0
