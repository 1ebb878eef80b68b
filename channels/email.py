"""E-mail: a subject line, a blank line, and the text, as plain as the other channels have it."""

import re

from channels.base import Format, OutboundMessage, plain

MAX_LENGTH = 100_000
SUBJECT_LENGTH = 150
ADDRESS = re.compile(r"^[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+$")


def is_email(address: str) -> bool:
    """Whether an address looks like one an e-mail can be sent to; only sending proves it."""
    return ADDRESS.match(address) is not None and len(address) <= 254  # RFC 5321, 4.5.3.1


def shape(message: OutboundMessage) -> str:
    """The subject is one line whatever it holds: a line break in it would be a header of its own."""
    subject = " ".join(plain(message.subject).split())[:SUBJECT_LENGTH] or "A message about your line"
    return f"Subject: {subject}\n\n{plain(message.text)}"


FORMAT = Format("email", MAX_LENGTH, is_email, shape)
