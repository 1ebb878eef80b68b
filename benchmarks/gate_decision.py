"""How long the gate takes for one call: the rules alone, and with the facts read from PostgreSQL.

`python -m benchmarks.gate_decision [decisions]`. The call is `notify_affected` for 312 subscribers; the facts
are read as the executor reads them, on the embedded server, in a database made for this and dropped after.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from atlas import db, migrate, server
from atlas.clock import SystemClock, id_source
from atlas.demo import load
from atlas.settings import Settings
from benchmarks.figures import Figure, percentile, show
from forge.kit import Kit
from policies.facts import common_facts, facts_model
from policies.gate import Gate
from policies.spec import Principal, ToolSpec
from tools.registry import all_tools

REFERENCE = "INC-1000000"  # beyond the demo ISP's own history
INCIDENT = text(
    "INSERT INTO incident (id, state, title, confidence, is_certain, causes, explanation, place, started_at,"
    " detected_at, devices, subscribers, vulnerable, business, at_risk, revenue_per_hour,"
    " degraded, mode, effect, remedy, doubts)"
    " VALUES (1000000, 'open', 'A cut', 0.9, true, '[]', '[]', '', now(), now(), 47, :people, 0, 0, 0, 0,"
    " 0, '', 'down', 'crew', '[]')"
)
LINES = text(
    "INSERT INTO incident_line (incident_id, service_id, subscriber_id, zone_id)"
    " SELECT 1000000, min(s.id), s.subscriber_id, min(a.zone_id) FROM service s JOIN address a ON a.id = s.address_id"
    " GROUP BY s.subscriber_id LIMIT :people"
)
WHO = Principal("staff", "alice", "noc")
SUBSCRIBERS = 312


def figures_of(what: str, seconds: list[float]) -> list[Figure]:
    """Median and 99th percentile."""
    return [Figure(f"{what}, p{n}", percentile(seconds, n) * 1e3, "ms") for n in (50, 99)]


def rules_alone(gate: Gate, spec: ToolSpec, decisions: int) -> list[float]:
    """Decisions on facts that are at hand."""
    model = facts_model(spec)
    assert model is not None
    facts = model.model_validate({"subscribers": SUBSCRIBERS, "untold": SUBSCRIBERS, "is_certain": True})
    common = common_facts(WHO, SystemClock().now(), (), spec.risk)
    taken = []
    for _ in range(decisions):
        start = time.perf_counter()
        decision = gate.decide(spec, WHO, facts, common)
        taken.append(time.perf_counter() - start)
        assert decision.effect == "sign_off"
    return taken


async def with_facts(kit: Kit, spec: ToolSpec, decisions: int) -> list[float]:
    """Decisions whose targets, facts and off switch are read first, each in a transaction of its own."""
    assert spec.targets is not None
    taken = []
    for _ in range(decisions):
        start = time.perf_counter()
        async with db.transaction(kit.sessions) as session:
            ctx = kit.context(session, WHO, conversation_id=None)
            ctx.targets = tuple(await spec.targets(ctx, incident=REFERENCE))
            considered = await kit.consider(spec, ctx, {"incident": REFERENCE})
        taken.append(time.perf_counter() - start)
        assert considered.decision.effect == "sign_off"
    return taken


async def measure(url: str, settings: Settings, gate: Gate, spec: ToolSpec, decisions: int) -> list[Figure]:
    """Both figures, on a database that holds the demo ISP."""
    engine = db.make_engine(url)
    sessions = db.make_sessions(engine)
    async with db.transaction(sessions) as session:
        await session.execute(INCIDENT, {"people": SUBSCRIBERS})
        await session.execute(LINES, {"people": SUBSCRIBERS})
    kit = Kit(settings, engine, sessions, gate, {}, SystemClock(), id_source(None), None)
    await with_facts(kit, spec, 100)  # connections and statements get warm
    figures = figures_of("rules alone", rules_alone(gate, spec, decisions))
    figures += figures_of(f"with {SUBSCRIBERS} targets and facts", await with_facts(kit, spec, decisions // 5))
    await engine.dispose()
    return figures


def main(decisions: int = 5000) -> None:
    """Make the database, measure, and take everything away again."""
    specs = all_tools()
    start = time.perf_counter()
    gate = Gate.load(specs.values())
    figures = [Figure("the gate from its files, once", (time.perf_counter() - start) * 1e3, "ms")]
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home), database_url=None, database_name="bench_gate")
        url = server.database_url(settings)
        try:
            migrate.upgrade(url)
            load.load(url, subscribers=2_000, seed=1)
            figures += asyncio.run(measure(url, settings, gate, specs["notify_affected"], decisions))
        finally:
            server.stop_embedded(settings.home / "pg")
    show(figures)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
