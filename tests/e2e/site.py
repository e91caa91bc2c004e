"""A gateway that is paired with charging wallboxes and publishes to a broker, as one thing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.broker import Mosquitto
from tests.support.processes import Gateway, Observer, Plant, Wallbox, eventually


@dataclass
class Site:
    """``devices`` are the ids of ``boxes`` in the same order."""

    plant: Plant
    broker: Mosquitto
    gateway: Gateway
    boxes: Sequence[Wallbox]
    devices: Sequence[str]
    mqtt: Observer

    @property
    def box(self) -> Wallbox:
        return self.boxes[0]

    @property
    def device(self) -> str:
        return self.devices[0]

    def online(self, device: str | None = None) -> bool:
        return self.mqtt.text(f"{device or self.device}/availability") == "online"

    async def back(self, mark: int, *devices: str) -> None:
        """Returns once gateway and devices have come back after the first ``mark`` messages."""
        wanted = {
            "eebus/bridge/state",
            *(f"eebus/{d}/availability" for d in devices or self.devices),
        }

        def back() -> bool:
            last = {m.topic: m.payload for m in self.mqtt.messages[mark:] if m.topic in wanted}
            return len(last) == len(wanted) and set(last.values()) == {b"online"}

        await eventually(back, f"{wanted} are online again")

    async def ready(self, *devices: str) -> None:
        """Returns once the cars are known with the limits of their wallboxes."""

        def known(device: str) -> bool:
            limits = self.mqtt.document(f"{device}/limits")
            return self.online(device) and bool(limits.get("obligation"))

        wanted = devices or self.devices
        await eventually(lambda: all(map(known, wanted)), f"{wanted} are ready")


async def build_site(
    plant: Plant, broker: Mosquitto, *options: str, boxes: int = 1, config: str = ""
) -> Site:
    """Starts everything, pairs, and waits until every car is known."""
    mqtt = plant.observer(broker.port)
    started = [
        Wallbox(plant.directory / f"box{number}", *options) for number in range(1, boxes + 1)
    ]
    gateway = Gateway(plant.directory / "gateway", mqtt=broker.port, config=config)
    await asyncio.to_thread(plant.start, *started, gateway)
    devices = [await gateway.pair(box, box.home.name) for box in started]
    site = Site(plant, broker, gateway, started, devices, mqtt)
    await site.ready()
    return site
