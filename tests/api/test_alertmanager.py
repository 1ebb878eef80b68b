"""Alertmanager's door, with posts as documented and with a real Alertmanager."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api.auth import issue, signing_key
from atlas.cmdb.models import Device, DeviceModel
from atlas.db import Sessions, transaction
from atlas.gis.models import Zone
from atlas.network.models import AlarmOccurrence, AlarmRecord, DeadLetterRecord, FeedHeartbeat, Node
from atlas.settings import Settings
from forge.feeds.heartbeats import watch_feeds
from tests.api.conftest import Clients, served
from tests.forge.feeds.test_run import free_ports
from tests.system import need

PATH = "/alerts/alertmanager"


def alert(name: str = "InstanceDown", status: str = "firing", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": name, "severity": "critical"} | labels,
        "annotations": {"summary": "It is down."},
        "startsAt": "2026-03-02T09:00:00Z",
        "endsAt": "2026-03-02T09:20:00Z" if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": f"f{hash((name, *sorted(labels.items()))) & 0xFFFFFFFF:08x}",
    }


def post(*alerts: Any, **changes: Any) -> dict[str, Any]:
    return {
        "version": "4",
        "groupKey": '{}:{alertname="InstanceDown"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "bedrock",
        "groupLabels": {},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": list(alerts),
    } | changes


async def listed(sessions: Sessions) -> list[tuple[str, str, bool]]:
    async with sessions() as session:
        records = await session.scalars(select(AlarmRecord).order_by(AlarmRecord.id))
        return [(each.resource, each.alarm_type, each.is_cleared) for each in records]


async def letters(sessions: Sessions) -> list[str]:
    async with sessions() as session:
        return list(await session.scalars(select(DeadLetterRecord.reason).order_by(DeadLetterRecord.id)))


async def occurrences(sessions: Sessions) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(AlarmOccurrence)) or 0


async def test_a_firing_alert_is_raised_once_however_often_it_is_sent_and_cleared_when_resolved(
    client: Clients, sessions: Sessions
) -> None:
    machine = client("feed")
    for duplicates in (0, 1, 1):
        answer = await machine.post(PATH, json=post(alert(instance="z3-agg-1:9100")))
        assert (answer.status_code, answer.json()["duplicates"]) == (200, duplicates)
    assert await listed(sessions) == [("z3-agg-1", "unreachable", False)]
    await machine.post(PATH, json=post(alert(instance="z3-agg-1:9100", status="resolved"), status="resolved"))
    assert await listed(sessions) == [("z3-agg-1", "unreachable", True)]
    assert await occurrences(sessions) == 2


async def test_an_alert_that_fires_again_under_its_old_start_is_raised_again(
    client: Clients, sessions: Sessions
) -> None:
    about = alert(instance="z3-agg-1:9100")
    resolved = about | {"status": "resolved", "endsAt": "2026-03-02T09:20:00Z"}
    again = about | {"status": "resolved", "endsAt": "2026-03-02T09:40:00Z"}
    states = []
    for each in (about, resolved, about, about, again, again, about):
        await client("feed").post(PATH, json=post(each))
        states.append((await listed(sessions))[0][2])
    assert states == [False, True, False, False, True, True, False]
    assert await occurrences(sessions) == 5


async def test_two_alerts_about_one_device_do_not_clear_each_other(client: Clients, sessions: Sessions) -> None:
    disks = [alert("HostOutOfDiskSpace", instance="dns-1", mountpoint=path) for path in ("/", "/var")]
    machine = client("feed")
    await machine.post(PATH, json=post(*disks))
    await machine.post(PATH, json=post(disks[0] | {"status": "resolved", "endsAt": "2026-03-02T10:00:00Z"}))
    assert sorted(await listed(sessions)) == [("dns-1", "other", False), ("dns-1", "other", True)]


async def test_a_device_is_known_by_its_name_and_by_its_management_address(client: Clients, sessions: Sessions) -> None:
    async with transaction(sessions) as session:
        session.add(Zone(id=1, number=3, name="Hillside", lon=0.0, lat=0.0))
        session.add(DeviceModel(id=1, vendor="V", name="M", kind="olt"))
        await session.flush()
        session.add(
            Device(id=1, name="z3-olt-2", model_id=1, serial="S", hardware_batch="b", firmware="1",
                   installed_on=datetime(2025, 1, 1, tzinfo=UTC).date(), management_address="192.0.2.7")
        )  # fmt: skip
        await session.flush()
        session.add(Node(id=1, name="z3-olt-2", kind="olt", zone_id=1, lon=0.0, lat=0.0, device_id=1))
    alerts = [alert(instance="192.0.2.7:161"), alert("HostDown", instance="z3-olt-2.pop.example.net:9100")]
    answer = (await client("feed").post(PATH, json=post(*alerts))).json()
    assert (answer["accepted"], answer["unknown_resources"]) == (2, 0)
    assert {resource for resource, _, _ in await listed(sessions)} == {"z3-olt-2"}


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"{", 400, "The body is not JSON."),
        (b"[]", 422, "Not a post of Alertmanager: body: Input should be an object."),
        (json.dumps(post() | {"version": "3"}).encode(), 422,
         "Only version 4 of Alertmanager's webhook is spoken here; the post is of another."),
        (json.dumps(post() | {"alerts": None}).encode(), 422,
         "Not a post of Alertmanager: alerts: Input should be a valid array."),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_told_so_and_kept(
    client: Clients, sessions: Sessions, body: bytes, status: int, sentence: str
) -> None:
    answer = await client("feed").post(PATH, content=body)
    assert (answer.status_code, answer.json()["detail"]) == (status, sentence)
    assert answer.headers["content-type"] == "application/problem+json"
    assert await letters(sessions) == [sentence]


async def test_one_odd_alert_is_kept_apart_and_the_rest_taken(client: Clients, sessions: Sessions) -> None:
    odd = alert(instance="z3-agg-2") | {"startsAt": "yesterday"}
    answer = await client("feed").post(PATH, json=post(odd, alert(instance="z3-agg-1"), alert(instance="a\tb")))
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 1
    assert [reason.partition(": ")[0] for reason in await letters(sessions)] == ["alert 0", "alert InstanceDown"]


async def test_alerts_left_out_are_noted(client: Clients, sessions: Sessions) -> None:
    answer = await client("feed").post(PATH, json=post(alert(), truncatedAlerts=12))
    assert answer.json()["truncated"] == 12
    assert await letters(sessions) == ["Alertmanager left 12 alerts out of a group: raise its receiver's max_alerts."]


async def test_a_machines_token_opens_this_door_and_no_other(client: Clients) -> None:
    assert (await client().post(PATH, json=post())).status_code == 401
    assert (await client("support").post(PATH, json=post())).status_code == 403
    assert (await client("noc").post(PATH, json=post())).status_code == 200
    machine = client("feed")
    for path in ("/alarms", "/incidents", "/conversations", "/events"):
        assert (await machine.get(path)).status_code == 401, path


async def test_a_watchdog_is_a_heartbeat_and_its_absence_an_alarm(client: Clients, sessions: Sessions) -> None:
    answer = (await client("feed").post(PATH, json=post(alert("Watchdog", severity="none")))).json()
    assert (answer["heartbeat"], answer["accepted"]) == (True, 0)
    assert await listed(sessions) == []
    async with transaction(sessions) as session:
        (beat,) = (await session.scalars(select(FeedHeartbeat))).all()
        assert (beat.feed, beat.source, beat.every_seconds) == ("alertmanager", "http://alertmanager:9093", 300.0)
        assert await watch_feeds(session, beat.last_at + timedelta(seconds=899)) == []
        await watch_feeds(session, beat.last_at + timedelta(seconds=901))
    assert await listed(sessions) == [("feed/alertmanager", "feed-silent", False)]


CONFIG = """
route:
  receiver: bedrock
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1s
receivers:
  - name: bedrock
    webhook_configs:
      - url: {url}
        send_resolved: true
        http_config:
          authorization:
            type: Bearer
            credentials: {token}
