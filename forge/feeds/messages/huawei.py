"""Huawei messages that are alarms: VRP routers and switches (log reference of NetEngine, CloudEngine, S series),
and the optical line terminals of the MA5600T and MA5800 series (alarm reference).

VRP writes "%%01MODULE/level/NAME(l):text"; newer ones raise with NAME_active and clear with NAME_clear under one
text, so the name is read with the text. A terminal's alarm has a name and parameters: "ALARM NAME : … PARAMETERS :
FrameID: 0, SlotID: 1, PortID: 3, ONT ID: 12", and is taken back under the words "RECOVERY CLEARED".
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

LINKS = (
    Pattern(
        ("IFNET/LINK_STATE",),
        sentence(r"on the interface <PART> has entered the (?:(?P<down>DOWN)|(?P<up>UP)) state"),
        AlarmType.LINK_DOWN,
        qualifier="line protocol",
    ),
    Pattern(
        ("IFNET/IF_STATE", "IFPDT/IF_STATE"),
        sentence(r"Interface <PART> has turned into (?:(?P<down>DOWN)|(?P<up>UP)) state"),
        AlarmType.LINK_DOWN,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        ("IFNET/LINKDOWN_ACTIVE", "IFNET/LINKDOWN_CLEAR"),
        sentence(
            r"(?:(?P<down>_active)|(?P<up>_clear)): .{0,80}\(ifName=<PART>, AdminStatus=UP,"
            r"(?:.*Reason=(?P<reason>[^,)]{1,200}))?"
        ),
        AlarmType.LINK_DOWN,
        probable_cause="lossOfSignal",
    ),
    Pattern(
        ("IFNET/IF_LINKDOWN", "IFNET/IF_LINKUP"),
        sentence(
            r"turned into (?:(?P<down>DOWN)|(?P<up>UP)) state\.?\s*"
            r"\(AdminStatus=1,\s*OperStatus=\d,\s*InterfaceName=<PART>\)"
        ),
        AlarmType.LINK_DOWN,
        probable_cause="lossOfSignal",
    ),
)

ADJACENCIES = (
    Pattern(
        ("BGP/STATE_CHG_UPDOWN",),
        sentence(
            r"peer <NEIGHBOUR> changed from (?:(?P<up>\w+ to ESTABLISHED)|(?P<down>ESTABLISHED to \w+))\b"
            r"(?:.*InstanceName=(?P<vrf>[^,)]{1,64}))?(?:.*StateChangeReason=(?P<reason>[^,)]{1,200}))?"
        ),
        AlarmType.BGP_PEER_DOWN,
    ),
    Pattern(
        ("OSPF/NBR_CHG_DOWN", "OSPF/NBR_CHANGE_E", "OSPF/NBR_DOWN_REASON"),
        sentence(
            r"NeighborAddress=(?P<neighbour>[\w.:]{1,60}),.*?(?:NeighborEvent=(?P<reason>[^,]{1,60}),.*?)?"
            r"NeighborCurrentState=(?:(?P<up>Full)|(?P<down>Down))\b"
        ),
        AlarmType.OSPF_ADJACENCY_DOWN,
    ),
    Pattern(
        ("ISIS/ADJ_CHANGE_LEVEL",),
        sentence(
            r"Neighbor=(?P<neighbour>[\w.-]{1,60}), InterfaceName=<PART>, CurrentState=(?:(?P<up>UP)|(?P<down>DOWN)),"
            r"(?: ChangeType=(?P<reason>\w{1,60}),)?(?: Level=(?P<detail>[\w-]{1,20}))?"
        ),
        AlarmType.ISIS_ADJACENCY_DOWN,
    ),
    Pattern(
        ("LDP/MPLSLDPSESSIONDOWN_ACTIVE", "LDP/MPLSLDPSESSIONDOWN_CLEAR"),
        sentence(
            r"(?:(?P<down>_active)|(?P<up>_clear)): .*PeerLsrId=(?P<neighbour>[\d.]{7,15})(?::\d+)?,"
            r"(?: VrfName=(?P<vrf>[^,)]{1,64}),)?"
        ),
        AlarmType.LDP_SESSION_DOWN,
    ),
    Pattern(
        ("BFD/STACHG_TODWN", "BFD/STACHG_TOUP"),
        sentence(
            r"changed to (?:(?P<down>Down)|(?P<up>Up))\b.*Discriminator=(?P<detail>\d{1,10})"
            r"(?:.*BindInterfaceName=<PART>)?"
        ),
        AlarmType.BFD_DOWN,
    ),
)

PATTERNS = LINKS + ADJACENCIES

#: What a terminal's alarm names, wherever its name stands; the parameters say where.
MARK = "ont"
_PORT = (
    r".*?Frame\s?ID\s*:\s*(?P<frame>\d{1,3}),\s*Slot\s?ID\s*:\s*(?P<slot>\d{1,3}),\s*Port\s?ID\s*:\s*(?P<port>\d{1,3})"
)
_ONT = _PORT + r",\s*ONT\s?ID\s*:\s*(?P<ont>\d{1,4})"
_HEAD = r"^(?:.{0,120}?(?P<up>RECOVERY CLEARED))?.*?"


def _alarm(name: str, place: str, kind: AlarmType, severity: Severity, cause: str) -> Pattern:
    """An alarm by its name: raised, unless its head or its own words take it back."""
    words = rf"{_HEAD}(?:(?P<down>{name})(?P<up2>[^:]{{0,40}}?\brecover(?:s|ed)\b|[^:]{{0,40}}?\bis cleared\b)?){place}"
    return Pattern((), sentence(words), kind, severity, cause, EventType.EQUIPMENT)


TERMINALS = (
    _alarm(r"The dying-gasp of GPON ONTi", _ONT, AlarmType.ONT_DYING_GASP, Severity.MINOR, "powerProblem"),
    _alarm(
        r"(?:The distribute fiber is broken|cannot receive (?:any )?expected optical signals from the (?:GPON )?ONT|"
        r"The loss of (?:frame|signal|GEM channel delineation) (?:of|for) (?:GPON )?ONTi)",
        _ONT,
        AlarmType.ONT_LOS,
        Severity.MINOR,
        "lossOfSignal",
    ),
    _alarm(
        r"(?:The signal (?:degrade|fail) of (?:GPON )?ONTi|The drift of window of (?:GPON )?ONTi)",
        _ONT,
        AlarmType.ONT_DEGRADED,
        Severity.MINOR,
        "degradedSignal",
    ),
    _alarm(r"[^:]{0,60}\brogue ONT\b", _PORT, AlarmType.ROGUE_ONT, Severity.MAJOR, "excessiveErrorRate"),
    _alarm(
        r"(?:The feeder fiber is broken|OLT cannot receive any expected optical signals\s?\(LOS\))",
        _PORT,
        AlarmType.PON_LOS,
        Severity.CRITICAL,
        "lossOfSignal",
    ),
)
