"""The simulated house as a process, steered by an energy manager over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.home import Home
from eebus_gw.net.options import NetworkOptions, Timing
from eebus_gw.node import Node
from eebus_gw.roles.host import Entity
from eebus_gw.sim.house_runner import HOUSE
from eebus_gw.vocabulary.definition import UseCase
from eebus_gw.vocabulary.values import SetpointValue
from tests.support.identity import identity
from tests.support.processes import LOOPBACK, Json, Program, eventually
from usecases.aggregates import VABD, VAPD
from usecases.monitoring import MGCP
from usecases.setpoints import COB

MEMBERS = [
    "t",
    "grid_w",
    "load_w",
    "pv_w",
    "battery_w",
    "soc_percent",
    "setpoint_w",
    "mode",
    "state",
]


class House(Program):
    """``simulate house`` on a free port."""

    def __init__(self, home: Path, *options: str) -> None:
        where = ("--host", LOOPBACK, "--no-mdns", "--port", "0")
        super().__init__(home, ["simulate", "house", *where, "--auto-accept", *options])

    @property
    def now(self) -> Json:
        """The newest line; empty before the first one."""
        return self.lines[-1] if len(self.lines) > 1 else {}


class Manager:
    """An energy manager that steers batteries and reads houses."""

    def __init__(self, node: Node, house: House) -> None:
        self.node = node
        self.ski: str = house.lines[0]["ski"]
        node.network.connect(self.ski, [(LOOPBACK, house.lines[0]["port"], "/ship/")])

    def read(self, use_case: UseCase, key: str) -> Any:
        reading = self.node.get(self.ski, use_case, use_case.point(key))
        return reading.value if reading is not None else None


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Callable[..., House]]:
    houses: list[House] = []

    def started(*options: str) -> House:
        house = House(tmp_path / "house", *options)
        houses.append(house)
        ready = house.start()
        ski = Home.open(house.home).identity().ski
        assert ready == {"event": "ready", "ski": ski, "port": ready["port"]}
        assert ready["port"] > 0
        return house

    yield started
    for house in houses:
        try:
            assert house.stop() == 0
            house.check_healthy()
        finally:
            if house.returncode is None:
                house.kill()


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    quick = Timing(backoff_scale=0.05, redial_gap=0.1, yield_to_peer=0.0)
    options = NetworkOptions(port=0, host=LOOPBACK, mdns=False, timing=quick)
    node = Node(identity("house-manager"), trusts=lambda ski: True, options=options)
    node.host.add_entity(Entity("CEM", (MGCP, VABD, VAPD, COB)), node.clock.now())
    node.host.announce()
    async with node:
        yield node


async def test_a_manager_reads_the_house_and_sets_its_battery(
    start: Callable[..., House], node: Node
) -> None:
    house = start("--pv", "3000", "--load", "700", "--soc", "60", "--max-w", "4000")
    manager = Manager(node, house)
    await eventually(lambda: manager.read(MGCP, "power_w") == -2_300, "the meter")
    await eventually(lambda: manager.read(COB, "max_ac_charge_w") == 4_000, "the inverter")
    await eventually(lambda: manager.read(VAPD, "power_w") == -3_000, "the sun")
    await eventually(lambda: manager.read(VABD, "soc_percent") == 60, "the battery")
    assert list(house.now) == MEMBERS
    assert (house.now["state"], house.now["setpoint_w"]) == ("init", None)

    wish = SetpointValue(-1_500.0, True, end_s=600.0)
    node.wish(manager.ski, COB, COB.ac_setpoint, wish)
    await eventually(lambda: house.now["battery_w"] == -1_500, "the battery discharges")
    assert house.now["setpoint_w"] == -1_500
    assert (house.now["mode"], house.now["state"]) == ("power", "power_control")
    assert house.now["grid_w"] == 700 - 1_500 - 3_000
    await eventually(lambda: manager.read(MGCP, "power_w") == -3_800, "the meter shows it")
    await eventually(lambda: manager.read(VABD, "power_w") == -1_500, "and the battery")


async def test_a_script_switches_a_load_and_restarts_the_device(
    tmp_path: Path, start: Callable[..., House], node: Node
) -> None:
    script = tmp_path / "evening.toml"
    script.write_text(
        "[[step]]\nat = 0\nload = 2500\n[[step]]\nat = 1\npv = 100\n[[step]]\nat = 4\nrestart = 1\n"
    )
    house = start("--no-battery", "--pv", "3000", "--scenario", str(script))
    manager = Manager(node, house)
    await eventually(lambda: manager.read(MGCP, "power_w") == 2_400, "load and sun of the script")
    await eventually(lambda: manager.read(MGCP, "power_w") is None, "restart")
    await eventually(lambda: manager.read(MGCP, "power_w") == 2_400, "back again")
    assert manager.read(VABD, "soc_percent") is None
    assert house.now["soc_percent"] is house.now["state"] is None
    times = [line["t"] for line in house.lines[1:]]
    assert times == sorted(times)


def test_the_gateway_knows_it_by_its_names() -> None:
    stated = HOUSE.manufacturer("7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40")
    assert (stated.brand_name, stated.device_name) == ("eebus-gw", "simulated house")
    assert stated.serial_number == "7c1e0b94"
