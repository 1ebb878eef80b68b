"""SNMP v3 with net-snmp as sender: keys that fit, keys that don't, clocks, and what is sent twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from atlas.clock import FrozenClock
from atlas.feed_settings import SnmpUser
from atlas.network.enums import AlarmType, Feed
from forge.feeds.metrics import MESSAGES
from forge.feeds.snmp import SnmpError
from forge.feeds.snmp_v3 import Engine, open_envelope
from forge.feeds.trap_meaning import IF_NAME
from forge.feeds.traps import Gate, trap_receiver
from tests.forge.feeds.conftest import Caught
from tests.system import need

HOST = "127.0.0.1"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
PASSWORD, OTHER = "correct horse battery", "another passphrase"
OURS = bytes.fromhex("80007ed90501020304")
PEERS = (f"0x80001f8880{number:08x}" for number in count(1))


def user(name: str = "noc", auth: str = "SHA-256", priv: str | None = "AES") -> SnmpUser:
    secret = SecretStr(PASSWORD)
    return SnmpUser.model_validate(
        {"name": name, "auth": auth, "auth_password": secret, "priv": priv, "priv_password": priv and secret}
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A place of its own for net-snmp to keep how often it started."""
    monkeypatch.setenv("SNMP_PERSISTENT_DIR", str(tmp_path))
    monkeypatch.setenv("SNMPCONFPATH", str(tmp_path))
    yield


@asynccontextmanager
async def receiver(caught: Caught, clock: FrozenClock, *users: SnmpUser) -> AsyncIterator[int]:
    async with trap_receiver(HOST, 0, caught.buffer, clock, Gate("public", Engine(OURS, 7, users))) as port:
        yield port


async def send(
    port: int,
    program: str = "snmptrap",
    *,
    name: str = "noc",
    auth: str = "SHA-256",
    priv: str | None = "AES",
    password: str = PASSWORD,
    engine: str | None = None,
    start: str = "1,1",
) -> int:
    """Send a linkDown as net-snmp does; gives its exit status. A trap needs an engine of its own."""
    words = [need(program), "-v", "3", "-u", name, "-t", "1", "-r", "1"]
    words += ["-l", "authPriv" if priv else "authNoPriv", "-a", auth, "-A", password]
    words += ["-x", priv, "-X", password] if priv else []
    words += ["-e", engine or next(PEERS), "-Z", start] if program == "snmptrap" else []
    words += [f"{HOST}:{port}", "4200", LINK_DOWN, f"{IF_NAME}.7", "s", "TenGigE0/0/0/1"]
    words += ["1.3.6.1.2.1.1.5.0", "s", "z3-agg-1"]
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*words, stderr=quiet, stdout=quiet)
    return await process.wait()


def refused() -> float:
    return float(MESSAGES.labels(Feed.SNMP_TRAP.value, "refused")._value.get())


LEVELS = [
    ("MD5", None),
    ("MD5", "DES"),
    ("SHA", "AES"),
    ("SHA-224", "AES"),
    ("SHA-256", None),
    ("SHA-256", "AES-192"),
    ("SHA-384", "AES-256-C"),
    ("SHA-512", "AES-256"),
]


@pytest.mark.parametrize("program", ["snmptrap", "snmpinform"])
@pytest.mark.parametrize(("auth", "priv"), LEVELS)
@pytest.mark.usefixtures("home")
async def test_every_level_is_spoken(
    caught: Caught, clock: FrozenClock, program: str, auth: str, priv: str | None
) -> None:
    async with receiver(caught, clock, user(auth=auth, priv=priv)) as port:
        assert await send(port, program, auth=auth, priv=priv) == 0
        await caught.wait_for(1)
    (alarm,) = caught.alarms
    assert (alarm.resource, alarm.alarm_type) == ("z3-agg-1/Te0/0/0/1", AlarmType.LINK_DOWN)


@pytest.mark.parametrize(
    "wrong",
    [{"name": "stranger"}, {"password": OTHER}, {"priv": None}, {"auth": "SHA"}],
    ids=["user", "key", "level", "protocol"],
)
@pytest.mark.parametrize("program", ["snmptrap", "snmpinform"])
@pytest.mark.usefixtures("home")
async def test_who_does_not_fit_is_refused_and_leaves_no_letter(
    caught: Caught, clock: FrozenClock, program: str, wrong: dict[str, str | None]
) -> None:
    before = refused()
    async with receiver(caught, clock, user(), user("other")) as port:
        await send(port, program, **wrong)  # type: ignore[arg-type]
        assert await send(port, name="other") == 0
        await caught.wait_for(1)
    assert len(caught.items) == 1
    assert refused() > before


@pytest.mark.usefixtures("home")
async def test_a_question_for_our_engine_is_no_refusal(caught: Caught, clock: FrozenClock) -> None:
    before = refused()
    async with receiver(caught, clock, user()) as port:
        assert await send(port, "snmpinform") == 0
    assert refused() == before


class Lossy(asyncio.DatagramProtocol):
    """A wire to a receiver that carries everything there and loses the first answers on the way back."""

    def __init__(self, target: int, lose: int) -> None:
        self.target, self.lose = target, lose
        self.sent: list[bytes] = []
        self._sender: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr[1] != self.target:
            self._sender = addr
            self.sent.append(data)
            self.transport.sendto(data, (HOST, self.target))
        elif not is_signed(data) or self.lose <= 0:
            assert self._sender is not None
            self.transport.sendto(data, self._sender)
        else:
            self.lose -= 1


def is_signed(data: bytes) -> bool:
    return bool(open_envelope(data).mac)