"""


@asynccontextmanager
async def alertmanager(folder: Path, url: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    """A real Alertmanager that posts to `url`; gives a client of its own API."""
    config, (port,) = folder / "alertmanager.yml", free_ports(1)
    config.write_text(CONFIG.format(url=url, token=token))
    process = await asyncio.create_subprocess_exec(
        need("prometheus-alertmanager", "alertmanager"), f"--config.file={config}", f"--storage.path={folder}",
        f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as api, asyncio.timeout(60):
            while not await is_ready(api):
                await asyncio.sleep(0.05)
            yield api
    finally:
        process.terminate()
        await process.wait()


async def is_ready(api: httpx.AsyncClient) -> bool:
    try:
        return (await api.get("/-/ready")).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_real_alertmanager_raises_repeats_and_resolves(
    app: FastAPI, settings: Settings, sessions: Sessions, tmp_path: Path
) -> None:
    token = issue(signing_key(settings), "prometheus", "feed")
    about = {"alertname": "BGPSessionDown", "instance": "z3-agg-1:9116", "peer": "10.0.0.2", "severity": "critical"}
    firing = {"labels": about, "annotations": {"summary": "BGP to 10.0.0.2 is down."}}
    watchdog = {"labels": {"alertname": "Watchdog", "severity": "none"}}
    async with served(app) as url, alertmanager(tmp_path, url + PATH, token) as api:
        await api.post("/api/v2/alerts", json=[firing, watchdog])
        while await listed(sessions) != [("z3-agg-1", "bgp-peer-down", False)]:
            await asyncio.sleep(0.05)
        taken = app.state.house.metrics.alarms.labels("duplicate")
        while taken._value.get() < 2:  # repeated, as repeat_interval says
            await asyncio.sleep(0.05)
        ended = {"endsAt": (datetime.now(UTC) - timedelta(seconds=1)).isoformat()}
        await api.post("/api/v2/alerts", json=[firing | ended])
        while await listed(sessions) != [("z3-agg-1", "bgp-peer-down", True)]:
            await asyncio.sleep(0.05)
    assert await occurrences(sessions) == 2
    async with sessions() as session:
        assert list(await session.scalars(select(FeedHeartbeat.feed))) == ["alertmanager"]
        record = (await session.scalars(select(AlarmRecord))).one()
    assert (record.text, record.severity) == ("BGP to 10.0.0.2 is down.", "critical")
