"""Log lines on the broker: what is published, what is kept back."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import MqttSettings, Settings, ShipSettings

PROGRAM = logging.getLogger("eebus_gw")


@pytest.fixture(autouse=True)
def _level() -> None:
    PROGRAM.setLevel(logging.DEBUG)


def a_gateway(directory: Path, *, log: bool) -> Gateway:
    ship = ShipSettings(port=0, grid_port=0, mdns=False)
    return Gateway(Home.open(directory), Settings(ship=ship, mqtt=MqttSettings(log=log)))


async def published(gateway: Gateway) -> list[dict[str, Any]]:
    """The log lines that wait for the broker."""
    await asyncio.sleep(0)
    lines = []
    while (publication := gateway.outbox.take(gateway.clock.now())) is not None:
        if publication.topic == "eebus/bridge/log":
            assert not publication.retain
            assert publication.qos == 0
            lines.append(json.loads(publication.payload))
    return lines


async def test_a_line_is_published_with_its_device_and_without_secrets(tmp_path: Path) -> None:
    async with a_gateway(tmp_path, log=True) as gateway:
        await published(gateway)
        logging.getLogger("eebus_gw.net").warning(
            "pin=%s was refused", "12345678", extra={"device": "carport"}
        )
        (line,) = await published(gateway)
    assert line["level"] == "warning"
    assert line["logger"] == "eebus_gw.net"
    assert line["device"] == "carport"
    assert "12345678" not in line["message"]


async def test_what_publishing_itself_says_is_not_published_below_a_warning(tmp_path: Path) -> None:
    async with a_gateway(tmp_path, log=True) as gateway:
        await published(gateway)
        logging.getLogger("eebus_gw.bridge.client").debug("sent")
        logging.getLogger("eebus_gw.bridge.client").warning("broker gone")
        lines = await published(gateway)
    assert [line["message"] for line in lines] == ["broker gone"]


async def test_off_by_default_and_gone_with_the_gateway(tmp_path: Path) -> None:
    before = list(PROGRAM.handlers)
    async with a_gateway(tmp_path / "quiet", log=False) as gateway:
        PROGRAM.warning("unheard")
        assert await published(gateway) == []
    async with a_gateway(tmp_path / "telling", log=True):
        assert PROGRAM.handlers != before
    assert PROGRAM.handlers == before
