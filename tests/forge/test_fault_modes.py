"""From what the demo's equipment says of a fault that kills nothing to what is thought of it, door by door."""

import pytest

from atlas.clock import FrozenClock
from atlas.db import Sessions
from atlas.demo.gear.world import load_world
from atlas.network.enums import NodeKind
from atlas.network.inventory import Inventory, load_inventory
from atlas.network.schemas import Alarm
from cortex.correlator import Correlator, Finding
from cortex.finding import Effect, Remedy
from cortex.signals import Signal
from forge.assessment import assess
from forge.topology import Resolver, build_topology, build_weights
from tests.atlas.demo.wire import Wire


def thought_of(alarms: list[Alarm], inventory: Inventory) -> list[Finding]:
    """What is worth an incident of these alarms, once a minute has passed."""
    topology = build_topology(inventory)
    resolver = Resolver.build(inventory, topology)
    signals = [
        Signal(
            number,
            resolver.element(alarm.resource),
            alarm.alarm_type,
            alarm.is_cleared,
            alarm.event_time.timestamp(),
            alarm.event_time.timestamp(),
            alarm.feed,
            resolver.about(alarm.resource, alarm.extra.get("neighbour")),
            alarm.resource,
        )
        for number, alarm in enumerate(sorted(alarms, key=lambda alarm: alarm.event_time), start=1)
    ]
    correlator = Correlator(topology, build_weights(inventory, topology))
    correlator.add(signals)
    return [f for f in correlator.findings(max(s.received for s in signals) + 60) if f.notable]


@pytest.mark.parametrize(
    ("fault", "kind", "mode", "effect", "remedy", "title"),
    [
        (
            "mode:ingress@",
            NodeKind.FIBRE_NODE,
            "ingress noise",
            Effect.DEGRADED,
            Remedy.CREW,
            "Ingress noise on fibre node ",
        ),
        (
            "mode:rogue-ont@",
            NodeKind.ONT,
            "rogue ONT",
            Effect.DEGRADED,
            Remedy.CREW,
            "An ONT that disturbs the whole of PON",
        ),
        ("mode:rain@", NodeKind.TOWER, "rain fade", Effect.DEGRADED, Remedy.WAIT, "Rain fade on "),
        (
            "mode:radar@",
            NodeKind.SECTOR,
            "radar on the channel",
            Effect.DOWN,
            Remedy.WAIT,
            "Radar on the channel of sector ",
        ),
        ("power:", NodeKind.SPLITTER, "mains power out", Effect.DOWN, Remedy.WAIT, "Mains power in the homes around "),
    ],
)
async def test_a_fault_that_kills_nothing_is_known_for_what_it_is(
    demo_sessions: Sessions,
    clock: FrozenClock,
    fault: str,
    kind: NodeKind,
    mode: str,
    effect: Effect,
    remedy: Remedy,
    title: str,
) -> None:
    async with demo_sessions() as session:
        inventory, world = await load_inventory(session), await load_world(session)
        place = next(node.name for node in world.nodes if node.kind is kind)
        alarms = Wire(world, clock).change(f"{fault}{place}", hear=3_600)
        (finding,) = thought_of(alarms, inventory)
        said = await assess(session, build_topology(inventory), finding, [node.id for node in inventory.nodes])
    cause = finding.causes[0]
    assert (cause.mode, finding.effect, cause.remedy, finding.certain) == (mode, effect, remedy, True)
    assert said.title.startswith(title)
    assert (said.mode, said.remedy, said.effect) == (mode, remedy.value, effect.value)
    assert (said.degraded > 0) is (effect is Effect.DEGRADED)
    assert (said.subscribers > 0) is (effect is Effect.DOWN)


async def test_a_site_on_battery_says_who_loses_service_and_when(demo_sessions: Sessions, clock: FrozenClock) -> None:
    async with demo_sessions() as session:
        inventory, world = await load_inventory(session), await load_world(session)
        lost = clock.now()
        (finding,) = thought_of(Wire(world, clock).change("power:z3-pop"), inventory)
        said = await assess(session, build_topology(inventory), finding, [node.id for node in inventory.nodes])
    assert (said.element, said.mode, said.effect) == ("site:z3-pop", "on battery", "at risk")
    assert (said.devices, said.subscribers) == (0, 0)
    assert said.power_until is not None
    assert said.power_until > lost
    assert said.explanation[0] == f"312 subscribers lose service at {said.power_until:%H:%M} UTC when the battery ends"
    assert said.title.startswith("Mains power at site z3-pop, aggregation site, ")
