"""Every row of the evidence tables: it is there once, it is a probability, and it moves the score the way it says."""

from math import log

import pytest

from atlas.network.enums import AlarmType
from cortex.evidence import ADJACENCY, ALARMS, ROWS, SILENCE, TABLES, Relation, Voice, alarm, base, given
from cortex.evidence.base import Row
from cortex.knowledge import HAND_WRITTEN

weight = HAND_WRITTEN.weight
ALL_ROWS = [row for table in TABLES for row in table.ROWS]


def test_no_alarm_type_and_no_row_is_there_twice() -> None:
    assert len(ALARMS) == sum(len(table.ALARMS) for table in TABLES)
    assert len(ROWS) == len(ALL_ROWS)


def test_every_alarm_type_of_the_network_is_known_and_no_other() -> None:
    assert set(ALARMS) == {str(kind) for kind in AlarmType}


def test_every_alarm_type_has_a_row() -> None:
    assert {row.type for row in ALL_ROWS} == set(ALARMS)


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda r: f"{r.type}, {r.relation}")
def test_a_row_is_read_for_its_class_of_cause(row: Row) -> None:
    assert 0.0 <= row.path < 1.0
    assert 0.0 < row.node < 1.0
    assert given(row.type, row.relation, cause_is_node=False) == row.path
    assert given(row.type, row.relation, cause_is_node=True) == row.node


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda r: f"{r.type}, {r.relation}")
def test_the_weight_of_a_row_is_noisy_or_against_the_leak(row: Row) -> None:
    leak = alarm(row.type).leak
    for is_node, likely in ((False, row.path), (True, row.node)):
        seen = 1 - (1 - likely) * (1 - leak)
        assert weight(row.type, row.relation, is_node) == pytest.approx(log(seen / leak))


@pytest.mark.parametrize("kind", sorted(ALARMS))
def test_an_alarm_row_has_a_leak_a_delay_and_words(kind: str) -> None:
    row = ALARMS[kind]
    assert 0.0 < row.leak < 0.5
    assert row.delay > 0
    assert row.words


def test_a_type_nobody_knows_counts_as_other() -> None:
    assert alarm("melted").type == "other"
    assert given("melted", Relation.ITSELF, cause_is_node=True) == given("other", Relation.ITSELF, cause_is_node=True)


def test_loss_of_light_speaks_for_the_path_and_a_link_that_goes_down_alone_for_the_node() -> None:
    assert weight("loss-of-signal", Relation.FAR_END, False) > weight("loss-of-signal", Relation.FAR_END, True)
    assert weight("link-down", Relation.FAR_END, True) > weight("link-down", Relation.FAR_END, False)


def test_a_dying_gasp_speaks_for_the_ont_and_not_for_a_cut_above_it() -> None:
    itself, behind = (weight("ont-dying-gasp", r, True) for r in (Relation.ITSELF, Relation.BEHIND))
    assert itself > behind + 2.0


def test_a_port_in_the_dark_speaks_for_its_feeder_before_itself() -> None:
    feeder = weight("pon-loss-of-signal", Relation.FAR_END, False)
    assert feeder > weight("pon-loss-of-signal", Relation.ITSELF, True) > 0


def test_sessions_of_live_speakers_are_adjacencies_and_absences_are_silence() -> None:
    assert all(ALARMS[kind].voice is Voice.SPEAKS for kind in ADJACENCY)
    assert not ADJACENCY & SILENCE
    assert {"bgp-peer-down", "bfd-session-down", "ldp-session-down"} <= ADJACENCY


def test_ends_of_lines_fail_more_often_than_any_shared_element() -> None:
    shared = {**base.PRIOR_LINK, **base.PRIOR_RISK, "olt": base.PRIOR_NODE["olt"]}
    assert base.PRIOR_NODE["ont"] > max(shared.values())
    assert HAND_WRITTEN.prior("node", "never heard of") == HAND_WRITTEN.prior("link", "nor of this")
