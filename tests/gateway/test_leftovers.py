"""A device removed while the gateway does not run leaves nothing on the broker; everybody else's topics stay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest

from eebus_gw.bridge.endpoint import Endpoint, Protocol
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import (
    HomeAssistantSettings,
    MqttSettings,
    ProfileSettings,
    Settings,
    ShipSettings,
)
from tests.support.broker import Mosquitto, free_port
from tests.support.processes import eventually

CARPORT = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
GARAGE = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"
STRANGERS = {
    "eebus/cellar/ev",
    "eebus/carport/note",
    "eebus/carport-2/ev",
    "homeassistant/device/eebus-other-carport/config",
    "evcc/carport/power",
}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with Mosquitto(tmp_path) as broker:
        yield broker


@asynccontextmanager
async def running(
    home: Path, port: int, *, protocol: Protocol = Protocol.AUTO, base: str = "eebus"
) -> AsyncIterator[Gateway]:
    settings = Settings(
        ship=ShipSettings(port=0, mdns=False),
        mqtt=MqttSettings(base_topic=base),
        homeassistant=HomeAssistantSettings(enabled=True),
        profiles=ProfileSettings(evcc=True),
    )
    endpoint = Endpoint("127.0.0.1", port, protocol=protocol)
    async with Gateway(Home.open(home), settings, endpoint=endpoint, host="127.0.0.1") as gateway:
        yield gateway


async def sent(gateway: Gateway) -> None:
    """Everything that waited is at the broker."""
    await eventually(
        lambda: gateway.broker and gateway.broker.status.connected and not gateway.outbox.queued
    )


async def retained(port: int) -> set[str]:
    """Every topic with a retained message; a marker of our own says when all have come."""
    topics = set()
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("#", qos=1)
        await client.publish("marker", b"x", qos=1)
        async for message in client.messages:
            if message.topic.value == "marker":
                return topics
            if message.retain:
                topics.add(message.topic.value)
    raise AssertionError("the broker ended the connection")


def of(device: str, topics: set[str]) -> set[str]:
    below = {topic for topic in topics if topic.startswith(f"eebus/{device}/")}
    own = {t for t in topics if t.startswith("homeassistant/") and t.endswith(f"-{device}/config")}
    return (below | own) - STRANGERS


async def two_wallboxes(home: Path, port: int) -> set[str]:
    """Two wallboxes are published and a stranger publishes, too; returns what the broker retains."""
    async with running(home, port) as gateway:
        for ski, device in ((CARPORT, "carport"), (GARAGE, "garage")):
            await gateway.verbs.dispatch("pair", {"ski": ski, "device_id": device})
            gateway.publisher.stamped(device, "last_result", {"state": "applied"})
        await sent(gateway)
    async with aiomqtt.Client("127.0.0.1", port) as stranger:
        for topic in STRANGERS:
            await stranger.publish(topic, b"mine", qos=1, retain=True)
    return await retained(port)


async def without(device: str, gateway: Gateway, port: int) -> set[str]:
    """What is retained once the gateway has sent everything; nothing of it belongs to ``device``."""
    await sent(gateway)
    await eventually(lambda: not of_owned(device, gateway), "the broker has let go")
    topics = await retained(port)
    assert of(device, topics) == set()
    return topics


def of_owned(device: str, gateway: Gateway) -> set[str]:
    return of(device, set(gateway.outbox.owned_topics))


@pytest.mark.parametrize("protocol", [Protocol.V5, Protocol.V311])
async def test_only_the_removed_device_goes(
    tmp_path: Path, broker: Mosquitto, protocol: Protocol
) -> None:
    before = await two_wallboxes(tmp_path, broker.port)
    assert {"eebus/carport/last_result", "eebus/carport/availability"} <= of("carport", before)
    assert any(topic.startswith("homeassistant/") for topic in of("carport", before))
    Home.open(tmp_path).peers.remove("carport")
    async with running(tmp_path, broker.port, protocol=protocol) as gateway:
        after = await without("carport", gateway, broker.port)
        assert after == before - of("carport", before)


async def test_without_a_broker_it_is_made_up_for_later(tmp_path: Path, broker: Mosquitto) -> None:
    before = await two_wallboxes(tmp_path, broker.port)
    Home.open(tmp_path).peers.remove("carport")
    async with running(tmp_path, free_port()):
        pass
    async with running(tmp_path, broker.port) as gateway:
        after = await without("carport", gateway, broker.port)
        assert of("garage", after) == of("garage", before)


async def test_a_leaf_of_an_earlier_run_goes_with_its_device(
    tmp_path: Path, broker: Mosquitto
) -> None:
    await two_wallboxes(tmp_path, broker.port)
    async with running(tmp_path, broker.port) as gateway:
        await sent(gateway)
        assert "eebus/carport/last_result" in await retained(broker.port)
        await gateway.verbs.dispatch("device/remove", {"id": "carport"})
        assert await without("carport", gateway, broker.port) >= STRANGERS


async def test_another_base_topic_touches_nothing(tmp_path: Path, broker: Mosquitto) -> None:
    before = await two_wallboxes(tmp_path, broker.port)
    Home.open(tmp_path).peers.remove("carport")
    async with running(tmp_path, broker.port, base="site/eebus") as gateway:
        await sent(gateway)
        assert await retained(broker.port) >= before


async def test_home_assistant_lets_go_of_a_device_before_its_topics_go(
    tmp_path: Path, broker: Mosquitto
) -> None:
    """It would read the empty messages as states, with an error for each template."""
    async with (
        running(tmp_path, broker.port) as gateway,
        aiomqtt.Client("127.0.0.1", broker.port) as observer,
    ):
        await gateway.verbs.dispatch("pair", {"ski": CARPORT, "device_id": "carport"})
        await sent(gateway)
        await observer.subscribe("#", qos=1)
        await gateway.verbs.dispatch("device/remove", {"id": "carport"})
        async for message in observer.messages:
            if not message.payload:
                assert message.topic.value == gateway.home_assistant.discovery_topic("carport")
                return
