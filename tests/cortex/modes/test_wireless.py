"""Fixed wireless: rain and radar need no truck, an antenna that moved does."""

import pytest

from cortex.finding import Effect, Remedy
from tests.cortex.modes.scenes import CPES, Scene, all_of, check

LOW, RADAR, LOST = "radio-modulation-low", "radar-detected", "cpe-lost"

SCENES = (
    Scene(
        "links of one area fall back one after another: rain, no truck",
        (("t2", LOW), ("t3", LOW, 400.0), ("t1-a", LOW, 900.0), ("t2-b", LOW, 1300.0)),
        "zone:4",
        "rain fade",
        Effect.DEGRADED,
        Remedy.WAIT,
        degraded=5 * CPES,
    ),
    Scene(
        "one link falls back after a rain gauge spoke: rain",
        (("t1", "heavy-rain"), ("t2", LOW, 300.0)),
        "zone:4",
        "rain fade",
        Effect.DEGRADED,
        Remedy.WAIT,
        degraded=4 * CPES,
    ),
    Scene(
        "both ends of one link fall back and no rain is about: alignment or interference",
        (("t2", LOW, 0.0, "link:t3"), ("t3", LOW, 2.0, "link:t3")),
        "link:t3",
        "misaligned radio",
        Effect.DEGRADED,
        degraded=2 * CPES,
    ),
    Scene(
        "one end alone says so: too little for an incident",
        (("t3", LOW),),
        "node:t3",
        "misaligned radio",
        Effect.DEGRADED,
        incident=False,
        degraded=2 * CPES,
    ),
    Scene(
        "both ends of one link fall back while it rains: rain",
        (("t1", "heavy-rain"), ("t2", LOW, 100.0, "link:t3"), ("t3", LOW, 102.0, "link:t3")),
        "zone:4",
        "rain fade",
        Effect.DEGRADED,
        Remedy.WAIT,
        degraded=4 * CPES,
    ),
    Scene(
        "rain alone is weather",
        (("t1", "heavy-rain"),),
        "zone:4",
        "heavy rain",
        Effect.NONE,
        Remedy.WAIT,
        incident=False,
    ),
    Scene(
        "radar takes a channel, its CPEs go and come back by themselves",
        (("t1-a", RADAR), *all_of("t1-a-cpe-{}", range(CPES), LOST, 1.0)),
        "node:t1-a",
        "radar on the channel",
        Effect.DOWN,
        Remedy.WAIT,
        down=CPES,
    ),
    Scene(
        "radar that costs nobody his link is no incident",
        (("t1-a", RADAR),),
        "node:t1-a",
        "radar on the channel",
        Effect.NONE,
        Remedy.WAIT,
        incident=False,
    ),
    Scene(
        "all CPEs gone and no radar: the sector",
        (("t1-a", "unreachable", 30.0), *all_of("t1-a-cpe-{}", range(CPES), LOST)),
        "node:t1-a",
        down=CPES,
    ),
    Scene(
        "a cut of the mast's fibre in the rain is a cut",
        (
            ("t1", "heavy-rain"),
            ("agg", "loss-of-signal", 20.0, "link:t1"),
            ("agg", "link-down", 20.1, "link:t1"),
            *((f"t{i}{s}", "unreachable", 60.0) for i in (1, 2, 3) for s in ("", "-a", "-b")),
        ),
        "link:t1",
        down=6 * CPES,
    ),
    Scene(
        "a tower that is gone after its link fell back is dead",
        (
            ("t2", LOW, 0.0, "link:t2"),
            ("t2", "unreachable", 60.0),
            ("t2-a", "unreachable", 60.0),
            ("t2-b", "unreachable", 61.0),
            ("t3", "unreachable", 61.0),
            ("t3-a", "unreachable", 61.0),
            ("t3-b", "unreachable", 61.0),
        ),
        "node:t2",
        down=4 * CPES,
    ),
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_scene(scene: Scene) -> None:
    check(scene)
