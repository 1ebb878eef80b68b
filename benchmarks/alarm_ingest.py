"""Alarms a second accepted durably, with and without the stream that makes incidents of them.

`python -m benchmarks.alarm_ingest [seconds]`. A demo ISP of 10,000; batches of 1,000 JSON alarms are posted to
`POST /alarms` on four connections by a process of its own. The clock stops when all is committed and, with the
stream, when its cursor has passed the last alarm. Two mixes: the storm of the largest router's loss, said again
and again while its near ends flap, and first sightings, each of a key and a device never seen before.
"""

import asyncio
import http.client
import itertools
import json
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from pydantic import TypeAdapter

from atlas.network.enums import AlarmType, Feed
from atlas.network.schemas import Alarm
from atlas.settings import Settings
from benchmarks.demo_cut import alarm, largest, read_world, storm
from benchmarks.figures import Figure, show
from benchmarks.installation import QUIET, isp, processes, token

BATCH, CONNECTIONS, GOAL = 1_000, 4, 20_000
#: More batches a second than can be taken.
AT_MOST = 40
#: Seconds the stream may need after the last answer.
PATIENCE = 120.0
STORED = "SELECT count(*) FROM alarm_occurrence WHERE received_at >= %s"
PASSED = """
SELECT NOT EXISTS (SELECT 1 FROM alarm_occurrence o, stream_cursor c WHERE (o.xid, o.id) > (c.xid, c.occurrence_id))
"""

Batches = Iterator[list[Alarm]]
ALARMS = TypeAdapter(list[Alarm])


def the_storm(alarms: list[Alarm], start: datetime) -> Batches:
    """All alarms of one cut, said again and again; what spoke first flaps."""
    at = start
    saying = itertools.cycle(enumerate(alarms))
    flapping, cleared = 1 + sum(each.event_time < alarms[-1].event_time for each in alarms) // 4, False
    while True:
        batch = []
        for n, said in itertools.islice(saying, BATCH):
            at += timedelta(microseconds=40)
            cleared ^= n == 0
            batch.append(said.model_copy(update={"event_time": at, "is_cleared": cleared and n < flapping}))
        yield batch


def first_sightings(alarms: list[Alarm], start: datetime) -> Batches:  # noqa: ARG001
    """Keys that no one has seen, each of a device that the inventory doesn't know and none shares with another."""
    for number in itertools.count():
        begin = start + timedelta(milliseconds=40 * number)
        names = [f"cust-{number}-{n}/Gi0/0" for n in range(BATCH)]
        yield [
            alarm(name, AlarmType.LINK_DOWN, Feed.HTTP, begin + timedelta(microseconds=40 * n))
            for n, name in enumerate(names)
        ]


MIXES: dict[str, Callable[[list[Alarm], datetime], Batches]] = {"storm": the_storm, "first sightings": first_sightings}


def post_for(seconds: float, mix: str, alarms: list[Alarm], port: int, bearer: str, pipe: Any) -> None:
    """The client: post batches made beforehand; sends back when it began and how many alarms were accepted."""
    made = MIXES[mix](alarms, datetime.now(UTC))
    bodies = [ALARMS.dump_json(next(made)) for _ in range(int(AT_MOST * seconds))]
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    accepted: list[int] = []
    pipe.send("ready")
    pipe.recv()
    ends = time.monotonic() + seconds

    def post() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < ends and bodies:
            connection.request("POST", "/alarms", bodies.pop(0), headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != http.client.ACCEPTED:
                raise RuntimeError(said.decode())
            accepted.append(json.loads(said)["accepted"])

    threads = [threading.Thread(target=post) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(sum(accepted))


def measure(settings: Settings, mix: str, seconds: float, with_stream: bool) -> tuple[float, float]:
    """Alarms a second until the last answer, and until the stream has passed the last alarm."""
    url = settings.database_url
    assert url
    world = asyncio.run(read_world(url))
    alarms = storm(world, largest(world)[0], datetime.now(UTC))
    with (
        processes(settings, ["api", "stream"] if with_stream else ["api"]),
        psycopg.connect(url, autocommit=True) as connection,
    ):
        ours, theirs = multiprocessing.Pipe()
        job = (seconds, mix, alarms, settings.port, token(settings), theirs)
        client = multiprocessing.get_context("spawn").Process(target=post_for, args=job)
        client.start()
        ours.recv()
        began, since = time.perf_counter(), datetime.now(UTC)
        ours.send("go")
        accepted = int(ours.recv())
        answered = time.perf_counter() - began
        client.join()
        passed = not with_stream
        while not passed and time.perf_counter() - began < seconds + PATIENCE:
            time.sleep(0.02)
            (passed,) = connection.execute(PASSED).fetchone() or (False,)
        settled = time.perf_counter() - began
        assert passed, f"the stream was not through {PATIENCE:.0f} s after the last alarm"
        (stored,) = connection.execute(STORED, [since]).fetchone() or (0,)
        assert stored == accepted, f"{accepted} were accepted and {stored} are kept"
    return accepted / answered, accepted / settled


def main(seconds: float = 8.0) -> None:
    """Each mix, with the stream and without."""
    figures = []
    for with_stream in (True, False):
        for mix in MIXES:
            with isp(10_000, **QUIET) as settings:
                answered, settled = measure(settings, mix, seconds, with_stream)
            if with_stream:
                figures.append(Figure(f"{mix}: accepted and correlated", settled, "alarms/s", GOAL, least=True))
            what = "accepted, the stream beside it" if with_stream else "accepted, no stream"
            figures.append(Figure(f"{mix}: {what}", answered, "alarms/s"))
    show(figures)


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
