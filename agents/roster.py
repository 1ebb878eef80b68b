"""The agents there are, and whom each serves."""

from agents.billing.agent import BILLING
from agents.dispatcher.agent import DISPATCHER
from agents.noc.agent import NOC
from agents.profile import Agent
from agents.support.agent import SUPPORT

ROSTER: dict[str, Agent] = {agent.name: agent for agent in (SUPPORT, BILLING, NOC, DISPATCHER)}


def serving(role: str) -> list[Agent]:
    """The agents that serve a role, its own first."""
    return [agent for agent in ROSTER.values() if role in agent.roles]
