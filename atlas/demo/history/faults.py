"""Faults that hit many lines at once, with the alarms they raised and the incidents they became; all are over.

Mains outages (dying gasps of a street's ONTs), feeder cables dug up (loss of signal at the OLT's ports, then a
splice), ingress on a coax segment, rain on a radio hop.
"""

import json
from datetime import datetime, timedelta

from atlas.demo.history.neighbourhood import Neighbourhood, Splitter
from atlas.demo.history.scribe import Scribe, causes
from atlas.demo.rows import (
    IncidentAlarmRow,
    IncidentLineRow,
    IncidentNodeRow,
    IncidentRow,
    IncidentUpdateRow,
)
from atlas.demo.services import Customer
from atlas.network.enums import AlarmType, Feed, Severity

#: One fault of a kind in sixty days for so many lines.
LINES_PER_MAINS, LINES_PER_DIG, LINES_PER_INGRESS, LINES_PER_RAIN = 900, 2_500, 2_000, 600
VERDICT_BY = "anna"


def happen(scribe: Scribe, around: Neighbourhood, lines: int) -> None:
    """Sixty days of them."""
    for _ in range(max(2, lines // LINES_PER_MAINS)):
        _mains_outage(scribe, around)
    for _ in range(max(1, lines // LINES_PER_DIG)):
        _feeder_dug_up(scribe, around)
    for _ in range(max(1, lines // LINES_PER_INGRESS)):
        _ingress(scribe, around)
    for _ in range(max(3, lines // LINES_PER_RAIN)):
        _rain(scribe, around)


def _mains_outage(scribe: Scribe, around: Neighbourhood) -> None:
    splitter = scribe.rng.choice([one for one in around.splitters if one.customers])
    began = scribe.some_day()
    over = began + timedelta(minutes=scribe.rng.randrange(25, 190))
    alarms = [
        scribe.alarm(
            customer.line.node.name,
            AlarmType.ONT_DYING_GASP,
            Severity.MINOR,
            began + timedelta(milliseconds=scribe.rng.randrange(900)),
            over + timedelta(seconds=scribe.rng.randrange(20, 180)),
            Feed.SYSLOG,
            f"ONT {customer.line.node.name.partition('/')[2]} dying gasp",
        )
        for customer in splitter.customers
    ]
    why = f"{len(alarms)} ONTs on one splitter sent a dying gasp within a second: mains power in the street."
    hit = splitter.customers
    _incident(
        scribe, "Mains outage", f"node:{splitter.node.name}", why, alarms, hit, began, over, hit[0].address.street
    )
    _calls(scribe, hit, began, over, "Mains power was out in the street; the line came back by itself.")


def _feeder_dug_up(scribe: Scribe, around: Neighbourhood) -> None:
    feeder = scribe.rng.choice(around.splitters).feeder
    hit: list[Splitter] = [one for one in around.splitters if one.feeder.id == feeder.id]
    began = scribe.some_day()
    over = began + timedelta(minutes=scribe.rng.randrange(140, 420))
    alarms = [
        scribe.alarm(
            splitter.port,
            AlarmType.PON_LOS,
            Severity.CRITICAL,
            began + timedelta(milliseconds=scribe.rng.randrange(200)),
            over,
            Feed.SNMP_TRAP,
            f"LOS on port {splitter.port.partition('/')[2]}",
        )
        for splitter in hit
    ]
    customers = [customer for splitter in hit for customer in splitter.customers]
    place = around.places[feeder.id]
    why = f"All {len(alarms)} ports on feeder {feeder.name} lost light within 200 ms."
    incident = _incident(scribe, "Feeder cable cut", f"fibre:{feeder.name}", why, alarms, customers, began, over, place)
    who = around.crew(feeder.zone_id, "fibre_splicing", scribe.rng)
    scribe.work_order(
        "fibre_splicing",
        f"fibre:{feeder.name}",
        place,
        f"Find and splice the break on {feeder.name}.",
        who,
        began + timedelta(minutes=6),
        (over, "Dug up by road works; pulled in six metres and spliced twelve fibres."),
        incident=incident,
    )
    _calls(scribe, customers, began, over, "A cable in the street was dug up; it has been spliced.")


def _ingress(scribe: Scribe, around: Neighbourhood) -> None:
    node, customers = scribe.rng.choice(around.fibre_nodes)
    began = scribe.some_day(6)
    over = began + timedelta(hours=scribe.rng.randrange(20, 70))
    text = "Upstream SNR below 25 dB"
    scribe.alarm(node.name, AlarmType.OTHER, Severity.MINOR, began, over, Feed.HTTP, text)
    for hours in range(0, int((over - began).total_seconds() // 3600), 6):
        scribe.sample(node.id, "snr_db", began + timedelta(hours=hours), scribe.rng.gauss(23, 1.2))
    who = around.crew(node.zone_id, "coax", scribe.rng)
    scribe.work_order(
        "coax",
        f"node:{node.name}",
        around.device(node).name,
        f"Ingress on {node.name}: find the leak.",
        who,
        began + timedelta(hours=3),
        (over, "Corroded tap under a manhole cover, water in it; replaced."),
    )
    for customer in scribe.rng.sample(customers, min(len(customers), 3)):
        fixed = (over + timedelta(hours=2), "A corroded tap in the street was replaced.")
        scribe.ticket(customer, "intermittent", "Connection drops several times a day", began, fixed)


def _rain(scribe: Scribe, around: Neighbourhood) -> None:
    if not around.radio_links:
        return
    link, tower = scribe.rng.choice(around.radio_links)
    began = scribe.some_day()
    for _ in range(scribe.rng.randrange(1, 5)):
        back = began + timedelta(seconds=scribe.rng.randrange(20, 400))
        text = f"Interface {link.a_interface}, changed state to Down"
        resource = f"{tower.name}/{link.a_interface.replace('GigabitEthernet', 'Gi')}"
        scribe.alarm(resource, AlarmType.LINK_DOWN, Severity.MAJOR, began, back, Feed.SYSLOG, text)
        began = back + timedelta(minutes=scribe.rng.randrange(1, 30))


def _calls(scribe: Scribe, hit: list[Customer], began: datetime, over: datetime, resolution: str) -> None:
    """One in twelve of those hit rings up before it is over."""
    for customer in hit:
        if scribe.rng.random() < 1 / 12:
            opened = began + (over - began) * scribe.rng.uniform(0.1, 0.8)
            closed = (over + timedelta(minutes=20), resolution)
            incident = len(scribe.incidents)
            scribe.ticket(customer, "no_service", "Internet is down", opened, closed, incident=incident)


def _incident(
    scribe: Scribe,
    what: str,
    element: str,
    why: str,
    alarms: list[int],
    hit: list[Customer],
    began: datetime,
    over: datetime,
    place: str,
) -> int:
    id_ = len(scribe.incidents) + 1
    people = [customer.person for customer in hit]
    revenue = sum(float(customer.plan.monthly_price) for customer in hit) / 730
    scribe.incidents.append(
        IncidentRow(
            id_,
            "resolved",
            f"{what}: {element.partition(':')[2]}",
            element,
            0.9,
            True,
            causes(element, 0.9, why),
            json.dumps([why]),
            place,
            element,
            VERDICT_BY,
            began,
            began + timedelta(seconds=5),
            over,
            over + timedelta(minutes=10),
            0,
            len(people),
            sum(person.is_vulnerable for person in people),
            sum(person.segment == "business" for person in people),
            0,
            f"{revenue:.3f}",
        )
    )
    taken = {row.alarm_id for row in scribe.incident_alarms}
    scribe.incident_alarms += [IncidentAlarmRow(alarm, id_) for alarm in dict.fromkeys(alarms) if alarm not in taken]
    scribe.incident_nodes += [IncidentNodeRow(id_, customer.line.node.id) for customer in hit]
    scribe.incident_lines += [
        IncidentLineRow(id_, c.service.id, c.person.id, c.line.zone, over + timedelta(minutes=10)) for c in hit
    ]
    for at, text, is_public in (
        (began + timedelta(seconds=5), why, False),
        (over + timedelta(minutes=10), f"Over: {what.lower()} near {place}.", True),
    ):
        row = IncidentUpdateRow(len(scribe.incident_updates) + 1, id_, at, VERDICT_BY, is_public, text)
        scribe.incident_updates.append(row)
    return id_
