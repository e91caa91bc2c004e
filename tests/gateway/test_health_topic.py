"""What the broker says about the connection to the broker."""

from __future__ import annotations

import json
from pathlib import Path

import aiomqtt

from eebus_gw.bridge.endpoint import endpoint_from
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import MqttSettings, Settings, ShipSettings
from tests.support.broker import Mosquitto


async def test_health_that_arrives_knows_that_the_broker_is_there(tmp_path: Path) -> None:
    """The first document is written before the connection; what lies on the broker is a later one."""
    with Mosquitto(tmp_path) as broker:
        mqtt = MqttSettings(url=f"mqtt://127.0.0.1:{broker.port}")
        settings = Settings(mqtt=mqtt, ship=ShipSettings(port=0, mdns=False))
        async with (
            Gateway(Home.open(tmp_path / "home"), settings, endpoint=endpoint_from(mqtt)),
            aiomqtt.Client("127.0.0.1", broker.port) as observer,
        ):
            await observer.subscribe("eebus/bridge/health")
            message = await anext(observer.messages)
    assert isinstance(message.payload, bytes)
    assert json.loads(message.payload)["mqtt"]["connected"] is True
