"""What Prometheus may ask: what every process counts, and the sizes in Atlas that tell how busy the house is.

Under a supervisor the processes share their counts through files (prometheus_client's multiprocess mode), so that
any API process answers for feeds, stream and worker too. Alone, a process answers for itself.
"""

import os
from collections.abc import Iterator

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.shared_counts import VARIABLE
from forge import metrics as _stream  # noqa: F401 - known to the registry of a process that stands alone
from forge.feeds import metrics as _feeds  # noqa: F401

#: Name, words, label names, and the query whose rows are the label values and the size. None reads a table whole
#: that grows for ever without an index to count on, save the notices, which number some thousands an incident.
SIZES: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("alarms_active", "Alarms not cleared.", (), "SELECT count(*) FROM alarm WHERE NOT is_cleared"),
    (
        "incidents_open",
        "Incidents open or monitored.",
        (),
        "SELECT count(*) FROM incident WHERE state IN ('open', 'monitoring')",
    ),
    (
        "approvals_waiting",
        "Actions awaiting sign-off.",
        (),
        "SELECT count(*) FROM action WHERE state = 'awaiting_sign_off'",
    ),
    (
        "turns_waiting",
        "Turns waiting or running.",
        (),
        "SELECT count(*) FROM turn WHERE state IN ('waiting', 'running')",
    ),
    ("dead_letters", "Messages kept unread.", ("feed",), "SELECT feed, count(*) FROM dead_letter GROUP BY feed"),
    ("notices", "Notices by state.", ("state",), "SELECT state, count(*) FROM notice GROUP BY state"),
    (
        "predictions",
        "Predicted failures by state.",
        ("state",),
        "SELECT state, count(*) FROM prediction GROUP BY state",
    ),
    (
        "prediction_drift_psi",
        "How far the features that moved most are from what the model in use learnt from.",
        ("feature",),
        "SELECT d ->> 'feature', (d ->> 'psi')::float FROM (SELECT drift FROM prediction_round ORDER BY at DESC"
        " LIMIT 1) r, jsonb_array_elements(r.drift) d",
    ),
    (
        "prediction_precision",
        "The share of a model's matured predictions that came true.",
        ("model",),
        "SELECT m.name || ' v' || m.version, avg((p.state = 'confirmed')::int)::float FROM prediction p"
        " JOIN model_version m ON m.id = p.model_id WHERE p.state IN ('confirmed', 'false') GROUP BY 1",
    ),
    (
        "workflows",
        "Durable workflows that have not ended.",
        ("queue", "state"),
        "SELECT coalesce(queue_name, 'none'), lower(status), count(*) FROM dbos.workflow_status"
        " WHERE status IN ('ENQUEUED', 'PENDING') GROUP BY 1, 2",
    ),
)


class Metrics:
    """One registry per application, so that two in one process don't share their counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "bedrock_request_seconds",
            "Time to answer a request.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.alarms = Counter(
            "bedrock_alarms", "Alarms posted, by what became of them.", ["outcome"], registry=self.registry
        )
        self.turns = Counter("bedrock_turns", "Turns answered on request.", ["outcome"], registry=self.registry)
        self.listeners = Gauge(
            "bedrock_event_listeners",
            "Clients listening to events.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.dropped = Counter("bedrock_event_listeners_dropped", "Listeners too slow to keep.", registry=self.registry)

    async def page(self, session: AsyncSession) -> bytes:
        """The exposition text: what all processes have counted, and the sizes as they are now."""
        sizes = CollectorRegistry()
        sizes.register(_Sizes([await _size(session, *size) for size in SIZES]))
        if VARIABLE in os.environ:
            shared = CollectorRegistry()
            MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
            counted = generate_latest(shared)
        else:
            counted = generate_latest(self.registry) + generate_latest(REGISTRY)
        return counted + generate_latest(sizes)


async def _size(session: AsyncSession, name: str, words: str, labels: tuple[str, ...], query: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"bedrock_{name}", words, labels=labels)
    for *values, size in await session.execute(text(query)):
        family.add_metric(values, size)
    return family


class _Sizes(Collector):
    """Sizes read for one page."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self.families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self.families
