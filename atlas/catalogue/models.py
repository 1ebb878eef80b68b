"""What the ISP sells: plans with their speeds, prices and promises."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Currency, Key, Money, Name


class Plan(Base):
    """A product offering for one access technology: a speed at a price, with a service level.

    A price never changes in place: a new price is a new plan, so that an invoice can always say why.
    """

    __tablename__ = "plan"
    __table_args__ = (CheckConstraint("monthly_price >= 0", name="price"),)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Name]
    technology: Mapped[str]
    segment: Mapped[str] = mapped_column(comment="residential | business")
    down_mbps: Mapped[int]
    up_mbps: Mapped[int]
    monthly_price: Mapped[Money]
    currency: Mapped[Currency]
    repair_hours: Mapped[int] = mapped_column(comment="Promised time to repair, in hours.")
    is_sold: Mapped[bool] = mapped_column(default=True)
