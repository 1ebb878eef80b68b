"""The demo's equipment and the doors it speaks through, without sockets: faults come and go, alarms come out."""

from datetime import datetime, timedelta

from atlas.clock import FrozenClock
from atlas.demo.gear import modes, power
from atlas.demo.gear.mouth import Mouth
from atlas.demo.gear.storm import storm
from atlas.demo.gear.world import World
from atlas.network.schemas import Alarm
from forge.feeds.messages import read_line
from forge.feeds.trap_meaning import understand
from forge.feeds.traps import Gate, make_engine


class Wire:
    """What the feeds read of what is said, as faults come and go."""

    def __init__(self, world: World, clock: FrozenClock) -> None:
        self.world, self.clock, self.alarms = world, clock, list[Alarm]()
        self.reach = world.reach([])
        self.faults: dict[str, datetime] = {}
        self.mouth = Mouth(world, self.reach, clock, "public", self._line, self._trap)

    def _line(self, data: bytes) -> None:
        alarm = read_line(data, "127.0.0.1", self.clock.now())
        assert isinstance(alarm, Alarm), data
        self.alarms.append(alarm)

    def _trap(self, data: bytes) -> None:
        received = Gate("public", make_engine("", ())).admit(data)
        assert received.message is not None
        alarm = understand(received.message, "127.0.0.1", self.clock.now(), {})
        assert isinstance(alarm, Alarm), data
        self.alarms.append(alarm)

    def change(self, *keys: str, after: timedelta = timedelta(), hear: float = 300) -> list[Alarm]:
        """What is said within `hear` seconds, once these faults stand and so much more time has passed."""
        was = power.phases(self.world, self.faults, self.clock.now())
        before = set(self.faults)
        self.faults = {key: self.faults.get(key, self.clock.now()) for key in keys}
        self.clock.advance(after.total_seconds())
        now = self.clock.now()
        reach = self.world.reach(power.dead(self.world, self.faults, now))
        old, self.reach, self.mouth.reach = self.reach, reach, reach
        self.alarms = []
        self.mouth.plan(storm(self.world, old, reach), now)
        self.mouth.plan(power.voices(self.world, was, power.phases(self.world, self.faults, now)), now)
        self.mouth.plan(modes.voices(self.world, before, self.faults), now)
        return self.hear(hear)

    def hear(self, seconds: float) -> list[Alarm]:
        """What is said since the last change, and within so many seconds more, each when it is due."""
        wait = self.mouth.speak()
        while wait is not None and wait <= seconds:
            self.clock.advance(wait + 0.001)
            seconds -= wait
            wait = self.mouth.speak()
        self.clock.advance(seconds)
        return self.alarms
