"""Field service: technicians, what they can do, and the work they are sent to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key, Name


class Technician(Base):
    """Someone who goes there."""

    __tablename__ = "technician"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    phone: Mapped[str]
    home_zone_id: Mapped[int] = mapped_column(ForeignKey("zone.id"))
    is_on_shift: Mapped[bool] = mapped_column(default=True)


class TechnicianSkill(Base):
    """What a technician is trained for: fibre_splicing, pon, coax, radio, premises, power."""

    __tablename__ = "technician_skill"

    technician_id: Mapped[int] = mapped_column(ForeignKey("technician.id"), primary_key=True)
    skill: Mapped[str] = mapped_column(primary_key=True)


class WorkOrder(Base):
    """A job in the field."""

    __tablename__ = "work_order"
    __table_args__ = (
        CheckConstraint("state IN ('open','assigned','on_site','done','cancelled')", name="state"),
        Index("uq_work_order_incident", "incident_id", unique=True, postgresql_where="state <> 'cancelled'"),
    )

    id: Mapped[Key]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    skill: Mapped[str]
    element: Mapped[Name]
    place: Mapped[str]
    instructions: Mapped[str]
    state: Mapped[str]
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"), index=True)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"WO-{self.id}"


class Appointment(Base):
    """A visit a subscriber expects, in a window of time."""

    __tablename__ = "appointment"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"),)

    id: Mapped[Key]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), index=True)
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"))
    technician_id: Mapped[int | None] = mapped_column(ForeignKey("technician.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(comment="booked | kept | missed | cancelled")
