"""Dispatcher: work in the field."""

from agents.profile import STAFF, Agent

DISPATCHER = Agent(
    name="dispatcher",
    purpose="field work: work orders, technicians, repairs",
    tools=(
        "find_incidents",
        "create_work_order",
        "assign_technician",
        "triage_ticket",
        "no_fault_found_risk",
        "send_visit",
        "propose_preventive_work",
        "report_repair",
        "hand_over_to_person",
    ),
    roles=STAFF,
)
