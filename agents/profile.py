"""What an agent is: a name, what it is for, the tools it works with, whom it serves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """One specialist. `tools` names what it works with; each tool's audience narrows that per person."""

    name: str
    purpose: str
    tools: tuple[str, ...]
    roles: frozenset[str]


STAFF = frozenset({"noc", "noc_lead", "admin"})
