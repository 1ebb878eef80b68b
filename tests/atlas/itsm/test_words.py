"""What is said of an incident by itself, by how it is at fault and who mends it."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.itsm import words
from tests.factories.incidents import NOON, incident

RAIN: dict[str, Any] = {
    "element": "zone:4",
    "mode": "rain fade",
    "remedy": "wait",
    "effect": "degraded",
    "degraded": 30,
}
DARK: dict[str, Any] = {"element": "site:z3-pop", "mode": "on battery", "remedy": "desk", "effect": "at risk"}


async def test_a_cut_is_worked_on_by_a_crew(session: AsyncSession) -> None:
    row = await incident(session)
    assert words.first_word(row) == "We have found a damaged fibre cable and are working on it."
    assert words.next_word(row) == "Our crew is still working on it."
    assert words.needs_crew(row)
    assert words.crew_skill(row) == ""


async def test_nobody_is_sent_out_into_the_rain(session: AsyncSession) -> None:
    row = await incident(session, **RAIN)
    assert "heavy rain" in words.first_word(row)
    assert "passes by itself" in words.first_word(row)
    assert "crew" not in words.next_word(row)
    assert not words.needs_crew(row)


async def test_who_is_on_a_battery_hears_until_when(session: AsyncSession) -> None:
    row = await incident(session, **DARK, power_until=NOON)
    assert "Your service works" in words.first_word(row)
    assert "12:00 UTC" in words.first_word(row)
    assert "12:00 UTC" in words.crew_words(row)
    assert not words.needs_crew(row)


async def test_a_person_who_names_another_cause_gets_a_crew(session: AsyncSession) -> None:
    row = await incident(session, **RAIN)
    row.verdict_element, row.verdict_by = "node:z4-twr-1", "anna"
    assert words.needs_crew(row)
    assert words.first_word(row) == "We have found a fault in a piece of our equipment and are working on it."


@pytest.mark.parametrize(("skill", "verdict"), [("power", None), ("", "fibre:F-1")])
async def test_the_mode_says_which_skill_is_needed(session: AsyncSession, skill: str, verdict: str | None) -> None:
    row = await incident(
        session, element="site:z3-pop", mode="battery low", causes=[{"element": "site:z3-pop", "skill": "power"}]
    )
    row.verdict_element, row.verdict_by = verdict, verdict and "anna"
    assert words.crew_skill(row) == skill
