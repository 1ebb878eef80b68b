"""Cutting and mending the demo's network by hand."""

from datetime import datetime
from typing import NamedTuple

from rapidfuzz import process
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.demo.models import DemoFault
from atlas.events import emit
from atlas.gis.models import Duct, Fibre, Site
from atlas.network.enums import NodeKind
from atlas.network.models import Link, Node

KINDS = ("node", "link", "fibre", "duct")
#: Faults that kill nothing, and the kind of node each is a fault of; what is heard of them: `atlas.demo.gear.modes`.
MODES = {
    "ingress": NodeKind.FIBRE_NODE,
    "rogue-ont": NodeKind.ONT,
    "rain": NodeKind.TOWER,
    "radar": NodeKind.SECTOR,
}
_NAMES = {"node": Node.name, "link": Link.name, "fibre": Fibre.name, "duct": Duct.name}


class DemoError(ValueError):
    """What was asked can't be done to the demo's network; the text says why and what can."""


class UnknownElementError(DemoError):
    """There is no such element."""


class Cuttable(NamedTuple):
    """Something worth cutting: its key, what it is, its zone's number, and whether it is cut now."""

    element: str
    what: str
    zone: int | None
    is_cut: bool


# Each backhaul, ring, feeder and long-haul fibre, each duct in which what looks redundant lies together, each OLT.
ELEMENTS = """
WITH shared AS (
    SELECT s.duct_id, count(*) AS fibres, string_agg(f.name, ', ' ORDER BY f.name) AS names
    FROM fibre_section s JOIN fibre f ON f.id = s.fibre_id GROUP BY s.duct_id HAVING count(*) > 1
), elements AS (
    SELECT 'fibre:' || f.name AS element, f.zone_id,
           CASE f.role WHEN 'core' THEN 'long-haul cable' WHEN 'ring' THEN 'ring cable'
                       WHEN 'backhaul' THEN CASE WHEN f.name LIKE '%-UP-%' THEN 'uplink of an access site'
                                                 ELSE 'backhaul' END
                       ELSE 'feeder cable' END AS what,
           CASE WHEN f.name LIKE '%-BH-%' THEN 0 WHEN f.role = 'ring' THEN 1 WHEN f.role = 'core' THEN 3
                WHEN f.role = 'backhaul' THEN 4 ELSE 5 END AS place
    FROM fibre f WHERE f.role IN ('core', 'ring', 'backhaul', 'feeder')
    UNION ALL
    SELECT 'duct:' || d.name, d.zone_id, 'duct with ' || t.names, 2 FROM shared t JOIN duct d ON d.id = t.duct_id
    UNION ALL
    SELECT 'node:' || n.name, n.zone_id, 'OLT', 6 FROM node n WHERE n.kind = 'olt'
)
SELECT e.element, e.what, z.number, EXISTS (
    SELECT 1 FROM demo_fault f WHERE f.element = e.element AND f.repaired_at IS NULL)
FROM elements e LEFT JOIN zone z ON z.id = e.zone_id ORDER BY e.place, z.number NULLS FIRST, e.element
"""


async def list_elements(session: AsyncSession) -> list[Cuttable]:
    """What is worth cutting, with a word what it is: backhauls first. Any other element may be cut as well."""
    return [Cuttable(*row) for row in await session.execute(text(ELEMENTS))]


async def cut(session: AsyncSession, element: str, now: datetime) -> DemoFault:
    """Cut an element ("fibre:F-Z3-BH-1", or just its name). UnknownElementError; DemoError when it is cut already."""
    return await begin_fault(session, await find_element(session, element), now)


async def repair(session: AsyncSession, element: str, now: datetime) -> DemoFault:
    """Repair what was cut. UnknownElementError; DemoError when it is not cut."""
    return await end_fault(session, await find_element(session, element), now)


