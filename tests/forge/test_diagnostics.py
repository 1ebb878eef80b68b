"""The second look: which devices are worth asking, and what their answers say of the cause."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from atlas.db import transaction
from atlas.errors import DomainError
from atlas.itsm import incidents, verdicts
from forge.diagnostics import SAMPLE_BEHIND, ask, devices_around
from tests.forge.sagas.story import begin

NEAR = [("bng-1", "10.0.0.1", False), ("bng-2", "10.0.0.2", False)]
BEHIND = [("olt-1", "10.0.1.1", True), ("olt-2", "10.0.1.2", True)]


@dataclass
class Answering:
    """A network in which these devices answer."""

    names: set[str]

    async def answering(self, devices: Iterable[tuple[str, str]]) -> dict[str, bool]:
        return {name: name in self.names for name, _ in devices}


def network(*names: str) -> Any:
    return SimpleNamespace(snmp=Answering(set(names)))


async def test_around_a_cut_fibre_both_ends_are_asked_and_some_behind(
    demo_database: str, demo_engine: AsyncEngine, tmp_path: Path
) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    async with story.sessions() as session:
        devices = await devices_around(session, story.incident)
        again = await devices_around(session, story.incident)
    assert devices == again
    assert [name for name, _, behind in devices if not behind] == sorted({port[0] for port in story.cut.near_ports})
    behind = {name for name, _, behind in devices if behind}
    assert len(behind) in (SAMPLE_BEHIND, SAMPLE_BEHIND + 1)  # the far end, and a sample
    assert behind <= set(story.cut.devices)


async def test_a_persons_verdict_moves_the_look(demo_database: str, demo_engine: AsyncEngine, tmp_path: Path) -> None:
    story = await begin(demo_database, demo_engine, tmp_path)
    olt = story.cut.devices[0]
    async with transaction(story.sessions) as session:
        row = await incidents.get_incident(session, story.incident, lock=True)
        await verdicts.correct_cause(session, row, element=f"node:{olt}", by="alice", now=story.clock.now())
        assert olt in {name for name, _, _ in await devices_around(session, story.incident)}


async def test_an_incident_nobody_knows_cannot_be_looked_at(session: AsyncSession) -> None:
    with pytest.raises(DomainError, match="no incident INC-77"):
        await devices_around(session, 77)


async def test_near_answers_and_behind_is_silent_agrees() -> None:
    said = await ask(network("bng-1", "bng-2"), 7, NEAR + BEHIND)
    assert said.agrees
    assert said.summary == ("2 of 2 devices on the near side answer, 0 of 2 behind: that agrees with the cause.")
    assert [(probe.device, probe.side, probe.answers) for probe in said.probes] == [
        ("bng-1", "near", True), ("bng-2", "near", True), ("olt-1", "behind", False), ("olt-2", "behind", False),
    ]  # fmt: skip


@pytest.mark.parametrize("answering", [("bng-1",), ("bng-1", "bng-2", "olt-2"), ()])
async def test_anything_else_does_not_fully_agree(answering: tuple[str, ...]) -> None:
    said = await ask(network(*answering), 7, NEAR + BEHIND)
    assert not said.agrees and "does not fully agree" in said.summary


@pytest.mark.parametrize("devices", [NEAR, []])
async def test_with_nobody_behind_to_ask_nothing_is_confirmed(devices: list[tuple[str, str, bool]]) -> None:
    assert not (await ask(network("bng-1", "bng-2"), 7, devices)).agrees
