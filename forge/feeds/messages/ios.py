"""Cisco IOS and IOS-XE messages that are alarms (Cisco IOS system message guide)."""

from atlas.network.enums import AlarmType
from forge.feeds.messages.pattern import Pattern, sentence

PATTERNS = (
    Pattern(
        ("LINK-UPDOWN", "LINK-SP-UPDOWN", "LINK-SW1-UPDOWN", "LINK-SW2-UPDOWN"),
        sentence(r"Interface <PART>, changed state to (?:(?P<down>down)|(?P<up>up))\b"),
        AlarmType.LINK_DOWN,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        ("LINEPROTO-UPDOWN", "LINEPROTO-SP-UPDOWN", "LINEPROTO-SW1-UPDOWN", "LINEPROTO-SW2-UPDOWN"),
        sentence(r"Line protocol on Interface <PART>, changed state to (?:(?P<down>down)|(?P<up>up))\b"),
        AlarmType.LINK_DOWN,
        qualifier="line protocol",
    ),
    Pattern(
        ("BGP-ADJCHANGE",),
        sentence(
            r"neighbor <NEIGHBOUR> (?:vpn vrf (?P<vrf>\S{1,64}) |passive )*(?:(?P<down>Down)|(?P<up>Up))\b"
            r"\s*(?P<reason>.{0,200})"
        ),
        AlarmType.BGP_PEER_DOWN,
    ),
    Pattern(
        # 6/7 is the collision of two sessions being set up: one is dropped, the peer is not down.
        ("BGP-NOTIFICATION",),
        sentence(
            r"(?P<down>sent to|received from) neighbor <NEIGHBOUR> "
            r"(?:vpn vrf (?P<vrf>\S{1,64}) |active |passive )*"
            r"(?!6/7)(?P<code>\d{1,2}/\d{1,2})\s*\((?P<reason>[^)]{1,200})\)"
        ),
        AlarmType.BGP_PEER_DOWN,
    ),
    Pattern(
        ("OSPF-ADJCHG", "OSPFv3-ADJCHG"),
        sentence(
            r"Nbr <NEIGHBOUR> on <PART> from (?:(?P<up>\w+ to FULL)|(?P<down>FULL to \w+|\w+ to DOWN))\b"
            r"(?:,\s*(?P<reason>.{1,200}))?"
        ),
        AlarmType.OSPF_ADJACENCY_DOWN,
    ),
    Pattern(
        ("CLNS-ADJCHANGE", "CLNS-ADJCLEAR"),
        sentence(
            r"Adjacency to <NEIGHBOUR> \(<PART>\) "
            r"(?:(?P<down>Down)|(?P<up>Up))\b(?:,\s*(?P<reason>.{1,200}))?"
        ),
        AlarmType.ISIS_ADJACENCY_DOWN,
    ),
    Pattern(
        ("LDP-NBRCHG",),
        sentence(
            r"Neighbor (?P<neighbour>[\w.:-]{1,100}?):\d+ (?:\(\d+\) )?is (?:(?P<down>DOWN)|(?P<up>UP))\b"
            r"(?:\s*\((?P<reason>.{1,200})\))?"
        ),
        AlarmType.LDP_SESSION_DOWN,
    ),
)
