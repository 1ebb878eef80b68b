"""What people call the things that can fail."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.network.elements import WORDS, describe, plain_cause
from atlas.network.enums import NodeKind
from tests.factories.subscribers import node
from tests.factories.topology import duct, fibre, link


async def test_engineers_hear_what_it_is_and_where(session: AsyncSession) -> None:
    bng, olt = await node(session, "z3-bng-1", "bng"), await node(session, "olt-9", in_zone=None)
    cable = await fibre(session, "F-Z3-BH-1", await duct(session, "D-7"))
    await fibre(session, "F-CORE-1", in_zone=None, role="core")
    await link(session, "L-1", bng, olt, cable)
    said = {
        "fibre:F-Z3-BH-1": "fibre F-Z3-BH-1, zone 3 backhaul",
        "fibre:F-CORE-1": "fibre F-CORE-1, core",
        "duct:D-7": "duct D-7, between the mill and the church",
        "node:z3-bng-1": "BNG z3-bng-1, zone 3",
        "node:olt-9": "OLT olt-9",
        "link:L-1": "fibre link L-1",
    }
    assert {element: await describe(session, element) for element in said} == said


@pytest.mark.parametrize(
    ("element", "words"),
    [
        ("fibre:X", "fibre X"),
        ("duct:X", "duct X"),
        ("node:X", "device X"),
        ("link:X", "unknown link X"),
        ("something else", "something else"),
    ],
)
async def test_what_is_not_in_atlas_is_still_named(session: AsyncSession, element: str, words: str) -> None:
    assert await describe(session, element) == words


def test_every_kind_of_node_has_a_word() -> None:
    assert set(WORDS) == set(NodeKind)


@pytest.mark.parametrize("element", ["fibre:F-Z3-BH-1", "duct:D-7", "link:L-1", "node:z3-bng-1", None, "strange"])
def test_subscribers_hear_no_equipments_name(element: str | None) -> None:
    words = plain_cause(element)
    assert words.startswith("a ")
    assert not any(name in words for name in ("F-Z3-BH-1", "D-7", "L-1", "z3-bng-1", "strange"))


def test_subscribers_hear_the_kind_of_cause() -> None:
    assert plain_cause("fibre:F") == plain_cause("duct:D") == "a damaged fibre cable"
    assert len({plain_cause(f"{kind}:X") for kind in ("fibre", "link", "node", "else")}) == 4
