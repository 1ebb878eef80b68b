"""A crew sent to a subscriber: the work order with its appointment."""

from datetime import datetime, timedelta

from atlas.demo.history.neighbourhood import Neighbourhood
from atlas.demo.history.scribe import Scribe
from atlas.demo.services import Customer


def send(
    scribe: Scribe,
    around: Neighbourhood,
    customer: Customer,
    skill: str,
    instructions: str,
    ticket: int,
    created: datetime,
    done: tuple[datetime, str] | None,
) -> None:
    """A visit that is over, with its outcome, or one to come within days."""
    who = around.crew(customer.line.zone, skill, scribe.rng)
    where = f"{customer.address.street} {customer.address.house_number}, {customer.address.city}"
    element = f"node:{customer.line.node.name}"
    order = scribe.work_order(skill, element, where, instructions, who, created, done, ticket=ticket)
    planned = done[0] - timedelta(hours=1) if done else scribe.now + timedelta(days=scribe.rng.randrange(1, 4))
    scribe.visit(customer, order, who, planned)
