"""Fault modes of passive optical networks (ITU-T G.984.3, G.9807.1).

Loss of signal of a whole port (feeder or port) and of some of its ONTs (splitter, drops) are dead elements, which
the search for causes finds; here is what disturbs and does not cut.
"""

from cortex.finding import Effect, Remedy
from cortex.modes.row import Against, Hits, Mode, Sign, Where, kinds

DARK = kinds("pon-loss-of-signal", "unreachable", "link-down", "loss-of-signal")

MODES = (
    Mode(
        name="rogue ONT",
        technology="pon",
        kinds=kinds("pon_port"),
        signs=(
            Sign("rogue-ont", Where.ITSELF, 0.5),
            Sign("rogue-ont", Where.BELOW, 0.5),
            Sign("ont-signal-degraded", Where.BELOW, 0.6),
            Sign("ont-loss-of-signal", Where.BELOW, 0.15),
        ),
        needs=({"rogue-ont": 1}, {"ont-signal-degraded": 3}),
        share=0.25,
        within=600.0,
        against=(Against(DARK, Where.ITSELF, 4.0), Against(kinds("optical-power-low"), Where.BELOW, 2.0)),
        effect=Effect.DEGRADED,
        remedy=Remedy.CREW,
        prior=0.3,
        title="an ONT that disturbs the whole of {what}",
        because="an ONT that transmits out of its turn spoils its neighbours' bursts while the light is there",
        skill="pon",
    ),
    Mode(
        name="weak light",
        technology="pon",
        kinds=kinds("pon_port", "splitter"),
        signs=(
            Sign("optical-power-low", Where.BELOW, 0.7),
            Sign("ont-signal-degraded", Where.BELOW, 0.4),
        ),
        needs=({"optical-power-low": 3}, {"optical-power-low": 2, "ont-signal-degraded": 2}),
        share=0.25,
        within=3600.0,
        against=(Against(DARK, Where.ITSELF, 4.0), Against(kinds("rogue-ont"), Where.BELOW, 4.0)),
        effect=Effect.DEGRADED,
        remedy=Remedy.CREW,
        prior=0.5,
        title="weak light behind {what}",
        because="a bent or dirty fibre weakens all ONTs behind it and cuts none off",
        skill="fibre_splicing",
    ),
    Mode(
        name="mains power out",
        technology="pon",
        kinds=kinds("splitter", "pon_port", "olt"),
        signs=(
            Sign("ont-dying-gasp", Where.BELOW, 0.7),
            # gasps are best effort: an ONT that lost its power without a word is merely lost
            Sign("ont-loss-of-signal", Where.BELOW, 0.5),
            Sign("radius-interim-missing", Where.BELOW, 0.5),
        ),
        needs=({"ont-dying-gasp": 5},),
        within=10.0,
        against=(Against(kinds("pon-loss-of-signal"), Where.ITSELF, 4.0),),
        effect=Effect.DOWN,
        remedy=Remedy.WAIT,
        prior=0.5,
        title="mains power in the homes around {what}",
        because="many ONTs said their last words together: it was their power that failed, and no fibre",
        skill="the power company",
        hits=Hits.NAMED,
        kind="mains",
    ),
)
