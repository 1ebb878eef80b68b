"""The gNMI feed: one subscription per device, ON_CHANGE, over gRPC; a stream that breaks is opened again.

The messages and paths are pygnmi's. Its client is not used: it reads a stream in a thread that can't be told to
stop, hands over nothing of a stream that broke, and waits without a limit for a device's capabilities. gRPC's own
asyncio does the same in one task per device (decision 0014).
"""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import grpc
import structlog
from pygnmi.create_gnmi_path import gnmi_path_generator
from pygnmi.spec.v080 import gnmi_pb2, gnmi_pb2_grpc
from sqlalchemy import exists, select

from atlas.clock import Clock
from atlas.db import Sessions
from atlas.feed_settings import GnmiTarget
from atlas.network.enums import AlarmType, Feed
from atlas.network.models import AlarmOccurrence, AlarmRecord
from forge.feeds.buffer import AlarmBuffer
from forge.feeds.gnmi_state import DeviceState
from forge.feeds.heartbeats import beat_once
from forge.feeds.metrics import MESSAGES, count
from forge.feeds.standing import Key

log = structlog.get_logger()

NEIGHBOUR = (
    "openconfig-network-instance:network-instances/network-instance[name=*]/protocols/protocol[identifier=*][name=*]"
    "/bgp/neighbors/neighbor[neighbor-address=*]/state/"
)
INTERFACE = "openconfig-interfaces:interfaces/interface[name=*]/state/"
#: What is asked for; a device that refuses the first list is asked for less.
PATHS = (
    (INTERFACE + "oper-status", INTERFACE + "admin-status", NEIGHBOUR + "session-state", NEIGHBOUR + "enabled"),
    (INTERFACE + "oper-status", INTERFACE + "admin-status", NEIGHBOUR + "session-state"),
    (INTERFACE + "oper-status", INTERFACE + "admin-status"),
)
TYPES = (AlarmType.LINK_DOWN, AlarmType.BGP_PEER_DOWN)

#: Wall seconds between two tries to open a stream: doubled each time up to the most, and begun anew once it stood.
LEAST_WAIT, MOST_WAIT = 1.0, 60.0
#: A peer that fell silent is found by pings; oftener than five minutes servers take them for abuse.
OPTIONS = (("grpc.keepalive_time_ms", 300_000), ("grpc.keepalive_timeout_ms", 20_000))

REFUSED = frozenset({grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED})
NOT_SO = frozenset({grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.NOT_FOUND})


async def watch_target(
    target: GnmiTarget,
    sessions: Sessions,
    buffer: AlarmBuffer,
    clock: Clock,
    every: float,
    least_wait: float = LEAST_WAIT,
) -> None:
    """Follow one device until cancelled. It beats every `every` seconds of the clock while its stream stands."""
    said, _ = await _standing(sessions, target.name)
    state, wait, asked = DeviceState(target.name, said), least_wait, 0
    while True:
        follower = _Follower(target, sessions, buffer, clock, every, state)
        try:
            await follower.follow(PATHS[asked])
            log.info("gnmi.ended", target=target.name)
        except grpc.aio.AioRpcError as error:
            log.warning("gnmi.broke", target=target.name, code=error.code().name, error=str(error.details())[:300])
            if error.code() in REFUSED:
                MESSAGES.labels(Feed.GNMI.value, "refused").inc()
            if error.code() in NOT_SO and not follower.has_stood:
                asked = (asked + 1) % len(PATHS)
        wait = least_wait if follower.has_stood else min(2 * wait, MOST_WAIT)
        await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - so that not all come at once


