"""The gear as a process runs it: real sockets, a real database, a clock at sixty times the wall's."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from atlas.clock import SystemClock
from atlas.db import Sessions, transaction
from atlas.demo import service
from atlas.demo.gear import run_gear
from atlas.settings import Settings
from forge.feeds.snmp import SYS_UP_TIME, encode

BACKHAUL = "fibre:F-Z3-BH-1"


class Ear:
    """A UDP socket that hears."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]

    async def hear(self) -> bytes:
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.socket, 4_096), 30)


def unused_port() -> int:
    ear = Ear()
    ear.socket.close()
    return ear.port


async def answers(port: int, device: str, wait: float) -> bool:
    """Whether a device answers a poll within `wait` wall seconds."""
    loop = asyncio.get_running_loop()
    ear = Ear()
    try:
        ear.socket.connect(("127.0.0.1", port))
        await loop.sock_sendall(ear.socket, encode("get", 1, f"public@{device}", [(SYS_UP_TIME, None)]))
        await asyncio.wait_for(loop.sock_recv(ear.socket, 4_096), wait)
    except (TimeoutError, ConnectionError):
        return False
    finally:
        ear.socket.close()
    return True


async def until(port: int, device: str, *, up: bool) -> None:
    """Wait until a device answers, or answers no more."""
    async with asyncio.timeout(30):
        while await answers(port, device, 0.3) is not up:
            await asyncio.sleep(0.05)


@asynccontextmanager
async def gear(url: str, home: Path, syslog: Ear, radius: Ear) -> AsyncIterator[tuple[Settings, SystemClock]]:
    settings = Settings(
        home=home,
        database_url=url,
        demo=True,
        snmp_port=unused_port(),
        syslog_port=syslog.port,
        trap_port=0,
        radius_port=radius.port,
    )
    clock, stop = SystemClock(speed=60, epoch=datetime.now(UTC)), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(run_gear(settings, clock, stop))
        await until(settings.snmp_port, "core-berlin-1", up=True)
        yield settings, clock
        stop.set()
        await running


async def test_a_cut_is_spoken_of_by_the_near_end_and_mending_brings_all_back(
    demo_database: str, demo_sessions: Sessions, tmp_path: Path
) -> None:
    syslog, radius = Ear(), Ear()
    async with gear(demo_database, tmp_path, syslog, radius) as (settings, clock):
        assert (await radius.hear())[0] == 4
        async with transaction(demo_sessions) as session:
            await service.cut(session, BACKHAUL, clock.now())
        assert b"OPTICS RX LOS LANE-0 :DECLARE" in await syslog.hear()
        await until(settings.snmp_port, "z3-agg-1", up=False)
        assert await answers(settings.snmp_port, "z3-bng-1", 5)
        async with transaction(demo_sessions) as session:
            await service.repair(session, BACKHAUL, clock.now())
        while b":CLEAR" not in await syslog.hear():
            pass
        await until(settings.snmp_port, "z3-agg-1", up=True)


async def test_gear_that_starts_into_a_fault_knows_of_it(
    demo_database: str, demo_sessions: Sessions, tmp_path: Path
) -> None:
    async with transaction(demo_sessions) as session:
        await service.cut(session, BACKHAUL, datetime.now(UTC))
    async with gear(demo_database, tmp_path, Ear(), Ear()) as (settings, _):
        assert not await answers(settings.snmp_port, "z3-agg-1", 1)
