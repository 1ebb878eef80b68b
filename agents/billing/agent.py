"""Billing: a subscriber's invoices."""

from agents.profile import Agent

BILLING = Agent(
    name="billing",
    purpose="a subscriber's invoices and payments",
    tools=("my_bill", "my_tickets", "open_ticket", "hand_over_to_person"),
    roles=frozenset({"subscriber", "support"}),
)
