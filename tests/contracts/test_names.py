"""The house's top-level names are its own: an installed distribution with one of them would hide our code."""

from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = "bedrock-isp"
NAMES = sorted(file.parent.name for file in ROOT.glob("*/__init__.py"))


def test_these_are_the_names() -> None:
    assert {"atlas", "cortex", "policies", "forge", "tools", "agents", "channels", "api", "tests"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_no_other_distribution_provides_it(name: str) -> None:
    others = set(packages_distributions().get(name, [])) - {OURS}
    assert not others, f"{name} is also a package of {', '.join(sorted(others))}; uninstall it or rename ours"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_imported_is_what_lies_here(name: str) -> None:
    module = __import__(name)
    assert module.__file__ is not None
    assert Path(module.__file__).parent == ROOT / name
