"""An orderly end: peers are told, the broker is told, nothing is left, and the next start works at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from tests.e2e.site import build_site
from tests.support.broker import Mosquitto
from tests.support.processes import Plant, eventually


async def test_the_gateway_ends_in_order(plant: Plant, broker: Mosquitto) -> None:
    site = await build_site(plant, broker)
    gateway = site.gateway
    assert gateway.stop() == 0
    assert not (gateway.home / "control.sock").exists()
    await eventually(lambda: site.mqtt.text("bridge/state") == "offline", "offline is said")
    mark = len(site.mqtt.messages)
    gateway.start()  # on the same port and home, at once
    await site.back(mark)
    await site.ready()


async def test_a_home_serves_one_process(plant: Plant, broker: Mosquitto) -> None:
    gateway = plant.gateway(mqtt=broker.port)
    second = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "eebus_gw", "--home", gateway.home, "run", "--no-mdns"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 1
    assert f"process {gateway.pid}" in second.stderr
    assert (await gateway.ask("peers"))["peers"] == []
