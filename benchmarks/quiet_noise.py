"""What a network of 60,000 lines says on a day on which nothing is wrong, and the few true faults put into it.

Rates are judgements, each with its reason beside it; none is taken from a recording. `NOISE` maps a kind to
the function that makes its alarms. Times are seconds from midnight.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from benchmarks.quiet_network import (
    AGGREGATION,
    CMTSES,
    CORE,
    CPES,
    FIBRE_NODES,
    MODEMS,
    OLTS,
    PORTS,
    SECTORS,
    SPLIT,
    TOWERS,
)
from cortex.likelihood import inside
from cortex.signals import Signal
from cortex.topology import Topology
from forge.topology import canonical

DAY, HOUR = 86_400.0, 3_600.0
MIDNIGHT = 1_800_057_600.0  # 2027-01-15 00:00 UTC
POLL = 300.0
#: How long a fault stands (seconds).
STANDS = HOUR


@dataclass
class Day:
    """A day under construction. `signals`: (what is noise or which fault, signal)."""

    topology: Topology
    rng: np.random.Generator
    days: int = 1

    def __post_init__(self) -> None:
        self.signals: list[tuple[str, Signal]] = []
        self._ids: dict[tuple[str, str, str], int] = {}
        self.skew: dict[str, float] = {}

    def some(self, per_day: float) -> int:
        """How often something happens that happens so often a day."""
        return int(self.rng.poisson(per_day * self.days))

    def when(self) -> float:
        """Any moment."""
        return float(self.rng.uniform(0, DAY * self.days))

    def around(self, hour: float, spread: float) -> float:
        """About this hour of one of the days."""
        day = int(self.rng.integers(self.days))
        return float(day * DAY + (self.rng.normal(hour, spread) % 24) * HOUR)

    def say(
        self,
        why: str,
        at: float,
        node: str,
        kind: str,
        feed: str,
        *,
        about: str | None = None,
        part: str = "",
        cleared: bool = False,
        late: float | None = None,
        clears: float | None = None,
    ) -> None:
        """One alarm, and its clear `clears` seconds later where it has one."""
        device = node.split("/")[0]
        key = f"{device}/{part}" if part else device
        alarm = self._ids.setdefault((key, kind, feed), len(self._ids) + 1)
        skew = self.skew.get(device, 0.0) if feed in ("syslog", "snmp-trap") else 0.0
        delay = float(self.rng.exponential(0.3)) if late is None else late
        signal = Signal(
            alarm=alarm,
            element=self.topology.index(f"node:{device}"),
            type=kind,
            cleared=cleared,
            at=MIDNIGHT + at + skew,
            received=MIDNIGHT + at + delay,
            feed=feed,
            about=self.topology.index(about) if about else None,
            key=canonical(key),
        )
        self.signals.append((why, signal))
        if clears is not None:
            self.say(why, at + clears, node, kind, feed, about=about, part=part, cleared=True, late=late)

    def in_order(self) -> list[tuple[str, Signal]]:
        """Everything, as it arrives."""
        return sorted(self.signals, key=lambda s: s[1].received)


def ont(day: Day) -> str:
    i, p, n = day.rng.integers(OLTS), day.rng.integers(PORTS), day.rng.integers(SPLIT)
    return f"ont{i}-{p}-{n}"


def modem(day: Day) -> str:
    return f"modem{day.rng.integers(CMTSES)}-{day.rng.integers(FIBRE_NODES)}-{day.rng.integers(MODEMS)}"


def cpe(day: Day) -> str:
    return f"cpe{day.rng.integers(TOWERS)}-{day.rng.integers(SECTORS)}-{day.rng.integers(CPES)}"


def device(day: Day) -> str:
    names = [("r", CORE), ("agg", AGGREGATION), ("olt", OLTS), ("cmts", CMTSES), ("tower", TOWERS)]
    pick = int(day.rng.integers(sum(count for _, count in names)))
    for name, count in names:
        if pick < count:
            return f"{name}{pick}"
        pick -= count
    raise AssertionError


def router(day: Day) -> str:
    return f"r{day.rng.integers(CORE)}" if day.rng.random() < 0.3 else f"agg{day.rng.integers(AGGREGATION)}"


def nights_off(day: Day) -> None:
    """4% of homes switch their ONT off at night, around 23:30, and on around 07:00; 1 in 5 gasps is lost."""
    for _ in range(day.some(0.04 * 40_960)):
        who, off, on = ont(day), day.around(23.5, 1.2), day.rng.normal(7.5 * HOUR, 0.8 * HOUR)
        _goes(day, "night", who, off, float(max(HOUR, on)))


def power_cycles(day: Day) -> None:
    """1% of ONTs a day are pulled out and put in again by somebody who was told to."""
    for _ in range(day.some(0.01 * 40_960)):
        _goes(day, "power cycle", ont(day), day.when(), float(day.rng.uniform(60, 240)))


def _goes(day: Day, why: str, who: str, at: float, back: float) -> None:
    if day.rng.random() < 0.8:
        day.say(why, at, who, "ont-dying-gasp", "snmp-trap")
    day.say(why, at + day.rng.uniform(0.1, 3), who, "ont-loss-of-signal", "snmp-trap", clears=back)
    if back > 2_000 and day.rng.random() < 0.1:  # a session that is not stopped is missed at its next interim
        day.say(why, at + day.rng.uniform(180, 1_980), who, "radius-interim-missing", "radius", clears=back)


def modems(day: Day) -> None:
    """2% of cable modems restart a day and 2% are off at night."""
    for _ in range(day.some(0.02 * 14_000)):
        who, at = modem(day), day.when()
        day.say("modem restart", at, who, "modem-offline", "snmp-trap", clears=float(day.rng.uniform(90, 300)))
        day.say("modem restart", at + 200, who, "modem-registered", "syslog")
    for _ in range(day.some(0.02 * 14_000)):
        back = float(max(HOUR, day.rng.normal(7.5 * HOUR, HOUR)))
        day.say("night", day.around(23.5, 1.2), modem(day), "modem-offline", "snmp-trap", clears=back)


def cable_noise(day: Day) -> None:
    """Loose connectors: 80 modems a day time out now and then, one in six with a neighbour on the same node."""
    for _ in range(day.some(80)):
        who, at, lasts = modem(day), day.when(), float(day.rng.uniform(60, 1_800))
        day.say("T3", at, who, "docsis-t3-timeouts", "syslog", clears=lasts)
        if day.rng.random() < 1 / 6:
            other = f"{who.rpartition('-')[0]}-{day.rng.integers(MODEMS)}"
            day.say("T3", at + day.rng.uniform(0, 120), other, "docsis-t3-timeouts", "syslog", clears=lasts)
        if day.rng.random() < 0.2:
            day.say("T3", at + 60, who, "docsis-partial-service", "syslog", clears=lasts)


def lost_interims(day: Day) -> None:
    """Accounting is UDP: of 2.9 million updates a day 1 in 100,000 is lost for good; 400 lines a day just go."""
    for _ in range(day.some(29)):
        who = ont(day) if day.rng.random() < 0.7 else modem(day)
        day.say("lost interim", day.when(), who, "radius-interim-missing", "radius", clears=1_800.0)
    for _ in range(day.some(400)):
        who = day.rng.choice([ont(day), modem(day), cpe(day)])
        lasts = float(day.rng.exponential(3 * HOUR))
        day.say("gone line", day.when(), str(who), "radius-interim-missing", "radius", clears=lasts)


def lost_polls(day: Day) -> None:
    """32,000 polls of two tries a day: 8 find nobody in though the device is up; the next poll clears it."""
    for _ in range(day.some(8)):
        day.say("lost poll", day.when(), device(day), "unreachable", "poller", clears=POLL)


def bgp_resets(day: Day) -> None:
    """10 sessions with customers and peers are reset a day, each at the other end's wish."""
    for i in range(day.some(10)):
        part = f"203.0.113.{i % 250}"
        lasts = float(day.rng.uniform(20, 150))
        day.say(
            "BGP reset", day.when(), f"r{day.rng.integers(CORE)}", "bgp-peer-down", "syslog", part=part, clears=lasts
        )


