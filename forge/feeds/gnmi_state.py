"""What a device streams by gNMI, taken apart, and what it means: openconfig leaves in, alarms out. Pure.

Understood are the state of interfaces (openconfig-interfaces) and of BGP sessions (openconfig-network-instance),
whether a leaf comes on its own or inside a JSON object. The first answers to a subscription, up to its
sync_response, tell how things stand: what is down is raised unless this feed has raised it before, and what stands
in Atlas as down though it is up again, or gone, is cleared.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pygnmi.spec.v080 import gnmi_pb2

from atlas.network.enums import AlarmType, Feed
from atlas.network.schemas import Alarm
from forge.feeds.messages import short_interface
from forge.feeds.standing import Key

#: A path as names of elements with the keys of each, module prefixes taken off.
Path = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]

PLAIN_INSTANCES = frozenset({"", "default", "DEFAULT", "master", "global"})


@dataclass(frozen=True, slots=True)
class Watched:
    """A kind of thing that is up or down. `leaf` tells its state; `shut_leaf` whether someone shut it on purpose."""

    names: tuple[str, ...]
    leaf: str
    up: frozenset[str]
    down: frozenset[str]
    shut_leaf: str
    shut: frozenset[str]
    alarm_type: AlarmType


INTERFACE = Watched(
    ("interfaces", "interface", "state"),
    "oper-status",
    frozenset({"UP"}),
    frozenset({"DOWN", "LOWER_LAYER_DOWN", "NOT_PRESENT"}),
    "admin-status",
    frozenset({"DOWN"}),
    AlarmType.LINK_DOWN,
)
BGP = Watched(
    ("network-instances", "network-instance", "protocols", "protocol", "bgp", "neighbors", "neighbor", "state"),
    "session-state",
    frozenset({"ESTABLISHED"}),
    frozenset({"IDLE", "CONNECT", "ACTIVE", "OPENSENT", "OPENCONFIRM"}),
    "enabled",
    frozenset({"FALSE"}),
    AlarmType.BGP_PEER_DOWN,
)
WATCHED = {watched.names: watched for watched in (INTERFACE, BGP)}


@dataclass(slots=True)
class Thing:
    """One interface or session: the leaves it told."""

    watched: Watched
    path: Path
    leaves: dict[str, str] = field(default_factory=dict)

    def is_down(self) -> bool | None:
        """Down, or up (what was shut on purpose is no fault), or not said."""
        state = self.leaves.get(self.watched.leaf)
        if self.leaves.get(self.watched.shut_leaf) in self.watched.shut:
            return False
        return True if state in self.watched.down else False if state in self.watched.up else None


class DeviceState:
    """What one device says of itself. `said`: the alarms this feed itself has raised before and that still stand."""

    def __init__(self, device: str, said: set[Key]) -> None:
        self.device = device
        self._things: dict[Path, Thing] = {}
        self._down: dict[Key, bool] = dict.fromkeys(said, True)
        self._standing: set[Key] = set()
        self._last: dict[Key, datetime] = {}
        self._is_synced = False

    def begin(self, standing: Mapping[Key, datetime]) -> None:
        """A subscription starts anew: forget what was told, not what was said of it.

        `standing`: the alarms that stand, by any feed, with the time of the last word about each.
        """
        self._things.clear()
        self._standing, self._is_synced = set(standing), False
        self._last |= standing

    def hear(self, notification: gnmi_pb2.Notification, received_at: datetime) -> list[Alarm]:
        """Take one notification in; the alarms it means, none before `sync`."""
        prefix, at = read_path(notification.prefix), _time(notification.timestamp, received_at)
        touched: dict[Path, None] = {}
        alarms: list[Alarm] = []
        for path in notification.delete:
            alarms += self._forget(prefix + read_path(path), at)
        for update in notification.update:
            for path, value in leaves(prefix + read_path(update.path), update.val):
                touched |= self._note(path, value)
        if self._is_synced:
            alarms += [alarm for path in touched for alarm in self._judge(self._things[path], at)]
        return alarms

    def sync(self, received_at: datetime) -> list[Alarm]:
        """All that is has been told: what changed while nobody listened."""
        self._is_synced = True
        things = list(self._things.values())
        alarms = [alarm for thing in things for alarm in self._judge(thing, received_at)]
        known = {self._key(thing) for thing in things}
        gone = [key for key, is_down in self._down.items() if is_down and key not in known]
        return alarms + [self._gone(key, received_at) for key in gone]

    def _note(self, path: Path, value: str) -> dict[Path, None]:
        watched = WATCHED.get(tuple(name for name, _ in path[:-1]))
        if watched is None or path[-1][0] not in {watched.leaf, watched.shut_leaf}:
            return {}
        thing = self._things.setdefault(path[:-1], Thing(watched, path[:-1]))
        thing.leaves[path[-1][0]] = value
        return {thing.path: None}

    def _forget(self, path: Path, at: datetime) -> list[Alarm]:
        """What was at or below a path is no longer there: an interface that is gone is not down."""
        alarms = []
        for thing in [each for each in self._things.values() if _is_below(each.path, path)]:
            del self._things[thing.path]
            if self._down.get(key := self._key(thing)):
                alarms.append(self._gone(key, at))
        for thing in self._things.values():
            if path[:-1] == thing.path:
                thing.leaves.pop(path[-1][0], None)
        return alarms

    def _judge(self, thing: Thing, at: datetime) -> list[Alarm]:
        key, is_down = self._key(thing), thing.is_down()
        before = self._down.get(key)
        if is_down is None or is_down == before:
            return []
        self._down[key] = is_down
        if not is_down and not before and key not in self._standing:
            return []
        self._standing.discard(key)
        state = thing.leaves.get(thing.watched.leaf, "").lower()
        is_shut = thing.leaves.get(thing.watched.shut_leaf) in thing.watched.shut
        return [self._alarm(key, not is_down, at, f"{thing.watched.leaf} {state}" + ", shut on purpose" * is_shut)]

    def _gone(self, key: Key, at: datetime) -> Alarm:
        self._down.pop(key, None)
        self._standing.discard(key)
        return self._alarm(key, True, at, "No longer there.")

    def _key(self, thing: Thing) -> Key:
        keys = {name: dict(pairs) for name, pairs in thing.path}
        if thing.watched is INTERFACE:
            return f"{self.device}/{short_interface(keys['interface'].get('name', ''))}", AlarmType.LINK_DOWN, ""
        neighbour = keys["neighbor"].get("neighbor-address", "")
        instance = keys["network-instance"].get("name", "")
        vrf = "" if instance in PLAIN_INSTANCES else f" vrf {instance}"
        return self.device, AlarmType.BGP_PEER_DOWN, neighbour + vrf

    def _alarm(self, key: Key, is_cleared: bool, at: datetime, text: str) -> Alarm:
        """No word about a thing is older than the one before: a device's clock that lags must not undo a clear."""
        resource, kind, qualifier = key
        if (last := self._last.get(key)) is not None and at <= last:
            at = last + timedelta(milliseconds=1)
        self._last[key] = at
        neighbour = qualifier.partition(" ")[0]
        return Alarm(
            resource=resource,
            alarm_type=kind,
            qualifier=qualifier,
            is_cleared=is_cleared,
            probable_cause="communicationsSubsystemFailure" if neighbour else "lossOfSignal",
            event_time=at,
            text=text,
            feed=Feed.GNMI,
            extra={"neighbour": neighbour} if neighbour else {},
        )


