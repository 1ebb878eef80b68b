"""The page Prometheus reads: sizes from Atlas, and what every process of an installation has counted."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from api.shared_counts import forget, share
from atlas.db import Sessions
from atlas.settings import Settings
from tests.api.conftest import Clients
from tests.api.test_alarms import alarm

#: A process that has counted as a feed and as the stream do, and ends.
COUNTS = """
from atlas.network.enums import Feed
from forge.feeds.metrics import MESSAGES, WAITING
from forge.metrics import READ
MESSAGES.labels("syslog", "dead_letter").inc(3)
WAITING.labels("alarms").set(7)
READ.inc(40)
import os
print(os.getpid())
"""
#: A process that shows what the installation's processes have counted.
SHOWS = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


def run(program: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=os.environ | environment, check=True, capture_output=True, text=True).stdout


async def test_alarms_are_counted_by_the_feed_they_came_from(client: Clients) -> None:
    def posted(page: str) -> float:
        line = next(line for line in page.splitlines() if line.startswith(SYSLOG))
        return float(line.split()[1])

    SYSLOG = 'bedrock_feed_messages_total{feed="syslog",outcome="alarm"}'
    noc = client("noc")
    await noc.post("/alarms", json=[alarm(feed="syslog")])
    before = posted((await noc.get("/metrics")).text)
    await noc.post("/alarms", json=[alarm(feed="syslog", resource="z3-agg-2"), alarm(resource="z3-agg-3")])
    assert posted((await noc.get("/metrics")).text) == before + 1


async def test_what_waits_is_read_from_atlas_for_every_page(client: Clients, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO dead_letter (feed, sender, reason, payload, received_at)"
                " VALUES ('syslog', '10.0.0.1', 'no header', '?', now()), ('radius', '10.0.0.2', 'short', '?', now())"
            )
        )
        await session.execute(text("SELECT dbos.enqueue_workflow('fault_response', 'outside', workflow_id => 'one')"))
    page = (await client().get("/metrics")).text
    assert 'bedrock_dead_letters{feed="radius"} 1.0' in page
    assert 'bedrock_workflows{queue="outside",state="enqueued"} 1.0' in page
    assert "bedrock_approvals_waiting 0.0" in page


def test_processes_of_one_installation_share_their_counts(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    environment = share(settings)
    dead = int(run(COUNTS, environment))
    run(COUNTS, environment)
    page = run(SHOWS, environment)
    assert 'bedrock_feed_messages_total{feed="syslog",outcome="dead_letter"} 6.0' in page
    assert 'bedrock_feed_waiting{buffer="alarms"} 14.0' in page
    forget(settings, dead)
    page = run(SHOWS, environment)
    assert "bedrock_stream_alarms_total 80.0" in page  # what the dead have done stays done
    assert 'bedrock_feed_waiting{buffer="alarms"} 7.0' in page


def test_a_new_start_counts_from_nothing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    run(COUNTS, share(settings))
    assert "bedrock" not in run(SHOWS, share(settings))