def optics(day: Day) -> None:
    """Levels near a threshold: 60 ONTs and 8 router ports a day, and 3 rooms that get warm."""
    for _ in range(day.some(60)):
        lasts = float(day.rng.exponential(2 * HOUR))
        day.say("optical level", day.when(), ont(day), "ont-signal-degraded", "snmp-trap", clears=lasts)
    for _ in range(day.some(8)):
        i = int(day.rng.integers(CORE))
        about, port = f"link:r{i}=r{(i + 1) % CORE}", f"Optics0/0/0/{i}"
        lasts = float(day.rng.exponential(HOUR))
        day.say(
            "optical level", day.when(), f"r{i}", "optical-power-low", "syslog", about=about, part=port, clears=lasts
        )
    for _ in range(day.some(3)):
        day.say("warm room", day.when(), device(day), "temperature-high", "snmp-trap", clears=2 * HOUR)


def customer_ports(day: Day) -> None:
    """Ports to customers, which no topology knows: 150 go down for minutes a day, told by trap and by syslog."""
    for _ in range(day.some(150)):
        _customer_port(day, "customer port", day.when(), router(day), float(day.rng.uniform(60, 900)))


def flapping_ports(day: Day) -> None:
    """15 such ports a day flap for an hour or two, every minute or so."""
    for _ in range(day.some(15)):
        who, at, port = router(day), day.when(), int(day.rng.integers(8, 48))
        for _ in range(int(day.rng.integers(20, 80))):
            _customer_port(day, "flapping port", at, who, float(day.rng.uniform(2, 40)), port)
            at += float(day.rng.uniform(45, 120))


