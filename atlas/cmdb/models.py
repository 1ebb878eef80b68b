"""The equipment: what it is, which batch and firmware, and when work on it is planned."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key, Name


class DeviceModel(Base):
    """A product of a vendor."""

    __tablename__ = "device_model"

    id: Mapped[Key]
    vendor: Mapped[str]
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(comment="A network node kind.")


class Device(Base):
    """One piece of equipment, the operator's or a subscriber's.

    `hardware_batch` and `firmware` are kept because failures cluster by them.
    """

    __tablename__ = "device"
    __table_args__ = (Index(None, "hardware_batch"), Index(None, "firmware"))

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("device_model.id"))
    serial: Mapped[str] = mapped_column(unique=True)
    hardware_batch: Mapped[str]
    firmware: Mapped[str]
    installed_on: Mapped[date]
    management_address: Mapped[str | None] = mapped_column(comment="Where it answers polls; none: not polled.")


class MaintenanceWindow(Base):
    """Planned work on one element: its expected alarms are no incident while it lasts."""

    __tablename__ = "maintenance_window"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"), Index(None, "ends_at"))

    id: Mapped[Key]
    change_id: Mapped[int | None] = mapped_column(ForeignKey("change.id"))
    element: Mapped[Name] = mapped_column(comment="Element key, e.g. node:z3-agg-1.")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    expects: Mapped[list[Any]] = mapped_column(default=list, comment="Alarm types it may raise; none named means any.")
    with_dependents: Mapped[bool] = mapped_column(
        default=True, comment="What depends on the element may go down with it."
    )
    planned_by: Mapped[str] = mapped_column(default="", comment="Who planned it.")
    cancelled_at: Mapped[datetime | None]

    @property
    def reference(self) -> str:
        """What people call it: its change, where it has one."""
        return f"CHG-{self.change_id}" if self.change_id else f"MW-{self.id}"


class PlannedAlarm(Base):
    """An alarm that planned work explains: it opened no incident."""

    __tablename__ = "planned_alarm"

    window_id: Mapped[int] = mapped_column(ForeignKey("maintenance_window.id"), primary_key=True)
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), primary_key=True)
    at: Mapped[datetime]
