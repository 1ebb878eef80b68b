"""The network as it is: what it is made of, what it says, and who is online."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from atlas.db import Base, Key, Name


class Node(Base):
    """Anything a path runs through: a router, a PON port, a passive splitter, a subscriber's ONT."""

    __tablename__ = "node"

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(index=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"), unique=True)
    technology: Mapped[str | None]
    is_gateway: Mapped[bool] = mapped_column(default=False, comment="Where paths to everyone else leave.")
    lon: Mapped[float]
    lat: Mapped[float]


class Link(Base):
    """A connection between two nodes. It rides on a fibre, or on coax, radio or a backplane."""

    __tablename__ = "link"
    __table_args__ = (CheckConstraint("a_node_id <> z_node_id", name="ends"),)

    id: Mapped[Key]
    name: Mapped[Name] = mapped_column(unique=True)
    kind: Mapped[str]
    a_node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    z_node_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    a_interface: Mapped[str] = mapped_column(default="")
    z_interface: Mapped[str] = mapped_column(default="")
    a_address: Mapped[str | None] = mapped_column(comment="Address of the a end; neighbours name it in messages.")
    z_address: Mapped[str | None]
    fibre_id: Mapped[int | None] = mapped_column(ForeignKey("fibre.id"), index=True)


class AlarmRecord(Base):
    """The alarm list (RFC 8632): one row per (resource, type, qualifier), as it stands now."""

    __tablename__ = "alarm"
    __table_args__ = (
        UniqueConstraint("resource", "alarm_type", "qualifier"),
        Index("ix_alarm_active", "last_event_at", postgresql_where="NOT is_cleared"),
    )

    id: Mapped[Key]
    resource: Mapped[str]
    alarm_type: Mapped[str]
    qualifier: Mapped[str] = mapped_column(default="")
    device: Mapped[str] = mapped_column(index=True)
    severity: Mapped[str]
    is_cleared: Mapped[bool]
    event_type: Mapped[str]
    probable_cause: Mapped[str]
    text: Mapped[str]
    raised_at: Mapped[datetime] = mapped_column(comment="Event time of the current raise.")
    last_event_at: Mapped[datetime]
    cleared_at: Mapped[datetime | None]
    repeats: Mapped[int] = mapped_column(comment="Raises since it was first seen.")
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]


class AlarmOccurrence(Base):
    """Every notification, in the order the database took it: what the correlator reads by cursor.

    `xid` is the inserting transaction: a reader that stops below `pg_snapshot_xmin` misses none.
    """

    __tablename__ = "alarm_occurrence"
    __table_args__ = (
        Index(None, "xid", "id"),
        Index(None, "received_at"),
        Index(None, "alarm_id", "event_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    xid: Mapped[int]
    alarm_id: Mapped[int]
    device: Mapped[str]
    resource: Mapped[str]
    alarm_type: Mapped[str]
    qualifier: Mapped[str]
    severity: Mapped[str]
    is_cleared: Mapped[bool]
    event_at: Mapped[datetime] = mapped_column(comment="By the sender's clock.")
    received_at: Mapped[datetime] = mapped_column(comment="By ours.")
    feed: Mapped[str]
    text: Mapped[str]
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB)


class StreamCursor(Base):
    """How far a stream has read the log; moves in the transaction that writes down what it found."""

    __tablename__ = "stream_cursor"

    stream: Mapped[str] = mapped_column(primary_key=True)
    xid: Mapped[int]
    occurrence_id: Mapped[int]


class AdjacencyGap(Base):
    """Where what devices say of their neighbours and what is documented here differ, until a person or the
    documentation settles it.
    """

    __tablename__ = "adjacency_gap"
    __table_args__ = (
        CheckConstraint("kind IN ('no link','wrong end','never heard','no device','related')", name="kind"),
        CheckConstraint("state IN ('open','accepted','dismissed','gone')", name="state"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
    )

    id: Mapped[Key]
    subject: Mapped[str] = mapped_column(unique=True, comment="What it is about, in words that do not change.")
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True, comment="gone: messages and documentation agree by now.")
    a: Mapped[Name] = mapped_column(comment="A device.")
    z: Mapped[Name] = mapped_column(comment="Its neighbour: a device, or an address where no device is known.")
    sentence: Mapped[str]
    confidence: Mapped[float]
    messages: Mapped[int] = mapped_column(comment="How many messages say so.")
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    found_at: Mapped[datetime]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_messages: Mapped[int] = mapped_column(default=0, comment="How many there were when it was decided.")
    reason: Mapped[str] = mapped_column(default="", comment="Why a person decided so.")


class AlarmTypeCause(Base):
    """Which type of alarm sets off which, as learned from the log: for a person to read, and for types that no
    evidence table knows.
    """

    __tablename__ = "alarm_type_cause"

    cause: Mapped[str] = mapped_column(primary_key=True)
    effect: Mapped[str] = mapped_column(primary_key=True)
    gain: Mapped[float] = mapped_column(comment="By how much it explains the effect better, in nats less the penalty.")
    share: Mapped[float] = mapped_column(comment="Share of the effect's alarms that it explains.")
    lag_seconds: Mapped[float] = mapped_column(comment="How long after the cause, on average.")
    alarms: Mapped[int] = mapped_column(comment="Alarms of the effect it was learned from.")
    learned_at: Mapped[datetime]


class DeadLetterRecord(Base):
    """What a feed could not read, with the reason; never thrown away unread."""

    __tablename__ = "dead_letter"

    id: Mapped[Key]
    feed: Mapped[str]
    sender: Mapped[str]
    reason: Mapped[str]
    payload: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)


