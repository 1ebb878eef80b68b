"""The addresses of a link's two ends: which address may lie at the other end of which.

A session's end names its neighbour's address, never its own. On a point-to-point link the two are numbered from
one small prefix: a /31 (RFC 3021) or a /127 (RFC 6164), or, the older way, the two hosts of a /30 or a /126.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple


class Other(NamedTuple):
    """The address that would be the other end, and the prefix that both would be of."""

    address: str
    prefix: str


@lru_cache(maxsize=65536)
def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """The address a text is, without a zone ("fe80::1%Te0/0/0/1"); None for a name."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None


@lru_cache(maxsize=65536)
def others_of(address: str) -> tuple[Other, ...]:
    """Where the other end of a link may be, the likelier numbering first; none for a name.

    A link-local IPv6 address is of no prefix that tells two links apart.
    """
    known = address_of(address)
    if known is None or known.is_link_local or known.is_unspecified:
        return ()
    width, number = known.max_prefixlen, int(known)
    found = [_other(known, number ^ 1, width - 1)]
    if number % 4 in (1, 2):
        found.append(_other(known, number ^ 3, width - 2))
    return tuple(found)


@lru_cache(maxsize=65536)
def block_of(address: str) -> tuple[int, int]:
    """The 256 addresses around one, in which links are taken to be numbered alike."""
    known = address_of(address)
    return (0, 0) if known is None else (known.version, int(known) >> 8)


@lru_cache(maxsize=65536)
def shows_pairs(address: str) -> bool:
    """Whether a neighbour can have this address only where links are numbered in pairs: in a /30 or a /126 it is
    the first or the last, which no host has.
    """
    known = address_of(address)
    return known is not None and int(known) % 4 in (0, 3)


def _other(known: IPv4Address | IPv6Address, number: int, length: int) -> Other:
    kind, hosts = type(known), known.max_prefixlen - length
    return Other(str(kind(number)), f"{kind(number >> hosts << hosts)}/{length}")


@lru_cache(maxsize=65536)
def plain(peer: str) -> str:
    """A neighbour's name in one spelling: addresses as RFC 5952 writes them."""
    known = address_of(peer)
    return peer if known is None else str(known)
