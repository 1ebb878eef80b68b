"""Web chat: the text as it is; the page that shows it escapes it."""

from channels.base import Format, OutboundMessage, plain

MAX_LENGTH = 8_000


def shape(message: OutboundMessage) -> str:
    """Plain text, paragraphs kept."""
    return plain(message.text)


FORMAT = Format("webchat", MAX_LENGTH, bool, shape)
