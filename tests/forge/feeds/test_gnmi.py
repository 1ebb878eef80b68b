"""The gNMI feed against a device that speaks the protocol: what stood, what changed, what was missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError
from sqlalchemy import select

from atlas.clock import SystemClock
from atlas.db import Sessions, transaction
from atlas.feed_settings import GnmiTarget
from atlas.network.enums import AlarmType, Feed
from atlas.network.ingest import record_alarms
from atlas.network.models import FeedHeartbeat
from atlas.network.schemas import Alarm
from forge.feeds.gnmi import PATHS, watch_target
from forge.feeds.metrics import MESSAGES
from tests.forge.feeds.conftest import Caught
from tests.forge.feeds.device import HOST, Router, listening, oper, session, until

PORT, PEER = "TenGigE0/0/0/1", "10.0.0.2"


def target(port: int, **more: object) -> GnmiTarget:
    fields = {"name": "z3-agg-1", "address": HOST, "port": port, "insecure": True} | more
    return GnmiTarget.model_validate(fields)


@asynccontextmanager
async def following(caught: Caught, sessions: Sessions, told: GnmiTarget) -> AsyncIterator[None]:
    task = asyncio.create_task(watch_target(told, sessions, caught.buffer, SystemClock(), 60.0, least_wait=0.01))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def said(caught: Caught) -> list[tuple[str, AlarmType, str, bool]]:
    return [(alarm.resource, alarm.alarm_type, alarm.qualifier, alarm.is_cleared) for alarm in caught.alarms]


LINK = ("z3-agg-1/Te0/0/0/1", AlarmType.LINK_DOWN, "")
BGP = ("z3-agg-1", AlarmType.BGP_PEER_DOWN, PEER)


async def test_changes_are_raised_and_cleared_as_they_come(caught: Caught, sessions: Sessions) -> None:
    router = Router({oper(PORT): "UP", oper(PORT, "admin-status"): "UP", session(PEER): "ESTABLISHED"})
    async with listening(router) as port, following(caught, sessions, target(port)):
        await until(lambda: router.is_heard)
        router.change(oper(PORT), "DOWN")
        router.change(session(PEER), "IDLE")
        router.change(session(PEER), "ACTIVE")
        router.change(session(PEER), "ESTABLISHED")
        router.change(oper(PORT), "UP")
        await caught.wait_for(4)
    assert said(caught) == [(*LINK, False), (*BGP, False), (*BGP, True), (*LINK, True)]
    assert caught.alarms[1].extra == {"neighbour": PEER}
    assert {alarm.feed for alarm in caught.alarms} == {Feed.GNMI}


async def test_the_subscription_is_on_change_and_streamed(caught: Caught, sessions: Sessions) -> None:
    router = Router({})
    async with listening(router) as port, following(caught, sessions, target(port)):
        await until(lambda: router.is_heard)
    (request,) = router.asked
    assert request.subscribe.mode == 0  # STREAM
    assert {each.mode for each in request.subscribe.subscription} == {1}  # ON_CHANGE
    leaves = [each.path.elem[-1].name for each in request.subscribe.subscription]
    assert leaves == ["oper-status", "admin-status", "session-state", "enabled"]


async def test_what_is_down_at_first_is_raised_once_however_often_the_stream_is_cut(
    caught: Caught, sessions: Sessions
) -> None:
    router = Router({oper(PORT): "DOWN", session(PEER, "RED"): "IDLE"})
    async with listening(router) as port, following(caught, sessions, target(port)):
        for times in range(1, 4):
            await until(lambda times=times: len(router.asked) == times and router.is_heard)  # type: ignore[misc]
            await caught.wait_for(2)
            router.cut()
    assert said(caught) == [(*LINK, False), ("z3-agg-1", AlarmType.BGP_PEER_DOWN, f"{PEER} vrf RED", False)]


async def test_what_recovered_while_the_stream_was_cut_clears(caught: Caught, sessions: Sessions) -> None:
    router = Router({oper(PORT): "DOWN"})
    async with listening(router) as port, following(caught, sessions, target(port)):
        await caught.wait_for(1)
        router.leaves[oper(PORT)] = "UP"
        router.cut()
        await caught.wait_for(2)
    assert said(caught) == [(*LINK, False), (*LINK, True)]


async def test_a_device_whose_clock_lags_still_clears_what_it_raised(caught: Caught, sessions: Sessions) -> None:
    router = Router({oper(PORT): "DOWN"}, lag=600)
    async with listening(router) as port, following(caught, sessions, target(port)):
        await caught.wait_for(1)
        router.change(oper(PORT), "UP")
        await caught.wait_for(2)
    raised, cleared = caught.alarms
    assert cleared.is_cleared
    assert cleared.event_time > raised.event_time


async def test_a_device_that_was_away_is_found_again(caught: Caught, sessions: Sessions) -> None:
    router = Router({oper(PORT): "UP"})
    async with listening(router) as port:
        pass
    async with following(caught, sessions, target(port)):
        await asyncio.sleep(0.1)
        async with listening(router, port):
            await until(lambda: router.is_heard)
            router.change(oper(PORT), "DOWN")
            await caught.wait_for(1)
    assert said(caught) == [(*LINK, False)]


def raised(feed: Feed) -> Alarm:
    resource, kind, _ = LINK
    at = datetime.now(UTC) - timedelta(hours=1)
    return Alarm(resource=resource, alarm_type=kind, event_time=at, feed=feed)


@pytest.mark.parametrize(
    ("feed", "state", "expected"),
    [
        (Feed.GNMI, "DOWN", []),
        (Feed.GNMI, "UP", [(*LINK, True)]),
        (Feed.GNMI, None, [(*LINK, True)]),
        (Feed.SYSLOG, "DOWN", [(*LINK, False)]),
        (Feed.SYSLOG, "UP", [(*LINK, True)]),
        (Feed.SYSLOG, None, []),
    ],
)
async def test_after_a_restart_of_ours_only_what_differs_from_atlas_is_said(
    caught: Caught, sessions: Sessions, feed: Feed, state: str | None, expected: list[tuple[str, AlarmType, str, bool]]
) -> None:
    async with transaction(sessions) as db:
        await record_alarms(db, [raised(feed)], datetime.now(UTC))
    router = Router({oper(PORT): state} if state else {})
    ignored = MESSAGES.labels(Feed.GNMI.value, "ignored")
    before = ignored._value.get()
    async with listening(router) as port, following(caught, sessions, target(port)):
        await until(lambda: router.is_heard)
        router.change(oper("Te9"), "UP")  # an end to wait for
        await until(lambda: ignored._value.get() >= before + 1 + (state is not None))
        await caught.buffer.drain()
    assert said(caught) == expected


async def test_what_is_deleted_is_gone_and_not_down(caught: Caught, sessions: Sessions) -> None:
    router = Router({oper(PORT): "DOWN", session(PEER): "IDLE"})
    async with listening(router) as port, following(caught, sessions, target(port)):
        await caught.wait_for(2)
        router.remove(f"interfaces/interface[name={PORT}]")
        await caught.wait_for(3)
        router.remove("network-instances/network-instance[name=default]")
        await caught.wait_for(4)
    assert said(caught)[2:] == [(*LINK, True), (*BGP, True)]


async def test_what_is_shut_on_purpose_is_no_fault(caught: Caught, sessions: Sessions) -> None:
    shut = {oper(PORT): "DOWN", oper(PORT, "admin-status"): "DOWN"}
    off = {session(PEER): "IDLE", session(PEER, leaf="enabled"): "false"}
    router = Router(shut | off | {oper("Te2"): "DOWN"})
    async with listening(router) as port, following(caught, sessions, target(port)):
        await caught.wait_for(1)
        router.change(oper("Te2", "admin-status"), "DOWN")
        await caught.wait_for(2)
    assert [(alarm.resource, alarm.is_cleared) for alarm in caught.alarms] == [
        ("z3-agg-1/Te2", False),
        ("z3-agg-1/Te2", True),
    ]


async def test_a_device_that_knows_less_is_asked_for_less(caught: Caught, sessions: Sessions) -> None:
    router = Router({oper(PORT): "DOWN"}, unknown="enabled")
    async with listening(router) as port, following(caught, sessions, target(port)):
        await caught.wait_for(1)
    assert [len(each.subscribe.subscription) for each in router.asked] == [len(PATHS[0]), len(PATHS[1])]


async def test_a_wrong_password_is_counted_as_refused(caught: Caught, sessions: Sessions) -> None:
    refused = MESSAGES.labels(Feed.GNMI.value, "refused")
    before = refused._value.get()
    router = Router({oper(PORT): "DOWN"}, password="right")
    async with listening(router) as port:
        async with following(caught, sessions, target(port, username="noc", password="wrong")):
            await until(lambda: refused._value.get() > before)
        assert caught.items == []
        async with following(caught, sessions, target(port, username="noc", password="right")):
            await caught.wait_for(1)


async def test_a_stream_that_stands_beats_and_one_that_does_not_is_silent(caught: Caught, sessions: Sessions) -> None:
    router = Router({})
    async with listening(router) as port, following(caught, sessions, target(port)):
        async with asyncio.timeout(10):
            while not (beats := await heartbeats(sessions)):
                await asyncio.sleep(0.02)
    assert beats == [("gnmi", "z3-agg-1")]


async def heartbeats(sessions: Sessions) -> list[tuple[str, str]]:
    async with sessions() as db:
        return [(feed, source) for feed, source in await db.execute(select(FeedHeartbeat.feed, FeedHeartbeat.source))]


def certificate(name: str) -> tuple[bytes, bytes]:
    """A key and a certificate that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private, signed.public_bytes(pem)


async def test_tls_is_checked_by_the_certificate(caught: Caught, sessions: Sessions, tmp_path: Path) -> None:
    key, vouched = certificate("z3-agg-1.example")
    _, other = certificate("z3-agg-1.example")
    (tmp_path / "right.pem").write_bytes(vouched)
    (tmp_path / "wrong.pem").write_bytes(other)
    router = Router({oper(PORT): "DOWN"})
    tls = {"insecure": False, "certificate_name": "z3-agg-1.example"}
    async with listening(router, credentials=grpc.ssl_server_credentials([(key, vouched)])) as port:
        async with following(caught, sessions, target(port, **tls, certificate=str(tmp_path / "wrong.pem"))):
            await asyncio.sleep(0.3)
        assert router.asked == []
        async with following(caught, sessions, target(port, **tls, certificate=str(tmp_path / "right.pem"))):
            await caught.wait_for(1)


def test_a_target_is_vouched_for_or_insecure_in_so_many_words() -> None:
    with pytest.raises(ValidationError, match="or say insecure"):
        target(1, insecure=False)
