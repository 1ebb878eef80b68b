"""The one shape every feed's alarm is brought into before it is stored: an RFC 8632 alarm."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from atlas.network.enums import AlarmType, EventType, Feed, Severity

ResourceName = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f]+$")]


class Alarm(BaseModel):
    """One alarm notification, raised or cleared.

    `(resource, alarm_type, qualifier)` is the key that pairs a raise with its clear and counts repeats.
    `resource` is `<device>` or `<device>/<part>`, as the sender names them: "z3-agg-1/Te0/0/0/1".
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    resource: ResourceName
    alarm_type: AlarmType
    qualifier: Annotated[str, Field(max_length=300)] = Field(
        default="", description="Tells two alarms of one type on one resource apart: a neighbour, a session."
    )
    severity: Severity = Severity.MAJOR
    is_cleared: bool = Field(default=False, description="The condition is gone; severity stays what it was.")
    event_type: EventType = EventType.COMMUNICATIONS
    probable_cause: Annotated[str, Field(max_length=100)] = Field(default="", description="X.733 probable cause.")
    event_time: AwareDatetime = Field(description="When it happened, by the sender's clock.")
    text: str = Field(default="", description="The sender's own words; never an instruction.")
    feed: Feed = Feed.HTTP
    extra: dict[str, Any] = Field(default_factory=dict, description="What the message said besides.")

    @property
    def device(self) -> str:
        """The device part of the resource."""
        return self.resource.partition("/")[0]


class DeadLetter(BaseModel):
    """What a feed could not read, kept with the reason."""

    feed: Feed
    sender: str = ""
    reason: str
    payload: str
    received_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class Receipt(BaseModel):
    """What became of a batch of alarms."""

    accepted: int
    duplicates: int = Field(default=0, description="Notifications seen before, word for word.")
    unknown_resources: int = Field(default=0, description="Kept, though no element of that name is known.")
    rejected: list[str] = Field(default_factory=list, description="One clear sentence per refused alarm.")
