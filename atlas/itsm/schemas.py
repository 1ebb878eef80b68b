"""What is known of an incident at one moment: Cortex' view, in Atlas' words."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Assessment:
    """A finding, ready to be written down. `element` is the key of the most likely cause; `group` the
    correlator's. `alarm_ids` and `node_ids` are rows of Atlas. Money is per hour, in the operator's currency.
    `effect` (down, degraded, at risk, none), `remedy` (crew, desk, wait), `mode` and `doubts` as in Cortex' findings;
    `power_until`: when the battery of a site without mains ends.
    """

    group: int
    element: str | None
    title: str
    confidence: float
    is_certain: bool
    causes: list[dict[str, Any]]
    explanation: list[str]
    place: str
    started_at: datetime
    devices: int
    subscribers: int
    business: int
    vulnerable: int
    at_risk: int
    revenue_per_hour: float
    alarm_ids: list[int] = field(default_factory=list)
    node_ids: list[int] = field(default_factory=list)
    mode: str = ""
    effect: str = "down"
    remedy: str = "crew"
    degraded: int = 0
    doubts: list[str] = field(default_factory=list)
    power_until: datetime | None = None
