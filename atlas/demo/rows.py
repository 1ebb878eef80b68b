"""The rows of the demo ISP's bulk tables. Field names are column names, in the order they are copied."""

from datetime import date, datetime
from typing import NamedTuple


class ZoneRow(NamedTuple):
    id: int
    number: int
    name: str
    lon: float
    lat: float


class SiteRow(NamedTuple):
    id: int
    name: str
    zone_id: int | None
    place: str
    battery_hours: float | None
    battery_installed_on: date | None
    lon: float
    lat: float


class AddressRow(NamedTuple):
    id: int
    zone_id: int
    street: str
    house_number: str
    unit: str
    postcode: str
    city: str
    lon: float
    lat: float


class DuctRow(NamedTuple):
    id: int
    name: str
    zone_id: int | None
    a_place: str
    z_place: str
    length_m: int
    route: str  # GeoJSON coordinates, as text


class FibreRow(NamedTuple):
    id: int
    name: str
    zone_id: int | None
    role: str
    strands: int


class FibreSectionRow(NamedTuple):
    fibre_id: int
    position: int
    duct_id: int


class DeviceModelRow(NamedTuple):
    id: int
    vendor: str
    name: str
    kind: str


class DeviceRow(NamedTuple):
    id: int
    name: str
    model_id: int
    serial: str
    hardware_batch: str
    firmware: str
    installed_on: date
    management_address: str | None


class NodeRow(NamedTuple):
    id: int
    name: str
    kind: str
    zone_id: int | None
    device_id: int | None
    technology: str | None
    is_gateway: bool
    lon: float
    lat: float
    site_id: int | None = None


class LinkRow(NamedTuple):
    id: int
    name: str
    kind: str
    a_node_id: int
    z_node_id: int
    a_interface: str
    z_interface: str
    a_address: str | None
    z_address: str | None
    fibre_id: int | None


class DependencyRow(NamedTuple):
    id: int
    role: str
    provider_id: int
    consumer_id: int | None


class SubscriberRow(NamedTuple):
    id: int
    number: str
    name: str
    segment: str
    language: str
    preferred_channel: str
    is_vulnerable: bool
    since: datetime


class ContactRow(NamedTuple):
    id: int
    subscriber_id: int
    channel: str
    address: str
    on_file_since: datetime
    verified_at: datetime | None
    opted_out_at: datetime | None


class ConsentRow(NamedTuple):
    id: int
    subscriber_id: int
    purpose: str
    given_at: datetime
    withdrawn_at: datetime | None


class PlanRow(NamedTuple):
    id: int
    code: str
    name: str
    technology: str
    segment: str
    down_mbps: int
    up_mbps: int
    monthly_price: str
    currency: str
    repair_hours: int
    is_sold: bool


class OrderRow(NamedTuple):
    id: int
    subscriber_id: int
    plan_id: int
    address_id: int
    state: str
    ordered_at: datetime
    completed_at: datetime | None


class ServiceRow(NamedTuple):
    id: int
    subscriber_id: int
    plan_id: int
    address_id: int
    access_node_id: int
    username: str
    state: str
    activated_at: datetime | None
    terminated_at: datetime | None


class SessionRow(NamedTuple):
    id: int
    service_id: int
    nas: str
    session_id: str
    framed_address: str
    started_at: datetime
    last_interim_at: datetime
    interim_seconds: int
    octets_in: int
    octets_out: int


class AccountRow(NamedTuple):
    id: int
    subscriber_id: int
    currency: str
    bill_day: int


class InvoiceRow(NamedTuple):
    id: int
    account_id: int
    number: str
    state: str
    issued_on: str
    due_on: str
    total: str
    currency: str


class InvoiceLineRow(NamedTuple):
    id: int
    invoice_id: int
    service_id: int | None
    kind: str
    description: str
    amount: str


class PaymentRow(NamedTuple):
    id: int
    account_id: int
    invoice_id: int
    amount: str
    currency: str
    reference: str
    received_at: str


class CreditRow(NamedTuple):
    id: int
    account_id: int
    invoice_id: int
    amount: str
    currency: str
    reason: str
    created_at: datetime


class SampleRow(NamedTuple):
    id: int
    node_id: int
    metric: str
    at: str
    value: float


class AlarmRow(NamedTuple):
    id: int
    resource: str
    alarm_type: str
    qualifier: str
    device: str
    severity: str
    is_cleared: bool
    event_type: str
    probable_cause: str
    text: str
    raised_at: datetime
    last_event_at: datetime
    cleared_at: datetime | None
    repeats: int


class OccurrenceRow(NamedTuple):
    id: int
    xid: int
    alarm_id: int
    device: str
    resource: str
    alarm_type: str
    qualifier: str
    severity: str
    is_cleared: bool
    event_at: datetime
    received_at: datetime
    feed: str
    text: str
    extra: str


class IncidentRow(NamedTuple):
    id: int
    state: str
    title: str
    element: str
    confidence: float
    is_certain: bool
    causes: str
    explanation: str
    place: str
    verdict_element: str
    verdict_by: str
    started_at: datetime
    detected_at: datetime
    cleared_at: datetime
    resolved_at: datetime
    devices: int
    subscribers: int
    vulnerable: int
    business: int
    at_risk: int
    revenue_per_hour: str
    degraded: int = 0
    mode: str = ""
    effect: str = "down"
    remedy: str = "crew"
    doubts: str = "[]"
    regrouped: int = 0


class IncidentAlarmRow(NamedTuple):
    alarm_id: int
    incident_id: int


class IncidentNodeRow(NamedTuple):
    incident_id: int
    node_id: int


class IncidentLineRow(NamedTuple):
    incident_id: int
    service_id: int
    subscriber_id: int
    zone_id: int
    restored_at: datetime


class IncidentUpdateRow(NamedTuple):
    id: int
    incident_id: int
    at: datetime
    by: str
    is_public: bool
    text: str


class TicketRow(NamedTuple):
    id: int
    kind: str
    state: str
    category: str
    subject: str
    description: str
    parent_id: int | None
    incident_id: int | None
    zone_id: int | None
    subscriber_id: int | None
    service_id: int | None
    opened_at: datetime
    resolved_at: datetime | None
    resolution: str | None


class TicketDeviceRow(NamedTuple):
    ticket_id: int
    device_id: int


class ProblemRow(NamedTuple):
    id: int
    title: str
    state: str
    opened_at: datetime
    closed_at: datetime | None


class InteractionRow(NamedTuple):
    id: int
    subscriber_id: int
    at: datetime
    channel: str
    direction: str
    summary: str


class TechnicianRow(NamedTuple):
    id: int
    name: str
    phone: str
    home_zone_id: int
    is_on_shift: bool


class TechnicianSkillRow(NamedTuple):
    technician_id: int
    skill: str


class WorkOrderRow(NamedTuple):
    id: int
    incident_id: int | None
    ticket_id: int | None
    skill: str
    element: str
    place: str
    instructions: str
    state: str
    technician_id: int | None
    created_at: datetime
    done_at: datetime | None
    outcome: str | None


class AppointmentRow(NamedTuple):
    id: int
    subscriber_id: int
    work_order_id: int | None
    technician_id: int | None
    starts_at: datetime
    ends_at: datetime
    state: str
