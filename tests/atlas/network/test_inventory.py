"""The network read whole, as plain rows."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.gis.models import Site
from atlas.network.inventory import LineWeight, LinkRow, NodeRow, SiteRow, load_inventory
from tests.factories.subscribers import line, node, save, subscriber
from tests.factories.topology import duct, fibre, link


async def test_an_empty_network(session: AsyncSession) -> None:
    found = await load_inventory(session)
    assert (found.nodes, found.links, found.ducts_of, found.weights) == ([], [], {}, [])


async def test_nodes_say_their_zone_and_where_they_answer(session: AsyncSession) -> None:
    olt = await node(session, "z3-olt-1", address="10.0.0.1")
    splitter = await node(session, "s-1", "splitter", in_zone=None)
    found = await load_inventory(session)
    assert found.nodes == [
        NodeRow(olt.id, "z3-olt-1", "olt", False, 3, "pon", True, "10.0.0.1"),
        NodeRow(splitter.id, "s-1", "splitter", False, None, "pon", False, None),
    ]


async def test_sites_say_what_their_battery_holds_and_nodes_where_they_stand(session: AsyncSession) -> None:
    olt = await node(session, "z3-olt-1", address="10.0.0.1")
    since = date(2021, 5, 1)
    place = Site(name="z3-pop", place="Mill Lane 1", battery_hours=4.0, battery_installed_on=since, lon=8.6, lat=50.1)
    olt.site_id = (await save(session, place)).id
    await session.flush()
    found = await load_inventory(session)
    assert found.sites == [SiteRow("z3-pop", 4.0, since)]
    assert [row.site for row in found.nodes] == ["z3-pop"]


async def test_links_say_what_they_ride_on_and_fibres_their_ducts_in_order(session: AsyncSession) -> None:
    bng, olt = await node(session, "z3-bng-1", "bng"), await node(session, "z3-olt-1")
    last, first = await duct(session, "D-LAST"), await duct(session, "D-FIRST")
    cable = await fibre(session, "F-1", first, last)
    await fibre(session, "F-2")
    ends = {"a_interface": "Te0/0/0/1", "z_interface": "xe-0/0/0", "a_address": "10.1.0.0", "z_address": "10.1.0.1"}
    await link(session, "L-1", bng, olt, cable, **ends)
    await link(session, "L-2", bng, olt)
    found = await load_inventory(session)
    assert found.links == [
        LinkRow("L-1", "fibre", "z3-bng-1", "z3-olt-1", "Te0/0/0/1", "xe-0/0/0", "10.1.0.0", "10.1.0.1", "F-1"),
        LinkRow("L-2", "internal", "z3-bng-1", "z3-olt-1", "", "", None, None, None),
    ]
    assert found.ducts_of == {"F-1": ["D-FIRST", "D-LAST"]}


async def test_what_hangs_on_a_node_is_its_active_lines(session: AsyncSession) -> None:
    at = await node(session, "s-1", "splitter")
    await node(session, "s-2", "splitter")
    firm = await subscriber(session, segment="business")
    await line(session, at, of=firm, price="40.00")
    await line(session, at, of=firm, price="40.00")
    await line(session, at, of=await subscriber(session, is_vulnerable=True), price="66.00")
    await line(session, at, price="99.00", state="suspended")
    (weight,) = (await load_inventory(session)).weights
    assert weight[:-1] == LineWeight("s-1", 2, 2, 1, 0.0)[:-1]
    assert weight.revenue_per_hour == pytest.approx(146 / 730)