@pytest.mark.usefixtures("home")
async def test_an_inform_whose_answer_was_lost_is_answered_again_and_counted_once(
    caught: Caught, clock: FrozenClock
) -> None:
    async with receiver(caught, clock, user()) as port:
        loop = asyncio.get_running_loop()
        transport, wire = await loop.create_datagram_endpoint(lambda: Lossy(port, lose=1), local_addr=(HOST, 0))
        status = await send(transport.get_extra_info("sockname")[1], "snmpinform")
        await caught.wait_for(1)
        transport.close()
    assert status == 0
    assert wire.lose == 0
    assert len([data for data in wire.sent if is_signed(data)]) >= 2
    assert len(caught.alarms) == 1


class Clockwork:
    """Seconds that stand still until told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def datagrams(program: str, priv: str | None = "AES", **how: str) -> list[bytes]:
    """What net-snmp sends to an engine like ours, itself thrown away."""
    engine = Engine(OURS, 7, [user(priv=priv)])
    heard: list[bytes] = []

    class Ear(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast(asyncio.DatagramTransport, transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            heard.append(data)
            if reply := engine.receive(data).reply:
                self.transport.sendto(reply, addr)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=(HOST, 0))
    await send(transport.get_extra_info("sockname")[1], program, priv=priv, **how)
    async with asyncio.timeout(10):
        while not any(is_signed(data) for data in heard):
            await asyncio.sleep(0.01)
    transport.close()
    return heard


@pytest.mark.usefixtures("home")
async def test_a_trap_played_again_later_is_refused(caught: Caught) -> None:
    (data,) = await datagrams("snmptrap")
    seconds = Clockwork()
    engine = Engine(OURS, 7, [user()], seconds)
    assert engine.receive(data).message is not None
    seconds.now += 149
    assert engine.receive(data).message is not None
    seconds.now += 2
    late = engine.receive(data)
    assert (late.message, late.refused, late.reply) == (None, "notInTimeWindows", b"")


@pytest.mark.usefixtures("home")
async def test_a_message_is_believed_by_its_signature_alone() -> None:
    (data,) = await datagrams("snmptrap", priv=None)
    forged = data.replace(b"TenGigE0/0/0/1", b"TenGigE0/0/0/9")
    other = user(priv=None).model_copy(update={"auth_password": SecretStr(OTHER)})
    assert Engine(OURS, 7, [user(priv=None)]).receive(data).message is not None
    assert Engine(OURS, 7, [user(priv=None)]).receive(forged).refused == "wrongDigests"
    assert Engine(OURS, 7, [other]).receive(data).refused == "wrongDigests"


@pytest.mark.usefixtures("home")
async def test_an_older_start_of_a_sender_is_refused() -> None:
    peer = next(PEERS)
    starts = [await datagrams("snmptrap", engine=peer, start=start) for start in ("4,900", "5,10", "5,100")]
    (before,), (restarted,), (later,) = starts
    engine = Engine(OURS, 7, [user()])
    assert [engine.receive(data).refused for data in (before, restarted, before)] == ["", "", "notInTimeWindows"]
    assert engine.receive(later).refused == ""
    (worn_out,) = await datagrams("snmptrap", engine=peer, start="2147483647,1")
    assert engine.receive(worn_out).refused == "notInTimeWindows"


@pytest.mark.usefixtures("home")
async def test_an_inform_of_another_time_is_told_ours_in_a_signed_report() -> None:
    inform = [data for data in await datagrams("snmpinform") if is_signed(data)][-1]
    answer = Engine(OURS, 8, [user()]).receive(inform)
    assert answer.refused == "notInTimeWindows"
    report = open_envelope(answer.reply)
    assert (report.engine, report.boots, bool(report.mac)) == (OURS, 8, True)


@pytest.mark.usefixtures("home")
async def test_a_trap_without_a_signature_is_refused_though_the_user_is_known() -> None:
    words = [need("snmptrap"), "-v", "3", "-u", "noc", "-l", "noAuthNoPriv", "-e", next(PEERS)]
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    class Ear(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            heard.put_nowait(data)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=(HOST, 0))
    words += [f"{HOST}:{transport.get_extra_info('sockname')[1]}", "4200", LINK_DOWN]
    await (await asyncio.create_subprocess_exec(*words)).wait()
    async with asyncio.timeout(10):
        data = await heard.get()
    transport.close()
    for users in ([user()], [user(priv=None)]):
        assert Engine(OURS, 7, users).receive(data).refused == "unsupportedSecLevels"


@given(st.data())
@pytest.mark.usefixtures("home")
def test_no_bytes_make_it_raise_anything_but_its_own(data: st.DataObject) -> None:
    engine = Engine(OURS, 7, [user()])
    junk = data.draw(st.binary(max_size=60))
    at = data.draw(st.integers(0, len(WHOLE)))
    for each in (junk, WHOLE[:at] + junk + WHOLE[at + len(junk) :], WHOLE[:at]):
        try:
            engine.receive(each)
        except SnmpError:
            continue


# A discovery request as net-snmp sends it: an empty engine and user, and a get of nothing.
WHOLE = bytes.fromhex(
    "303e020103301102040e0e0e0e020300ffe30401040201030410300e0400020100020100040004000400"
    "301404000400a00e02047a7a7a7a0201000201003000"
)


def test_secrets_are_not_shown() -> None:
    shown = repr(user()) + str(user().model_dump()) + repr(Engine(OURS, 7, [user()]).__dict__)
    assert PASSWORD not in shown


def test_a_short_password_and_half_a_pair_are_refused() -> None:
    with pytest.raises(ValidationError, match="at least 8"):
        SnmpUser.model_validate({"name": "noc", "auth_password": "short"})
    with pytest.raises(ValidationError, match="go together"):
        SnmpUser.model_validate({"name": "noc", "auth_password": PASSWORD, "priv": "AES"})
