"""Hangs an access network of PON, cable and wireless under each place of a backbone, and lays its fibres in ducts."""

import random

from benchmarks.storms.backbones import Backbone
from benchmarks.storms.world import Habits, Link, Node, World

PON, CABLE, WIRELESS = "pon", "cable", "wireless"


def built(backbone: Backbone, rng: random.Random) -> World:
    """A whole operator on this backbone."""
    site = _Site(backbone, rng)
    site.core()
    for place in range(backbone.places):
        site.place(place)
    return site.world()


class _Site:
    """A world under construction."""

    def __init__(self, backbone: Backbone, rng: random.Random) -> None:
        self.backbone, self.rng = backbone, rng
        self.nodes: dict[str, Node] = {}
        self.links: dict[str, Link] = {}
        self.riders: dict[str, list[str]] = {}
        self.near: dict[int, list[int]] = {}
        for a, z in backbone.links:
            self.near.setdefault(a, []).append(z)
            self.near.setdefault(z, []).append(a)

    def world(self) -> World:
        rng = self.rng
        reflectors = sorted(self.near, key=lambda place: (-len(self.near[place]), place))[:2]
        habits = Habits(
            igp=rng.choice(["ospf-adjacency-down", "isis-adjacency-down"]),
            igp_to_access=rng.random() < 0.4,
            bfd=rng.choice([0.15, 0.45, 0.9]),
            hold=rng.choice([30.0, 40.0]),
            poll=rng.choice([30.0, 60.0]),
            names_onts=rng.random() < 0.3,
            reflectors=tuple(f"node:core{place}" for place in reflectors),
        )
        riders = {risk: tuple(links) for risk, links in self.riders.items()}
        return World(self.backbone.name, self.nodes, self.links, riders, habits)

    def node(self, name: str, kind: str, place: int, up: str = "") -> str:
        self.nodes[f"node:{name}"] = Node(f"node:{name}", kind, f"site{place}", up)
        return name

    def link(self, a: str, z: str, kind: str = "fibre", ducts: tuple[str, ...] = ()) -> str:
        name = f"link:{a}={z}"
        risks = (f"fibre:{a}={z}", *ducts) if kind == "fibre" and not z.startswith("ont") else ()
        self.links[name] = Link(name, f"node:{a}", f"node:{z}", kind, risks)
        for risk in risks:
            self.riders.setdefault(risk, []).append(name)
        return name

    def hung(self, above: str, name: str, kind: str, place: int, link: str = "fibre") -> str:
        """A node of a tree on its only link."""
        self.node(name, kind, place, f"link:{above}={name}")
        self.link(above, name, link, (f"duct:{above}={name}",) if link == "fibre" and kind in ("olt", "cmts") else ())
        return name

    def core(self) -> None:
        """Routers on the backbone's links; where two fibres leave a place, now and then they share a duct."""
        for place in range(self.backbone.places):
            self.node(f"core{place}", "core_router", place)
        shared: dict[int, str] = {}
        for a, z in self.backbone.links:
            ducts = [f"duct:core{a}=core{z}"]
            if self.rng.random() < 0.15:
                ducts.append(shared.setdefault(a, f"duct:out-of-{a}"))
            self.link(f"core{a}", f"core{z}", "fibre", tuple(ducts))
        far = max(range(1, self.backbone.places), key=lambda place: (len(self.near[place]), place))
        for number, place in enumerate((0, far)):
            self.node(f"transit{number}", "transit", place)
            self.link(f"transit{number}", f"core{place}", "fibre", (f"duct:transit{number}",))

    def place(self, place: int) -> None:
        """Aggregation of one place, on one or two routers, and the access devices below it."""
        rng = self.rng
        for number in range(1 if rng.random() < 0.8 else 2):
            agg = self.node(f"agg{place}.{number}", "aggregation", place)
            homes = [place, rng.choice(self.near[place])] if rng.random() < 0.6 else [place]
            entry = (f"duct:entry-{agg}",) if rng.random() < 0.2 else ()
            for home in homes:
                self.link(f"core{home}", agg, "fibre", (f"duct:core{home}={agg}", *entry))
            for which in range(rng.randint(1, 3)):
                kind = rng.choices([PON, CABLE, WIRELESS], [0.6, 0.2, 0.2])[0]
                getattr(self, kind)(agg, f"{place}.{number}.{which}", place)

    def pon(self, agg: str, at: str, place: int) -> None:
        """An OLT; half of its ports split twice."""
        rng, olt = self.rng, self.hung(agg, f"olt{at}", "olt", place)
        for p in range(rng.randint(2, 4)):
            port = self.hung(olt, f"port{at}.{p}", "pon_port", place, "internal")
            first = self.hung(port, f"split{at}.{p}", "splitter", place)
            leaves = [first]
            if rng.random() < 0.5:
                leaves = [self.hung(first, f"split{at}.{p}.{s}", "splitter", place) for s in range(3)]
            for n in range(rng.randint(9, 16)):
                self.hung(leaves[n % len(leaves)], f"ont{at}.{p}.{n}", "ont", place)

    def cable(self, agg: str, at: str, place: int) -> None:
        """A CMTS, its optical nodes, coax to the modems."""
        cmts = self.hung(agg, f"cmts{at}", "cmts", place)
        for f in range(self.rng.randint(2, 4)):
            node = self.hung(cmts, f"fn{at}.{f}", "fibre_node", place)
            for n in range(self.rng.randint(10, 20)):
                self.hung(node, f"modem{at}.{f}.{n}", "modem", place, "coax")

    def wireless(self, agg: str, at: str, place: int) -> None:
        """A tower behind a radio link, its sectors, a CPE at each home."""
        tower = self.hung(agg, f"tower{at}", "tower", place, "radio")
        for s in range(3):
            sector = self.hung(tower, f"sector{at}.{s}", "sector", place, "internal")
            for n in range(self.rng.randint(5, 10)):
                self.hung(sector, f"cpe{at}.{s}.{n}", "cpe", place, "radio")
