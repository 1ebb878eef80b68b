"""Text messages: short, plain, and without the characters that would halve what fits into one.

GSM 03.38's alphabet packs 153 characters into each part of a long message; a single other character drops
that to 67 (UCS-2), so typographic marks are written plainly. Ten parts are the most carriers take.
"""

from channels.base import Format, OutboundMessage, is_phone, plain

PARTS, PART_LENGTH = 10, 153
PLAINLY = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " "}
)


def shape(message: OutboundMessage) -> str:
    """One paragraph in plain characters."""
    return " ".join(plain(message.text).translate(PLAINLY).split())


FORMAT = Format("sms", PARTS * PART_LENGTH, is_phone, shape)
