"""``demo``: broker, simulated wallbox with a car, the meter of a house, gateway and a live view, all on loopback."""

from __future__ import annotations

import asyncio
import logging
import random
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eebus_gw.cli.context import CommandContext, pass_context, run_async
from eebus_gw.cli.parameters import NumberRange

if TYPE_CHECKING:
    from eebus_gw.bridge.messages import Received
    from eebus_gw.bridge.outbox import Outbox
    from eebus_gw.cli.demo_state import DemoState
    from eebus_gw.cli.demo_story import Scene
    from eebus_gw.gateway.gateway import Gateway
    from eebus_gw.sim.fleet import Fleet
    from eebus_gw.sim.house_runner import HouseRunner

DEVICE = "demo-box"
METER = "demo-meter"
HOUSE_W = 500.0
FIRST_S = 20.0
"""How long the parts may take to find each other."""
LOOK_S = 0.1


@click.command(epilog="Example: eebus-gw demo --seconds 60")
@click.option(
    "--seconds", type=NumberRange(1), metavar="S", help="End after so long; default: never."
)
@pass_context
def demo(context: CommandContext, seconds: float | None) -> int:
    """Show it all without hardware: a simulated wallbox, the gateway, MQTT, and a limit that is obeyed."""
    kept = KeptLog()
    logging.getLogger().addHandler(kept)
    try:
        with tempfile.TemporaryDirectory(prefix="eebus-gw-demo-") as directory:
            run_async(_demo(context, Path(directory), seconds))
    finally:
        logging.getLogger().removeHandler(kept)
        for line in kept.lines:
            context.output.warn(line)
    return 0


class KeptLog(logging.Handler):
    """Keeps warnings for the end, so that they do not tear the screen."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one record."""
        if len(self.lines) < 20:
            self.lines.append(f"{record.name}: {record.getMessage()}")


async def _demo(context: CommandContext, directory: Path, seconds: float | None) -> None:
    from eebus_gw.cli.demo_broker import embedded_broker

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        port = stack.enter_context(embedded_broker(directory))
        plant = await stack.enter_async_context(_plant(directory, port))
        with _screen(context, plant, port):
            telling = asyncio.create_task(plant.tell())
            try:
                async with asyncio.timeout(seconds):
                    await stop.wait()
            except TimeoutError:
                pass
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
    state = plant.state
    context.output.line(
        f"the demonstration is over: {state.messages} messages on {len(state.topics)} topics"
    )


def _screen(context: CommandContext, plant: Plant, port: int) -> AbstractContextManager[Any]:
    if context.output.terminal:
        from eebus_gw.cli.demo_view import DemoView

        return DemoView(plant.state, str(port))
    from eebus_gw.cli.demo_plain import PlainDemo

    plant.observer = PlainDemo(context.output, plant.state)
    return nullcontext()


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

    def stepped(self, elapsed_s: float, box: int, snapshot: Any) -> None:
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
        from eebus_gw.cli.demo_story import OPENING, scenes_for

        await self._play(OPENING)
        while True:
            usable = {v.code for device in self._gateway.devices for v in self._verdicts(device)}
            for scene in scenes_for(usable):
                await self._play(scene)

    def _verdicts(self, device: Any) -> list[Any]:
        return [v for v in self._gateway.devices.verdicts(device.ski) if v.usable]

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
            from eebus_gw.bridge.outbox import EVENT

            topic = f"{self.state.base}/{self.state.device}/set/{scene.field}"
            self._outbox.send(topic, scene.value, EVENT)
        while (lasted := clock.now() - began) < scene.most_s:
            if lasted >= scene.least_s and self.state.car and scene.done(self.state.car):
                return
            await asyncio.sleep(LOOK_S)


@asynccontextmanager
async def _plant(directory: Path, port: int) -> AsyncIterator[Plant]:
    """Wallbox, meter, energy manager and gateway, connected with each other."""
    from eebus_gw.bridge.client import MqttBroker
    from eebus_gw.bridge.endpoint import Endpoint, Protocol
    from eebus_gw.bridge.outbox import Outbox
    from eebus_gw.cli.demo_broker import LOOPBACK
    from eebus_gw.cli.demo_state import DemoState
    from eebus_gw.gateway.gateway import Gateway
    from eebus_gw.home import Home
    from eebus_gw.settings import DeviceSettings, Settings, ShipSettings

    endpoint = Endpoint(LOOPBACK, port, protocol=Protocol.V5)
    settings = Settings(
        ship=ShipSettings(port=0, grid_port=0, mdns=False),
        devices={DEVICE: DeviceSettings(bidirectional="on")},
    )
    home = Home.open(directory / "gateway")
    gateway = Gateway(home, settings, endpoint=endpoint, host=LOOPBACK)
    state = DemoState(DEVICE, settings.mqtt.base_topic, gateway.clock.now())
    outbox = Outbox()
    plant = Plant(state, outbox, gateway)
    manager = MqttBroker(
        endpoint,
        client_id="energy-manager",
        state_topic="demo/energy-manager",
        subscriptions=[f"{state.base}/#", "homeassistant/#"],
        outbox=outbox,
        received=plant.received,
        clock=gateway.clock,
        random=random.random,
    )
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


def _wallbox(directory: Path, gateway: Gateway) -> Fleet:
    """The simulated wallbox with its car."""
    from eebus_gw.cli.demo_broker import LOOPBACK
    from eebus_gw.cli.demo_story import CAPACITY_KWH
    from eebus_gw.sim.ev import VehicleKind
    from eebus_gw.sim.fleet import Fleet, WallboxOptions
    from eebus_gw.sim.simulated_node import Reach

    return Fleet(
        directory / "wallbox",
        Reach(host=LOOPBACK, mdns=False, trust=(gateway.wallbox.node.ski,)),
        WallboxOptions(ev=VehicleKind.BIDIRECTIONAL, capacity_kwh=CAPACITY_KWH),
    )


def _meter(directory: Path, gateway: Gateway) -> HouseRunner:
    """The meter of a house without sun and battery, behind which the wallbox is."""
    from eebus_gw.cli.demo_broker import LOOPBACK
    from eebus_gw.home import Home
    from eebus_gw.sim.house import HouseOptions
    from eebus_gw.sim.house_runner import HouseRunner
    from eebus_gw.sim.simulated_node import Reach

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
