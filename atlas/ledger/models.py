"""The ledger: every consequential call from proposal to effect, who signed it, and the audit chain."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key


class Action(Base):
    """One proposed call of one tool; at most one effect comes of it.

    `key` is (thread, AI message, call index), so that a re-run of the proposer finds its own row.
    `digest` binds tool, schema version, arguments, principal and the stored target set.
    """

    __tablename__ = "action"
    __table_args__ = (
        CheckConstraint(
            "state IN ('allowed','awaiting_sign_off','approved','denied','rejected','expired','consumed','done',"
            "'failed','unknown')",
            name="state",
        ),
        Index("ix_action_awaiting", "expires_at", postgresql_where="state = 'awaiting_sign_off'"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    reference: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True, comment="A short number to say aloud.")
    key: Mapped[str] = mapped_column(unique=True)
    tool: Mapped[str]
    schema_version: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    principal_kind: Mapped[str] = mapped_column(comment="subscriber | staff | forge")
    principal_id: Mapped[str]
    principal_role: Mapped[str]
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id"), index=True)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    digest: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(comment="Facts at decision time.")
    decision: Mapped[dict[str, Any]] = mapped_column(comment="Effect, rules, approver, quorum, expiry.")
    state: Mapped[str]
    summary: Mapped[str] = mapped_column(comment="What a person signs, in one sentence.")
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    proposed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ActionTarget(Base):
    """One member of a set-targeting action's set, stored when proposed; execution may only shrink it."""

    __tablename__ = "action_target"

    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("action.id"), primary_key=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), primary_key=True)


class SignOff(Base):
    """A person's signature under, or against, one action. Nobody signs twice, nor their own."""

    __tablename__ = "sign_off"
    __table_args__ = (UniqueConstraint("action_id", "signer"),)

    id: Mapped[Key]
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("action.id"))
    signer: Mapped[str]
    role: Mapped[str]
    approved: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    digest: Mapped[str] = mapped_column(comment="The digest that was signed.")
    at: Mapped[datetime]


class EffectStop(Base):
    """An off switch that is on: effects of this risk stop before their next step."""

    __tablename__ = "effect_stop"

    risk: Mapped[str] = mapped_column(primary_key=True, comment="A risk, or `all`.")
    by: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class AuditEntry(Base):
    """One line of the audit trail. The sealer chains committed rows in batches.

    `subject` is a pseudonym; destroying its key erases the person and the chain still verifies.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_unsealed", "id", postgresql_where="seal IS NULL"),
        UniqueConstraint("sequence"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    xid: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    verb: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]
    sequence: Mapped[int | None] = mapped_column(comment="Place in the chain, given by the sealer.")
    seal: Mapped[bytes | None] = mapped_column(LargeBinary)


class Pseudonym(Base):
    """The key that ties a person to their pseudonym; deleting the row erases the tie for ever."""

    __tablename__ = "pseudonym"

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
