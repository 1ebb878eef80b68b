"""The trap door, with net-snmp's `snmptrap` and `snmpinform` as senders."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.clock import FrozenClock
from atlas.network.enums import AlarmType, Feed
from atlas.network.schemas import Alarm, DeadLetter
from forge.feeds.metrics import MESSAGES
from forge.feeds.snmp import SNMP_TRAP_OID, SYS_NAME, V2C, SnmpError, decode, encode
from forge.feeds.trap_meaning import IF_ADMIN_STATUS, IF_NAME, understand
from forge.feeds.trap_tables.example import ONT_ID, PON_PORT, VENDOR
from forge.feeds.traps import Gate, make_engine, trap_receiver
from tests.forge.feeds.conftest import Caught
from tests.system import need

HOST = "127.0.0.1"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GATE = Gate("public", make_engine("", ()))
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
LINK_UP = "1.3.6.1.6.3.1.1.5.4"


def trap(oid: str, *varbinds: tuple[str, object], community: str = "public@z3-olt-2") -> bytes:
    name = (SNMP_TRAP_OID, V2C.ObjectIdentifier(oid))
    return encode("trap", 1, community, [("1.3.6.1.2.1.1.3.0", V2C.TimeTicks(4200)), name, *varbinds])


def read_trap(data: bytes) -> Alarm | DeadLetter | None:
    received = GATE.admit(data)
    assert received.message is not None
    return understand(received.message, "192.0.2.9", NOW, {"192.0.2.9": "by-address"})


async def snmptrap(port: int, *words: str, program: str = "snmptrap") -> None:
    process = await asyncio.create_subprocess_exec(
        need(program), "-v", "2c", "-c", "public@z3-agg-1", f"{HOST}:{port}", "4200", *words
    )
    assert await process.wait() == 0


async def snmptrap_v1(port: int, agent: str, generic: int, specific: int, *words: str) -> None:
    numbers = (VENDOR, agent, str(generic), str(specific), "4200")
    process = await asyncio.create_subprocess_exec(
        need("snmptrap"), "-v", "1", "-c", "public", f"{HOST}:{port}", *numbers, *words
    )
    assert await process.wait() == 0


async def test_snmptrap_link_down_and_up_share_one_key(caught: Caught, clock: FrozenClock) -> None:
    async with trap_receiver(HOST, 0, caught.buffer, clock, GATE) as port:
        await snmptrap(port, LINK_DOWN, f"{IF_NAME}.7", "s", "TenGigE0/0/0/1")
        await snmptrap(port, LINK_UP, f"{IF_NAME}.7", "s", "TenGigE0/0/0/1")
        await caught.wait_for(2)
    raised, cleared = caught.alarms
    assert (raised.resource, raised.alarm_type) == ("z3-agg-1/Te0/0/0/1", AlarmType.LINK_DOWN)
    assert (cleared.resource, cleared.is_cleared, raised.is_cleared) == (raised.resource, True, False)
    assert raised.extra == {"trap": "linkDown", "uptime_s": 42.0}


async def test_an_inform_is_answered(caught: Caught, clock: FrozenClock) -> None:
    async with trap_receiver(HOST, 0, caught.buffer, clock, GATE) as port:
        await snmptrap(port, f"{VENDOR}.0.1", f"{PON_PORT}.0", "s", "0/1/3", program="snmpinform")
        await caught.wait_for(1)
    assert (caught.alarms[0].resource, caught.alarms[0].alarm_type) == ("z3-agg-1/0/1/3", AlarmType.PON_LOS)


async def test_garbage_is_kept_and_a_stranger_is_only_counted(caught: Caught, clock: FrozenClock) -> None:
    refused = MESSAGES.labels(Feed.SNMP_TRAP.value, "refused")
    before = refused._value.get()
    async with trap_receiver(HOST, 0, caught.buffer, clock, GATE) as port:
        loop = asyncio.get_running_loop()
        sender, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(HOST, port))
        for data in (trap(LINK_DOWN, community="private"), b"\x30\x82garbage", b"x" * 9_000):
            sender.sendto(data)
        await caught.wait_for(2)
        sender.close()
    assert [letter.reason for letter in caught.letters] == [
        "Not an SNMP message: ProtocolError.",
        "The datagram has 9000 bytes; SNMP messages end at 8192.",
    ]
    assert refused._value.get() == before + 1


@pytest.mark.parametrize(
    ("oid", "varbinds", "resource", "kind", "is_cleared"),
    [
        (f"{VENDOR}.0.1", {f"{PON_PORT}.0": "0/1/3"}, "z3-olt-2/0/1/3", AlarmType.PON_LOS, False),
        (f"{VENDOR}.0.2", {f"{PON_PORT}.0": "0/1/3"}, "z3-olt-2/0/1/3", AlarmType.PON_LOS, True),
        (f"{VENDOR}.0.3", {f"{PON_PORT}.0": "0/1/3", f"{ONT_ID}.0": 12}, "z3-olt-2/0/1/3/12",
         AlarmType.ONT_DYING_GASP, False),
        ("1.3.6.1.6.3.1.1.5.1", {}, "z3-olt-2", AlarmType.RESTARTED, False),
    ],
)  # fmt: skip
def test_what_a_trap_means(
    oid: str, varbinds: dict[str, object], resource: str, kind: AlarmType, is_cleared: bool
) -> None:
    alarm = read_trap(trap(oid, *varbinds.items()))
    assert isinstance(alarm, Alarm)
    assert (alarm.resource, alarm.alarm_type, alarm.is_cleared) == (resource, kind, is_cleared)


def test_the_device_is_named_by_community_then_sys_name_then_address() -> None:
    name = (SYS_NAME, "by-name.example.net")
    forms = [
        trap(LINK_DOWN, name),
        trap(LINK_DOWN, name, community="public"),
        trap(LINK_DOWN, community="public"),
    ]
    alarms = [read_trap(data) for data in forms]
    assert [alarm.device for alarm in alarms if isinstance(alarm, Alarm)] == ["z3-olt-2", "by-name", "by-address"]


def test_a_port_shut_down_on_purpose_is_no_alarm() -> None:
    assert read_trap(trap(LINK_DOWN, (f"{IF_NAME}.7", "Te0/0/0/1"), (f"{IF_ADMIN_STATUS}.7", 2))) is None


async def test_a_v1_trap_is_the_v2_trap_it_stands_for_and_of_the_agent_it_names(
    caught: Caught, clock: FrozenClock
) -> None:
    async with trap_receiver(HOST, 0, caught.buffer, clock, GATE, {"192.0.2.9": "z3-olt-2"}) as port:
        await snmptrap_v1(port, "192.0.2.9", 2, 0, f"{IF_NAME}.7", "s", "TenGigE0/0/0/1")
        await snmptrap_v1(port, "192.0.2.9", 6, 1, f"{PON_PORT}.1", "s", "0/1/3")
        await caught.wait_for(2)
    assert [(alarm.resource, alarm.alarm_type) for alarm in caught.alarms] == [
        ("z3-olt-2/Te0/0/0/1", AlarmType.LINK_DOWN),
        ("z3-olt-2/0/1/3", AlarmType.PON_LOS),
    ]


def test_of_v1_only_traps_are_read() -> None:
    data = bytearray(encode("get", 1, "public", [("1.3.6.1.2.1.1.3.0", None)]))
    data[data.index(b"\x02\x01\x01") + 2] = 0
    with pytest.raises(SnmpError, match="only traps"):
        GATE.admit(bytes(data))


async def test_an_inform_sent_again_is_acknowledged_again_and_counted_once(caught: Caught, clock: FrozenClock) -> None:
    inform = trap(LINK_DOWN).replace(bytes([0xA7]), bytes([0xA6]), 1)
    answers: asyncio.Queue[bytes] = asyncio.Queue()

    class Sender(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            answers.put_nowait(data)

    async with trap_receiver(HOST, 0, caught.buffer, clock, GATE) as port, asyncio.timeout(10):
        sender, _ = await asyncio.get_running_loop().create_datagram_endpoint(Sender, remote_addr=(HOST, port))
        for _ in range(3):
            sender.sendto(inform)
        replies = [decode(await answers.get()) for _ in range(3)]
        sender.sendto(trap(LINK_UP))
        await caught.wait_for(2)
        sender.close()
    assert {(reply.kind, reply.request_id) for reply in replies} == {("response", 1)}
    assert [alarm.is_cleared for alarm in caught.alarms] == [False, True]


def test_a_message_survives_the_codec() -> None:
    message = decode(encode("inform", 77, "public@r1", [(f"{IF_NAME}.7", "Te0"), (f"{ONT_ID}.0", 5)]))
    assert (message.kind, message.request_id, message.community) == ("inform", 77, "public@r1")
    assert message.varbinds == ((f"{IF_NAME}.7", "Te0"), (f"{ONT_ID}.0", 5))


@given(st.binary(max_size=200), st.integers(0, 100))
def test_no_bytes_make_it_raise(junk: bytes, at: int) -> None:
    whole = trap(LINK_DOWN, (f"{IF_NAME}.7", "Te0/0/0/1"))
    for data in (junk, whole[:at] + junk + whole[at + len(junk) :], whole[:at]):
        try:
            message = GATE.admit(data).message
        except SnmpError:
            continue
        if message is not None:
            understand(message, "192.0.2.9", NOW, {})
