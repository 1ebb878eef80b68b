"""Fault modes of power and climate at the operator's sites: on battery, battery low, battery empty, too hot.

All devices of a site hang on one supply, so what several of them say is one finding, with a countdown to when the
battery ends (`cortex.modes.battery`).
"""

from cortex.finding import Effect, Remedy
from cortex.modes.row import Against, Hits, Mode, Sign, Where, kinds

PLACES = kinds("site", "core_router", "bng", "aggregation", "olt", "cmts", "fibre_node", "tower", "sector")
SAYS = ("mains-power-loss", "on-battery")
POWER = frozenset({*SAYS, "battery-low"})
_LOST = tuple(Sign(kind, Where.SITE, given) for kind, given in zip(SAYS, (0.8, 0.7), strict=True))
ANY = tuple({kind: 1} for kind in SAYS)

MODES = (
    Mode(
        name="on battery",
        technology="power",
        kinds=PLACES,
        signs=_LOST,
        needs=ANY,
        within=900.0,
        against=(
            Against(kinds("battery-low"), Where.SITE, 4.0),
            Against(kinds("unreachable"), Where.SITE, 4.0, most=5),
        ),
        effect=Effect.AT_RISK,
        remedy=Remedy.DESK,
        prior=0.5,
        title="mains power at {what}; it runs on its battery",
        because="devices of one site lost their mains together and still answer",
        skill="facilities: ask the power company, and get a generator ready",
        hits=Hits.NOBODY,
        kind="mains",
    ),
    Mode(
        name="battery low",
        technology="power",
        kinds=PLACES,
        signs=(*_LOST, Sign("battery-low", Where.SITE, 0.8)),
        needs=({"battery-low": 1},),
        within=6 * 3600.0,
        against=(Against(kinds("unreachable"), Where.SITE, 4.0, most=5),),
        effect=Effect.AT_RISK,
        remedy=Remedy.CREW,
        prior=0.5,
        title="mains power at {what}; its battery is running out",
        because="a battery that says it is low has little left, whatever it was built for",
        skill="power",
        hits=Hits.NOBODY,
        kind="mains",
    ),
    Mode(
        name="without power",
        technology="power",
        kinds=PLACES,
        signs=(*_LOST, Sign("battery-low", Where.SITE, 0.6), Sign("unreachable", Where.SITE, 0.9)),
        needs=tuple({kind: 1, "unreachable": 1} for kind in sorted(POWER)),
        within=24 * 3600.0,
        effect=Effect.DOWN,
        remedy=Remedy.CREW,
        prior=0.4,
        title="power at {what}: the battery is empty",
        because="devices of the site lost their mains first and then fell silent",
        skill="power",
        hits=Hits.DEAD,
        kind="mains",
    ),
    Mode(
        name="too hot",
        technology="power",
        kinds=PLACES,
        signs=(Sign("temperature-high", Where.SITE, 0.8),),
        needs=({"temperature-high": 1},),
        within=3600.0,
        effect=Effect.AT_RISK,
        remedy=Remedy.CREW,
        prior=0.4,
        title="heat at {what}",
        because="equipment that grows too hot shuts itself down; several devices at once are the air conditioning",
        skill="power",
        hits=Hits.NOBODY,
    ),
)
