"""The accounting door, with pyrad's client as the NAS, and the watch over sessions that fall silent."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrad.client import Client, Timeout
from pyrad.packet import AccountingResponse, AcctPacket, PacketError
from sqlalchemy import select

from atlas.clock import FrozenClock
from atlas.db import Sessions, transaction
from atlas.network.enums import AlarmType, Feed
from atlas.network.models import AccessSession, AlarmRecord
from forge.feeds.metrics import MESSAGES
from forge.feeds.radius_accounting import (
    Listening,
    WrongSecretError,
    accounting_server,
    load_dictionary,
    raise_overdue,
    read_interim,
    read_request,
    session_buffer,
)
from tests.forge.feeds.conftest import Caught
from tests.forge.feeds.lines import add_lines

HOST = "127.0.0.1"
SECRET = b"a shared secret"
DICTIONARY = load_dictionary()


@dataclass
class Door:
    """The server under test, and a way to send it requests."""

    port: int
    lines: list[str]

    async def send(self, secret: bytes = SECRET, **attributes: object) -> int:
        """Send one request; the code of the answer, or pyrad's Timeout."""
        client = Client(HOST, acctport=self.port, secret=secret, dict=DICTIONARY)
        client.timeout, client.retries = (5, 1) if secret == SECRET else (0.2, 1)
        named = {"NAS_Identifier": "bng-1", "Acct_Session_Id": "s1", "User_Name": self.lines[0]} | attributes
        reply = await asyncio.to_thread(client.SendPacket, client.CreateAcctPacket(**named))
        return int(reply.code)


@pytest.fixture
async def door(sessions: Sessions, clock: FrozenClock, caught: Caught) -> AsyncIterator[Door]:
    async with transaction(sessions) as session:
        lines = await add_lines(session, 2)
    requests = session_buffer(sessions, clock)
    task = asyncio.create_task(requests.run())
    async with accounting_server(HOST, 0, SECRET, requests, caught.buffer, clock) as port:
        yield Door(port, lines)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def the_session(sessions: Sessions) -> AccessSession:
    async with sessions() as session:
        return (await session.scalars(select(AccessSession))).one()


async def the_alarm(sessions: Sessions) -> AlarmRecord:
    async with sessions() as session:
        return (await session.scalars(select(AlarmRecord))).one()


async def test_a_session_from_start_to_stop(door: Door, sessions: Sessions, clock: FrozenClock) -> None:
    started = clock.now()
    assert await door.send(Acct_Status_Type="Start", Framed_IP_Address="100.64.0.7") == AccountingResponse
    clock.advance(600)
    await door.send(
        Acct_Status_Type="Interim-Update", Acct_Input_Octets=5, Acct_Input_Gigawords=2, Acct_Output_Octets=7,
        Acct_Interim_Interval=600,
    )  # fmt: skip
    online = await the_session(sessions)
    assert (online.nas, online.session_id, online.framed_address) == ("bng-1", "s1", "100.64.0.7")
    assert (online.octets_in, online.octets_out, online.interim_seconds) == (2 * 2**32 + 5, 7, 600)
    assert (online.started_at, online.last_interim_at) == (started, clock.now())
    clock.advance(60)
    await door.send(Acct_Status_Type="Stop", Acct_Terminate_Cause="Lost-Carrier", Acct_Delay_Time=10)
    stopped = await the_session(sessions)
    assert (stopped.stopped_at, stopped.stop_cause) == (clock.now() - timedelta(seconds=10), "Lost-Carrier")


async def test_what_was_due_while_nobody_listened_is_not_missed(
    door: Door, sessions: Sessions, clock: FrozenClock
) -> None:
    await door.send(Acct_Status_Type="Start", Acct_Interim_Interval=600)
    clock.advance(3600)
    began = clock.now()
    assert await raise_overdue(sessions, clock.now(), Listening(began)) == 0
    clock.advance(721)
    assert await raise_overdue(sessions, clock.now(), Listening(began)) == 0  # the NAS has not said a word
    await door.send(Acct_Status_Type="Start", Acct_Session_Id="s2", User_Name=door.lines[1])
    assert await raise_overdue(sessions, clock.now(), Listening(began)) == 1


