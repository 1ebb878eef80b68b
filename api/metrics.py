"""What Prometheus may ask: requests, alarms, turns, listeners, and the sizes that tell how busy the house is."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

#: One query for every gauge read from Atlas when the page is asked for.
SIZES = """
SELECT (SELECT count(*) FROM alarm WHERE NOT is_cleared),
       (SELECT count(*) FROM incident WHERE state IN ('open', 'monitoring')),
       (SELECT count(*) FROM action WHERE state = 'awaiting_sign_off'),
       (SELECT count(*) FROM turn WHERE state IN ('waiting', 'running'))
"""


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
        self.turns = Counter("bedrock_turns", "Turns answered by this process.", ["outcome"], registry=self.registry)
        self.listeners = Gauge("bedrock_event_listeners", "Clients listening to events.", registry=self.registry)
        self.dropped = Counter("bedrock_event_listeners_dropped", "Listeners too slow to keep.", registry=self.registry)
        self.sizes = [
            Gauge(f"bedrock_{name}", words, registry=self.registry)
            for name, words in (
                ("alarms_active", "Alarms not cleared."),
                ("incidents_open", "Incidents open or monitored."),
                ("approvals_waiting", "Actions awaiting sign-off."),
                ("turns_waiting", "Turns waiting or running."),
            )
        ]

    async def page(self, session: AsyncSession) -> bytes:
        """The exposition text, with the sizes as they are now."""
        for gauge, value in zip(self.sizes, (await session.execute(text(SIZES))).one(), strict=True):
            gauge.set(value)
        return generate_latest(self.registry)
