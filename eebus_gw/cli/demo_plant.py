"""The parts of the demonstration, connected with each other on loopback: wallbox, meter, gateway, energy manager."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from eebus_gw.bridge.client import MqttBroker
from eebus_gw.bridge.endpoint import Endpoint, Protocol
from eebus_gw.bridge.messages import Received
from eebus_gw.bridge.outbox import EVENT, Outbox
from eebus_gw.cli.demo_broker import LOOPBACK
from eebus_gw.cli.demo_state import DemoState
from eebus_gw.cli.demo_story import CAPACITY_KWH, OPENING, Scene, scenes_for
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import DeviceSettings, Settings, ShipSettings
from eebus_gw.sim.ev import VehicleKind
from eebus_gw.sim.fleet import Fleet, WallboxOptions
from eebus_gw.sim.house import HouseOptions
from eebus_gw.sim.house_runner import HouseRunner
from eebus_gw.sim.simulated_node import Reach
from eebus_gw.sim.snapshot import WallboxSnapshot

DEVICE = "demo-box"
METER = "demo-meter"
HOUSE_W = 500.0
FIRST_S = 20.0
"""How long the parts may take to find each other."""
LOOK_S = 0.1


class Observer:
    """Is told what happens; does nothing with it."""

    def began(self, scene: Scene, now: float) -> None:
        """A scene begins."""

    def stepped(self, line: Mapping[str, Any], now: float) -> None:
        """The wallbox lived another second."""

    def answered(self, answer: Mapping[str, Any], now: float) -> None:
        """A command has come to an end."""


class Plant:
    """The parts that run, and the client that plays the energy manager."""

    def __init__(self, state: DemoState, outbox: Outbox, gateway: Gateway) -> None:
        self.state = state
        self.observer = Observer()
        self.fleet: Fleet | None = None
        self.meter: HouseRunner | None = None
        self._outbox = outbox
        self._gateway = gateway

    def stepped(self, elapsed_s: float, box: int, snapshot: WallboxSnapshot) -> None:
        """Takes a second of the simulated wallbox."""
        line = snapshot.line(round(elapsed_s, 1), box)
        now = self._gateway.clock.now()
        if self.meter is not None:
            self.meter.house.other_w = snapshot.power_w
        self.state.stepped(line, now)
        self.observer.stepped(line, now)

    def metered(self, line: Mapping[str, Any]) -> None:
        """Takes a second of the simulated house, of which the meter is all that is to be seen."""
        self.state.grid_w = line["grid_w"]

    def received(self, message: Received) -> None:
        """Takes a message from the broker."""
        now = self._gateway.clock.now()
        before = self.state.answer
        self.state.received(message.topic, message.payload, now)
        answer = self.state.answer
        if answer is not None and answer is not before and answer["state"] != "sent":
            self.observer.answered(answer, now)

    async def tell(self) -> None:
        """Plays the scenes for ever."""
        await self._play(OPENING)
        while True:
            for scene in scenes_for(self._usable()):
                await self._play(scene)

    def _usable(self) -> set[str]:
        """The use cases that work with any of the devices."""
        devices = self._gateway.devices
        verdicts = [each for device in devices for each in devices.verdicts(device.ski)]
        return {verdict.code for verdict in verdicts if verdict.usable}

    async def _play(self, scene: Scene) -> None:
        clock = self._gateway.clock
        began = clock.now()
        self.state.begin(scene)
        self.observer.began(scene, began)
        if scene.house_w is not None and self.meter is not None:
            self.meter.house.load_w = scene.house_w
        for step in scene.driver(self.state.car):
            for box in self.fleet.boxes if self.fleet is not None else ():
                box.apply(step)
        if scene.field is not None:
            topic = f"{self.state.base}/{self.state.device}/set/{scene.field}"
            self._outbox.send(topic, scene.value, EVENT)
        while (lasted := clock.now() - began) < scene.most_s:
            if lasted >= scene.least_s and self.state.car and scene.done(self.state.car):
                return
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def running_plant(directory: Path, port: int) -> AsyncIterator[Plant]:
    """Wallbox, meter, energy manager and gateway, connected with each other over the broker at ``port``."""
    endpoint = Endpoint(LOOPBACK, port, protocol=Protocol.V5)
    gateway = _gateway(directory, endpoint)
    outbox = Outbox()
    base = gateway.settings.mqtt.base_topic
    plant = Plant(DemoState(DEVICE, base, gateway.clock.now()), outbox, gateway)
    manager = _energy_manager(endpoint, gateway, outbox, plant.received)
    loop = asyncio.get_running_loop()
    ready: dict[str, asyncio.Future[Mapping[str, Any]]] = {
        DEVICE: loop.create_future(),
        METER: loop.create_future(),
    }
    tasks = [asyncio.create_task(manager.run())]
    try:
        await _until(lambda: manager.status.connected and outbox.republished)
        plant.fleet, plant.meter = _wallbox(directory, gateway), _meter(directory, gateway)
        work = (
            plant.fleet.run(ready[DEVICE].set_result, plant.stepped),
            plant.meter.run(ready[METER].set_result, plant.metered),
        )
        tasks += [asyncio.create_task(each) for each in work]
        async with gateway:
            for device, alias in ((DEVICE, "Demo wallbox"), (METER, "Demo meter")):
                line = await asyncio.wait_for(ready[device], FIRST_S)
                address = f"{LOOPBACK}:{line['port']}"
                facts = {"device_id": device, "alias": alias, "how": "simulator"}
                await gateway.verbs.dispatch(
                    "pair", {"ski": line["ski"], "address": address, **facts}
                )
            yield plant
        await manager.stop()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _gateway(directory: Path, endpoint: Endpoint) -> Gateway:
    settings = Settings(
        ship=ShipSettings(port=0, grid_port=0, mdns=False),
        devices={DEVICE: DeviceSettings(bidirectional="on")},
    )
    home = Home.open(directory / "gateway")
    return Gateway(home, settings, endpoint=endpoint, host=LOOPBACK)


def _energy_manager(
    endpoint: Endpoint, gateway: Gateway, outbox: Outbox, received: Callable[[Received], None]
) -> MqttBroker:
    """A client of the broker as any program around the gateway is one."""
    return MqttBroker(
        endpoint,
        client_id="energy-manager",
        state_topic="demo/energy-manager",
        subscriptions=[f"{gateway.settings.mqtt.base_topic}/#", "homeassistant/#"],
        outbox=outbox,
        received=received,
        clock=gateway.clock,
        random=random.random,
    )


def _wallbox(directory: Path, gateway: Gateway) -> Fleet:
    """The simulated wallbox with its car."""
    return Fleet(
        directory / "wallbox",
        Reach(host=LOOPBACK, mdns=False, trust=(gateway.wallbox.node.ski,)),
        WallboxOptions(ev=VehicleKind.BIDIRECTIONAL, capacity_kwh=CAPACITY_KWH),
    )


def _meter(directory: Path, gateway: Gateway) -> HouseRunner:
    """The meter of a house without sun and battery, behind which the wallbox is."""
    return HouseRunner(
        Home.open(directory / "meter"),
        Reach(host=LOOPBACK, mdns=False, trust=(gateway.wallbox.node.ski,)),
        HouseOptions(load_w=HOUSE_W, pv_peak_w=0.0, capacity_wh=0.0),
    )


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(FIRST_S):
        while True:
            if condition():
                return
            await asyncio.sleep(LOOK_S)
