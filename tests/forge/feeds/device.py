"""A device that speaks gNMI: a gRPC server with the protocol's own messages, whose interfaces and sessions change."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
from pygnmi.create_gnmi_path import gnmi_path_generator
from pygnmi.spec.v080 import gnmi_pb2, gnmi_pb2_grpc

HOST = "127.0.0.1"


def oper(name: str, leaf: str = "oper-status") -> str:
    return f"interfaces/interface[name={name}]/state/{leaf}"


def session(neighbour: str, instance: str = "default", leaf: str = "session-state") -> str:
    return (
        f"network-instances/network-instance[name={instance}]/protocols/protocol[identifier=BGP][name=bgp]"
        f"/bgp/neighbors/neighbor[neighbor-address={neighbour}]/state/{leaf}"
    )


def notification(
    updates: dict[str, str] | None = None, deletes: tuple[str, ...] = (), lag: float = 0.0
) -> gnmi_pb2.Notification:
    """One notification of now, by a clock that lags so many seconds; values are strings."""
    return gnmi_pb2.Notification(
        timestamp=time.time_ns() - int(lag * 1e9),
        update=[
            gnmi_pb2.Update(path=gnmi_path_generator(path), val=gnmi_pb2.TypedValue(string_val=value))
            for path, value in (updates or {}).items()
        ],
        delete=[gnmi_pb2.Path(elem=gnmi_path_generator(path).elem) for path in deletes],
    )


@dataclass
class Router(gnmi_pb2_grpc.gNMIServicer):  # type: ignore[misc]
    """Answers a subscription with all it has, says that this was all, and then each change as it happens."""

    leaves: dict[str, str]
    password: str = ""
    lag: float = 0.0  # seconds its clock is behind
    unknown: str = ""  # a leaf for whose sake a subscription is refused
    asked: list[gnmi_pb2.SubscribeRequest] = field(default_factory=list)
    _lines: set[asyncio.Queue[gnmi_pb2.Notification | None]] = field(default_factory=set)

    async def Subscribe(
        self, requests: AsyncIterator[gnmi_pb2.SubscribeRequest], context: grpc.aio.ServicerContext
    ) -> AsyncIterator[gnmi_pb2.SubscribeResponse]:
        """STREAM, ON_CHANGE."""
        request = await anext(requests)
        self.asked.append(request)
        if self.password and dict(context.invocation_metadata() or ()).get("password") != self.password:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you")
        wanted = [path.path.elem[-1].name for path in request.subscribe.subscription]
        if self.unknown in wanted:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"no such path: {self.unknown}")
        line: asyncio.Queue[gnmi_pb2.Notification | None] = asyncio.Queue()
        self._lines.add(line)
        try:
            for path, value in self.leaves.items():
                if path.rpartition("/")[2] in wanted:
                    yield gnmi_pb2.SubscribeResponse(update=notification({path: value}))
            yield gnmi_pb2.SubscribeResponse(sync_response=True)
            while (said := await line.get()) is not None:
                yield gnmi_pb2.SubscribeResponse(update=said)
        finally:
            self._lines.discard(line)

    def change(self, path: str, value: str) -> None:
        self.leaves[path] = value
        self._tell(notification({path: value}, lag=self.lag))

    def remove(self, path: str) -> None:
        self.leaves = {known: value for known, value in self.leaves.items() if not known.startswith(path)}
        self._tell(notification(deletes=(path,)))

    def cut(self) -> None:
        """End every stream, as a restart of the agent does."""
        self._tell(None)

    @property
    def is_heard(self) -> bool:
        return bool(self._lines)

    def _tell(self, said: gnmi_pb2.Notification | None) -> None:
        for line in self._lines:
            line.put_nowait(said)


@asynccontextmanager
async def listening(
    router: Router, port: int = 0, credentials: grpc.ServerCredentials | None = None
) -> AsyncIterator[int]:
    """The device, on a port."""
    server = grpc.aio.server()
    gnmi_pb2_grpc.add_gNMIServicer_to_server(router, server)
    where = f"{HOST}:{port}"
    bound = server.add_secure_port(where, credentials) if credentials else server.add_insecure_port(where)
    await server.start()
    try:
        yield bound
    finally:
        await server.stop(None)


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something holds; the test's own time limit is 15 s."""
    async with asyncio.timeout(15):
        while not condition():
            await asyncio.sleep(0.01)
