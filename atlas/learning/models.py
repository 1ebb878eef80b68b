"""Learnt models with their window and figures, what they predicted, and how each prediction ended.

A model is kept as numbers with their digest (docs/decisions/0015). At most one version of a name is in use.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key, Name


class ModelVersion(Base):
    """One training's result, in use or not."""

    __tablename__ = "model_version"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        CheckConstraint("state IN ('in_use','retired','refused')", name="state"),
        Index("uq_model_version_in_use", "name", unique=True, postgresql_where="state = 'in_use'"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(comment="What it answers: failure | no_fault_found | category | priority")
    version: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="", comment="Why it was refused, retired or taken back into use.")
    trained_at: Mapped[datetime]
    data_from: Mapped[datetime] = mapped_column(comment="The window of history it was made from, held-out weeks too.")
    data_until: Mapped[datetime]
    rows: Mapped[int] = mapped_column(comment="Rows learnt from.")
    positives: Mapped[int] = mapped_column(comment="Of these, how many were of the kind that is looked for.")
    metrics: Mapped[dict[str, Any]] = mapped_column(comment="On held-out weeks.")
    library: Mapped[str] = mapped_column(comment="What learnt it, with its version.")
    digest: Mapped[str] = mapped_column(comment="SHA-256 of `data`, checked on every load.")
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"{self.name} v{self.version}"


class PredictionRound(Base):
    """One day's look at the whole network by the model in use, and how far that network has moved from its data."""

    __tablename__ = "prediction_round"

    id: Mapped[Key]
    model_id: Mapped[int] = mapped_column(ForeignKey("model_version.id"))
    at: Mapped[datetime] = mapped_column(index=True)
    elements: Mapped[int] = mapped_column(comment="Elements that could be judged.")
    predicted: Mapped[int] = mapped_column(comment="Predictions written down.")
    proposed: Mapped[int] = mapped_column(comment="Preventive jobs proposed.")
    drift: Mapped[list[Any]] = mapped_column(comment="Features that moved most: name, PSI, KS.")


class Prediction(Base):
    """That an element will fail before `due_at`, how likely, and why; scored later by what happened."""

    __tablename__ = "prediction"
    __table_args__ = (
        CheckConstraint("state IN ('open','proposed','confirmed','false','expired')", name="state"),
        CheckConstraint("probability BETWEEN 0 AND 1", name="probability"),
        Index("uq_prediction_pending", "node_id", unique=True, postgresql_where="state IN ('open','proposed')"),
        Index(None, "due_at"),
    )

    id: Mapped[Key]
    model_id: Mapped[int] = mapped_column(ForeignKey("model_version.id"))
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    element: Mapped[Name] = mapped_column(comment="Element key.")
    made_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(comment="The end of what it speaks of.")
    probability: Mapped[float]
    subscribers: Mapped[int] = mapped_column(comment="Who loses service if it comes true.")
    cost: Mapped[float] = mapped_column(comment="Expected: probability times weighted subscribers.")
    evidence: Mapped[list[Any]] = mapped_column(comment="Parts with the log-odds each added, and a sentence.")
    state: Mapped[str]
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"))
    outcome: Mapped[str | None] = mapped_column(comment="What happened, in a sentence.")
    outcome_at: Mapped[datetime | None]

    @property
    def reference(self) -> str:
        """What people call it."""
        return f"PRE-{self.id}"