def read_path(path: gnmi_pb2.Path) -> Path:
    """A path of the protocol, module prefixes taken off."""
    return tuple((_bare(elem.name), tuple(sorted(elem.key.items()))) for elem in path.elem)


def leaves(path: Path, value: gnmi_pb2.TypedValue) -> Iterator[tuple[Path, str]]:
    """The leaves that a value at a path holds, in capitals: itself, or those of a JSON object."""
    yield from _flat(path, _plain(value))


def _flat(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat((*path, (_bare(str(name)), ())), inner)
    elif isinstance(value, str | bool | int):
        yield path, _bare(str(value)).upper()


def _plain(value: gnmi_pb2.TypedValue) -> Any:
    kind = value.WhichOneof("value")
    if kind in {"json_val", "json_ietf_val"}:
        try:
            return json.loads(getattr(value, kind))
        except ValueError:
            return None
    return getattr(value, kind) if kind in {"string_val", "ascii_val", "bool_val", "int_val", "uint_val"} else None


def _bare(name: str) -> str:
    """A name without the module before it: "openconfig-interfaces:state" is "state"."""
    module, colon, rest = name.partition(":")
    return rest if colon and module.replace("-", "").replace("_", "").isalnum() and not rest[:1].isdigit() else name


def _is_below(path: Path, top: Path) -> bool:
    """Whether a path is at or below another, which may leave keys out to mean all."""
    return len(top) <= len(path) and all(
        name == top_name and set(top_keys) <= set(keys)
        for (name, keys), (top_name, top_keys) in zip(path, top, strict=False)
    )


def _time(nanoseconds: int, received_at: datetime) -> datetime:
    """The device's own time, if it told one that a calendar holds."""
    if nanoseconds <= 0:
        return received_at
    try:
        return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
    except (ValueError, OverflowError, OSError):
        return received_at
