"""A gateway that has paired devices which are not there, with a clock to be moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import Settings, ShipSettings
from tests.support.clock import FakeClock


@asynccontextmanager
async def gateway_with(directory: Path, skis: Mapping[str, str]) -> AsyncIterator[Gateway]:
    """``skis`` are those of the devices by their id."""
    settings = Settings(ship=ShipSettings(port=0, mdns=False))
    home = Home.open(directory)
    async with Gateway(home, settings, host="127.0.0.1", clock=FakeClock()) as gateway:
        for device_id, ski in skis.items():
            await gateway.verbs.dispatch("pair", {"ski": ski, "device_id": device_id})
        yield gateway
