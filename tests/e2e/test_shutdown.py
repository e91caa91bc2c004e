"""An orderly end: peers are told, the broker is told, nothing is left, and the next start works at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from eebus_gw.identity import Identity
from tests.e2e.side_by_side import Outcomes, Scenario
from tests.e2e.site import build_site
from tests.support.broker import Mosquitto
from tests.support.peer import ShipPeer, text_of
from tests.support.processes import Plant, connections, eventually


async def the_gateway_ends_in_order(plant: Plant, broker: Mosquitto) -> None:
    """A wallbox that was not told would refuse the next connection as a second one."""
    site = await build_site(plant, broker)
    gateway, identity = site.gateway, Identity.create()
    await gateway.ask("pair", ski=identity.ski, alias="witness")
    async with ShipPeer(identity, gateway.port) as witness:
        await witness.handshake()
        mark = len(site.mqtt.messages)
        stopping = asyncio.create_task(asyncio.to_thread(gateway.stop))
        assert await witness.closed() == 4001
        assert await stopping == 0
    (announced,) = witness.closing
    phase, *rest = text_of(announced)["connectionClose"]
    assert phase == {"phase": "announce"}
    assert {"reason": "unspecific"} in rest
    assert not (gateway.home / "control.sock").exists()
    await eventually(lambda: site.mqtt.text("bridge/state") == "offline", "offline is said")
    said = [m.payload for m in site.mqtt.on("bridge/state", mark)]
    assert said == [b"offline"], "said once: a clean disconnect keeps the will back"
    await eventually(lambda: connections(site.box.port) == 0, "the wallbox let go")
    mark = len(site.mqtt.messages)
    await asyncio.to_thread(gateway.start)  # on the same home and port
    await site.back(mark, site.device)
    await site.ready(site.device)


async def a_wallbox_ends_in_order(plant: Plant, broker: Mosquitto) -> None:
    site = await build_site(plant, broker)
    assert await asyncio.to_thread(site.box.stop) == 0
    await eventually(lambda: not site.online(), "offline")
    (event,) = await eventually(lambda: site.mqtt.events("device_disconnected"), "the event")
    assert (event["id"], event["cause"]) == (site.device, "peer")


async def a_home_serves_one_process(plant: Plant, broker: Mosquitto) -> None:
    gateway = plant.gateway(mqtt=broker.port)
    command = [sys.executable, "-m", "eebus_gw", "--home", str(gateway.home), "run", "--no-mdns"]
    second = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=60
    )
    assert second.returncode == 1
    assert f"process {gateway.pid}" in second.stderr
    assert (await gateway.ask("peers"))["peers"] == [], "the first one goes on"
    assert gateway.stop() == 0
    gateway.start()


async def a_port_that_is_taken_is_said_and_not_waited_for(plant: Plant, broker: Mosquitto) -> None:
    gateway = plant.gateway()
    home = plant.directory / "other"
    command = [sys.executable, "-m", "eebus_gw", "--home", str(home), "run", "--no-mdns"]
    second = await asyncio.to_thread(
        subprocess.run,
        [*command, "--port", str(gateway.port)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode in (1, 2)
    assert str(gateway.port) in second.stderr
    assert "Traceback" not in second.stderr


SCENARIOS = (
    the_gateway_ends_in_order,
    a_wallbox_ends_in_order,
    a_home_serves_one_process,
    a_port_that_is_taken_is_said_and_not_waited_for,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_shutdown(scenario: Scenario, outcomes: Outcomes) -> None:
    outcomes.check(scenario)
