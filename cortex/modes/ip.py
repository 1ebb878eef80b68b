"""Fault modes of routed links: errors, flapping, weak light, a session lost on a healthy link, a spent standby."""

from cortex.finding import Effect, Remedy
from cortex.modes.row import Against, Hits, Mode, Sign, Unsaid, Where, kinds

LINKS = kinds("fibre", "internal", "radio", "coax")
CUT = kinds("loss-of-signal", "link-down")
IGP = kinds("bfd-session-down", "ospf-adjacency-down", "isis-adjacency-down", "ldp-session-down")
GONE = Against(kinds("unreachable"), Where.END, 4.0)

MODES = (
    Mode(
        name="errors",
        technology="ip",
        kinds=LINKS,
        signs=(
            Sign("interface-errors", Where.END, 0.9),
            Sign("optical-power-low", Where.END, 0.4),
            Sign("interface-flapping", Where.END, 0.2),
        ),
        needs=({"interface-errors": 1},),
        within=3600.0,
        against=(Against(CUT | IGP, Where.END, 4.0), GONE),
        effect=Effect.DEGRADED,
        remedy=Remedy.CREW,
        prior=0.8,
        title="errors on {what}",
        because="frames are damaged on a link that stays up: dirty optics or a tired transceiver",
        skill="fibre_splicing",
    ),
    Mode(
        name="weak light on a link",
        technology="ip",
        kinds=kinds("fibre"),
        signs=(Sign("optical-power-low", Where.END, 0.9), Sign("interface-errors", Where.END, 0.4)),
        needs=({"optical-power-low": 1},),
        within=3600.0,
        against=(Against(CUT | IGP, Where.END, 4.0), GONE),
        effect=Effect.AT_RISK,
        remedy=Remedy.CREW,
        prior=0.8,
        title="weak light on {what}",
        because="the light is weaker than it was and still carries the link",
        skill="fibre_splicing",
    ),
    Mode(
        name="flapping",
        technology="ip",
        kinds=LINKS,
        signs=(
            Sign("interface-flapping", Where.END, 0.9),
            Sign("interface-errors", Where.END, 0.3),
            *(Sign(kind, Where.END, 0.5) for kind in sorted(CUT | IGP)),
            Sign("bgp-peer-down", Where.END, 0.3),
        ),
        needs=({"interface-flapping": 1},),
        within=3600.0,
        against=(GONE,),
        effect=Effect.DEGRADED,
        remedy=Remedy.CREW,
        prior=0.8,
        title="{what} goes up and down",
        because="a link that keeps going down and coming back is worse than one that stays down",
        skill="fibre_splicing",
    ),
    Mode(
        name="session down",
        technology="ip",
        kinds=LINKS,
        signs=(Sign("bgp-peer-down", Where.END, 0.9, is_expected=True),),
        needs=({"bgp-peer-down": 1},),
        within=300.0,
        against=(Against(CUT | IGP, Where.END, 3.0), GONE),
        unsaid=Unsaid(CUT | IGP, 1.5),
        effect=Effect.AT_RISK,
        remedy=Remedy.DESK,
        prior=1.0,
        title="the BGP session on {what}; the link is up",
        because="its link and its IGP are up: the session was reset, misconfigured, or is over a prefix limit",
        skill="IP operations",
        hits=Hits.NOBODY,
    ),
    Mode(
        name="on the standby path",
        technology="ip",
        kinds=LINKS | kinds("olt", "aggregation", "cmts", "bng", "core_router", "tower"),
        signs=(Sign("protection-switch", Where.END, 0.9), Sign("optical-power-low", Where.END, 0.2)),
        needs=({"protection-switch": 1},),
        within=300.0,
        against=(Against(CUT | IGP, Where.END, 3.0), GONE, Against(kinds("unreachable"), Where.ITSELF, 6.0)),
        effect=Effect.AT_RISK,
        remedy=Remedy.DESK,
        prior=0.8,
        title="{what} runs on its standby path",
        because="traffic has moved to the standby: nobody is down, and the next fault cuts them off",
        skill="transport operations",
        hits=Hits.NOBODY,
    ),
)
