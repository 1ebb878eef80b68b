"""Cable networks: noise on one upstream, lost channels, a node that is off, modems that all start anew."""

import pytest

from cortex.finding import Effect, Remedy
from tests.cortex.modes.scenes import MODEMS, Scene, all_of, check

T3, OFF, PARTIAL, ANEW = "docsis-t3-timeouts", "modem-offline", "docsis-partial-service", "modem-registered"
SILENT = "radius-interim-missing"
LOW = ("fn-1", "docsis-upstream-snr-low", 3.0)

SCENES = (
    Scene(
        "T3 time-outs with low SNR on one upstream are ingress",
        (*all_of("fn-1-cm-{}", range(8), T3), LOW),
        "node:fn-1",
        "ingress noise",
        Effect.DEGRADED,
        degraded=MODEMS,
    ),
    Scene(
        "as many T3 time-outs where nobody measures the SNR",
        all_of("fn-1-cm-{}", range(8), T3, apart=10.0),
        "node:fn-1",
        "ingress noise",
        Effect.DEGRADED,
        degraded=MODEMS,
    ),
    Scene(
        "ingress that throws a few modems off is still ingress",
        (*all_of("fn-1-cm-{}", range(9), T3), LOW, *all_of("fn-1-cm-{}", range(3), OFF, 20.0)),
        "node:fn-1",
        "ingress noise",
        Effect.DEGRADED,
        degraded=MODEMS,
    ),
    Scene(
        "a whole node off is the node, its power or its cable",
        (("fn-1", "unreachable", 30.0), *all_of("fn-1-cm-{}", range(MODEMS), OFF)),
        "node:fn-1",
        down=MODEMS,
    ),
    Scene(
        "T3 time-outs and then all modems off: the node was dying",
        (
            *all_of("fn-1-cm-{}", range(6), T3),
            *all_of("fn-1-cm-{}", range(MODEMS), OFF, 10.0),
            ("fn-1", "unreachable", 40.0),
        ),
        "node:fn-1",
        down=MODEMS,
    ),
    Scene(
        "partial service of several modems is degradation, not outage",
        all_of("fn-1-cm-{}", range(5), PARTIAL, apart=20.0),
        "node:fn-1",
        "partial service",
        Effect.DEGRADED,
        down=0,
        degraded=5,
    ),
    Scene(
        "partial service of one modem is that line's",
        (("fn-1-cm-2", PARTIAL),),
        "node:fn-1-cm-2",
        effect=Effect.DEGRADED,
        incident=False,
        degraded=1,
    ),
    Scene(
        "modems of two nodes register anew together: provisioning",
        all_of("fn-1-cm-{}", range(10), ANEW) + all_of("fn-2-cm-{}", range(10), ANEW, 2.0),
        "node:cmts",
        "provisioning",
        Effect.DEGRADED,
        Remedy.DESK,
        degraded=20,
    ),
    Scene(
        "all modems of one node register anew: it came back, and nobody is told",
        all_of("fn-1-cm-{}", range(MODEMS), ANEW),
        "node:fn-1-cm-0",
        effect=Effect.NONE,
        incident=False,
    ),
    Scene(
        "modems that register anew after they had been off come back from an outage",
        (
            ("cmts", "unreachable", 30.0),
            *all_of("fn-1-cm-{}", range(MODEMS), SILENT),
            *all_of("fn-2-cm-{}", range(MODEMS), SILENT),
            *all_of("fn-1-cm-{}", range(10), ANEW, 60.0),
            *all_of("fn-2-cm-{}", range(10), ANEW, 61.0),
        ),
        "node:cmts",
        down=2 * MODEMS,
    ),
    Scene(
        "T3 time-outs of one modem are that line's",
        (("fn-1-cm-2", T3),),
        "node:fn-1-cm-2",
        effect=Effect.DEGRADED,
        incident=False,
        degraded=1,
    ),
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_scene(scene: Scene) -> None:
    check(scene)