class _Follower:
    """One stream of one device, from opening to its end."""

    def __init__(
        self,
        target: GnmiTarget,
        sessions: Sessions,
        buffer: AlarmBuffer,
        clock: Clock,
        every: float,
        state: DeviceState,
    ) -> None:
        self._target, self._sessions, self._buffer = target, sessions, buffer
        self._clock, self._every, self._state = clock, every, state
        self.has_stood = False

    async def follow(self, paths: tuple[str, ...]) -> None:
        """Read the stream to its end. AioRpcError when it breaks."""
        _, standing = await _standing(self._sessions, self._target.name)
        self._state.begin(standing)
        async with _channel(self._target) as channel:
            call = gnmi_pb2_grpc.gNMIStub(channel).Subscribe(_requests(paths), metadata=_metadata(self._target))
            beats: asyncio.Task[None] | None = None
            try:
                async for response in call:
                    await self._take(response)
                    if self.has_stood and beats is None:
                        beats = asyncio.create_task(self._keep_beating())
            finally:
                call.cancel()
                if beats is not None:
                    beats.cancel()
                    await asyncio.gather(beats, return_exceptions=True)

    async def _take(self, response: gnmi_pb2.SubscribeResponse) -> None:
        now = self._clock.now()
        if response.sync_response:
            self.has_stood = True
            alarms = self._state.sync(now)
            log.info("gnmi.synced", target=self._target.name, changes=len(alarms))
        else:
            alarms = self._state.hear(response.update, now)
        for alarm in alarms:
            await self._buffer.put(alarm)
            count(Feed.GNMI, alarm)
        if not alarms:
            count(Feed.GNMI, None)

    async def _keep_beating(self) -> None:
        while True:
            await beat_once(self._sessions, self._clock, Feed.GNMI, self._target.name, self._every)
            await self._clock.sleep(self._every)


def _channel(target: GnmiTarget) -> grpc.aio.Channel:
    host = f"[{target.address}]" if ":" in target.address else target.address
    where = f"{host}:{target.port}"
    if target.insecure:
        return grpc.aio.insecure_channel(where, options=OPTIONS)
    assert target.certificate is not None  # the settings see to it
    credentials = grpc.ssl_channel_credentials(Path(target.certificate).read_bytes())
    named = (("grpc.ssl_target_name_override", target.certificate_name),) if target.certificate_name else ()
    return grpc.aio.secure_channel(where, credentials, options=(*OPTIONS, *named))


def _metadata(target: GnmiTarget) -> tuple[tuple[str, str], ...]:
    if not target.username:
        return ()
    return (("username", target.username), ("password", target.password.get_secret_value()))


async def _requests(paths: tuple[str, ...]) -> AsyncIterator[gnmi_pb2.SubscribeRequest]:
    """The subscription, and then nothing for ever: some devices take the end of the questions for a good-bye."""
    subscriptions = [
        gnmi_pb2.Subscription(path=gnmi_path_generator(path), mode=gnmi_pb2.SubscriptionMode.ON_CHANGE)
        for path in paths
    ]
    yield gnmi_pb2.SubscribeRequest(
        subscribe=gnmi_pb2.SubscriptionList(
            subscription=subscriptions,
            mode=gnmi_pb2.SubscriptionList.Mode.STREAM,
            encoding=gnmi_pb2.Encoding.JSON_IETF,
        )
    )
    await asyncio.Event().wait()


async def _standing(sessions: Sessions, device: str) -> tuple[set[Key], dict[Key, datetime]]:
    """The device's alarms of our types that stand: those that this feed raised; and all, with their last event."""
    ours = exists().where(
        AlarmOccurrence.alarm_id == AlarmRecord.id,
        AlarmOccurrence.feed == Feed.GNMI.value,
        AlarmOccurrence.event_at >= AlarmRecord.raised_at,
        ~AlarmOccurrence.is_cleared,
    )
    key = (AlarmRecord.resource, AlarmRecord.alarm_type, AlarmRecord.qualifier)
    query = select(*key, AlarmRecord.last_event_at, ours).where(
        AlarmRecord.device == device,
        AlarmRecord.alarm_type.in_([kind.value for kind in TYPES]),
        ~AlarmRecord.is_cleared,
    )
    async with sessions() as session:
        rows = (await session.execute(query)).all()
    found = [
        ((resource, AlarmType(kind), qualifier), last, is_ours) for resource, kind, qualifier, last, is_ours in rows
    ]
    return {key for key, _, is_ours in found if is_ours}, {key: last for key, last, _ in found}
