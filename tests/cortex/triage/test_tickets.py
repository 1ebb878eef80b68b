"""Priority and doubles of tickets."""

from datetime import UTC, datetime, timedelta

from cortex.triage.duplicates import Report, duplicates
from cortex.triage.priority import Circumstances, priority

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_vulnerable_person_without_service_comes_first() -> None:
    found = priority(Circumstances("no_service", is_vulnerable=True))
    assert found.name == "P1"
    assert any("vulnerable" in reason for reason in found.reasons)


def test_a_bill_stays_last_whoever_asks() -> None:
    assert priority(Circumstances("billing", is_vulnerable=True, is_business=True)).name == "P4"


def test_a_known_outage_takes_the_urgency_off() -> None:
    alone, known = (priority(Circumstances("no_service", is_business=True, has_outage=each)) for each in (False, True))
    assert known.level > alone.level


def test_who_calls_again_and_waits_too_long_moves_up() -> None:
    patient, impatient = Circumstances("slow"), Circumstances("slow", contacts=4, waiting_hours=30, promised_hours=24)
    assert priority(impatient).level < priority(patient).level


def report(
    number: int, words: str, *, line: int, part: str = "s1", category: str = "no_service", hours: float = 0
) -> Report:
    return Report(f"TT-{number}", NOON + timedelta(hours=hours), category, words, line, part, 3)


def test_the_same_line_twice_is_a_double() -> None:
    first = report(1, "No internet", line=7)
    (double,) = duplicates(first, [first, report(2, "Still nothing works", line=7, hours=30)])
    assert double.reference == "TT-2"
    assert "the same line" in double.reasons


def test_neighbours_who_call_at_once_about_the_same_are_doubles() -> None:
    found = duplicates(
        report(1, "No internet since noon", line=7),
        [
            report(2, "No internet since lunch", line=8, hours=0.5),
            report(3, "Why is my bill higher", line=9, category="billing", hours=0.5),
            report(4, "No internet since noon", line=10, part="s2", hours=20),
            report(5, "Slow wifi upstairs", line=11, part="s9", category="slow", hours=3),
        ],
    )
    assert [each.reference for each in found] == ["TT-2"]
