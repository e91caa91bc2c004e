"""A gateway that cannot start leaves nothing behind; one that does tells first things first."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eebus_gw.errors import EebusError
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.ledger import database, journal
from eebus_gw.ledger.entries import Entry, Kind
from eebus_gw.settings import Settings, ShipSettings

PEER = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


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


@pytest.mark.parametrize("kept", [True, False, None])
async def test_the_journal_says_whether_the_clock_was_kept(
    kept: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eebus_gw.gateway.gateway.clock_synchronised", lambda: kept)
    settings = Settings(ship=ShipSettings(port=0, mdns=False))
    async with Gateway(Home.open(tmp_path), settings, host="127.0.0.1") as gateway:
        assert await asyncio.wrap_future(gateway.ledger.record(Entry(Kind.STARTED)))
    with closing(database.connect(gateway.home.ledger_path, read_only=True)) as book:
        assert [row.members()["clock_synchronised"] for row in journal.rows(book)] == [kept]


async def test_home_assistant_hears_of_the_gateway_before_its_devices(tmp_path: Path) -> None:
    """Every time that all is published: a device is not linked to a gateway that comes after it."""
    home = Home.open(tmp_path)
    home.ensure_identity()
    home.peers.add(PEER, at=NOW, device_id="carport")
    async with Gateway(home, Settings(ship=ShipSettings(port=0, mdns=False))) as gateway:
        for _ in range(2):
            gateway.outbox.republish()
            published = []
            while (sent := gateway.outbox.take(gateway.clock.now())) is not None:
                published.append(sent.topic)
            documents = [topic for topic in published if topic.endswith("/config")]
            name = f"homeassistant/device/eebus-{gateway.gateway_id}"
            assert documents == [f"{name}/config", f"{name}-carport/config"]
