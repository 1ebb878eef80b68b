"""Fault modes of fixed wireless: rain, wind and radar need no truck; an antenna that moved does.

Channel availability check after radar: 60 s, and 600 s where weather radar is near (ETSI EN 301 893).
"""

from cortex.finding import Effect, Remedy
from cortex.modes.row import Against, Hits, Mode, Sign, Where, kinds

RADIOS = kinds("tower", "sector")
DEAD = kinds("unreachable", "link-down", "loss-of-signal", "mains-power-loss")

MODES = (
    Mode(
        name="rain fade",
        technology="wireless",
        kinds=kinds("zone"),
        signs=(
            Sign("radio-modulation-low", Where.AREA, 0.7, unit=RADIOS),
            Sign("heavy-rain", Where.AREA, 0.9, is_felt=False),
            Sign("cpe-lost", Where.AREA, 0.1),
        ),
        needs=({"radio-modulation-low": 3}, {"radio-modulation-low": 1, "heavy-rain": 1}),
        within=3600.0,
        effect=Effect.DEGRADED,
        remedy=Remedy.WAIT,
        prior=1.0,
        title="rain fade on {count} radio links around {what}: no truck",
        because="radio links of one area fall back together as rain passes over, and come back after it",
        skill="nobody: it passes",
        hits=Hits.NAMED,
    ),
    Mode(
        name="heavy rain",
        technology="wireless",
        kinds=kinds("zone"),
        signs=(Sign("heavy-rain", Where.AREA, 0.9, is_felt=False),),
        needs=({"heavy-rain": 1},),
        within=3600.0,
        effect=Effect.NONE,
        remedy=Remedy.WAIT,
        prior=0.8,
        title="heavy rain around {what}",
        because="it rains, and no link has fallen back",
        skill="nobody: it passes",
        hits=Hits.NOBODY,
    ),
    Mode(
        name="misaligned radio",
        technology="wireless",
        kinds=kinds("tower", "sector", "cpe", "radio"),
        signs=(
            Sign("radio-modulation-low", Where.ITSELF, 0.9),
            Sign("radio-modulation-low", Where.END, 0.9),
        ),
        needs=({"radio-modulation-low": 1},),
        within=3600.0,
        against=(Against(kinds("heavy-rain"), Where.AREA, 3.0, most=1), Against(DEAD, Where.ITSELF, 4.0)),
        effect=Effect.DEGRADED,
        remedy=Remedy.CREW,
        prior=0.8,
        title="interference on {what}, or its antenna has moved",
        because="it alone fell back, and no rain is about",
        skill="radio",
    ),
    Mode(
        name="radar on the channel",
        technology="wireless",
        kinds=kinds("sector", "tower"),
        signs=(
            Sign("radar-detected", Where.ITSELF, 0.95),
            Sign("cpe-lost", Where.BELOW, 0.7),
            Sign("radio-modulation-low", Where.BELOW, 0.1),
        ),
        needs=({"radar-detected": 1},),
        within=900.0,
        effect=Effect.DOWN,
        remedy=Remedy.WAIT,
        prior=0.5,
        title="radar on the channel of {what}: its CPEs come back by themselves",
        because="where radar is heard a sector must leave its channel, and listens for one to ten minutes on the next",
        skill="radio planning, where it happens often",
        hits=Hits.NAMED,
    ),
)
