"""Fault modes of cable networks (DOCSIS: CM-SP-MULPI).

A fibre node that is off with all its modems is a dead element. Noise, lost channels and modems that all start anew
are no death of anything.
"""

from cortex.finding import Effect, Remedy
from cortex.modes.row import Against, Hits, Mode, Sign, Where, kinds

SILENT = kinds("unreachable", "link-down", "loss-of-signal")
POWER = kinds("mains-power-loss", "on-battery", "battery-low", "ont-dying-gasp")

MODES = (
    Mode(
        name="ingress noise",
        technology="docsis",
        kinds=kinds("fibre_node"),
        signs=(
            Sign("docsis-upstream-snr-low", Where.ITSELF, 0.85, is_expected=True),
            Sign("docsis-t3-timeouts", Where.BELOW, 0.4),
            Sign("docsis-upstream-snr-low", Where.BELOW, 0.3),
            Sign("docsis-t4-timeout", Where.BELOW, 0.15),
            Sign("docsis-partial-service", Where.BELOW, 0.2),
            Sign("modem-offline", Where.BELOW, 0.1),
            Sign("modem-registered", Where.BELOW, 0.1),
        ),
        needs=({"docsis-t3-timeouts": 4}, {"docsis-t3-timeouts": 2, "docsis-upstream-snr-low": 1}),
        share=0.05,
        within=600.0,
        against=(Against(SILENT, Where.ITSELF, 4.0),),
        effect=Effect.DEGRADED,
        remedy=Remedy.CREW,
        prior=1.0,
        title="ingress noise on {what}",
        because="noise that enters one upstream makes its modems range again and again while the node answers",
        skill="coax",
    ),
    Mode(
        name="partial service",
        technology="docsis",
        kinds=kinds("fibre_node"),
        signs=(
            Sign("docsis-partial-service", Where.BELOW, 0.5),
            Sign("docsis-upstream-snr-low", Where.ITSELF, 0.2),
            Sign("docsis-t3-timeouts", Where.BELOW, 0.05),
        ),
        needs=({"docsis-partial-service": 3},),
        share=0.05,
        within=900.0,
        against=(Against(SILENT, Where.ITSELF, 4.0),),
        effect=Effect.DEGRADED,
        remedy=Remedy.CREW,
        prior=0.7,
        title="lost channels on {what}",
        because="modems that lose some of their bonded channels stay online and are slow",
        skill="coax",
        hits=Hits.NAMED,
    ),
    Mode(
        name="provisioning",
        technology="docsis",
        kinds=kinds("cmts", "bng"),
        signs=(
            Sign("modem-registered", Where.BELOW, 0.6, spread=2),
            Sign("docsis-t4-timeout", Where.BELOW, 0.05),
        ),
        needs=({"modem-registered": 12},),
        within=180.0,
        against=(
            Against(POWER | SILENT | kinds("modem-offline"), Where.BELOW, 3.0, most=5),
            Against(POWER | SILENT | kinds("restarted"), Where.ITSELF, 6.0),
        ),
        effect=Effect.DEGRADED,
        remedy=Remedy.DESK,
        prior=0.3,
        title="modems under {what} start anew together",
        because="modems of several nodes registered anew together, and nothing says that power or a path failed:"
        " a configuration file, DHCP, or the CMTS made them",
        skill="provisioning",
        hits=Hits.NAMED,
    ),
)
