"""What the simulated gear puts on the wire, read by the libraries that others read it with."""

from datetime import UTC, datetime

import pytest
from pyrad.packet import AcctPacket
from pysnmp.proto import api

from atlas.clock import FrozenClock
from atlas.demo.gear import accounting, ber
from atlas.demo.gear.agent import Agents
from atlas.demo.gear.notify import syslog, trap
from atlas.demo.gear.voices import Line, Trap
from atlas.demo.gear.world import End, Link, Node, Reach, World
from atlas.network.enums import AlarmType, NodeKind
from forge.feeds.messages import read_line
from forge.feeds.radius_accounting import load_dictionary, read_interim, read_request
from forge.feeds.snmp import decode, encode
from forge.feeds.trap_meaning import understand

NOW = datetime(2026, 3, 2, 9, 0, 0, 250_000, UTC)
SYS_NAME, SYS_UP_TIME = "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.3.0"


def agents(*, is_up: bool = True) -> Agents:
    """A router and a gateway, with one link."""
    world = World()
    world.nodes = [
        Node("transit-1", NodeKind.TRANSIT, None, True),
        Node("core-1", NodeKind.CORE_ROUTER, "10.0.0.1", False),
    ]
    world.links = [Link("l", "fibre", End(0, "Hu0/0/0/0", None), End(1, "HundredGigE0/0/0/7", None))]
    world.by_name = {"transit-1": 0, "core-1": 1}
    world.around = [[0], [0]]
    world.riding = {"link:l": [0]}
    return Agents(world, world.reach([] if is_up else ["link:l"]), FrozenClock(NOW), "public")


def test_a_poll_gets_the_name_and_the_uptime() -> None:
    answer = agents().answer(encode("get", 77, "public@core-1", [(SYS_NAME, None), (SYS_UP_TIME, None)]))
    assert answer is not None
    message = decode(answer)
    assert (message.kind, message.request_id) == ("response", 77)
    assert message.value(SYS_NAME) == "core-1"
    uptime = message.value(SYS_UP_TIME)
    assert isinstance(uptime, int) and uptime > 0


def test_interface_state_and_light_are_told_by_index() -> None:
    status, name, light = "1.3.6.1.2.1.2.2.1.8.1", "1.3.6.1.2.1.31.1.1.1.1.1", "1.3.6.1.4.1.32473.1.2.1.1"
    gear = agents()
    answer = gear.answer(encode("get", 1, "public@core-1", [(status, None), (name, None), (light, None)]))
    assert answer is not None
    message = decode(answer)
    assert (message.value(status), message.value(name)) == (1, "HundredGigE0/0/0/7")
    power = message.value(light)
    assert isinstance(power, int) and -2_000 < power < -800
    gear.reach = gear.reach._replace(dead_links=frozenset({0}))
    answer = gear.answer(encode("get", 1, "public@core-1", [(status, None), (light, None)]))
    assert answer is not None
    assert decode(answer).value(status) == 2
    assert decode(answer).value(light) == -4_000


def test_an_object_it_does_not_have_is_no_such_instance() -> None:
    answer = agents().answer(encode("get", 1, "public@core-1", [("1.3.6.1.2.1.1.4.0", None)]))
    assert answer is not None
    message, _ = __import__("pyasn1").codec.ber.decoder.decode(
        answer, asn1Spec=api.PROTOCOL_MODULES[api.SNMP_VERSION_2C].Message()
    )
    assert "noSuchInstance" in message.prettyPrint()


def test_a_device_that_is_cut_off_is_silent() -> None:
    assert agents(is_up=False).answer(encode("get", 1, "public@core-1", [(SYS_NAME, None)])) is None


def test_a_wrong_community_an_unknown_device_and_garbage_are_not_answered() -> None:
    gear = agents()
    for community in ("private@core-1", "public@nobody", "public"):
        assert gear.answer(encode("get", 1, community, [(SYS_NAME, None)])) is None
    whole = encode("get", 1, "public@core-1", [(SYS_NAME, None)])
    for size in range(len(whole)):
        assert gear.answer(whole[:size]) is None
    assert gear.answer(b"\xff" * 40) is None


def test_after_a_restart_uptime_begins_again() -> None:
    gear = agents()
    gear.restart([1], NOW)
    answer = gear.answer(encode("get", 1, "public@core-1", [(SYS_UP_TIME, None)]))
    assert answer is not None
    assert decode(answer).value(SYS_UP_TIME) == 0


