"""The face every way of reaching people has: hand over a message once, and find what was handed over.

An adapter shapes the text for its channel and gives it to whoever carries it. The sender's key makes it
happen once: after a crash `find` tells whether the carrier has it already.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from atlas.errors import DomainError

E164 = re.compile(r"^\+[1-9][0-9]{6,14}$")


class Undeliverable(DomainError):  # noqa: N818 - what the message is, in the field's word
    """The message can never be handed over as it is; trying again is no use."""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One message to one person. `key` is the sender's idempotency key; `subject` is for channels with one."""

    key: str
    address: str
    text: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The carrier has it. `reference` is the carrier's own; `at` when it was handed over."""

    key: str
    reference: str
    at: datetime


class ChannelAdapter(Protocol):
    """One channel, as senders see it."""

    @property
    def name(self) -> str:
        """sms | whatsapp | email | voice | webchat"""
        ...

    @property
    def max_length(self) -> int:
        """Characters that one message may have; longer text is cut at a word."""
        ...

    async def hand_over(self, message: OutboundMessage) -> Receipt:
        """Give a message to the carrier, once per key. Undeliverable when it can never be taken."""
        ...

    async def find(self, key: str) -> Receipt | None:
        """What the carrier knows of a key; None when it never got it."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """How a channel wants its messages: `shape` gives plain text of at most `max_length` characters."""

    name: str
    max_length: int
    check_address: Callable[[str], bool]
    shape: Callable[[OutboundMessage], str]

    def apply(self, message: OutboundMessage) -> str:
        """The text to hand over. Undeliverable for an address this channel cannot reach."""
        if not self.check_address(message.address):
            raise Undeliverable(f"The {self.name} address on file cannot be reached; ask for another.")
        return fit(self.shape(message), self.max_length)


def is_phone(address: str) -> bool:
    """Whether an address is a phone number in E.164."""
    return E164.match(address) is not None


def plain(text: str) -> str:
    """Text without control characters or trailing space, each paragraph kept."""
    kept = "".join(each for each in text if each == "\n" or each.isprintable())
    return "\n".join(line.rstrip() for line in kept.strip().splitlines())


def fit(text: str, limit: int) -> str:
    """Text of at most `limit` characters, cut after a whole word where it can be."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    word_end = head.rfind(" ")
    return (head[:word_end] if word_end > limit // 2 else head).rstrip(" ,.;:") + "…"
