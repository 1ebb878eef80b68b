"""Notifications of an optical line terminal whose enterprise number is 32473, kept for documentation by RFC 5612.

    1.3.6.1.4.1.32473.1.0.1  oltPonLos        a PON port sees none of its ONTs
    1.3.6.1.4.1.32473.1.0.2  oltPonLosClear
    1.3.6.1.4.1.32473.1.0.3  oltOntDyingGasp  an ONT's power failed
    1.3.6.1.4.1.32473.1.0.4  oltOntOnline
    1.3.6.1.4.1.32473.1.1.1  ponPort          text, "0/1/3"
    1.3.6.1.4.1.32473.1.1.2  ontId            integer

The demo's OLTs speak so.
"""

from atlas.network.enums import AlarmType, EventType, Severity
from forge.feeds.trap_tables.trap import Table, Trap

VENDOR = "1.3.6.1.4.1.32473.1"
PON_PORT = f"{VENDOR}.1.1"
ONT_ID = f"{VENDOR}.1.2"


def _port(name: str, is_cleared: bool) -> tuple[Trap, ...]:
    severity, cause = Severity.CRITICAL, "lossOfSignal"
    return (Trap(name, AlarmType.PON_LOS, is_cleared, severity, probable_cause=cause, part=(PON_PORT,)),)


def _ont(name: str, is_cleared: bool) -> tuple[Trap, ...]:
    kind, cause = AlarmType.ONT_DYING_GASP, "powerProblem"
    return (Trap(name, kind, is_cleared, Severity.MINOR, EventType.EQUIPMENT, cause, part=(PON_PORT, ONT_ID)),)


TRAPS: Table = {
    f"{VENDOR}.0.1": _port("oltPonLos", False),
    f"{VENDOR}.0.2": _port("oltPonLosClear", True),
    f"{VENDOR}.0.3": _ont("oltOntDyingGasp", False),
    f"{VENDOR}.0.4": _ont("oltOntOnline", True),
}
