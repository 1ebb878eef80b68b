"""What only the demo needs: the faults people have set, which the simulated gear obeys."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key, Name


class DemoFault(Base):
    """An element somebody cut; repaired when `repaired_at` is set."""

    __tablename__ = "demo_fault"

    id: Mapped[Key]
    element: Mapped[Name] = mapped_column(comment="Element key: node:…, link:…, fibre:…, duct:…")
    cut_at: Mapped[datetime]
    repaired_at: Mapped[datetime | None]
