"""The syslog door, with `logger` as the sender."""

import asyncio
import socket
from datetime import datetime

import pytest

from atlas.clock import FrozenClock, SystemClock
from atlas.network.enums import AlarmType, Feed
from forge.feeds.metrics import MESSAGES
from forge.feeds.syslog_server import syslog_server
from tests.forge.feeds.conftest import Caught
from tests.system import need

HOST = "127.0.0.1"


async def run(program: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(need(program), *arguments)
    assert await process.wait() == 0


async def send_tcp(port: int, data: bytes) -> None:
    _, writer = await asyncio.open_connection(HOST, port)
    writer.write(data)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("transport", [["-d"], ["-T"], ["-T", "--octet-count"]])
@pytest.mark.parametrize("form", ["--rfc5424", "--rfc3164"])
async def test_logger_in_every_form_and_framing(caught: Caught, transport: list[str], form: str) -> None:
    async with syslog_server(HOST, 0, caught.buffer, SystemClock()) as port:
        where = ["-n", HOST, "-P", str(port), *transport, form, "-t", "ifmgr", "-p", "local0.err"]
        await run("logger", *where, "Interface ge-0/0/1, changed state to down")
        await caught.wait_for(1)
    [alarm] = caught.alarms
    assert alarm.alarm_type is AlarmType.LINK_DOWN
    assert alarm.resource == f"{socket.gethostname().partition('.')[0]}/ge-0/0/1"
    assert alarm.extra["process"] == "ifmgr"


async def test_an_address_stands_for_its_device_where_no_host_is_named(caught: Caught, clock: FrozenClock) -> None:
    line = (
        b"RP/0/RP0/CPU0:Mar  2 08:59:44.190 : ifmgr[1]: %PKT_INFRA-LINK-3-UPDOWN : "
        b"Interface TenGigE0/0/0/1, changed state to Down"
    )
    async with syslog_server(HOST, 0, caught.buffer, clock, {HOST: "z3-agg-1"}) as port:
        await send_tcp(port, line + b"\n")
        await caught.wait_for(1)
    assert caught.alarms[0].resource == "z3-agg-1/Te0/0/0/1"
    assert caught.alarms[0].event_time == datetime.fromisoformat("2026-03-02T08:59:44.190Z")


async def test_half_a_frame_becomes_a_dead_letter_and_the_door_stays_open(caught: Caught, clock: FrozenClock) -> None:
    async with syslog_server(HOST, 0, caught.buffer, clock) as port:
        await send_tcp(port, b"500 <13>Mar  2 09:00:00 r1 olt: link ge-0/0/1 do")
        await caught.wait_for(1)
        await send_tcp(port, b"<13>Mar  2 09:00:00 r1 olt: link ge-0/0/1 down")
        await caught.wait_for(2)
    assert "middle of a message" in caught.letters[0].reason
    assert caught.alarms[0].resource == "r1/ge-0/0/1"


async def test_a_megabyte_in_one_message_costs_nothing_but_its_tail(caught: Caught, clock: FrozenClock) -> None:
    async with syslog_server(HOST, 0, caught.buffer, clock) as port:
        await send_tcp(
            port,
            b"<13>Mar  2 09:00:00 r1 olt: link ge-0/0/1 down "
            + b"x" * 1_000_000
            + b"\n<13>Mar  2 09:00:00 r1 olt: link ge-0/0/2 down\n",
        )
        await caught.wait_for(2)
    assert [alarm.resource for alarm in caught.alarms] == ["r1/ge-0/0/1", "r1/ge-0/0/2"]
    assert len(caught.alarms[0].text) < 70_000


async def test_ten_thousand_lines_on_one_connection_lose_none(caught: Caught, clock: FrozenClock) -> None:
    lines = b"".join(b"<13>Mar  2 09:00:00 r1 olt: link ge-%d down\n" % n for n in range(10_000))
    async with syslog_server(HOST, 0, caught.buffer, clock) as port:
        await send_tcp(port, lines)
        await caught.wait_for(10_000)
    assert len({alarm.resource for alarm in caught.alarms}) == 10_000


async def test_binary_garbage_is_kept_and_a_login_is_only_counted(caught: Caught, clock: FrozenClock) -> None:
    ignored = MESSAGES.labels(Feed.SYSLOG.value, "ignored")
    before = ignored._value.get()
    async with syslog_server(HOST, 0, caught.buffer, clock) as port:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"<38>Mar  2 09:00:00 r1 sshd[9]: Accepted publickey for admin", (HOST, port))
            sender.sendto(bytes(range(256)) * 4, (HOST, port))
        await caught.wait_for(1)
    assert "binary" in caught.letters[0].reason
    assert ignored._value.get() == before + 1
