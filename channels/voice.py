"""Voice: text that is to be spoken. References are spelled, addresses of web pages are left out."""

import re

from channels.base import Format, OutboundMessage, is_phone, plain

#: About two minutes at a calm 150 words a minute: longer calls are hung up on.
MAX_LENGTH = 1_800
LINK = re.compile(r"https?://\S+")
REFERENCE = re.compile(r"\b([A-Z]{2,4})-(\d+)\b")


def shape(message: OutboundMessage) -> str:
    """One run of sentences: "INC-12" becomes "I N C 1 2"."""
    text = LINK.sub("our web site", plain(message.text))
    text = REFERENCE.sub(lambda m: " ".join(m[1] + m[2]), text)
    return " ".join(text.split())


FORMAT = Format("voice", MAX_LENGTH, is_phone, shape)
