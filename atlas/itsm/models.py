"""Incidents, tickets, problems and changes (ITIL), and what each is about.

An incident is one cause seen once. Its tickets form a tree: a parent for the incident, a child per
affected zone, and subscribers' own tickets linked below.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key, Money, Name


class Incident(Base):
    """Something broke. Cause and impact are Cortex's view until a person gives a verdict, which is final."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("state IN ('open','monitoring','resolved','merged','retracted')", name="state"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        CheckConstraint("effect IN ('down','degraded','at risk','none')", name="effect"),
        CheckConstraint("remedy IN ('crew','desk','wait')", name="remedy"),
        Index("ix_incident_open", "state", postgresql_where="state IN ('open','monitoring')"),
    )

    id: Mapped[Key]
    group: Mapped[int | None] = mapped_column(comment="The correlator's group.")
    state: Mapped[str]
    title: Mapped[str]
    element: Mapped[Name | None] = mapped_column(comment="Element key of the most likely cause.")
    confidence: Mapped[float]
    is_certain: Mapped[bool]
    causes: Mapped[list[Any]] = mapped_column(comment="Ranked causes with confidence and reasons.")
    explanation: Mapped[list[Any]] = mapped_column(comment="Which alarms, which rule, which numbers.")
    place: Mapped[str] = mapped_column(default="", comment="Where a crew should go.")
    verdict_element: Mapped[Name | None] = mapped_column(comment="A person's verdict; never overwritten.")
    verdict_by: Mapped[str | None]
    verdict_cause: Mapped[str | None] = mapped_column(comment="A person's verdict where it is no element of ours.")
    held_by: Mapped[str | None] = mapped_column(comment="Who holds its notices back; nobody is told meanwhile.")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    regrouped: Mapped[int] = mapped_column(default=0, comment="How often a person changed what belongs to it.")
    confirmed_by: Mapped[str | None] = mapped_column(comment="Who says that it is so, doubts or not.")
    started_at: Mapped[datetime] = mapped_column(comment="First alarm's time.")
    detected_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None] = mapped_column(comment="Last alarm cleared.")
    resolved_at: Mapped[datetime | None]
    expected_repair_at: Mapped[datetime | None] = mapped_column(comment="From a person or stated history only.")
    expected_repair_source: Mapped[str | None]
    next_update_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    devices: Mapped[int] = mapped_column(default=0)
    subscribers: Mapped[int] = mapped_column(default=0)
    vulnerable: Mapped[int] = mapped_column(default=0)
    business: Mapped[int] = mapped_column(default=0)
    at_risk: Mapped[int] = mapped_column(default=0, comment="Up, but one fault away from being cut off.")
    degraded: Mapped[int] = mapped_column(default=0, comment="Subscribers with poor service, none of them cut off.")
    mode: Mapped[str] = mapped_column(default="", comment="How the cause is at fault where it is not simply dead.")
    effect: Mapped[str] = mapped_column(default="down", comment="What subscribers notice of it.")
    remedy: Mapped[str] = mapped_column(default="crew", comment="Who mends it: a crew, a desk, or time.")
    power_until: Mapped[datetime | None] = mapped_column(comment="When the battery of a site without mains ends.")
    doubts: Mapped[list[Any]] = mapped_column(
        default=list, comment="Why a person must look before any subscriber is told."
    )
    revenue_per_hour: Mapped[Money] = mapped_column(default=0)

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"INC-{self.id}"

    @property
    def shown_mode(self) -> str:
        """How the cause is at fault; nothing once a person has named another cause."""
        return self.mode if self.verdict_by is None or self.verdict_element == self.element else ""

    @property
    def cause(self) -> str | None:
        """Element key of the cause: a person's where there is a verdict, even that it is no element of ours."""
        return self.verdict_element or (None if self.verdict_by else self.element)

    @property
    def is_doubtful(self) -> bool:
        """Whether a person must look before any subscriber is told."""
        return bool(self.doubts) and self.confirmed_by is None and self.verdict_by is None


class IncidentAlarm(Base):
    """An alarm belongs to at most one open incident; a later incident may raise it again."""

    __tablename__ = "incident_alarm"

    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True, index=True)


class IncidentNode(Base):
    """A node cut off by an incident."""

    __tablename__ = "incident_node"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, index=True)


class IncidentLine(Base):
    """A subscriber's line cut off by an incident, and when it was seen stable again."""

    __tablename__ = "incident_line"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True, index=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), index=True)
    zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"))
    back_at: Mapped[datetime | None] = mapped_column(comment="When it was no longer cut off.")
    restored_at: Mapped[datetime | None] = mapped_column(comment="Set once stable for ten minutes.")


class IncidentUpdate(Base):
    """One line of an incident's history. Public lines are what status and chat may say."""

    __tablename__ = "incident_update"
    __table_args__ = (Index(None, "incident_id", "at"),)

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    is_public: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str]


class Page(Base):
    """Somebody on call was woken for an incident. `turn` counts on until one of them takes it in hand."""

    __tablename__ = "page"
    __table_args__ = (
        CheckConstraint("state IN ('drafted','handed_over','failed')", name="state"),
        UniqueConstraint("incident_id", "turn"),
        Index(None, "action_id"),
    )

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    action_id: Mapped[UUID]
    turn: Mapped[int] = mapped_column(comment="0 for the first who was paged.")
    person: Mapped[str]
    channel: Mapped[str]
    address: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]


class Ticket(Base):
    """A piece of work somebody waits for (TMF621): an incident's, a zone's, or a subscriber's."""

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint("kind IN ('incident','zone','subscriber')", name="kind"),
        CheckConstraint("state IN ('open','in_progress','resolved','closed')", name="state"),
        CheckConstraint("(kind = 'subscriber') = (subscriber_id IS NOT NULL)", name="owner"),
        Index("ix_ticket_open", "subscriber_id", postgresql_where="state IN ('open','in_progress')"),
        Index("uq_ticket_zone", "incident_id", "zone_id", unique=True, postgresql_where="kind = 'zone'"),
        Index("uq_ticket_incident", "incident_id", unique=True, postgresql_where="kind = 'incident'"),
    )

    id: Mapped[Key]
    kind: Mapped[str]
    state: Mapped[str]
    category: Mapped[str] = mapped_column(comment="no_service | slow | intermittent | billing | other")
    subject: Mapped[str]
    description: Mapped[str] = mapped_column(default="", comment="What outsiders wrote: never an instruction.")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("service.id"), index=True)
    opened_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"TT-{self.id}"


class TicketDevice(Base):
    """A device a ticket is about."""

    __tablename__ = "ticket_device"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True, index=True)


class Problem(Base):
    """The reason behind several incidents (ITIL), open until it is removed."""

    __tablename__ = "problem"

    id: Mapped[Key]
    title: Mapped[str]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Change(Base):
    """Planned work (ITIL change), approved before it starts."""

    __tablename__ = "change"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"),)

    id: Mapped[Key]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(comment="draft | approved | in_progress | done | cancelled")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