@pytest.mark.parametrize("value", [0, 1, 127, 128, 255, 32_767, 32_768, 2**31 - 1, -1, -4_000])
def test_numbers_are_encoded_as_pyasn1_does(value: int) -> None:
    from pyasn1.codec.ber import encoder
    from pyasn1.type import univ

    assert ber.integer(value) == encoder.encode(univ.Integer(value))


def test_long_content_and_big_arcs_are_encoded_as_pyasn1_does() -> None:
    from pyasn1.codec.ber import encoder
    from pyasn1.type import univ

    assert ber.octets("x" * 1_000) == encoder.encode(univ.OctetString("x" * 1_000))
    dotted = "1.3.6.1.4.1.32473.1.0.1"
    assert ber.oid(dotted) == encoder.encode(univ.ObjectIdentifier(dotted))


def test_traps_are_read_as_the_alarms_they_mean() -> None:
    sent = {
        ("linkDown", "TenGigE0/0/0/1"): ("z3-bng-1/Te0/0/0/1", AlarmType.LINK_DOWN, False),
        ("linkUp", "TenGigE0/0/0/1"): ("z3-bng-1/Te0/0/0/1", AlarmType.LINK_DOWN, True),
        ("oltPonLos", "0/1/3"): ("z3-bng-1/0/1/3", AlarmType.PON_LOS, False),
        ("oltPonLosClear", "0/1/3"): ("z3-bng-1/0/1/3", AlarmType.PON_LOS, True),
        ("coldStart", ""): ("z3-bng-1", AlarmType.RESTARTED, False),
    }
    for (name, part), expected in sent.items():
        data = trap("z3-bng-1", Trap(0, name, part), 4, 500, "public", 9)
        alarm = understand(decode(data), "127.0.0.1", NOW, {})
        assert (alarm.resource, alarm.alarm_type, alarm.is_cleared) == expected  # type: ignore[union-attr]


def test_a_dying_gasp_names_the_ont() -> None:
    data = trap("z3-olt-1", Trap(0, "oltOntDyingGasp", "0/1/3", 12), 0, 500, "public", 9)
    alarm = understand(decode(data), "127.0.0.1", NOW, {})
    assert alarm.resource == "z3-olt-1/0/1/3/12"  # type: ignore[union-attr]


def test_a_line_of_syslog_keeps_its_time() -> None:
    text = "%PKT_INFRA-LINK-3-UPDOWN : Interface TenGigE0/0/0/1, changed state to Down"
    data = syslog("z3-bng-1", Line(0, "ifmgr[397]", text), NOW)
    assert data.startswith(b"<187>Mar  2 09:00:00.250 z3-bng-1 ifmgr[397]: %PKT_INFRA")
    alarm = read_line(data, "127.0.0.1", NOW)
    assert (alarm.resource, alarm.event_time) == ("z3-bng-1/Te0/0/0/1", NOW)  # type: ignore[union-attr]


def test_accounting_is_read_by_pyrad() -> None:
    attributes = (
        accounting.fixed("100001@lines.example", "z3-bng-1", "100.64.0.9", 1_800)
        + accounting.session("65e4a1b000000009")
        + accounting.usage(5, 2**33 + 7, 3_600, int(NOW.timestamp()))
    )
    data = accounting.request(42, accounting.INTERIM, attributes, b"testing123")
    packet = read_request(data, b"testing123", load_dictionary())
    interim = read_interim(packet, "127.0.0.1", NOW)
    assert interim is not None
    assert (interim.kind, interim.username, interim.nas) == ("interim", "100001@lines.example", "z3-bng-1")
    assert (interim.session_id, interim.framed_address) == ("65e4a1b000000009", "100.64.0.9")
    assert (interim.octets_in, interim.octets_out, interim.interim_seconds) == (5, 2**33 + 7, 1_800)


def test_a_stop_gives_its_cause_and_a_wrong_secret_shows() -> None:
    data = accounting.request(1, accounting.STOP, accounting.session("1"), b"testing123")
    packet = AcctPacket(dict=load_dictionary(), secret=b"testing123", packet=data)
    assert packet.VerifyAcctRequest()
    assert packet["Acct-Terminate-Cause"] == ["Lost-Carrier"]
    other = AcctPacket(dict=load_dictionary(), secret=b"other", packet=data)
    assert not other.VerifyAcctRequest()


def test_a_gateway_that_fails_leaves_nothing() -> None:
    world = agents().world
    assert world.reach(["node:transit-1"]) == Reach(bytearray(2), frozenset({0}), frozenset({0}))
