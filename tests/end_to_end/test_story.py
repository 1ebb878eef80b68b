"""The fault story as a newcomer sees it: from nothing to told, mended and told again, with nothing faked.

The whole house runs as processes of its own. What its timeline says is held against what plain graph search
and SQL find in its database afterwards; no number is written down here.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from atlas import server
from tests.conftest import HOME
from tests.factories.losses import at_risk, cut_off, subscribers_of, zones_of

ROOT = Path(__file__).parents[2]
CLI = [sys.executable, "-m", "api.cli.main"]
BACKHAUL = "F-Z3-BH-1"
PATIENCE = 300

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("end_to_end")]


@dataclass(frozen=True)
class Installation:
    """A home, and the environment that leads there."""

    env: dict[str, str]
    database: str

    def run(self, *command: str) -> str:
        """What a command prints; it must succeed."""
        ended = subprocess.run(
            [*CLI, *command], cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What SQL finds."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(query, values).fetchall()


def free_ports(count: int) -> list[str]:
    """Ports that nobody uses by TCP or UDP just now."""
    with ExitStack() as held:
        ports = []
        for _ in range(count):
            tcp = held.enter_context(socket.socket())
            tcp.bind(("127.0.0.1", 0))
            udp = held.enter_context(socket.socket(type=socket.SOCK_DGRAM))
            udp.bind(("127.0.0.1", tcp.getsockname()[1]))
            ports.append(str(tcp.getsockname()[1]))
    return ports


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own; what the embedded model has learnt is shared with the other tests."""
    home = tmp_path_factory.mktemp("story")
    (HOME / "models").mkdir(parents=True, exist_ok=True)
    (home / "models").symlink_to(HOME / "models")
    yield home
    server.stop_embedded(home / "pg")
    shutil.rmtree(home / "pg")


@pytest.fixture(scope="module")
def installation(home: Path) -> Installation:
    """Where the house will live; nothing is there yet."""
    names = ("PORT", "SYSLOG_PORT", "TRAP_PORT", "RADIUS_PORT", "SNMP_PORT")
    env = {name: value for name, value in os.environ.items() if not name.startswith("BEDROCK_")}
    env |= {f"BEDROCK_{name}": port for name, port in zip(names, free_ports(len(names)), strict=True)}
    env |= {"BEDROCK_HOME": str(home), "BEDROCK_CLOCK_SPEED": "60", "COLUMNS": "200"}
    url = server.start_embedded(home / "pg")
    return Installation(env, server.with_database(url, "bedrock"))


@pytest.fixture(scope="module")
def told(installation: Installation) -> str:
    """The timeline of `bedrock demo up --once`, from nothing."""
    return installation.run("demo", "up", "--once", "--subscribers", "2000")


