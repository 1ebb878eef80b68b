"""System prompts: one file an agent, the rules they all share, rendered strictly so that no gap goes unseen."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agents.profile import Agent
from policies.spec import Principal


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Prompts are plain text for a model; HTML escaping would garble them.
    loader = FileSystemLoader(Path(__file__).parents[1])
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False)  # noqa: S701


def render(agent: Agent, principal: Principal, now: datetime) -> str:
    """The system prompt of an agent for one person at one time."""
    template = _environment().get_template(f"{agent.name}/prompt.md")
    return template.render(
        who=f"{principal.kind} {principal.id}",
        role=principal.role,
        verified=principal.verified,
        now=f"{now.astimezone(UTC):%A %Y-%m-%d %H:%M} UTC",
    ).strip()
