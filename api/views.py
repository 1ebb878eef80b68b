"""Incidents and tickets as the API shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class View(BaseModel):
    """Read from rows of Atlas by attribute."""

    model_config = ConfigDict(from_attributes=True)


class IncidentView(View):
    """One cause, seen once. Counts are of what it cuts off."""

    reference: str = Field(description="What people call it: INC-12.")
    state: str = Field(description="open | monitoring | resolved | merged | retracted")
    title: str
    element: str | None = Field(description="Element key of the most likely cause.")
    confidence: float = Field(ge=0, le=1)
    is_certain: bool
    place: str = Field(description="Where a crew should go.")
    verdict_element: str | None = Field(description="The cause a person named; final.")
    verdict_cause: str | None = Field(description="The cause a person named where it is no element of ours; final.")
    verdict_by: str | None
    held_by: str | None = Field(description="Who holds its notices back.")
    doubts: list[str] = Field(description="Why a person must look before any subscriber is told.")
    is_doubtful: bool = Field(description="Whether that is still so: nobody has confirmed it or named a cause.")
    confirmed_by: str | None
    acknowledged_by: str | None
    devices: int
    subscribers: int
    business: int
    vulnerable: int
    at_risk: int = Field(description="Up, but one fault away from being cut off.")
    degraded: int = Field(description="Subscribers with poor service, none of them cut off.")
    mode: str = Field(description="How the cause is at fault where it is not simply dead, such as rain fade.")
    effect: str = Field(description="What subscribers notice: down | degraded | at risk | none")
    remedy: str = Field(description="crew | desk | wait")
    power_until: datetime | None = Field(description="When the battery of a site without mains ends.")
    revenue_per_hour: Decimal
    started_at: datetime
    detected_at: datetime
    cleared_at: datetime | None
    resolved_at: datetime | None
    expected_repair_at: datetime | None
    expected_repair_source: str | None
    next_update_at: datetime | None


class UpdateView(View):
    """One line of an incident's history."""

    at: datetime
    by: str
    is_public: bool
    text: str


class PageView(View):
    """Somebody on call was woken."""

    turn: int = Field(description="0 for the first who was paged.")
    person: str
    channel: str
    state: str = Field(description="drafted | handed_over | failed")
    at: datetime


class TicketView(View):
    """A piece of work somebody waits for. Whose it is, is not shown here."""

    reference: str
    kind: str = Field(description="incident | zone | subscriber")
    state: str
    category: str
    subject: str
    opened_at: datetime
    resolved_at: datetime | None


class LineCounts(BaseModel):
    """Lines an incident cut off."""

    cut: int = Field(description="All it cut off.")
    restored: int = Field(description="Of these, stable again for ten minutes.")


class IncidentDetail(IncidentView):
    """An incident with what it rests on and what was done about it."""

    causes: list[Any] = Field(description="Ranked causes with confidence and reasons.")
    explanation: list[Any] = Field(description="Which alarms, which rule, which numbers.")
    updates: list[UpdateView]
    pages: list[PageView]
    tickets: list[TicketView]
    alarms: int = Field(description="Raw alarms that belong to it.")
    open_subscriber_tickets: int = Field(description="Subscribers' open tickets on the lines it cut off.")
    lines: LineCounts
