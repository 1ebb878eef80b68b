"""Small pieces of wording that flows share: counts, lists, times. They word values; they know none."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any


def count(number: Any, one: str, many: str | None = None) -> str:
    """`3 devices`, `1 device`, `no devices`; thousands are set apart."""
    many = many or f"{one}s"
    if not number:
        return f"no {many}"
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def moment(value: Any, now: datetime) -> str:
    """A time of today as `14:30 UTC`, of another day with its date; empty for none."""
    if not value:
        return ""
    at = (value if isinstance(value, datetime) else datetime.fromisoformat(str(value))).astimezone(UTC)
    day = "" if at.date() == now.astimezone(UTC).date() else f" on {at.day} {at:%B}"
    return f"{at:%H:%M} UTC{day}"


def sentence(*parts: str) -> str:
    """The parts that say something, one space between."""
    return " ".join(part for part in parts if part)
