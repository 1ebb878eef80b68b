"""All feeds together: started on free ports, fed, stopped, and everything taken is in Atlas."""

import asyncio
import socket
from pathlib import Path

import pytest
from sqlalchemy import func, select

from atlas.clock import SystemClock
from atlas.db import Sessions
from atlas.feed_settings import GnmiTarget
from atlas.network.enums import Feed
from atlas.network.models import AlarmOccurrence, FeedHeartbeat
from atlas.settings import Settings
from forge.feeds.metrics import MESSAGES
from forge.feeds.run import run_feeds
from tests.forge.feeds.device import Router, listening, oper

HOST = "127.0.0.1"


def free_ports(number: int) -> list[int]:
    """Ports free for UDP and TCP just now."""
    holders = []
    for _ in range(number):
        holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        holder.bind((HOST, 0))
        holders.append(holder)
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    syslog, trap, radius = free_ports(3)
    return Settings(home=tmp_path, syslog_port=syslog, trap_port=trap, radius_port=radius, poll_interval=60)


async def connected(port: int) -> asyncio.StreamWriter:
    async with asyncio.timeout(10):
        while True:
            try:
                return (await asyncio.open_connection(HOST, port))[1]
            except ConnectionRefusedError:
                await asyncio.sleep(0.02)


async def test_stopping_writes_what_was_taken(settings: Settings, sessions: Sessions) -> None:
    stop = asyncio.Event()
    taken = MESSAGES.labels(Feed.SYSLOG.value, "alarm")
    before = taken._value.get()
    feeds = asyncio.create_task(run_feeds(settings, sessions, SystemClock(), stop))
    writer = await connected(settings.syslog_port)
    for n in range(2_500):
        writer.write(b"<13>link ge-0/0/%d down\n" % n)
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(20):
        while taken._value.get() < before + 2_500:
            await asyncio.sleep(0.001)
        stop.set()
        await feeds
    assert await logged(sessions) == 2_500
    async with sessions() as session:
        beats = set((await session.scalars(select(FeedHeartbeat.feed))).all())
    assert beats == {"syslog", "snmp-trap", "radius", "poller"}


async def test_a_taken_port_stops_one_feed_and_not_the_others(settings: Settings, sessions: Sessions) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as squatter:
        squatter.bind((HOST, settings.trap_port))
        stop = asyncio.Event()
        feeds = asyncio.create_task(run_feeds(settings, sessions, SystemClock(), stop))
        writer = await connected(settings.syslog_port)
        writer.write(b"<13>link ge-0/0/1 down\n")
        writer.close()
        async with asyncio.timeout(20):
            while await logged(sessions) < 1:
                await asyncio.sleep(0.01)
            stop.set()
            await feeds


async def test_streams_of_devices_run_beside_the_doors(settings: Settings, sessions: Sessions) -> None:
    router = Router({oper("Te0/0/0/1"): "DOWN"})
    async with listening(router) as port:
        told = [{"name": "z3-agg-1", "address": HOST, "port": port, "insecure": True}]
        told.append({"name": "z3-agg-2", "address": HOST, "port": free_ports(1)[0], "insecure": True})
        streaming = settings.model_copy(update={"gnmi_targets": [GnmiTarget.model_validate(each) for each in told]})
        stop = asyncio.Event()
        feeds = asyncio.create_task(run_feeds(streaming, sessions, SystemClock(), stop))
        async with asyncio.timeout(20):
            while await logged(sessions) < 1:
                await asyncio.sleep(0.01)
            stop.set()
            await feeds
    async with sessions() as session:
        beats = await session.scalars(select(FeedHeartbeat.source).where(FeedHeartbeat.feed == "gnmi"))
        assert set(beats) == {"z3-agg-1", "z3-agg-2"}  # expected both, so the one that never came is found silent


async def logged(sessions: Sessions) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(AlarmOccurrence)) or 0
