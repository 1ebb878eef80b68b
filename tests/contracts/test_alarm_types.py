"""Atlas' alarm types and Cortex' evidence speak one vocabulary."""

from atlas.network.enums import AlarmType
from cortex.evidence import ALARMS, ROWS

#: Types that Cortex takes for "other" on purpose.
IGNORED: frozenset[AlarmType] = frozenset()


def test_every_alarm_type_has_its_evidence() -> None:
    assert {kind.value for kind in AlarmType} - IGNORED == set(ALARMS)


def test_every_alarm_type_follows_from_some_failure() -> None:
    assert set(ALARMS) - {kind for kind, _ in ROWS} == set()


def test_no_evidence_is_written_for_a_type_that_does_not_exist() -> None:
    assert {kind for kind, _ in ROWS} <= set(ALARMS)
