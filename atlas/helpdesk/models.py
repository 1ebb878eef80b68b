"""Conversations: who talks, what was said, whose turn runs, and what was sent to whom."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key


class Conversation(Base):
    """One thread between a principal and the assistant. Its id is the graph's thread id."""

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("principal_kind IN ('subscriber','staff')", name="principal_kind"),
        CheckConstraint("(principal_kind = 'subscriber') = (subscriber_id IS NOT NULL)", name="subscriber"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    principal_kind: Mapped[str]
    principal_id: Mapped[str] = mapped_column(index=True, comment="Subscriber number, or staff user name.")
    role: Mapped[str] = mapped_column(comment="subscriber | support | noc | noc_lead | admin")
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id"), index=True)
    verified: Mapped[str] = mapped_column(comment="none | caller_id | token | otp")
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default="open", comment="open | with_person | closed")
    created_at: Mapped[datetime]


class Message(Base):
    """One thing said. Inbound messages are stored once per channel id before anything acts on them."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("channel", "channel_message_id"),
        CheckConstraint("role IN ('person','assistant','event')", name="role"),
        Index(None, "conversation_id", "position"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"))
    position: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    role: Mapped[str]
    channel: Mapped[str]
    channel_message_id: Mapped[str | None]
    agent: Mapped[str | None]
    text: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict, comment="References an answer cites.")


class Turn(Base):
    """The assistant's duty to answer: leased by one process at a time, one running per thread."""

    __tablename__ = "turn"
    __table_args__ = (
        CheckConstraint("state IN ('waiting','running','done','failed')", name="state"),
        Index("uq_turn_running", "conversation_id", unique=True, postgresql_where="state = 'running'"),
        Index("ix_turn_waiting", "created_at", postgresql_where="state IN ('waiting','running')"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("message.id"), unique=True)
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None]
    leased_until: Mapped[datetime | None] = mapped_column(comment="Wall-clock; past it the turn may be taken over.")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Notice(Base):
    """A message pushed to one subscriber. `sending` is recorded before the vendor is called.

    After a crash an attempt without an outcome is reconciled with the vendor by `id`, else it is
    `unknown`, for a person to see: it is never blindly repeated.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("action_id", "subscriber_id"),
        CheckConstraint(
            "state IN ('drafted','sending','handed_over','delivered','failed','skipped','unknown')",
            name="state",
        ),
        Index(None, "incident_id", "state"),
        # Nobody hears the same news twice.
        Index(
            "uq_notice_once", "incident_id", "subscriber_id", "kind", unique=True, postgresql_where="state <> 'skipped'"
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(comment="outage | restored | correction")
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("action.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"), index=True)
    channel: Mapped[str]
    address: Mapped[str]
    text: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    vendor_reference: Mapped[str | None]
    updated_at: Mapped[datetime]


class OutboxMessage(Base):
    """What the demo's channel adapters handed over, for people to look at; stands where a vendor would."""

    __tablename__ = "outbox_message"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(unique=True, comment="The sender's idempotency key.")
    channel: Mapped[str]
    address: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime]
