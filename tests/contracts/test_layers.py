"""Imports point down only, as pyproject.toml says."""

import tomllib
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "pyproject.toml"
LAYERS = ["api | evals", "agents", "tools", "forge", "policies", "channels : cortex", "atlas"]


def test_every_contract_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    failed = cli.lint_imports(config_filename=str(CONFIG), no_cache=True)
    assert not failed, capsys.readouterr().out


def test_the_contracts_are_those_of_the_design() -> None:
    linter = tomllib.loads(CONFIG.read_text())["tool"]["importlinter"]
    by_type = {contract["type"]: contract for contract in linter["contracts"]}
    assert by_type["layers"]["layers"] == LAYERS
    assert set(by_type["forbidden"]["forbidden_modules"]) >= {"atlas", "sqlalchemy", "psycopg"}
    assert by_type["forbidden"]["source_modules"] == ["cortex"]
    assert set(by_type["independence"]["modules"]) == {"channels", "cortex"}
    assert "ignore_imports" not in str(linter)


def test_every_package_of_the_wheel_is_held_to_them() -> None:
    project = tomllib.loads(CONFIG.read_text())["tool"]
    shipped = set(project["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert set(project["importlinter"]["root_packages"]) == shipped
    assert {name for layer in LAYERS for name in layer.replace("|", " ").replace(":", " ").split()} == shipped
