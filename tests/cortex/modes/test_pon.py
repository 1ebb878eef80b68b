"""Passive optical networks: what is dead, what is only disturbed, and what is no fault of the network's."""

import pytest

from cortex.finding import Effect, Remedy
from tests.cortex.modes.scenes import ONTS, Scene, all_of, check

SCENES = (
    Scene("no light on a port: feeder or port", (("p1", "pon-loss-of-signal"),), "fibre:p1", down=ONTS),
    Scene(
        "half the ONTs of a port named one by one, the port lit: not the feeder",
        (*all_of("p1-ont-{}", range(ONTS), "ont-loss-of-signal"),),
        "node:p1-split",
        down=ONTS,
    ),
    Scene(
        "one ONT lost is its drop or itself", (("p1-ont-3", "ont-loss-of-signal"),), "link:p1-drop-3", incident=False
    ),
    Scene(
        "one dying gasp is an ONT switched off",
        (("p1-ont-3", "ont-dying-gasp"),),
        "node:p1-ont-3",
        "switched off",
        Effect.NONE,
        Remedy.WAIT,
        incident=False,
    ),
    Scene(
        "many dying gasps at once are the mains of a street",
        all_of("p1-ont-{}", range(8), "ont-dying-gasp"),
        "node:p1-split",
        "mains power out",
        remedy=Remedy.WAIT,
        down=8,
    ),
    Scene(
        "gasps are best effort: those that were lost without a word count too",
        all_of("p1-ont-{}", range(6), "ont-dying-gasp") + all_of("p1-ont-{}", range(6, 10), "ont-loss-of-signal", 1.0),
        "node:p1-split",
        "mains power out",
        remedy=Remedy.WAIT,
        down=10,
    ),
    Scene(
        "gasps under two ports of one OLT are one mains cut",
        all_of("p1-ont-{}", range(5), "ont-dying-gasp") + all_of("p2-ont-{}", range(5), "ont-dying-gasp", 0.5),
        "node:olt",
        "mains power out",
        remedy=Remedy.WAIT,
        down=10,
    ),
    Scene(
        "two gasps are two switched-off ONTs",
        all_of("p1-ont-{}", range(2), "ont-dying-gasp"),
        "node:p1-ont-0",
        "switched off",
        Effect.NONE,
        Remedy.WAIT,
        incident=False,
    ),
    Scene(
        "the OLT names a rogue ONT",
        (("p1-ont-4", "rogue-ont"), *all_of("p1-ont-{}", range(3), "ont-signal-degraded", 1.0)),
        "node:p1",
        "rogue ONT",
        Effect.DEGRADED,
        degraded=ONTS,
    ),
    Scene(
        "the OLT's word is enough, and a port's worth of lines feel it",
        (("p1-ont-4", "rogue-ont"),),
        "node:p1",
        "rogue ONT",
        Effect.DEGRADED,
        degraded=ONTS,
    ),
    Scene(
        "bit errors all over a port, the light as it was: an ONT disturbs it",
        all_of("p1-ont-{}", range(8), "ont-signal-degraded", apart=5.0),
        "node:p1",
        "rogue ONT",
        Effect.DEGRADED,
        degraded=ONTS,
    ),
    Scene(
        "bit errors with weak light: the fibre, and no ONT",
        all_of("p1-ont-{}", range(8), "ont-signal-degraded", apart=5.0)
        + all_of("p1-ont-{}", range(8), "optical-power-low", 1.0, apart=5.0),
        "node:p1-split",
        "weak light",
        Effect.DEGRADED,
        degraded=ONTS,
    ),
    Scene(
        "bit errors of one ONT are that line's",
        (("p1-ont-4", "ont-signal-degraded"),),
        "node:p1-ont-4",
        effect=Effect.DEGRADED,
        incident=False,
        degraded=1,
    ),
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_scene(scene: Scene) -> None:
    check(scene)