class FeedHeartbeat(Base):
    """When a feed last showed that it works; expected-but-absent is evidence."""

    __tablename__ = "feed_heartbeat"

    feed: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]
    every_seconds: Mapped[float]


class Sample(Base):
    """A measured value of an element over time: optical level (dBm), temperature (°C), errors."""

    __tablename__ = "sample"
    __table_args__ = (Index(None, "node_id", "metric", "at"),)

    id: Mapped[Key]
    node_id: Mapped[int] = mapped_column(ForeignKey("node.id"))
    metric: Mapped[str] = mapped_column(comment="rx_power_dbm | temperature_c | fec_errors | snr_db | …")
    at: Mapped[datetime]
    value: Mapped[float]


class AccessSession(Base):
    """A line's RADIUS session (RFC 2866): who is online, since when, and when we last heard of it."""

    __tablename__ = "access_session"
    __table_args__ = (
        UniqueConstraint("nas", "session_id"),
        Index("ix_access_session_open", "service_id", postgresql_where="stopped_at IS NULL"),
        Index("ix_access_session_due", "last_interim_at", postgresql_where="stopped_at IS NULL"),
    )

    id: Mapped[Key]
    service_id: Mapped[int] = mapped_column(ForeignKey("service.id"))
    nas: Mapped[str] = mapped_column(comment="NAS-Identifier: the BNG that holds the session.")
    session_id: Mapped[str] = mapped_column(comment="Acct-Session-Id")
    framed_address: Mapped[str | None]
    started_at: Mapped[datetime]
    last_interim_at: Mapped[datetime]
    interim_seconds: Mapped[int] = mapped_column(comment="Acct-Interim-Interval")
    octets_in: Mapped[int] = mapped_column(default=0)
    octets_out: Mapped[int] = mapped_column(default=0)
    silent_since: Mapped[datetime | None] = mapped_column(comment="An expected interim did not come.")
    stopped_at: Mapped[datetime | None]
    stop_cause: Mapped[str | None]


class Dependency(Base):
    """Lines behind the consumer (a BNG; any, where none is named) need one of its providers of a role, any one.

    Beside the paths of the network: traffic to a RADIUS server runs over it, but no line's path runs through one.
    """

    __tablename__ = "dependency"
    __table_args__ = (
        CheckConstraint("role IN ('authentication','addresses','names','nat','routes')", name="role"),
        UniqueConstraint("role", "provider_id", "consumer_id", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Key]
    role: Mapped[str]
    provider_id: Mapped[int] = mapped_column(ForeignKey("node.id"), index=True)
    consumer_id: Mapped[int | None] = mapped_column(ForeignKey("node.id"), index=True)


class Vital(Base):
    """A measurement of some minutes of a service: failures of so many tries, or a level. Kept for some hours."""

    __tablename__ = "vital"
    __table_args__ = (Index(None, "at"),)

    metric: Mapped[str] = mapped_column(primary_key=True, comment="auth_timeouts | dns_failures | sessions | …")
    element: Mapped[Name] = mapped_column(primary_key=True, comment="Who measured, or what was measured.")
    about: Mapped[Name] = mapped_column(primary_key=True, comment="The provider that was asked; empty: itself.")
    at: Mapped[datetime] = mapped_column(primary_key=True)
    value: Mapped[float] = mapped_column(comment="Failures, or the level.")
    total: Mapped[float | None] = mapped_column(comment="Of how many tries; none for a level.")


class VitalHour(Base):
    """An hour of measurements in one row: what the same hour of later weeks is compared with."""

    __tablename__ = "vital_hour"
    __table_args__ = (Index(None, "hour"),)

    metric: Mapped[str] = mapped_column(primary_key=True)
    element: Mapped[Name] = mapped_column(primary_key=True)
    about: Mapped[Name] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True, comment="Its first moment.")
    value: Mapped[float] = mapped_column(comment="Sum of failures, or the median of the level.")
    total: Mapped[float | None] = mapped_column(comment="Sum of tries; none for a level.")
