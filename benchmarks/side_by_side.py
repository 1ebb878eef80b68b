"""The same storm to Prometheus Alertmanager and to us: accepted a second, time to the notice, notices, causes named.

`python -m benchmarks.side_by_side [--large]`. 1,000 alarms on an ISP of 10,000 and 10,000 on one of 30,000; `--large`
adds 100,000 on one of 150,000. The storm is made of cuts of the demo's largest aggregation routers, all alarms posted
at once on four connections, a thousand in a post. Alertmanager is the real one (Debian's `prometheus-alertmanager`).
It is given what an alarm says and the site, device and role of who says it, and groups by site as an ISP would write
it, core above access by an inhibition; each alert is new when it is posted, since of an old one it tells at once. It
runs twice, with the 30 s of its own example and with one second of `group_wait`.
We are given the same alarms, and the network that Atlas knows, which is the point: labels are all that Alertmanager
takes. Its notice is a webhook that a server of ours counts; ours is an incident that others can read. A cause is named
right when an incident names the router that was cut, or what can't be told from it; Alertmanager names none.
Everything shares the machine; the clients are processes of their own.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import multiprocessing
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
from pydantic import TypeAdapter

from atlas.demo.gear.world import World
from atlas.network.enums import PREMISES_KINDS, AlarmType
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from benchmarks.demo_cut import read_world, storm
from benchmarks.figures import Figure, show
from benchmarks.installation import QUIET, free_ports, isp, processes, token

#: Alarms, and the subscribers of the ISP they come from.
SIZES = ((1_000, 10_000), (10_000, 30_000))
LARGE = ((100_000, 150_000),)
BATCH, CONNECTIONS = 1_000, 4
#: Seconds after the last answer in which notices are counted.
HORIZON = 60.0
#: Age of the storm when it is posted (s): all of it has been said.
SAID = 65.0
ALARMS = TypeAdapter(list[Alarm])
PLACES = """SELECT n.name, n.kind, z.number FROM node n JOIN zone z ON z.id = n.zone_id"""
PASSED = """
SELECT NOT EXISTS (SELECT 1 FROM alarm_occurrence o, stream_cursor c WHERE (o.xid, o.id) > (c.xid, c.occurrence_id))
"""
FIBRES = "SELECT 'fibre:' || f.name FROM fibre f JOIN link l ON l.fibre_id = f.id WHERE l.name = ANY(%s)"
INCIDENTS = "SELECT state, element, detected_at FROM incident WHERE detected_at >= %s"
CONFIG = """
route:
  receiver: noc
  group_by: [site]
  group_wait: {wait}
  group_interval: 5m
  repeat_interval: 4h
inhibit_rules:
  - source_matchers: ['role=~"core_router|aggregation|bng"']
    target_matchers: ['role=~"olt|cmts|fibre_node|tower|sector|ont|modem|cpe"']
    equal: [site]
receivers:
  - name: noc
    webhook_configs:
      - url: http://127.0.0.1:{port}/
        max_alerts: 0