async def begin_fault(
    session: AsyncSession, key: str, now: datetime, done: str = "cut", undo: str = "repair"
) -> DemoFault:
    """A fault of this key stands from now on. DemoError, in these words, when one stands already."""
    if await _standing(session, key):
        raise DemoError(f"{key} is {done} already; {undo} it first.")
    fault = DemoFault(element=key, cut_at=now)
    session.add(fault)
    await session.flush()
    await emit(session, "demo.cut", key, {"fault": fault.id}, at=now)
    return fault


async def end_fault(session: AsyncSession, key: str, now: datetime, done: str = "cut") -> DemoFault:
    """The fault of this key is over. DemoError, in this word, when none stands."""
    fault = await _standing(session, key)
    if fault is None:
        others = await session.scalars(select(DemoFault.element).where(DemoFault.repaired_at.is_(None)))
        raise DemoError(f"{key} is not {done}; {done} now: {', '.join(others) or 'nothing'}.")
    fault.repaired_at = now
    await session.flush()
    await emit(session, "demo.repair", key, {"fault": fault.id}, at=now)
    return fault


async def find_element(session: AsyncSession, element: str) -> str:
    """The key of an element given by key or by name alone; UnknownElementError names close matches."""
    kind, colon, name = element.partition(":")
    if kind == "power":
        return await _find_supply(session, name)
    if kind == "mode":
        return await _find_mode(session, name)
    kinds, name = ((kind,), name) if colon and kind in KINDS else (KINDS, element)
    for kind in kinds:
        column = _NAMES[kind]
        found = await session.scalar(select(column).where(column == name))
        if found is not None:
            return f"{kind}:{found}"
    raise UnknownElementError(await _did_you_mean(session, element, kinds))


async def _find_supply(session: AsyncSession, name: str) -> str:
    """A site, or the street behind a splitter."""
    is_site = select(Site.name).where(Site.name == name)
    is_street = select(Node.name).where(Node.name == name, Node.kind == NodeKind.SPLITTER)
    if await session.scalar(is_site) or await session.scalar(is_street):
        return f"power:{name}"
    near = process.extract(name, list(await session.scalars(select(Site.name))), limit=3, score_cutoff=60)
    hint = f"Did you mean {' or '.join(f'power:{match}' for match, _, _ in near)}?" if near else ""
    raise UnknownElementError(f"There is no site and no splitter {name[:100]!r} in this network. {hint}".strip())


async def _find_mode(session: AsyncSession, words: str) -> str:
    """A fault that kills nothing, on a node of the kind it is a fault of: "ingress@z4-fn-2"."""
    mode, _, name = words.partition("@")
    kind = MODES.get(mode)
    if kind is None:
        raise UnknownElementError(f"No fault {mode[:50]!r} can be played; there are {', '.join(MODES)}.")
    found = await session.scalar(select(Node.kind).where(Node.name == name))
    if found != kind:
        raise UnknownElementError(f"{mode} is a fault of a {kind.value.replace('_', ' ')}; {name[:100]!r} is none.")
    return f"mode:{mode}@{name}"


async def _did_you_mean(session: AsyncSession, element: str, kinds: tuple[str, ...]) -> str:
    near: list[tuple[str, float]] = []
    for kind in kinds:
        names = list(await session.scalars(select(_NAMES[kind])))
        matches = process.extract(element.rpartition(":")[2], names, limit=3, score_cutoff=60)
        near += [(f"{kind}:{name}", score) for name, score, _ in matches]
    best = [key for key, _ in sorted(near, key=lambda match: -match[1])[:3]]
    hint = f"Did you mean {' or '.join(best)}?" if best else "`bedrock demo list` shows what can be cut."
    return f"There is no element {element[:100]!r} in this network. {hint}"


async def _standing(session: AsyncSession, key: str) -> DemoFault | None:
    query = select(DemoFault).where(DemoFault.element == key, DemoFault.repaired_at.is_(None))
    return (await session.scalars(query.with_for_update())).first()
