"""Who the subscribers are, how to reach them, and what they agreed to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key, Name


class Subscriber(Base):
    """A person or firm with a contract. `number` is what they quote on the phone."""

    __tablename__ = "subscriber"

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Name]
    segment: Mapped[str] = mapped_column(comment="residential | business")
    language: Mapped[str] = mapped_column(default="en")
    preferred_channel: Mapped[str] = mapped_column(comment="sms | whatsapp | email | voice | webchat")
    is_vulnerable: Mapped[bool] = mapped_column(
        default=False, comment="Telecare, medical equipment, no other way to call for help."
    )
    since: Mapped[datetime]


class Contact(Base):
    """One way to reach a subscriber. Phones are E.164; a claim until verified."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "channel", "address"),
        CheckConstraint("channel NOT IN ('sms','whatsapp','voice') OR address ~ '^\\+[1-9][0-9]{6,14}$'", name="e164"),
        Index(None, "address"),
    )

    id: Mapped[Key]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"))
    channel: Mapped[str]
    address: Mapped[str]
    on_file_since: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None] = mapped_column(comment="STOP was received: nothing is pushed here.")


class Consent(Base):
    """What a subscriber agreed to, per purpose; service notices about their own line need none."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("subscriber_id", "purpose"),)

    id: Mapped[Key]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"))
    purpose: Mapped[str] = mapped_column(comment="marketing | recording | usage_advice")
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Interaction(Base):
    """One contact with a subscriber, whatever the channel, in a line people can scan."""

    __tablename__ = "interaction"
    __table_args__ = (Index(None, "subscriber_id", "at"),)

    id: Mapped[Key]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"))
    at: Mapped[datetime]
    channel: Mapped[str]
    direction: Mapped[str] = mapped_column(comment="in | out")
    summary: Mapped[str]
