"""What one row of the notification tables says: which notification, under which condition, is which alarm."""

from dataclasses import dataclass

from atlas.network.enums import AlarmType, EventType, Severity


@dataclass(frozen=True, slots=True)
class Trap:
    """One meaning of a notification; of several rows for one notification the first whose conditions hold counts.

    `when`: pairs of a column and a regular expression that its whole value must match, in any case of letters.
    `part`: columns whose values, joined by "/", name the part; without them it is the interface, if one is named.
    `neighbour`: the column that names the neighbour; `neighbour_index`: one whose instance does, where it is absent.
    """

    name: str
    alarm_type: AlarmType
    is_cleared: bool = False
    severity: Severity = Severity.MAJOR
    event_type: EventType = EventType.COMMUNICATIONS
    probable_cause: str = ""
    when: tuple[tuple[str, str], ...] = ()
    part: tuple[str, ...] = ()
    neighbour: str = ""
    neighbour_index: str = ""
    qualifier: str = ""


#: The rows of each notification, by its snmpTrapOID.
Table = dict[str, tuple[Trap, ...]]
