"""What people have said of incidents, what they took out of them, and what Cortex has learned from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key


class Verdict(Base):
    """A person's word on an incident. Rows are never changed; a later one is another row."""

    __tablename__ = "verdict"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('correct_cause','confirm','merge','split','exclude','hold','release','retract')", name="kind"
        ),
    )

    id: Mapped[Key]
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    other_id: Mapped[int | None] = mapped_column(
        ForeignKey("incident.id"), index=True, comment="Merged into this one, or split off as it."
    )
    kind: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any]] = mapped_column(comment="What stood before: what Cortex said, who belonged.")
    after: Mapped[dict[str, Any]] = mapped_column(comment="What stands since.")


class ExcludedAlarm(Base):
    """An alarm that a person took out of an incident: it never belongs to it again."""

    __tablename__ = "excluded_alarm"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), primary_key=True, index=True)


class ExcludedNode(Base):
    """A node that a person took out of an incident: neither its alarms nor its lines belong to it again."""

    __tablename__ = "excluded_node"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True)


class ExcludedLine(Base):
    """A subscriber's line that a person took out of an incident."""

    __tablename__ = "excluded_line"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"), primary_key=True)


class CortexVersion(Base):
    """The numbers Cortex weighs evidence with, as learned from one window of verdicts. Version 0, the tables as
    they are written, has no row.
    """

    __tablename__ = "cortex_version"
    __table_args__ = (
        CheckConstraint("state IN ('candidate','in use','refused','retired')", name="state"),
        Index("uq_cortex_version_in_use", "state", unique=True, postgresql_where="state = 'in use'"),
    )

    number: Mapped[Key]
    state: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    window_from: Mapped[datetime] = mapped_column(comment="Incidents from here on were learned from.")
    window_to: Mapped[datetime]
    verdicts: Mapped[int] = mapped_column(comment="From how many verdicts.")
    incidents: Mapped[int] = mapped_column(comment="From how many incidents, those with a verdict among them.")
    numbers: Mapped[dict[str, Any]] = mapped_column(comment="Priors, P(seen | cause) and leaks that differ.")
    metrics: Mapped[dict[str, Any]] = mapped_column(comment="On held-out incidents, beside the version then in use.")
    changes: Mapped[list[Any]] = mapped_column(comment="What moved, in words.")
    reason: Mapped[str] = mapped_column(default="", comment="Why it was refused or retired.")
