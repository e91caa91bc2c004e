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

    async def charging(self, device: str | None = None) -> None:
        """Returns once the car's power and the limits of the wallbox are known."""
        device = device or self.device
        await eventually(
            lambda: (
                self.online(device)
                and self.mqtt.document(f"{device}/ev").get("charge_state") == "active"
                and self.mqtt.document(f"{device}/limits").get("obligation")
            ),
            f"{device} charges",
        )


async def build_site(
    plant: Plant, broker: Mosquitto, *options: str, boxes: int = 1, config: str = ""
) -> Site:
    """Starts everything, pairs, and waits until every car charges."""
    mqtt = plant.observer(broker.port)
    started = [plant.wallbox(f"box{number}", *options) for number in range(1, boxes + 1)]
    gateway = plant.gateway(mqtt=broker.port, config=config)
    devices = [await gateway.pair(box, box.home.name) for box in started]
    site = Site(plant, broker, gateway, started, devices, mqtt)
    await asyncio.gather(*(site.charging(device) for device in devices))
    return site