"""


class Storm(NamedTuple):
    """Alarms in order of time, and for each cut the elements that would do as its cause."""

    alarms: list[Alarm]
    causes: list[set[str]]


class Seen(NamedTuple):
    """What came of one storm. Seconds from the first post; `right`: causes named."""

    accepted: float
    first: float
    last: float
    notices: int
    right: int


def made(world: World, count: int, at: datetime) -> Storm:
    """Cuts of the routers with most lines, each with what only it explains, until there are so many alarms."""
    alarms: dict[tuple[str, AlarmType, str], Alarm] = {}
    causes: list[set[str]] = []
    for node in _by_lines(world):
        said = storm(world, f"node:{node}", at)
        fresh = {(a.resource, a.alarm_type, a.qualifier): a for a in said}
        if len(alarms) >= count or fresh.keys() & alarms.keys():
            continue
        alarms |= fresh
        causes.append({f"node:{node}", *_same(world, node)})
    if len(alarms) < count:
        raise ValueError(f"this ISP has {len(alarms)} alarms to give, not {count}")
    return Storm(sorted(alarms.values(), key=lambda a: a.event_time)[:count], causes)


def _by_lines(world: World) -> list[str]:
    sizes = []
    for node in world.nodes:
        if node.kind in ("aggregation", "olt", "cmts", "tower"):
            up = world.reach([f"node:{node.name}"]).up
            lines = sum(not up[n] for n, each in enumerate(world.nodes) if each.kind in PREMISES_KINDS)
            sizes.append((-lines, node.name))
    return [name for _, name in sorted(sizes)]


def _same(world: World, node: str) -> set[str]:
    """Failures that cut off the same, the router aside: its only way up."""
    index = next(n for n, each in enumerate(world.nodes) if each.name == node)
    links = [link for link in world.links if index in (link.a.node, link.z.node)]
    up = bytes(world.reach([f"node:{node}"]).up)
    return {f"link:{link.name}" for link in links if bytes(world.reach([f"link:{link.name}"]).up) == up}


# -- posting


def post(bodies: list[bytes], port: int, path: str, headers: dict[str, str], pipe: Any) -> None:
    """The client, a process of its own: says when it began, and how long it took until all was answered."""
    pipe.recv()
    pipe.send(time.time())
    began = time.perf_counter()
    pending, lock = list(reversed(bodies)), threading.Lock()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            with lock:
                if not pending:
                    return
                body = pending.pop()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status not in (http.client.OK, http.client.ACCEPTED):
                raise RuntimeError(said.decode())

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(time.perf_counter() - began)


def posted(bodies: list[bytes], port: int, path: str, headers: dict[str, str]) -> tuple[float, float]:
    """When the first post went out (epoch), and the seconds until the last answer."""
    ours, theirs = multiprocessing.Pipe()
    client = multiprocessing.get_context("spawn").Process(target=post, args=(bodies, port, path, headers, theirs))
    client.start()
    ours.send("go")
    began, took = float(ours.recv()), float(ours.recv())
    client.join()
    return began, took


# -- Alertmanager


@contextlib.contextmanager
def alertmanager(wait: str, notices: list[float]) -> Iterator[int]:
    """A running Alertmanager whose notices are counted; yields its port."""
    binary = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if binary is None:
        raise RuntimeError("Alertmanager is not installed: apt-get install -y prometheus-alertmanager")
    port, hook = free_ports(2)
    receiver = ThreadingHTTPServer(("127.0.0.1", hook), _counting(notices))
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "alertmanager.yml"
        config.write_text(CONFIG.format(wait=wait, port=hook))
        said = [f"--config.file={config}", f"--storage.path={folder}", f"--web.listen-address=127.0.0.1:{port}"]
        quiet = ["--cluster.listen-address=", "--log.level=error"]
        child = subprocess.Popen([binary, *said, *quiet], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _ready(f"http://127.0.0.1:{port}/-/ready")
            yield port
        finally:
            child.terminate()
            child.wait(timeout=30)
            receiver.shutdown()
            receiver.server_close()


def _counting(notices: list[float]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            notices.append(time.time())
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


def _ready(url: str) -> None:
    for _ in range(400):
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url).is_success:
                return
        time.sleep(0.05)
    raise RuntimeError("Alertmanager did not start")


def theirs(made_of: Storm, places: dict[str, tuple[str, int]], wait: str) -> Seen:
    """The storm to Alertmanager."""
    rows = [_alert(alarm, places) for alarm in made_of.alarms]
    bodies = [json.dumps(rows[at : at + BATCH]).encode() for at in range(0, len(rows), BATCH)]
    notices: list[float] = []
    with alertmanager(wait, notices) as port:
        began, took = posted(bodies, port, "/api/v2/alerts", {"Content-Type": "application/json"})
        time.sleep(HORIZON)
    times = [at - began for at in sorted(notices)] or [float("inf")]
    return Seen(len(rows) / took, times[0], times[-1], len(notices), 0)


def _alert(alarm: Alarm, places: dict[str, tuple[str, int]]) -> dict[str, Any]:
    device, _, port = alarm.resource.partition("/")
    role, zone = places[device]
    labels = {"alertname": str(alarm.alarm_type), "site": f"zone-{zone}", "device": device, "role": role}
    labels |= {"port": port} if port else {}
    labels |= {"neighbour": alarm.qualifier} if alarm.qualifier else {}
    begin = datetime.now(UTC)  # of an alert that is older than `group_wait` it tells at once
    end = begin + timedelta(hours=4)
    return {"labels": labels, "startsAt": begin.isoformat(), "endsAt": end.isoformat()}


# -- us


def ours(settings: Settings, made_of: Storm) -> Seen:
    """The storm to our API, with the stream beside it."""
    alarms = made_of.alarms
    bodies = [ALARMS.dump_json(alarms[at : at + BATCH]) for at in range(0, len(alarms), BATCH)]
    headers = {"Authorization": f"Bearer {token(settings)}", "Content-Type": "application/json"}
    assert settings.database_url
    with processes(settings, ["api", "stream"]), psycopg.connect(settings.database_url, autocommit=True) as connection:
        since, first, last, known = datetime.now(UTC), 0.0, 0.0, 0
        result: list[tuple[float, float]] = []
        client = threading.Thread(target=lambda: result.append(posted(bodies, settings.port, "/alarms", headers)))
        client.start()
        while True:
            done = not client.is_alive()
            passed = done and connection.execute(PASSED).fetchone() == (True,)
            found = connection.execute(INCIDENTS, [since]).fetchall()
            if len(found) > known:
                first, last, known = first or time.time(), time.time(), len(found)
            if passed and result and time.time() > sum(result[0]) + HORIZON:
                break
            time.sleep(0.01)
        began, took = result[0]
        named = {element for state, element, _ in found if state != "merged"}
        right = sum(bool(named & _with_fibres(connection, cause)) for cause in made_of.causes)
    return Seen(len(alarms) / took, first - began, last - began, known, right)


def _with_fibres(connection: psycopg.Connection[Any], causes: set[str]) -> set[str]:
    """The fibres and ducts of the links among these, which no alarm tells from them."""
    links = [c.removeprefix("link:") for c in causes if c.startswith("link:")]
    rows = connection.execute(FIBRES, [links]).fetchall()
    return causes | {name for (name,) in rows}


# -- both


def measure(count: int, subscribers: int) -> list[Figure]:
    """One size, on both."""
    with isp(subscribers, **QUIET) as settings:
        assert settings.database_url
        world = asyncio.run(read_world(settings.database_url))
        made_of = made(world, count, datetime.now(UTC) - timedelta(seconds=SAID))
        with psycopg.connect(settings.database_url) as connection:
            places = {name: (kind, zone) for name, kind, zone in connection.execute(PLACES).fetchall()}
        seen = {"ours": ours(settings, made_of)}
    seen |= {f"Alertmanager, group_wait {wait}": theirs(made_of, places, wait) for wait in ("30s", "1s")}
    return [f for name, each in seen.items() for f in _figures(f"{count:,} alarms, {name}", each, len(made_of.causes))]


def _figures(name: str, seen: Seen, causes: int) -> Sequence[Figure]:
    return (
        Figure(f"{name}: accepted", seen.accepted, "alarms/s"),
        Figure(f"{name}: first post to first notice", seen.first, "s"),
        Figure(f"{name}: … to the last notice", seen.last, "s"),
        Figure(f"{name}: notices", seen.notices, ""),
        Figure(f"{name}: causes named, of {causes}", seen.right, ""),
    )


def main() -> None:
    """Each size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.side_by_side")
    parser.add_argument("--large", action="store_true")
    sizes = (*SIZES, *LARGE) if parser.parse_args().large else SIZES
    show([figure for count, subscribers in sizes for figure in measure(count, subscribers)])


if __name__ == "__main__":
    main()
