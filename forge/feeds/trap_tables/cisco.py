"""Cisco's notifications about what a chassis lives on: CISCO-ENVMON-MIB. States: 1 normal, 2 warning, 3 critical,
4 shutdown, 5 not present, 6 not functioning.
"""

from atlas.network.enums import AlarmType, EventType
from forge.feeds.trap_tables.trap import Table, Trap

ENVMON = "1.3.6.1.4.1.9.9.13"


def _status(name: str, entry: str, state: int, kind: AlarmType, cause: str) -> tuple[Trap, ...]:
    """A change of state of what `entry` lists: normal clears, what is not there at all is no fault."""
    return tuple(
        Trap(
            name,
            kind,
            is_cleared,
            event_type=EventType.ENVIRONMENTAL,
            probable_cause=cause,
            when=((f"{entry}.{state}", states),),
            part=(f"{entry}.2",),
        )
        for is_cleared, states in ((True, "1"), (False, "[2346]"))
    )


TRAPS: Table = {
    f"{ENVMON}.3.0.7": _status(
        "ciscoEnvMonTempStatusChangeNotif", f"{ENVMON}.1.3.1", 6, AlarmType.TEMPERATURE_HIGH, "temperatureUnacceptable"
    ),
    f"{ENVMON}.3.0.8": _status(
        "ciscoEnvMonFanStatusChangeNotif", f"{ENVMON}.1.4.1", 3, AlarmType.EQUIPMENT_FAILURE, "heatingVentCoolingSystem"
    ),
    f"{ENVMON}.3.0.9": _status(
        "ciscoEnvMonSuppStatusChangeNotif", f"{ENVMON}.1.5.1", 3, AlarmType.EQUIPMENT_FAILURE, "powerSupplyFailure"
    ),
}