async def test_a_line_that_dials_in_again_has_lost_its_older_session(
    door: Door, sessions: Sessions, clock: FrozenClock
) -> None:
    began = clock.now()
    await door.send(Acct_Status_Type="Start", Acct_Interim_Interval=600)
    clock.advance(730)
    assert await raise_overdue(sessions, clock.now(), Listening(began)) == 1
    await door.send(Acct_Status_Type="Start", Acct_Session_Id="s2", Acct_Interim_Interval=600)
    async with sessions() as session:
        rows = (await session.scalars(select(AccessSession).order_by(AccessSession.session_id))).all()
    assert [(row.session_id, row.stop_cause) for row in rows] == [("s1", "Lost-Carrier"), ("s2", None)]
    assert (await the_alarm(sessions)).is_cleared


async def test_silence_is_raised_once_at_the_lines_end_and_the_next_update_clears_it(
    door: Door, sessions: Sessions, clock: FrozenClock
) -> None:
    began = clock.now()
    await door.send(Acct_Status_Type="Start", Acct_Interim_Interval=600)
    clock.advance(710)
    assert await raise_overdue(sessions, clock.now(), Listening(began)) == 0
    clock.advance(20)
    assert await raise_overdue(sessions, clock.now(), Listening(began)) == 1
    assert await raise_overdue(sessions, clock.now(), Listening(began)) == 0
    raised = await the_alarm(sessions)
    assert (raised.resource, raised.alarm_type, raised.is_cleared) == ("ont-0", AlarmType.INTERIM_MISSING, False)

    clock.advance(30)
    await door.send(Acct_Status_Type="Interim-Update", Acct_Interim_Interval=600)
    assert (await the_alarm(sessions)).is_cleared
    assert (await the_session(sessions)).silent_since is None


async def test_a_wrong_secret_gets_no_answer_and_is_counted(door: Door, sessions: Sessions) -> None:
    refused = MESSAGES.labels(Feed.RADIUS.value, "refused")
    before = refused._value.get()
    with pytest.raises(Timeout):
        await door.send(secret=b"a guess", Acct_Status_Type="Start")
    assert refused._value.get() > before
    async with sessions() as session:
        assert (await session.scalars(select(AccessSession))).all() == []


async def test_counters_past_all_reason_are_bounded_and_stored(door: Door, sessions: Sessions) -> None:
    top = 2**32 - 1
    await door.send(
        Acct_Status_Type="Interim-Update", Acct_Input_Octets=top, Acct_Input_Gigawords=top,
        Acct_Interim_Interval=top, Acct_Delay_Time=top,
    )  # fmt: skip
    online = await the_session(sessions)
    assert (online.octets_in, online.interim_seconds) == (2**63 - 1, 86_400)


async def test_a_nas_that_starts_is_answered(door: Door) -> None:
    assert await door.send(Acct_Status_Type="Accounting-On") == AccountingResponse


async def test_garbage_becomes_a_dead_letter(door: Door, caught: Caught) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"\x04\x01", (HOST, door.port))
        sender.sendto(request(Acct_Status_Type="Start", Acct_Session_Id="s1"), (HOST, door.port))
    await caught.wait_for(2)
    assert "header is corrupt" in caught.letters[0].reason
    assert "User-Name" in caught.letters[1].reason


def request(**attributes: object) -> bytes:
    packet: Callable[[], bytes] = AcctPacket(secret=SECRET, dict=DICTIONARY, **attributes).RequestPacket
    return packet()


def test_the_nas_is_named_by_identifier_then_address_then_sender(clock: FrozenClock) -> None:
    def nas(**named: Any) -> str:
        data = request(Acct_Status_Type="Start", Acct_Session_Id="s", User_Name="u", **named)
        interim = read_interim(read_request(data, SECRET, DICTIONARY), "192.0.2.9", clock.now())
        assert interim is not None
        return interim.nas

    assert nas(NAS_Identifier="bng-1", NAS_IP_Address="10.0.0.1") == "bng-1"
    assert nas(NAS_IP_Address="10.0.0.1") == "10.0.0.1"
    assert nas() == "192.0.2.9"


@given(st.binary(max_size=120), st.integers(20, 80))
def test_what_was_not_sent_so_is_never_taken(junk: bytes, at: int) -> None:
    whole = request(Acct_Status_Type="Start", Acct_Session_Id="s", User_Name="u")
    for data in (junk, whole[:at] + junk):
        if data.startswith(whole):  # octets past the length are padding (RFC 2865 section 3)
            continue
        with pytest.raises((PacketError, WrongSecretError)):
            read_request(data, SECRET, DICTIONARY)
