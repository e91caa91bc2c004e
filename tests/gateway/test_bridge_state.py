"""The topics of the gateway itself: what changes is on them at once (contract, topic tree)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.net import events as net
from eebus_gw.settings import Settings, ShipSettings
from eebus_gw.ship.txt import ServiceRecord
from tests.support.processes import eventually

WALLBOX = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
BOX = "a9cfa5fac0e5631cb87f09ce726103519eff0fa6"
STRANGER = "00cfa5fac0e5631cb87f09ce726103519eff0fa6"


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway with a wallbox and a control box that are not there."""
    ship = ShipSettings(port=0, grid_port=0, mdns=False)
    async with Gateway(Home.open(tmp_path), Settings(ship=ship), host="127.0.0.1") as running:
        await running.verbs.dispatch("pair", {"ski": WALLBOX, "device_id": "carport"})
        await running.verbs.dispatch("pair", {"ski": BOX, "device_id": "box", "side": "grid"})
        yield running


class Seen:
    """What went to the broker since the last look."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._documents: dict[str, Any] = {}
        self.topics: list[str] = []

    def look(self) -> dict[str, Any]:
        """The newest document on each topic that got one."""
        while (sent := self._gateway.outbox.take(self._gateway.clock.now())) is not None:
            self.topics.append(sent.topic)
            if sent.payload[:1] in (b"{", b"["):
                self._documents[sent.topic.removeprefix("eebus/")] = json.loads(sent.payload)
        return self._documents


async def test_another_log_level_is_told_at_once(gateway: Gateway) -> None:
    seen = Seen(gateway)
    assert seen.look()["bridge/info"]["log_level"] != "ERROR"
    before = seen.look()["bridge/info"]["log_level"]
    await gateway.verbs.dispatch("log/level", {"level": "ERROR"})
    assert seen.look()["bridge/info"]["log_level"] == "ERROR"
    await gateway.verbs.dispatch("log/level", {"level": before})


async def test_health_says_when_the_store_was_written(gateway: Gateway) -> None:
    gateway.home.retained.flush(gateway.clock.now())
    store = gateway.bridge.health_document()["store"]
    assert store["ok"] is True
    assert abs((gateway.clock.wall().timestamp()) - _seconds(store["last_write_ts"])) < 30


async def test_a_ledger_that_cannot_be_written_is_no_secret(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The decisions for the grid must outlast the day: a full disk is said at once, and while it lasts."""

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("eebus_gw.ledger.journal.append", full)
    gateway.site.journal.started("again")
    gateway.ledger.save().result()
    store = gateway.bridge.health_document()["store"]
    assert store["ok"] is False
    (report,) = store["reports"]
    assert "disk is full" in report
    assert [r.levelname for r in caplog.records if "the ledger cannot be written" in r.message] == [
        "ERROR"
    ]
    monkeypatch.undo()
    gateway.ledger.save().result()
    assert gateway.bridge.health_document()["store"]["ok"] is True


async def test_whom_either_side_trusts_is_not_listed_as_discovered(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [
        net.VisibleNode(ski[:4], ("192.0.2.1",), 4711, ServiceRecord(f"id-{ski[:4]}", ski))
        for ski in (WALLBOX, BOX, STRANGER)
    ]
    monkeypatch.setattr(gateway.wallbox.node.network, "visible", lambda: nodes)
    assert [entry["ski"] for entry in gateway.bridge.discovered()] == [STRANGER]


async def test_a_window_of_the_grid_side_is_shown_and_closes_by_itself(gateway: Gateway) -> None:
    seen = Seen(gateway)
    await gateway.verbs.dispatch("pairing/open", {"side": "grid", "seconds": 1})
    pairing = seen.look()["bridge/pairing"]
    assert (pairing["open"], pairing["side"]) == (False, "wallbox")
    assert (pairing["grid"]["open"], pairing["grid"]["pending"]) == (True, [])
    await eventually(lambda: not seen.look()["bridge/pairing"]["grid"]["open"], "it is closed")


async def test_the_connection_of_a_control_box_is_told_like_any_other(gateway: Gateway) -> None:
    seen = Seen(gateway)
    grid = gateway.site.grid
    assert grid is not None
    seen.look()
    gateway.bridge.note(grid.side, None, net.LinkDown(BOX, "timeout", "gone"))
    assert seen.look()["bridge/event"]["data"] == {"id": "box", "cause": "timeout", "text": "gone"}


async def test_devices_that_are_not_connected_have_announced_no_roles(gateway: Gateway) -> None:
    assert [entry["roles"] for entry in gateway.bridge.devices()] == [[], []]


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
