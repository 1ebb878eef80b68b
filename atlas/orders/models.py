"""Orders, and the services they end in (TM Forum: product order, service inventory)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key


class Order(Base):
    """A subscriber's request for a plan at an address (TMF622 states)."""

    __tablename__ = "product_order"
    __table_args__ = (
        CheckConstraint(
            "state IN ('acknowledged','in_progress','held','completed','cancelled','failed')", name="state"
        ),
    )

    id: Mapped[Key]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    state: Mapped[str]
    ordered_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]


class Service(Base):
    """A line: one plan delivered to one address over one access node (TMF638 states).

    `username` is the line's name in RADIUS, so that a session can be tied to it.
    """

    __tablename__ = "service"
    __table_args__ = (CheckConstraint("state IN ('reserved','active','suspended','terminated')", name="state"),)

    id: Mapped[Key]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), index=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    address_id: Mapped[int] = mapped_column(ForeignKey("address.id"))
    access_node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    username: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    activated_at: Mapped[datetime | None]
    terminated_at: Mapped[datetime | None]