def _customer_port(day: Day, why: str, at: float, who: str, lasts: float, port: int | None = None) -> None:
    port = int(day.rng.integers(8, 48)) if port is None else port
    day.say(why, at, who, "link-down", "snmp-trap", part=f"Gi0/0/{port}", clears=lasts)
    day.say(why, at + 0.4, who, "link-down", "syslog", part=f"GigabitEthernet0/0/{port}", clears=lasts)


def fades(day: Day) -> None:
    """12 short fades of a microwave link a day, and 20 CPEs that lose their sector for minutes."""
    for _ in range(day.some(12)):
        lasts = float(day.rng.uniform(30, 900))
        day.say(
            "fade", day.when(), f"tower{day.rng.integers(TOWERS)}", "radio-modulation-low", "snmp-trap", clears=lasts
        )
    for _ in range(day.some(20)):
        day.say("fade", day.when(), cpe(day), "cpe-lost", "snmp-trap", clears=float(day.rng.uniform(60, 1_200)))


def talk(day: Day) -> None:
    """People at work: 30 configuration sessions of a few messages, 5 bursts of one message for every card or port."""
    for _ in range(day.some(30)):
        who, at = router(day), day.when()
        for i in range(int(day.rng.integers(2, 6))):
            day.say("config session", at + 20 * i, who, "other", "syslog", part=f"vty{i}")
    for _ in range(day.some(5)):
        who, at = device(day), day.when()
        for i in range(int(day.rng.integers(50, 300))):
            day.say("burst", at + day.rng.uniform(0, 60), who, "other", "syslog", part=f"card{i}", clears=600.0)


def buffers(day: Day) -> None:
    """3 routers a day hand over what they could not send 3 hours ago, and then speak of the present."""
    for _ in range(day.some(3)):
        i, at = int(day.rng.integers(CORE)), 4 * HOUR + day.when() * 0.8
        about, port = f"link:r{i}=r{(i + 1) % CORE}", f"TenGigE0/0/0/{i}"
        for n in range(12):
            day.say("alive", at - 5 * HOUR + n * 900, f"r{i}", "other", "syslog", part=f"vty{n}")
        day.say("old buffer", at - 3 * HOUR, f"r{i}", "link-down", "syslog", about=about, part=port, late=3 * HOUR)
        day.say("old buffer", at - 3 * HOUR + 1, f"r{i}", "ospf-adjacency-down", "syslog", about=about, late=3 * HOUR)
        day.say("old buffer", at - 2.9 * HOUR, f"r{i}", "link-down", "syslog", about=about, part=port, cleared=True,
                late=2.9 * HOUR + 0.1)  # fmt: skip
        day.say("old buffer", at - 2.9 * HOUR, f"r{i}", "ospf-adjacency-down", "syslog", about=about, cleared=True,
                late=2.9 * HOUR + 0.1)  # fmt: skip


def wrong_clocks(day: Day) -> None:
    """One device in 20 drifts by up to 90 s, two are an hour off, and one has never been told the time."""
    for _ in range(6):
        day.skew[device(day)] = float(day.rng.uniform(-90, 90))
    for hours in (1.0, -1.0):
        day.skew[router(day)] = hours * HOUR
    day.skew[device(day)] = -MIDNIGHT + DAY


