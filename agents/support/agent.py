"""Support: a subscriber's line, tickets and outages."""

from agents.profile import Agent

SUPPORT = Agent(
    name="support",
    purpose="a subscriber's line: outages, faults, tickets",
    tools=(
        "my_service_status",
        "my_tickets",
        "open_ticket",
        "hand_over_to_person",
        "find_incidents",
        "who_is_affected",
    ),
    roles=frozenset({"subscriber", "support"}),
)
