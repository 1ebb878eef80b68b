"""The tables of fault modes: they speak the vocabulary of alarms, and every row of them is played in a scene."""

import pytest

from atlas.field.service import SKILLS
from atlas.network.elements import PLAIN_MODES
from atlas.network.enums import LinkKind, NodeKind
from cortex.evidence import ALARMS
from cortex.finding import Effect, Remedy
from cortex.lone import POOR, SWITCHED_OFF
from cortex.modes import BY_NAME, MODES, Mode
from tests.cortex.modes import test_docsis, test_ip, test_pon, test_power, test_wireless

PLACES = {*NodeKind, *LinkKind, "site", "zone"}
SCENES = [s for part in (test_docsis, test_ip, test_pon, test_power, test_wireless) for s in part.SCENES]

every_mode = pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)


def test_no_mode_is_there_twice() -> None:
    assert len(BY_NAME) == len(MODES)


def test_every_mode_is_played_in_a_scene() -> None:
    assert {scene.mode for scene in SCENES} - {"", SWITCHED_OFF} == set(BY_NAME)


def test_every_technology_has_scenes_that_open_no_incident() -> None:
    for part in (test_docsis, test_pon, test_power, test_wireless):
        assert any(not scene.incident for scene in part.SCENES)


def test_what_subscribers_are_told_is_known_for_every_mode_and_no_other() -> None:
    assert set(PLAIN_MODES) == {*BY_NAME, SWITCHED_OFF}


def test_a_line_that_is_poor_is_so_by_alarms_that_there_are() -> None:
    assert set(ALARMS) >= POOR


@every_mode
def test_a_mode_speaks_of_alarms_and_places_that_there_are(mode: Mode) -> None:
    types = {sign.type for sign in mode.signs} | {kind for row in mode.against for kind in row.types}
    types |= set(mode.unsaid.types) if mode.unsaid else set()
    assert types <= set(ALARMS)
    assert mode.kinds <= PLACES
    assert mode.first <= {sign.type for sign in mode.signs}


@every_mode
def test_its_figures_are_probabilities_and_weights(mode: Mode) -> None:
    assert all(0.0 < sign.given < 1.0 for sign in mode.signs)
    assert all(row.nats > 0 for row in mode.against)
    assert 0 < mode.prior <= 1.0
    assert all(least >= 1 for need in mode.needs for least in need.values())


@every_mode
def test_a_crew_is_sent_by_a_skill_that_there_is(mode: Mode) -> None:
    assert (mode.skill in SKILLS) is (mode.remedy is Remedy.CREW)


@every_mode
def test_its_title_names_the_place(mode: Mode) -> None:
    assert "{what}" in mode.title
    assert mode.effect in Effect
