"""Which adapter carries which channel, for one installation."""

from atlas.clock import Clock
from atlas.db import Sessions
from atlas.settings import Settings
from channels import email, sms, voice, webchat, whatsapp
from channels.base import ChannelAdapter, Format
from channels.outbox import OutboxAdapter

FORMATS: tuple[Format, ...] = (sms.FORMAT, whatsapp.FORMAT, email.FORMAT, voice.FORMAT, webchat.FORMAT)


def adapters(settings: Settings, sessions: Sessions, clock: Clock) -> dict[str, ChannelAdapter]:  # noqa: ARG001
    """An adapter per channel name. No carrier is configured by settings yet, so the outbox takes them all."""
    return {each.name: OutboxAdapter(each, sessions, clock) for each in FORMATS}
