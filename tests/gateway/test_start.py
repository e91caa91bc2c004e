"""A gateway that cannot start leaves nothing behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from eebus_gw.errors import EebusError
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.settings import Settings, ShipSettings


async def test_a_port_in_use_leaves_the_home_unlocked(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(ship=ShipSettings(port=port, mdns=False))
        with pytest.raises(EebusError):
            async with Gateway(Home.open(tmp_path), settings, host="127.0.0.1"):
                pass
    async with Gateway(Home.open(tmp_path), settings, host="127.0.0.1") as gateway:
        assert gateway.wallbox.node.network.port == port
