"""What devices say of the neighbours they discover: CDP (IOS, IOS-XE, NX-OS) and LLDP (IEEE 802.1AB; NX-OS).

None of it takes a line down. It is kept because it names who is at the other end of a port: the documentation of
the network is held against that.
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence


def _row(mnemonics: tuple[str, ...], words: str) -> Pattern:
    return Pattern(
        mnemonics, sentence(words), AlarmType.OTHER, Severity.WARNING, "configurationOrCustomisationError",
        EventType.PROCESSING,
    )  # fmt: skip


PATTERNS = (
    _row(
        ("CDP-NATIVE_VLAN_MISMATCH",),
        r"(?P<down>Native VLAN mismatch) discovered on <PART> \(\d{1,4}\), with <NEIGHBOUR>(?:\(\w+\))? \S{1,80} \(",
    ),
    _row(
        ("CDP-DUPLEX_MISMATCH", "CDP-DUPLEXMISMATCH"),
        r"(?P<down>duplex mismatch) discovered on <PART> \([^)]{1,40}\), with <NEIGHBOUR>(?:\(\w+\))? \S{1,80} \(",
    ),
    _row(
        ("LLDP-SERVER_ADDED",),
        r"management address <NEIGHBOUR> (?P<up>discovered) on local port <PART>(?: in vlan|\s|$)",
    ),
)
