"""Juniper's chassis notifications: JUNIPER-MIB, jnxChassisTraps and jnxChassisOKTraps. The part is named in words."""

from atlas.network.enums import AlarmType, EventType
from forge.feeds.trap_tables.trap import Table, Trap

JUNIPER = "1.3.6.1.4.1.2636"
#: jnxContentsDescr
CONTENTS = f"{JUNIPER}.3.1.8.1.6"


def _chassis(name: str, kind: AlarmType, is_cleared: bool, cause: str, qualifier: str) -> tuple[Trap, ...]:
    event = EventType.ENVIRONMENTAL
    return (
        Trap(
            name,
            kind,
            is_cleared,
            event_type=event,
            probable_cause=cause,
            part=(CONTENTS,),
            qualifier=qualifier,
        ),
    )


TRAPS: Table = {
    f"{JUNIPER}.{branch}.{number}": _chassis(name, kind, is_cleared, cause, qualifier)
    for branch, number, name, kind, is_cleared, cause, qualifier in (
        ("4.1", 1, "jnxPowerSupplyFailure", AlarmType.EQUIPMENT_FAILURE, False, "powerSupplyFailure", "power supply"),
        ("4.2", 1, "jnxPowerSupplyOK", AlarmType.EQUIPMENT_FAILURE, True, "powerSupplyFailure", "power supply"),
        ("4.1", 2, "jnxFanFailure", AlarmType.EQUIPMENT_FAILURE, False, "heatingVentCoolingSystem", "fan"),
        ("4.2", 2, "jnxFanOK", AlarmType.EQUIPMENT_FAILURE, True, "heatingVentCoolingSystem", "fan"),
        ("4.1", 3, "jnxOverTemperature", AlarmType.TEMPERATURE_HIGH, False, "temperatureUnacceptable", ""),
        ("4.2", 3, "jnxTemperatureOK", AlarmType.TEMPERATURE_HIGH, True, "temperatureUnacceptable", ""),
    )
}
