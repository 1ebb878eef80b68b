"""The pages of the history: rows of alarms, incidents, tickets and visits, with their ids given on the way."""

import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from atlas.demo.rows import (
    AlarmRow,
    AppointmentRow,
    IncidentAlarmRow,
    IncidentLineRow,
    IncidentNodeRow,
    IncidentRow,
    IncidentUpdateRow,
    InteractionRow,
    OccurrenceRow,
    SampleRow,
    TechnicianRow,
    TicketDeviceRow,
    TicketRow,
    WorkOrderRow,
)
from atlas.demo.services import Customer
from atlas.network.enums import AlarmType, EventType, Feed, Severity

DAYS = 60
#: History lies before every cursor: readers of the occurrence log start at transaction 0 and never see it.
PAST_XID = -1


@dataclass(slots=True)
class Scribe:
    """Rows of the history so far."""

    now: datetime
    rng: random.Random
    alarms: list[AlarmRow] = field(default_factory=list)
    occurrences: list[OccurrenceRow] = field(default_factory=list)
    incidents: list[IncidentRow] = field(default_factory=list)
    incident_alarms: list[IncidentAlarmRow] = field(default_factory=list)
    incident_nodes: list[IncidentNodeRow] = field(default_factory=list)
    incident_lines: list[IncidentLineRow] = field(default_factory=list)
    incident_updates: list[IncidentUpdateRow] = field(default_factory=list)
    tickets: list[TicketRow] = field(default_factory=list)
    ticket_devices: list[TicketDeviceRow] = field(default_factory=list)
    interactions: list[InteractionRow] = field(default_factory=list)
    work_orders: list[WorkOrderRow] = field(default_factory=list)
    appointments: list[AppointmentRow] = field(default_factory=list)
    samples: list[SampleRow] = field(default_factory=list)
    shifts: dict[int, list[float]] = field(default_factory=dict)  # node -> what wear adds to each of its readings
    _alarm_keys: dict[tuple[str, str], int] = field(default_factory=dict)

    def some_day(self, least: int = 2) -> datetime:
        """A moment in the last sixty days, by day rather than by night, `least` days ago or more."""
        day = self.now.replace(hour=0, minute=0, second=0) - timedelta(days=self.rng.randrange(least, DAYS))
        return day + timedelta(minutes=self.rng.randrange(6 * 60, 23 * 60), seconds=self.rng.randrange(60))

    def alarm(
        self,
        resource: str,
        kind: AlarmType,
        severity: Severity,
        raised: datetime,
        cleared: datetime | None,
        feed: Feed,
        text: str,
    ) -> int:
        """An alarm with its occurrences; the same one raised twice is one row, counted. Returns its id."""
        key = (resource, kind.value)
        if key in self._alarm_keys:
            return self._repeat(self._alarm_keys[key], raised, cleared, feed)
        row = AlarmRow(
            len(self.alarms) + 1,
            resource,
            kind.value,
            "",
            resource.partition("/")[0],
            severity.value,
            cleared is not None,
            EventType.COMMUNICATIONS.value,
            "powerProblem" if kind in (AlarmType.ONT_DYING_GASP, AlarmType.POWER_LOSS) else "lossOfSignal",
            text,
            raised,
            cleared or raised,
            cleared,
            1,
        )
        self._alarm_keys[key] = row.id
        self.alarms.append(row)
        self._occur(row, raised, cleared, feed)
        return row.id

    def _repeat(self, id_: int, raised: datetime, cleared: datetime | None, feed: Feed) -> int:
        row = self.alarms[id_ - 1]
        if raised > row.last_event_at:
            self.alarms[id_ - 1] = row._replace(
                raised_at=raised,
                last_event_at=cleared or raised,
                cleared_at=cleared,
                is_cleared=cleared is not None,
                repeats=row.repeats + 1,
            )
        else:
            self.alarms[id_ - 1] = row._replace(repeats=row.repeats + 1)
        self._occur(row, raised, cleared, feed)
        return id_

    def _occur(self, row: AlarmRow, raised: datetime, cleared: datetime | None, feed: Feed) -> None:
        moments = [(raised, False)] if cleared is None else [(raised, False), (cleared, True)]
        for at, is_clear in moments:
            self.occurrences.append(
                OccurrenceRow(
                    len(self.occurrences) + 1,
                    PAST_XID,
                    row.id,
                    row.device,
                    row.resource,
                    row.alarm_type,
                    row.qualifier,
                    row.severity,
                    is_clear,
                    at,
                    at + timedelta(milliseconds=400),
                    feed.value,
                    row.text,
                    "{}",
                )
            )

    def ticket(
        self,
        customer: Customer,
        category: str,
        subject: str,
        opened: datetime,
        resolution: tuple[datetime, str] | None,
        *,
        description: str = "",
        incident: int | None = None,
        parent: int | None = None,
    ) -> int:
        """A subscriber's ticket with the call it came from; open while it has no resolution."""
        id_ = len(self.tickets) + 1
        state = "closed" if resolution else self.rng.choice(("open", "in_progress"))
        self.tickets.append(
            TicketRow(
                id_,
                "subscriber",
                state,
                category,
                subject,
                description,
                parent,
                incident,
                customer.line.zone,
                customer.person.id,
                customer.service.id,
                opened,
                resolution[0] if resolution else None,
                resolution[1] if resolution else None,
            )
        )
        if customer.line.node.device_id and category != "billing":
            self.ticket_devices.append(TicketDeviceRow(id_, customer.line.node.device_id))
        self.interactions.append(
            InteractionRow(
                len(self.interactions) + 1,
                customer.person.id,
                opened - timedelta(minutes=4),
                customer.person.preferred_channel,
                "in",
                f"{subject} (TT-{id_})",
            )
        )
        return id_

    def work_order(
        self,
        skill: str,
        element: str,
        place: str,
        instructions: str,
        who: TechnicianRow | None,
        created: datetime,
        done: tuple[datetime, str] | None,
        *,
        ticket: int | None = None,
        incident: int | None = None,
    ) -> int:
        """A job in the field, done or waiting."""
        id_ = len(self.work_orders) + 1
        state = "done" if done else "assigned" if who else "open"
        self.work_orders.append(
            WorkOrderRow(
                id_,
                incident,
                ticket,
                skill,
                element,
                place,
                instructions,
                state,
                who.id if who else None,
                created,
                done[0] if done else None,
                done[1] if done else None,
            )
        )
        return id_

    def visit(self, customer: Customer, order: int, who: TechnicianRow | None, at: datetime) -> None:
        """The appointment for a job at a subscriber's."""
        starts = at.replace(minute=0, second=0)
        state = "kept" if starts < self.now else "booked"
        self.appointments.append(
            AppointmentRow(
                len(self.appointments) + 1,
                customer.person.id,
                order,
                who.id if who else None,
                starts,
                starts + timedelta(hours=2),
                state,
            )
        )

    def sample(self, node: int, metric: str, at: datetime, value: float) -> None:
        """A measured value."""
        self.samples.append(SampleRow(len(self.samples) + 1, node, metric, at.isoformat(), round(value, 2)))


def causes(element: str, confidence: float, why: str) -> str:
    """A cause as incidents keep it."""
    kind, _, name = element.partition(":")
    return json.dumps(
        [{"element": element, "name": name, "kind": kind, "confidence": confidence, "why": [why]}], ensure_ascii=False
    )
