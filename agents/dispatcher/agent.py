"""Dispatcher: work in the field."""

from agents.profile import STAFF, Agent

DISPATCHER = Agent(
    name="dispatcher",
    purpose="field work: work orders, technicians, repairs",
    tools=(
        "find_incidents",
        "create_work_order",
        "assign_technician",
        "report_repair",
        "hand_over_to_person",
    ),
    roles=STAFF,
)