NOISE: dict[str, Callable[[Day], None]] = {
    each.__name__: each
    for each in (
        wrong_clocks, nights_off, power_cycles, modems, cable_noise, lost_interims, lost_polls, bgp_resets, optics,
        customer_ports, flapping_ports, fades, talk, buffers,
    )
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A true fault: what fails and when (seconds from midnight)."""

    name: str
    at: float
    elements: frozenset[str]

    def silences(self, topology: Topology, signal: Signal) -> bool:
        """Whether a message could not have come out, because its element was cut off by this."""
        if signal.element is None or not 0 <= signal.received - MIDNIGHT - self.at <= STANDS:
            return False
        first = topology.index(self.name.removeprefix("fault "))
        assert first is not None
        return inside(int(topology.tour.tin[signal.element]), topology.cut_intervals((first,)))


def faults(day: Day, hours: Iterable[float] = (1.7, 5.2, 9.4, 13.1, 17.6, 21.3)) -> list[Fault]:
    """Six true faults, of every technology, at these hours; their alarms are added to the day."""
    made = (_olt_cut, _port_dark, _node_off, _tower_dead, _core_cut, _olt_dead)
    return [make(day, hour * HOUR + day.rng.uniform(0, 600)) for make, hour in zip(made, hours, strict=True)]


def _fault(at: float, *elements: str) -> Fault:
    return Fault(f"fault {elements[0]}", at, frozenset(elements))


def _olt_cut(day: Day, at: float) -> Fault:
    i = int(day.rng.integers(OLTS))
    link = f"agg{i % AGGREGATION}=olt{i}"
    fault = _fault(at, f"fibre:{link}", f"link:{link}")
    agg = f"agg{i % AGGREGATION}"
    day.say(fault.name, at, agg, "loss-of-signal", "snmp-trap", about=f"link:{link}", part="Te0/0/0/1", clears=HOUR)
    day.say(fault.name, at + 0.3, agg, "link-down", "syslog", about=f"link:{link}", part="TenGigE0/0/0/1", clears=HOUR)
    day.say(fault.name, at + 1, agg, "ospf-adjacency-down", "syslog", about=f"link:{link}", clears=HOUR)
    _silent(day, fault, [f"olt{i}"], [f"ont{i}-{p}-{n}" for p in range(PORTS) for n in range(SPLIT)])
    return fault


def _port_dark(day: Day, at: float) -> Fault:
    i, p = int(day.rng.integers(OLTS)), int(day.rng.integers(PORTS))
    link = f"olt{i}-p{p}=olt{i}-s{p}"
    fault = _fault(at, f"fibre:{link}", f"link:{link}", f"node:olt{i}-p{p}", f"node:olt{i}-s{p}")
    day.say(fault.name, at, f"olt{i}-p{p}", "pon-loss-of-signal", "snmp-trap", clears=HOUR)
    _silent(day, fault, [], [f"ont{i}-{p}-{n}" for n in range(SPLIT)])
    return fault


def _node_off(day: Day, at: float) -> Fault:
    i, n = int(day.rng.integers(CMTSES)), int(day.rng.integers(FIBRE_NODES))
    link = f"cmts{i}=fn{i}-{n}"
    fault = _fault(at, f"fibre:{link}", f"link:{link}", f"node:fn{i}-{n}")
    for m in range(MODEMS):
        who = f"modem{i}-{n}-{m}"
        day.say(fault.name, at + day.rng.uniform(0, 90), who, "modem-offline", "snmp-trap", clears=HOUR)
    return fault


def _tower_dead(day: Day, at: float) -> Fault:
    i = int(day.rng.integers(TOWERS))
    link = f"agg{(5 * i + 1) % AGGREGATION}=tower{i}"
    fault = _fault(at, f"node:tower{i}", f"link:{link}")
    agg = link.partition("=")[0]
    day.say(fault.name, at + 0.3, agg, "link-down", "syslog", about=f"link:{link}", part="Gi0/0/0/3", clears=HOUR)
    _silent(day, fault, [f"tower{i}"], [f"cpe{i}-{s}-{c}" for s in range(SECTORS) for c in range(CPES)])
    return fault


def _core_cut(day: Day, at: float) -> Fault:
    i = int(day.rng.integers(CORE))
    a, z = f"r{i}", f"r{(i + 1) % CORE}"
    fault = _fault(at, f"fibre:{a}={z}", f"link:{a}={z}")
    for end, port in ((a, "Te0/0/0/0"), (z, "Te0/0/0/1")):
        about = f"link:{a}={z}"
        day.say(fault.name, at, end, "loss-of-signal", "snmp-trap", about=about, part=port, clears=HOUR)
        day.say(fault.name, at + 0.2, end, "link-down", "syslog", about=about, part=port, clears=HOUR)
        day.say(fault.name, at + 0.9, end, "ospf-adjacency-down", "syslog", about=about, clears=HOUR)
    return fault


def _olt_dead(day: Day, at: float) -> Fault:
    """It dies behind a media converter: no neighbour sees its light go, the poller and the lines are all there is."""
    i = int(day.rng.integers(OLTS))
    link = f"agg{i % AGGREGATION}=olt{i}"
    fault = _fault(at, f"node:olt{i}", f"link:{link}", f"fibre:{link}")
    _silent(day, fault, [f"olt{i}"], [f"ont{i}-{p}-{n}" for p in range(PORTS) for n in range(SPLIT)])
    return fault


def _silent(day: Day, fault: Fault, devices: list[str], lines: list[str]) -> None:
    """Polls find the devices gone within a round; 85% of the lines were online, and are missed within 33 minutes."""
    for name in devices:
        at = fault.at + day.rng.uniform(2, POLL)
        day.say(fault.name, at, name, "unreachable", "poller", clears=HOUR)
    for line in lines:
        if day.rng.random() < 0.85:
            at = fault.at + day.rng.uniform(180, 1_980)
            day.say(fault.name, at, line, "radius-interim-missing", "radius", clears=HOUR)
