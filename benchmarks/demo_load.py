"""How long the demo ISP takes to load, and what its simulated gear can bear: polls answered, accounting sent.

`python -m benchmarks.demo_load [subscribers ...]`; 10,000 by default. Runs in scratch databases on the embedded
server and drops them.
"""

import asyncio
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from atlas import migrate, server
from atlas.clock import SystemClock
from atlas.db import make_engine, make_sessions
from atlas.demo.gear.agent import Agents
from atlas.demo.gear.nas import Accounting, Line, load_lines
from atlas.demo.gear.world import World, load_world
from atlas.demo.load import load
from benchmarks.figures import Figure, show
from forge.feeds.snmp import SYS_UP_TIME, encode

POLLS = 20_000
IN_FLIGHT = 64
CLOCK_SPEED = 60
ACCOUNTING_SECONDS = 10
#: What is measured in words, its unit, and the goal where there is one.
WORDS: dict[str, tuple[str, str] | tuple[str, str, float]] = {
    "load_s": ("the demo ISP loaded", "s", 20.0),
    "rows": ("its rows", "rows"),
    "gear_reads_s": ("the gear reads it", "s"),
    "search_ms": ("the gear finds who is cut off", "ms"),
    "answers_per_s": ("polls the gear answers", "polls/s"),
    "accounting_per_s": ("accounting the gear sends", "packets/s"),
}


def measure_load(url: str, subscribers: int) -> dict[str, Any]:
    """Load an ISP; wall seconds and rows."""
    started = time.perf_counter()
    summary = load(url, subscribers=subscribers)
    seconds = time.perf_counter() - started
    return {"subscribers": subscribers, "load_s": round(seconds, 1), "rows": summary.rows}


async def read(url: str) -> tuple[World, list[Line], float]:
    """The gear's own view of it, and how long that took to read."""
    engine = make_engine(url)
    started = time.perf_counter()
    async with make_sessions(engine)() as session:
        world = await load_world(session)
        lines = await load_lines(session, world)
    seconds = time.perf_counter() - started
    await engine.dispose()
    return world, lines, seconds


def _serve(world: World, port: Any) -> None:
    """A process that answers polls until it is ended."""

    async def run() -> None:
        agents = Agents(world, world.reach([]), SystemClock(), "public")
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: agents, local_addr=("127.0.0.1", 0))
        port.send(transport.get_extra_info("sockname")[1])
        await asyncio.Event().wait()

    asyncio.run(run())


def measure_polls(world: World) -> dict[str, Any]:
    """Answers per second over UDP, `IN_FLIGHT` polls at a time, and the answering process's CPU per answer."""
    devices = [node.name for node in world.nodes if node.address]
    requests = [encode("get", n, f"public@{devices[n % len(devices)]}", [(SYS_UP_TIME, None)]) for n in range(1_000)]
    receiver, sender = multiprocessing.Pipe(duplex=False)
    gear = multiprocessing.get_context("fork").Process(target=_serve, args=(world, sender), daemon=True)
    gear.start()
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.connect(("127.0.0.1", receiver.recv()))
    asking.settimeout(5)
    before, started = _cpu(gear.pid), time.perf_counter()
    for n in range(POLLS + IN_FLIGHT):
        if n < POLLS:
            asking.send(requests[n % len(requests)])
        if n >= IN_FLIGHT:
            asking.recv(4_096)
    seconds = time.perf_counter() - started
    used = _cpu(gear.pid) - before
    gear.terminate()
    gear.join()
    return {"answers_per_s": round(POLLS / seconds), "cpu_us_per_answer": round(used / POLLS * 1e6, 1)}


def _cpu(pid: int | None) -> float:
    """Seconds of CPU a process has used (Linux: /proc)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_accounting(world: World, lines: list[Line]) -> dict[str, Any]:
    """Packets per wall second at a clock of sixty, and the share of a core it takes to make and send them."""
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind(("127.0.0.1", 0))
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.connect(sink.getsockname())
    nas: Accounting

    def send(number: int, data: bytes) -> None:
        out.send(data)
        nas.answered(number, data)

    nas = Accounting(lines, world.reach([]), b"testing123", send, 8)
    start, used = max(line.last for line in lines), time.process_time()
    for tick in range(ACCOUNTING_SECONDS * 20):
        nas.tick(start + tick / 20 * CLOCK_SPEED, tick / 20, 10_000)
    used = time.process_time() - used
    return {
        "accounting_per_s": round(nas.sent / ACCOUNTING_SECONDS),
        "accounting_core_share": round(used / ACCOUNTING_SECONDS, 4),
    }


def measure_cut(world: World) -> dict[str, Any]:
    """Milliseconds to find out who is cut off."""
    started = time.perf_counter()
    world.reach(["fibre:F-Z3-BH-1"])
    return {"search_ms": round((time.perf_counter() - started) * 1000, 1)}


def main() -> None:
    """Measure each size named on the command line."""
    measured = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "pg"
        base = server.start_embedded(data)
        try:
            for subscribers in map(int, sys.argv[1:] or ["10000"]):
                name = f"demo_{subscribers}"
                server.create_database(base, name)
                url = server.with_database(base, name)
                migrate.upgrade(url)
                figures = measure_load(url, subscribers)
                world, lines, seconds = asyncio.run(read(url))
                figures |= {"gear_reads_s": round(seconds, 2)}
                figures |= measure_cut(world) | measure_polls(world) | measure_accounting(world, lines)
                measured += [
                    Figure(f"{subscribers // 1000}k: {WORDS[each][0]}", value, *WORDS[each][1:])
                    for each, value in figures.items()
                    if each in WORDS
                ]
                server.drop_database(base, name)
        finally:
            server.stop_embedded(data)
    show(measured)


if __name__ == "__main__":
    main()
