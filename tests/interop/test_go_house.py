"""The Go energy manager with our simulated house."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eebus_gw.net.events import LinkDown
from eebus_gw.sim.house import House, HouseOptions
from tests.interop.ends import simulated_house
from tests.interop.peers import GoPeer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.interop.peers import PeerPrograms

MANAGER = "--no-mdns"
UNCONTROLLED = ("mgcp", "vabd", "vapd")
"""Without COB the battery sees to itself from the start."""
ANNOUNCED = {"MGCP": [2, 3, 4, 5, 6, 7], "VABD": [1, 2, 3, 4], "VAPD": [1, 2, 3]}


def sunny_house(now: float) -> House:
    """After ten minutes of 7,500 W load in the dark and ten of sun; the battery has 5 kW for either.

    The sun leaves 2,500 W for the grid.
    """
    house = House(HouseOptions(load_w=7_500, pv_peak_w=9_800, pv_w=0), now=now - 1_200)
    house.step(now - 600)
    house.load_w, house.pv_w = 600, 8_100
    return house


def near(wanted: float, within: float) -> Callable[[float], bool]:
    """Whether a value is about the wanted one."""
    return lambda value: value == pytest.approx(wanted, abs=within)


async def test_every_value_is_read(go_peers: PeerPrograms) -> None:
    """Ten minutes of 5 kW are 833 Wh; the ramps of the battery take seconds from that."""
    async with (
        simulated_house(sunny_house, offer=UNCONTROLLED) as house,
        GoPeer.running(go_peers, "energymanager", MANAGER, "--dial", house.address) as manager,
    ):
        house.trusted.add(manager.ski)
        wanted: dict[tuple[str, str], object] = {
            ("MGCP", "power_w"): -2_500,
            ("MGCP", "energy_consumed_wh"): near(417, 5),
            ("MGCP", "energy_produced_wh"): near(-427, 15),
            ("MGCP", "current_a"): [-3.6] * 3,
            ("MGCP", "voltage_v"): [230] * 3,
            ("MGCP", "frequency_hz"): 50,
            ("VABD", "power_w"): 5_000,
            ("VABD", "energy_charged_wh"): near(828, 15),
            ("VABD", "energy_discharged_wh"): near(830, 5),
            ("VABD", "soc_percent"): near(48.6, 0.3),
            ("VAPD", "peak_power_w"): 9_800,
            ("VAPD", "power_w"): -8_100,
            ("VAPD", "energy_yield_wh"): near(1_350, 15),
        }
        for (use_case, name), value in wanted.items():
            await manager.expect("value", 20, use_case=use_case, name=name, value=value)


async def test_what_we_announce_is_accepted(go_peers: PeerPrograms) -> None:
    async with (
        simulated_house(sunny_house) as house,
        GoPeer.running(go_peers, "energymanager", MANAGER, "--dial", house.address) as manager,
    ):
        house.trusted.add(manager.ski)
        for use_case, scenarios in ANNOUNCED.items():
            await manager.expect("use_case", 20, use_case=use_case, scenarios=scenarios)
        (peer,) = (await manager.command("peers"))["peers"]
        assert [entity["type"] for entity in peer["entities"]] == [
            "DeviceInformation",
            "GridConnectionPointOfPremises",
            "ElectricityStorageSystem",
            "PVSystem",
            "Inverter",
        ]


async def test_changes_are_told(go_peers: PeerPrograms) -> None:
    """The manager reads once; what comes afterwards was notified."""
    async with (
        simulated_house(sunny_house, offer=UNCONTROLLED) as house,
        GoPeer.running(go_peers, "energymanager", MANAGER, "--dial", house.address) as manager,
    ):
        house.trusted.add(manager.ski)
        await manager.expect("value", 20, use_case="VABD", name="power_w", value=5_000)
        await manager.expect("value", 20, use_case="MGCP", name="power_w", value=-2_500)
        await manager.expect("value", 20, use_case="VAPD", name="energy_yield_wh")
        mark = manager.mark()
        house.model.load_w, house.model.pv_w = 32_600, 0
        wanted: dict[tuple[str, str], object] = {
            ("MGCP", "power_w"): 27_600,
            ("MGCP", "current_a"): [40] * 3,
            ("MGCP", "energy_consumed_wh"): lambda energy: energy > 425,
            ("VABD", "power_w"): -5_000,
            ("VAPD", "power_w"): 0,
        }
        for (use_case, name), value in wanted.items():
            await manager.expect("value", 20, since=mark, use_case=use_case, name=name, value=value)


async def test_the_link_comes_back_after_the_manager_closed_it(go_peers: PeerPrograms) -> None:
    async with (
        simulated_house(sunny_house) as house,
        GoPeer.running(go_peers, "energymanager", MANAGER, "--dial", house.address) as manager,
    ):
        house.trusted.add(manager.ski)
        await manager.expect("value", 20, use_case="VAPD", name="power_w", value=-8_100)
        mark = manager.mark()
        await manager.command("reopen")
        await house.expect(LinkDown)
        await manager.expect("connected", 20, since=mark)
        mark = manager.mark()
        house.model.pv_w = 4_000
        await manager.expect("value", 20, since=mark, use_case="VAPD", name="power_w", value=-4_000)
        house.model.pv_w = 3_000
        await manager.expect("value", 20, since=mark, use_case="VAPD", name="power_w", value=-3_000)


async def test_our_house_dials_the_manager(go_peers: PeerPrograms) -> None:
    async with (
        GoPeer.running(go_peers, "energymanager", MANAGER, "--auto-accept") as manager,
        simulated_house(sunny_house) as house,
    ):
        house.dial(manager.ski, manager.port)
        await manager.expect("value", 20, use_case="VAPD", name="power_w", value=-8_100)
