"""From verdicts in Atlas to a version of Cortex, and from the version in use to the stream."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from atlas.db import transaction
from atlas.errors import DomainError
from atlas.itsm import incidents, versions
from atlas.itsm.verdict_models import CortexVersion
from forge.learned import knowledge_in_use
from forge.lessons import learn_from_verdicts
from tests.forge.night import Night

pytestmark = pytest.mark.slow

BACKHAULS = "SELECT name FROM fibre WHERE name LIKE 'F-Z%-BH-1' ORDER BY name"
# A duct with nothing else in it: of one with other fibres their live ends would have told.
DUCT = """
SELECT 'duct:' || d.name FROM fibre_section s JOIN fibre f ON f.id = s.fibre_id JOIN duct d ON d.id = s.duct_id
WHERE f.name = :fibre ORDER BY (SELECT count(*) FROM fibre_section o WHERE o.duct_id = d.id), s.position LIMIT 1
"""


@pytest.fixture
async def night(demo_engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Night]:
    """Four backhauls were cut, each twice, and each time somebody found that it was the duct."""
    night = await Night.begin(demo_engine, tmp_path)
    for fibre in 2 * await night.rows(BACKHAULS):
        cut = await night.cut(fibre)
        await night.hear(cut)
        incident = (await night.incidents())[-1]
        assert incident.element == f"fibre:{fibre}"
        (duct,) = await night.rows(DUCT, fibre=fibre)
        await night.say("correct_cause", incident=incident.reference, element=duct, reason="A digger.")
        night.clock.advance(3600)
        await night.hear(cut, cleared=True)
        await resolve(night, incident.id)
    yield night


async def resolve(night: Night, incident: int) -> None:
    """As the saga does in the end."""
    async with transaction(night.sessions) as session:
        await incidents.resolve(session, await incidents.get_incident(session, incident, lock=True), night.clock.now())
    night.clock.advance(3600)
    await night.read()


async def learn(night: Night) -> CortexVersion:
    async with transaction(night.sessions) as session:
        return await learn_from_verdicts(session, by="lena", now=night.clock.now())


async def use(night: Night, number: int) -> int:
    async with transaction(night.sessions) as session:
        return await versions.use(session, number, "lena", night.clock.now())


async def test_a_version_is_made_from_verdicts_used_by_the_stream_and_taken_back(night: Night) -> None:
    made = await learn(night)
    assert (made.state, made.verdicts, made.reason) == ("candidate", 8, "")
    assert made.metrics["held_out"]["nats"] > made.metrics["in_use"]["nats"]
    assert any(each.startswith("duct priors (risk) 0.5 → ") for each in made.changes)
    assert night.stream.config.knowledge.version == 0
    assert await use(night, made.number) == 0
    await night.read()
    assert night.stream.config.knowledge.version == made.number
    assert night.stream.config.knowledge.prior("risk", "duct") > 0.5
    await night.restart()
    assert night.stream.correlator.config.knowledge.version == made.number
    assert await use(night, 0) == made.number
    await night.read()
    assert night.stream.correlator.config.knowledge.version == 0
    async with night.sessions() as session:
        assert [each.state for each in await versions.all_versions(session)] == ["retired"]


async def test_the_same_verdicts_teach_nothing_twice(night: Night) -> None:
    made = await learn(night)
    await use(night, made.number)
    with pytest.raises(DomainError, match=f"say what version {made.number} says already"):
        await learn(night)


async def test_what_is_refused_or_unknown_cannot_be_used(night: Night) -> None:
    made = await learn(night)
    async with transaction(night.sessions) as session:
        row = await session.get_one(CortexVersion, made.number)
        row.state, row.reason = "refused", "names the cause first in 3%."
    for number, words in ((made.number, "was refused: names"), (99, "no version 99"), (0, "in use already")):
        with pytest.raises(DomainError, match=words):
            await use(night, number)
    async with night.sessions() as session:
        assert (await knowledge_in_use(session)).version == 0


async def test_incidents_nobody_spoke_of_teach_no_cause(demo_engine: AsyncEngine, tmp_path: Path) -> None:
    night = await Night.begin(demo_engine, tmp_path)
    await night.hear(await night.cut("F-Z3-BH-1"))
    with pytest.raises(DomainError, match="There are 0 verdicts"):
        await learn(night)
