"""Cisco IOS and IOS-XE messages that are alarms (Cisco IOS system message guide)."""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.messages.pattern import Pattern, sentence

CONNECTIONS = (
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
    Pattern(
        ("BFDFSM-BFD_SESS_DOWN", "BFDFSM-BFD_SESS_UP"),
        sentence(
            r"BFD session (?P<detail>ld:\d{1,10}) handle:\d+,?\s?is going (?:(?P<down>Down)|(?P<up>UP))\b"
            r"(?:\s*Reason: (?P<reason>.{1,200}))?"
        ),
        AlarmType.BFD_DOWN,
    ),
    Pattern(
        ("PM-ERR_DISABLE", "PM-ERR_RECOVER"),
        sentence(
            r"(?:(?P<down>link-flap error detected)|(?P<up>Attempting to recover from link-flap err-disable state))"
            r" on <PART>"
        ),
        AlarmType.INTERFACE_FLAPPING,
    ),
    Pattern(
        ("SFF8472-THRESHOLD_VIOLATION",),
        sentence(r"<PART>: (?P<down>Rx power low (?:alarm|warning))"),
        AlarmType.OPTICAL_POWER_LOW,
        Severity.MINOR,
        probable_cause="receiverFailure",
        event_type=EventType.EQUIPMENT,
    ),
    Pattern(
        ("SYS-RESTART",),
        sentence(r"(?P<down>System restarted)"),
        AlarmType.RESTARTED,
        Severity.WARNING,
        probable_cause="",
        event_type=EventType.EQUIPMENT,
    ),
)

#: What a chassis lives on. The part is named in words, so it joins the qualifier.
ENVIRONMENT = (
    Pattern(
        ("IOSXE_PEM-PEMFAIL", "IOSXE_PEM-PEMOK", "IOSXE_PEM-FANFAIL", "IOSXE_PEM-FANOK"),
        sentence(
            r"The (?P<detail>(?:PEM|fan) in slot [\w/]{1,20}) is "
            r"(?:(?P<down>(?:switched off or )?encountering a failure)|(?P<up>functioning properly))"
        ),
        AlarmType.EQUIPMENT_FAILURE,
        probable_cause="powerSupplyFailure",
        event_type=EventType.ENVIRONMENTAL,
    ),
    Pattern(
        ("PLATFORM_FEP-FRU_PS_SIGNAL_FAULTY", "PLATFORM_FEP-FRU_PS_SIGNAL_OK"),
        sentence(
            r"(?P<detail>(?:Switch \d{1,2}: )?signal on power supply \w{1,4}) is (?:(?P<down>faulty)|(?P<up>restored))"
        ),
        AlarmType.EQUIPMENT_FAILURE,
        probable_cause="powerSupplyFailure",
        event_type=EventType.ENVIRONMENTAL,
    ),
    Pattern(
        ("C6KPWR-PSFAIL", "C6KPWR-SP-PSFAIL", "C6KPWR-PSOK", "C6KPWR-SP-PSOK"),
        sentence(r"(?P<detail>power supply \d{1,2}) (?:(?P<down>output failed)|(?P<up>turned on|output ok))"),
        AlarmType.EQUIPMENT_FAILURE,
        probable_cause="powerSupplyFailure",
        event_type=EventType.ENVIRONMENTAL,
    ),
    Pattern(
        ("PLATFORM_ENV-PWR", "PLATFORM_ENV-FAN"),
        sentence(r"(?P<down>Faulty|.{0,40}not supplying) ?(?P<detail>(?:internal )?power supply \w|FAN(?: \d)?)?"),
        AlarmType.EQUIPMENT_FAILURE,
        probable_cause="powerSupplyFailure",
        event_type=EventType.ENVIRONMENTAL,
    ),
    Pattern(
        ("ENVIRONMENTAL-ALERT", "ENVIRONMENTAL-NOTICE"),
        sentence(
            r"Temp: (?P<detail>[^,]{1,40}, Location: [\w/]{1,20}), State: (?:(?P<up>Normal)|(?P<down>\w+))"
            r"(?:, Reading: (?P<reading>[^,]{1,30}))?"
        ),
        AlarmType.TEMPERATURE_HIGH,
        probable_cause="temperatureUnacceptable",
        event_type=EventType.ENVIRONMENTAL,
    ),
)

PATTERNS = CONNECTIONS + ENVIRONMENT
