"""Looking at the network: the state of a device, and a second look at a cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from atlas.errors import DomainError
from atlas.itsm import incidents
from tests.factories.incidents import alarm, incident
from tests.tools.conftest import Outage, Use
from tools.network import device_state, run_diagnostics


@dataclass
class Radio:
    """Stands where the SNMP driver does: these devices don't answer."""

    dead: Sequence[str]

    @property
    def snmp(self) -> Any:
        return self

    async def answering(self, devices: Sequence[tuple[str, str]]) -> dict[str, bool]:
        assert all(address for _, address in devices)
        return {name: name not in self.dead for name, _ in devices}


async def test_a_device_its_alarms_and_what_cuts_it_off(use: Use, isp: AsyncSession, outage: Outage) -> None:
    name = outage.cut.devices[0]
    await alarm(isp, f"{name}/Te0/0/0/7", text="LOS")
    await alarm(isp, f"{name}/Te0/0/0/8", is_cleared=True)
    found = await use(device_state, device=name)
    assert (found.device, found.incidents) == (name, [outage.reference])
    assert found.vendor and found.model and found.firmware and found.hardware_batch
    assert f"{name}/Te0/0/0/7" in [row.resource for row in found.active_alarms]
    assert f"{name}/Te0/0/0/8" not in [row.resource for row in found.active_alarms]


async def test_what_is_over_is_not_shown(use: Use, isp: AsyncSession, outage: Outage) -> None:
    await incidents.resolve(isp, outage.incident, outage.incident.detected_at)
    assert (await use(device_state, device=outage.cut.devices[0])).incidents == []


async def test_a_device_nobody_knows(use: Use) -> None:
    with pytest.raises(DomainError, match=r"No device is called z9-nope\."):
        await use(device_state, device="z9-nope")


async def test_devices_are_asked_on_both_sides_and_agree_with_the_cause(use: Use, outage: Outage) -> None:
    found = await use(run_diagnostics, incident=outage.reference, drivers=Radio(outage.cut.devices))
    sides = {probe.device: probe.side for probe in found.probes}
    near = {device for device, _, _ in outage.cut.near_ports}
    assert {device for device, side in sides.items() if side == "near"} == near
    assert {device for device, side in sides.items() if side == "behind"} < set(outage.cut.devices)
    assert found.agrees
    assert "0 of" in found.summary


@pytest.mark.parametrize("dead", [[], ["z3-bng-1"]])
async def test_a_device_that_answers_from_behind_or_not_from_near_speaks_against_it(
    use: Use, outage: Outage, dead: list[str]
) -> None:
    devices = [*outage.cut.devices[1:], *dead] if dead else outage.cut.devices[:1]
    found = await use(run_diagnostics, incident=outage.reference, drivers=Radio(devices))
    assert not found.agrees
    assert "does not fully agree" in found.summary


async def test_where_nothing_is_cut_off_there_is_nobody_to_confirm_it(use: Use, isp: AsyncSession) -> None:
    ring = await incident(isp, element="fibre:F-Z5-R-1")
    for dead, words in (([], "neither confirms the cause nor speaks against it"), (["z5-bng-1"], "not fully agree")):
        found = await use(run_diagnostics, incident=ring.reference, drivers=Radio(dead))
        assert not found.agrees
        assert "none is there to ask behind" in found.summary
        assert words in found.summary


async def test_without_a_cause_there_is_nobody_to_ask_and_nothing_is_claimed(use: Use, isp: AsyncSession) -> None:
    unknown = await incident(isp, element=None)
    found = await use(run_diagnostics, incident=unknown.reference, drivers=Radio([]))
    assert (found.probes, found.agrees) == ([], False)


async def test_without_a_way_to_devices_it_says_so(use: Use, outage: Outage) -> None:
    with pytest.raises(DomainError, match="cannot be asked"):
        await use(run_diagnostics, incident=outage.reference)
