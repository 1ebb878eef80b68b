"""WhatsApp: plain text, paragraphs kept; its own mark-up is defused, as a name may hold an asterisk."""

from channels.base import Format, OutboundMessage, is_phone, plain

#: WhatsApp's limit for the body of a text message.
MAX_LENGTH = 4_096
MARKS = str.maketrans({"*": "∗", "~": "∼", "`": "'"})


def shape(message: OutboundMessage) -> str:
    """The text with nothing in it that WhatsApp would read as formatting."""
    return plain(message.text).translate(MARKS)


FORMAT = Format("whatsapp", MAX_LENGTH, is_phone, shape)
