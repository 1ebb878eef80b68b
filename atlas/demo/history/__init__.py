"""Sixty days of the demo ISP: alarms, incidents, tickets, visits and levels, each with its cause."""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from atlas.demo import hardware
from atlas.demo.history import complaints, faults, levels, visits, wear
from atlas.demo.history.neighbourhood import explore
from atlas.demo.history.scribe import Scribe
from atlas.demo.layout import Layout
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
    ProblemRow,
    SampleRow,
    TechnicianRow,
    TechnicianSkillRow,
    TicketDeviceRow,
    TicketRow,
    WorkOrderRow,
)
from atlas.demo.services import Customer
from atlas.demo.writer import Table


def book(
    layout: Layout,
    served: list[Customer],
    technicians: list[TechnicianRow],
    skills: list[TechnicianSkillRow],
    seed: int,
    now: datetime,
) -> Iterator[list[Table]]:
    """The history's tables, in groups as foreign keys want them."""
    scribe = Scribe(now, random.Random(f"{seed}/history"))
    around = explore(layout, served, technicians, skills)
    faults.happen(scribe, around, len(served))
    complaints.happen(scribe, served)
    wear.happen(scribe, around, served)
    visits.happen(scribe, around, served)
    yield [
        _table("alarm", AlarmRow, scribe.alarms),
        _table("alarm_occurrence", OccurrenceRow, scribe.occurrences),
        _table("incident", IncidentRow, scribe.incidents),
        _table("incident_alarm", IncidentAlarmRow, scribe.incident_alarms),
        _table("incident_node", IncidentNodeRow, scribe.incident_nodes),
        _table("incident_line", IncidentLineRow, scribe.incident_lines),
        _table("incident_update", IncidentUpdateRow, scribe.incident_updates),
    ]
    yield [
        _table("problem", ProblemRow, [_weak_batch(now)]),
        _table("ticket", TicketRow, scribe.tickets),
        _table("ticket_device", TicketDeviceRow, scribe.ticket_devices),
        _table("interaction", InteractionRow, scribe.interactions),
        _table("work_order", WorkOrderRow, scribe.work_orders),
        _table("appointment", AppointmentRow, scribe.appointments),
    ]
    fading = list(levels.fading(layout, len(scribe.samples) + 1, seed, now))
    readings = levels.readings(served, scribe.shifts, len(scribe.samples) + len(fading) + 1, seed, now)
    expected = len(served) * levels.READINGS
    yield [Table("sample", chain(scribe.samples, fading, readings), SampleRow._fields, expected)]


def _table(name: str, row: type[Any], rows: Iterable[Any]) -> Table:
    rows = list(rows)
    return Table(name, rows, row._fields, len(rows))


def _weak_batch(now: datetime) -> ProblemRow:
    title = f"ONTs of batch {hardware.WEAK_BATCH} lose their laser early"
    return ProblemRow(1, title, "open", now - timedelta(days=20), None)
