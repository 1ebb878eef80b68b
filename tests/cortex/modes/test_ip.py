"""Routed links: one cut is one cause however many protocols speak; a session, errors or a spent standby are no cut."""

import pytest

from cortex.finding import Effect, Remedy
from tests.cortex.modes.scenes import CPES, MODEMS, ONTS, Said, Scene, check, found, heard

EVERYBODY = 2 * ONTS + 2 * MODEMS + 6 * CPES
LINK = "link:core-2-core-3"


def ends(
    kind: str, after: float = 0.0, link: str = LINK, of: tuple[str, str] = ("core-2", "core-3")
) -> tuple[Said, ...]:
    """Both ends of a link say the same of it."""
    return ((of[0], kind, after, link), (of[1], kind, after + 0.2, link))


ALL = (
    *ends("loss-of-signal"),
    *ends("link-down", 0.1),
    *ends("bfd-session-down", 0.2),
    *ends("isis-adjacency-down", 0.4),
    *ends("ospf-adjacency-down", 4.0),
    *ends("ldp-session-down", 15.0),
    *ends("bgp-peer-down", 30.0),
)
SCENES = (
    Scene(
        "light, port, BFD, IGP, LDP and BGP of one cut are one cause",
        ALL,
        "fibre:core-2-core-3",
        "",
        Effect.AT_RISK,
        down=0,
    ),
    Scene(
        "BGP down at both ends, link and IGP up: the session",
        ends("bgp-peer-down"),
        LINK,
        "session down",
        Effect.AT_RISK,
        Remedy.DESK,
        down=0,
    ),
    Scene(
        "a protection switch: nobody down, some one fault away",
        (("agg", "protection-switch", 0.0, "link:core-1-agg"),),
        "link:core-1-agg",
        "on the standby path",
        Effect.AT_RISK,
        Remedy.DESK,
        down=0,
    ),
    Scene(
        "a protection switch beside the loss of light is part of the cut",
        (*ends("loss-of-signal"), *ends("link-down", 0.1), ("core-2", "protection-switch", 0.2, LINK)),
        "fibre:core-2-core-3",
        "",
        Effect.AT_RISK,
        down=0,
    ),
    Scene(
        "errors at both ends of a link that stays up",
        ends("interface-errors", of=("agg", "t1"), link="link:t1"),
        "link:t1",
        "errors",
        Effect.DEGRADED,
        down=0,
        degraded=6 * CPES,
    ),
    Scene(
        "a link that flaps",
        (*ends("link-down"), *ends("interface-flapping", 20.0)),
        LINK,
        "flapping",
        Effect.DEGRADED,
        down=0,
    ),
    Scene(
        "weak light on a backbone link",
        ends("optical-power-low"),
        LINK,
        "weak light on a link",
        Effect.AT_RISK,
        down=0,
    ),
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.name)
def test_scene(scene: Scene) -> None:
    check(scene)


def test_all_of_one_cut_is_one_finding() -> None:
    assert len(found(heard(ALL))) == 1


def test_who_is_one_fault_away_is_counted() -> None:
    (finding,) = found(heard((("agg", "protection-switch", 0.0, "link:core-1-agg"),)))
    assert finding.impact.devices == 0
    assert finding.impact.at_risk > EVERYBODY
    assert f"0 down, {EVERYBODY} subscribers one fault away" in finding.explanation
