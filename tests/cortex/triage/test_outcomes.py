"""What technicians write, and what it means."""

import pytest

from cortex.triage.outcomes import Found, found


@pytest.mark.parametrize(
    ("outcome", "meant"),
    [
        ("No fault found; line tested good at the socket.", Found.NOTHING),
        ("NFF, speed at the cable is what was sold.", Found.NOTHING),
        ("No fault found, box replaced to be safe.", Found.NOTHING),
        ("The box was unplugged by the cleaner.", Found.NOTHING),
        ("ONT swapped; its laser had failed.", Found.REPLACED),
        ("Kink in the patch cord; replaced.", Found.REPLACED),
        ("Connector at the wall socket cleaned; level back to normal.", Found.MENDED),
        ("Dug up by road works; spliced twelve fibres.", Found.MENDED),
        ("  ", Found.UNCLEAR),
    ],
)
def test_words_of_technicians(outcome: str, meant: Found) -> None:
    assert found(outcome) is meant
