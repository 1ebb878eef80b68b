"""Every tool there is, by name. A tool that is not in a module named here does not exist."""

from types import ModuleType

from policies.spec import ToolSpec
from tools import (
    billing,
    documentation,
    field,
    incidents,
    maintenance,
    my_line,
    network,
    notices,
    on_call,
    people,
    predictions,
    tickets,
    triage,
    verdicts,
)

MODULES: tuple[ModuleType, ...] = (
    incidents,
    on_call,
    maintenance,
    network,
    documentation,
    notices,
    verdicts,
    field,
    predictions,
    triage,
    my_line,
    tickets,
    people,
    billing,
)


def all_tools() -> dict[str, ToolSpec]:
    """The tools of every module. ValueError when two have one name."""
    found: dict[str, ToolSpec] = {}
    for module in MODULES:
        for spec in vars(module).values():
            if isinstance(spec, ToolSpec):
                if spec.name in found:
                    raise ValueError(f"two tools are called {spec.name}")
                found[spec.name] = spec
    return found