@pytest.fixture(scope="module")
def serving(installation: Installation, told: str) -> Iterator[Installation]:
    """The same house, started again."""
    env = installation.env | {"BEDROCK_DEMO": "true", "BEDROCK_POLL_INTERVAL": "120", "BEDROCK_LOG_LEVEL": "WARNING"}
    words = Path(env["BEDROCK_HOME"]) / "serve.log"
    with words.open("w") as log:
        running = subprocess.Popen(
            [*CLI, "serve"], cwd=ROOT, env=env, start_new_session=True, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _await_ready(running, f"http://127.0.0.1:{env['BEDROCK_PORT']}/ready")
        yield Installation(env, installation.database)
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(timeout=60)
        print(words.read_text()[-20_000:])  # shown where a test failed


def _await_ready(running: subprocess.Popen[bytes], url: str) -> None:
    for _ in range(PATIENCE * 4):
        assert running.poll() is None, "the server did not start; what it said is below"
        try:
            if httpx.get(url, timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.25)
    pytest.fail(f"{url} did not become ready")


@dataclass(frozen=True)
class Told:
    """An incident as its row in the database has it."""

    id: int
    element: str
    state: str
    devices: int
    subscribers: int
    at_risk: int
    alarms: int


def the_incident(house: Installation, element: str) -> Told:
    """The one incident with this cause that was found by the stream."""
    (row,) = house.rows(
        "SELECT i.id, i.element, i.state, i.devices, i.subscribers, i.at_risk,"
        " (SELECT count(*) FROM incident_alarm a JOIN alarm_occurrence o USING (alarm_id) WHERE a.incident_id = i.id"
        "  AND o.received_at >= f.cut_at AND NOT o.is_cleared)"
        " FROM demo_fault f JOIN incident i ON i.element = f.element AND i.detected_at >= f.cut_at"
        " WHERE f.element = %s",
        element,
    )
    return Told(*row)


def computed(house: Installation, element: str) -> tuple[int, set[int]]:
    """(devices, subscribers) that this cut takes, by plain graph search."""
    with psycopg.connect(house.database) as connection:
        off = cut_off(connection, element)
        return off.devices, subscribers_of(connection, off)


def notices(house: Installation, incident: int, kind: str) -> list[int]:
    """The subscriber of each notice that was handed over, one entry per notice."""
    query = "SELECT subscriber_id FROM notice WHERE incident_id = %s AND kind = %s AND state = 'handed_over'"
    return [row[0] for row in house.rows(query, incident, kind)]


def test_the_timeline_says_what_a_graph_search_finds(told: str, installation: Installation) -> None:
    incident = the_incident(installation, f"fibre:{BACKHAUL}")
    devices, subscribers = computed(installation, f"fibre:{BACKHAUL}")
    assert devices and subscribers
    (tickets,) = installation.rows(
        "SELECT count(*) FROM ticket WHERE kind = 'subscriber' AND category <> 'billing' AND incident_id = %s",
        incident.id,
    )[0]
    assert (incident.devices, incident.subscribers) == (devices, len(subscribers))
    found = re.search(r"(\d+) raw alarms → 1 incident: (\d+) devices, (\d+) subscribers .* (\d+) open tickets", told)
    assert found, told
    alarms, *rest = map(int, found.groups())
    assert rest == [devices, len(subscribers), tickets]
    assert 0 < alarms <= incident.alarms
    assert f"{devices} devices, {len(subscribers)} subscribers" in told
    assert "zone 3 backhaul" in told


def test_it_is_one_incident_and_it_is_over(told: str, installation: Installation) -> None:
    fresh = installation.rows(
        "SELECT i.state FROM incident i, demo_fault f WHERE i.detected_at >= f.cut_at AND f.element = %s",
        f"fibre:{BACKHAUL}",
    )
    assert fresh == [("resolved",)]
    assert the_incident(installation, f"fibre:{BACKHAUL}").state == "resolved"
    left = "SELECT count(*) FROM ticket t WHERE t.incident_id = %s AND t.state NOT IN ('resolved', 'closed')"
    assert installation.rows(left, the_incident(installation, f"fibre:{BACKHAUL}").id) == [(0,)]


def test_a_ticket_per_affected_zone(told: str, installation: Installation) -> None:
    incident = the_incident(installation, f"fibre:{BACKHAUL}")
    with psycopg.connect(installation.database) as connection:
        zones = zones_of(connection, cut_off(connection, f"fibre:{BACKHAUL}"))
    query = (
        "SELECT z.number, c.subject FROM ticket c JOIN ticket p ON p.id = c.parent_id AND p.kind = 'incident'"
        " JOIN zone z ON z.id = c.zone_id WHERE c.kind = 'zone' AND c.incident_id = %s"
    )
    found = {
        zone: int(re.findall(r"(\d+) lines", subject)[0]) for zone, subject in installation.rows(query, incident.id)
    }
    assert found == zones


def test_everyone_cut_off_heard_of_it_once_and_of_its_end_once(told: str, installation: Installation) -> None:
    incident = the_incident(installation, f"fibre:{BACKHAUL}")
    _, subscribers = computed(installation, f"fibre:{BACKHAUL}")
    for kind, name in (("outage", "outage notices"), ("restored", "back-in-service notices")):
        handed_over = notices(installation, incident.id, kind)
        assert sorted(handed_over) == sorted(subscribers)
        assert f"{len(handed_over)} {name} handed over" in told
    (sent,) = installation.rows("SELECT count(*) FROM outbox_message")[0]
    assert sent == 2 * len(subscribers)


def test_nothing_was_sent_before_a_second_person_signed(told: str, installation: Installation) -> None:
    (action,) = installation.rows(
        "SELECT a.principal_id, s.signer, s.approved, s.at, (SELECT min(o.at) FROM outbox_message o)"
        " FROM action a JOIN sign_off s ON s.action_id = a.id WHERE a.tool = 'notify_affected' AND a.state = 'done'"
    )
    asked_by, signer, approved, signed_at, first_sent_at = action
    assert asked_by != signer
    assert approved
    assert signed_at <= first_sent_at


def test_the_subscriber_was_told_of_this_outage_in_plain_words(told: str, installation: Installation) -> None:
    incident = the_incident(installation, f"fibre:{BACKHAUL}")
    said = "SELECT m.text FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE m.role = 'assistant'"
    ((answer,),) = installation.rows(f"{said} AND c.principal_kind = 'subscriber'")
    assert f"INC-{incident.id}" in answer
    assert "damaged fibre cable" in answer
    assert BACKHAUL not in answer


def test_a_ring_cable_cuts_nobody_off_and_the_number_at_risk_is_counted(serving: Installation) -> None:
    ((fibre,),) = serving.rows(
        "SELECT name FROM fibre WHERE role = 'ring' ORDER BY right(name, 2) <> '-2', name LIMIT 1"
    )
    told = serving.run("demo", "story", "--element", f"fibre:{fibre}")
    incident = the_incident(serving, f"fibre:{fibre}")
    with psycopg.connect(serving.database) as connection:
        risk = at_risk(connection, f"fibre:{fibre}")
    assert computed(serving, f"fibre:{fibre}") == (0, set())
    assert risk > 0
    assert (incident.devices, incident.subscribers, incident.at_risk) == (0, 0, risk)
    assert f"nobody is cut off, {risk} are one fault away" in told
    assert notices(serving, incident.id, "outage") == []
    assert incident.state == "resolved"


def test_an_olt_gives_its_own_numbers(serving: Installation) -> None:
    olts = [name for (name,) in serving.rows("SELECT name FROM node WHERE kind = 'olt' ORDER BY name DESC")]
    olt = next(name for name in olts if 25 < len(computed(serving, f"node:{name}")[1]) < 100)
    told = serving.run("demo", "story", "--element", f"node:{olt}")
    incident = the_incident(serving, f"node:{olt}")
    devices, subscribers = computed(serving, f"node:{olt}")
    assert (incident.devices, incident.subscribers) == (devices, len(subscribers))
    assert f"→ {devices} devices, {len(subscribers)} subscribers" in told
    assert sorted(notices(serving, incident.id, "outage")) == sorted(subscribers)
    assert incident.state == "resolved"


def test_all_green_and_no_radius_is_named_and_makes_nobody_dead(serving: Installation) -> None:
    serving.run("demo", "break", "radius")
    query = "SELECT effect, remedy, subscribers, is_certain FROM incident WHERE element = 'service:radius'"
    for _ in range(PATIENCE):
        if found := serving.rows(query):
            break
        time.sleep(1)
    assert found == [("at risk", "desk", 0, True)]
    assert serving.rows("SELECT count(*) FROM alarm WHERE alarm_type = 'unreachable' AND NOT is_cleared") == [(0,)]
    serving.run("demo", "mend", "radius")
