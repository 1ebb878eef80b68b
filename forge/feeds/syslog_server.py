"""The syslog door: UDP (RFC 5426) and TCP (RFC 6587) on one port number.

`names` says which device an address is; it is asked only for messages that name no host. UDP has no way to
slow a sender down, so what finds no room is dropped and counted; a TCP sender waits.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, tzinfo

import structlog

from atlas.clock import Clock
from atlas.network.enums import Feed
from forge.feeds.buffer import AlarmBuffer, Item
from forge.feeds.frames import Frames
from forge.feeds.messages import dead_letter, read_line
from forge.feeds.metrics import MESSAGES, count

log = structlog.get_logger()

#: Bytes the kernel holds for us: about ten thousand messages of a storm.
RECEIVE_BUFFER = 4 * 1024 * 1024


@asynccontextmanager
async def syslog_server(
    host: str,
    port: int,
    buffer: AlarmBuffer,
    clock: Clock,
    names: Mapping[str, str] | None = None,
    zone: tzinfo = UTC,
) -> AsyncIterator[int]:
    """Listen while the block runs; gives the port (of interest when `port` is 0). OSError when it is taken."""
    door = _Door(buffer, clock, names or {}, zone)
    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(door.serve, host, port)
    bound = int(server.sockets[0].getsockname()[1])
    try:
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(door), local_addr=(host, bound))
    except OSError:
        server.close()
        raise
    widen(transport)
    try:
        yield bound
    finally:
        transport.close()
        server.close()
        await door.hang_up()


def widen(transport: asyncio.BaseTransport) -> None:
    """Ask the kernel for room, so that a storm does not overrun the socket while a batch is written."""
    sock: socket.socket = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)


class _Door:
    """What both transports share: bytes of a message in, an item in the buffer."""

    def __init__(self, buffer: AlarmBuffer, clock: Clock, names: Mapping[str, str], zone: tzinfo) -> None:
        self._buffer, self._clock, self._names, self._zone = buffer, clock, names, zone
        self._connections: set[asyncio.Task[None]] = set()

    def _read_line(self, data: bytes, address: str) -> Item | None:
        return read_line(data, self._names.get(address, address), self._clock.now(), self._zone)

    def take(self, data: bytes, address: str) -> None:
        item = self._read_line(data, address)
        if item is not None and not self._buffer.offer(item):
            MESSAGES.labels(Feed.SYSLOG.value, "dropped").inc()
            return
        count(Feed.SYSLOG, item)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._read(reader, str((writer.get_extra_info("peername") or ("",))[0]))
        except (ConnectionError, TimeoutError) as error:
            log.info("syslog.connection_broke", error=str(error))
        except asyncio.CancelledError:
            log.debug("syslog.hung_up")
        finally:
            self._connections.discard(task)
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, address: str) -> None:
        frames = Frames()
        while data := await reader.read(65_536):
            for message in frames.feed(data):
                await self._put(message, address)
        rest, is_half = frames.rest()
        if is_half:
            reason = "The connection ended in the middle of a message."
            letter = dead_letter(Feed.SYSLOG, address, reason, rest, self._clock.now())
            await self._buffer.put(letter)
            count(Feed.SYSLOG, letter)
        elif rest.strip():
            await self._put(rest, address)

    async def _put(self, data: bytes, address: str) -> None:
        item = self._read_line(data, address)
        if item is not None:
            await self._buffer.put(item)
        count(Feed.SYSLOG, item)

    async def hang_up(self) -> None:
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, door: _Door) -> None:
        self._door = door

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._door.take(data, addr[0])

    def error_received(self, exc: Exception) -> None:
        log.info("syslog.socket_error", error=str(exc))
