"""Which end of a lost session a message blames, by the reason it gives: a table of words, the first that fits.

Whoever ends a BGP session sends a Cease, and the other end says that it was received (RFC 4271 section 6.7; the
reasons are RFC 4486's and RFC 9003's). Whoever hears nothing until the hold timer ends says so, and has lost the
far end or the way to it. Words are Cisco's and Juniper's for the same things.
"""

from enum import StrEnum
from functools import lru_cache


class Side(StrEnum):
    """Whom a message blames for the loss of a session."""

    NEAR = "near"  # the speaker: somebody or something on it ended the session
    FAR = "far"  # its neighbour: it ended the session, and said so
    SILENT = "silent"  # its neighbour, or the way to it: nothing came any more
    LINK = "link"  # the way between the two
    UNSAID = "unsaid"


#: Words in lower case, and whom they blame. What the far end says of us comes before what we say of it.
WORDS: tuple[tuple[str, Side], ...] = (
    ("notification received, hold time", Side.UNSAID),  # the far end no longer heard us, we still heard it
    ("notification received, maximum", Side.NEAR),  # we sent it too many prefixes
    ("notification sent, maximum", Side.FAR),
    ("maximum prefix", Side.FAR),
    ("max-prefix", Side.FAR),
    ("notification received", Side.FAR),
    ("received from", Side.FAR),
    ("recvnotify", Side.FAR),
    ("peer closing", Side.FAR),
    ("peer closed", Side.FAR),
    ("closed by peer", Side.FAR),
    ("session closed by remote", Side.FAR),
    ("connection reset by peer", Side.FAR),
    ("hold time", Side.SILENT),
    ("holdtime", Side.SILENT),
    ("hold timer", Side.SILENT),
    ("dead timer", Side.SILENT),
    ("hello hold", Side.SILENT),
    ("keepalive", Side.SILENT),
    ("expired", Side.SILENT),
    ("echo function failed", Side.SILENT),
    ("interface", Side.LINK),
    ("link", Side.LINK),
    ("bfd", Side.LINK),
    ("user clear", Side.NEAR),
    ("user reset", Side.NEAR),
    ("clear requested", Side.NEAR),
    ("low memory", Side.NEAR),
    ("admin", Side.NEAR),
    ("notification sent", Side.NEAR),
    ("neighbor deleted", Side.NEAR),
    ("neighbor unconfigured", Side.NEAR),
    ("changed", Side.NEAR),  # AS changed, router ID changed, password changed
)

#: How much more likely the one end is to be at fault than the other, in nats; for the far end, negative.
WEIGHT = {Side.NEAR: 3.0, Side.FAR: -3.0, Side.SILENT: -1.0, Side.LINK: 0.0, Side.UNSAID: 0.0}


@lru_cache(maxsize=4096)
def side_of(reason: str) -> Side:
    """Whom a reason blames."""
    words = reason.lower()
    return next((side for said, side in WORDS if said in words), Side.UNSAID)
