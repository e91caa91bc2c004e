"""All paired devices together: what they are, and how a production limit is divided over those that may feed in."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from eebus_gw.bridge.commands import Command, Origin
from eebus_gw.bridge.results import State
from eebus_gw.gateway.controls import CAR_FIELDS
from eebus_gw.gateway.gateway import Gateway
from eebus_gw.home import Home
from eebus_gw.net.events import LinkDown
from eebus_gw.roles.events import UseCasesMatched
from eebus_gw.settings import Settings, ShipSettings
from eebus_gw.site.bounds import Others
from eebus_gw.vocabulary.values import LimitValue, Reading, SetpointValue
from tests.gateway.paired import gateway_with
from tests.support.clock import FakeClock

SKIS = {
    "carport": "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40",
    "garage": "8c1e0b94a2d35f68017be4c9d2f06a81b35e7d41",
    "house": "9c1e0b94a2d35f68017be4c9d2f06a81b35e7d42",
}


@pytest.fixture
async def gateway(tmp_path: Path) -> Any:
    async with gateway_with(tmp_path, SKIS) as gateway:
        yield gateway


def tell(gateway: Gateway, device_id: str, code: str, key: str, value: Any) -> None:
    gateway.devices.by_id[device_id].readings.put((code, key), Reading(value))


def documents(gateway: Gateway, device_id: str) -> dict[str, Any]:
    """What is retained of a device now."""
    found = {}
    while (publication := gateway.outbox.take(gateway.clock.now())) is not None:
        found[publication.topic] = publication.payload
    prefix = f"eebus/{device_id}/"
    return {t.removeprefix(prefix): p for t, p in found.items() if t.startswith(prefix)}


async def test_nobody_feeds_in(gateway: Gateway) -> None:
    assert gateway.devices.production_part(None) is None
    assert gateway.devices.production_part(3_000) == 3_000


async def test_each_that_may_feed_in_gets_its_part_by_whatever_means(gateway: Gateway) -> None:
    tell(gateway, "carport", "lpp", "limit", LimitValue(-5_000.0, False))
    tell(gateway, "garage", "dbevc", "setpoint", SetpointValue(0.0, False))
    tell(gateway, "house", "cob", "ac_setpoint", SetpointValue(0.0, False))
    assert gateway.devices.production_part(3_000) == 1_000


async def test_one_that_is_out_of_reach_keeps_its_part_while_its_setpoint_may_last(
    gateway: Gateway,
) -> None:
    """Contract §3: a setpoint is over 125 s after the wallbox heard of nobody any more."""
    for device_id in ("carport", "garage"):
        tell(gateway, device_id, "dbevc", "setpoint", SetpointValue(0.0, False))
    garage = gateway.devices.by_id["garage"]
    gateway.devices.handle(garage, LinkDown(garage.ski, "lost", "gone"))
    assert gateway.devices.production_part(3_000) == 1_500
    assert isinstance(gateway.clock, FakeClock)
    gateway.clock.advance(124)
    assert gateway.devices.production_part(3_000) == 1_500
    gateway.clock.advance(2)
    assert gateway.devices.production_part(3_000) == 3_000


async def test_a_house_loses_the_documents_of_a_wallbox_and_is_remembered(
    gateway: Gateway,
) -> None:
    devices, house = gateway.devices, gateway.devices.by_id["house"]
    gateway.publisher.device("house", "ev", {"connected": False})
    devices._recognise(house, {"mgcp", "vabd"}, {"ElectricityStorageSystem"})
    assert house.house
    peer = gateway.wallbox.peers.get(house.ski)
    assert peer is not None
    assert peer.kind == "house"
    entry = next(e for e in gateway.bridge.devices() if e["id"] == "house")
    assert entry["kind"] == "house"
    assert documents(gateway, "house")["ev"] == b""


async def test_after_a_restart_it_is_still_a_house(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    settings = Settings(ship=ShipSettings(port=0, mdns=False))
    async with Gateway(home, settings, host="127.0.0.1") as gateway:
        await gateway.verbs.dispatch("pair", {"ski": SKIS["house"], "device_id": "house"})
        gateway.devices._recognise(gateway.devices.by_id["house"], {"vapd"}, {"PVSystem"})
    stored = json.loads((tmp_path / "peers.json").read_text())
    assert [peer["kind"] for peer in stored["peers"]] == ["house"]
    async with Gateway(Home.open(tmp_path), settings, host="127.0.0.1") as gateway:
        assert gateway.devices.by_id["house"].house


async def test_use_cases_that_are_not_known_yet_change_nothing(gateway: Gateway) -> None:
    carport = gateway.devices.by_id["carport"]
    gateway.devices.handle(carport, UseCasesMatched(carport.ski, (), ()))
    assert not carport.house


async def test_what_else_is_steered_to_discharge(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device with a wish to discharge, by its wish and its own power; no other counts."""
    wishes = {"carport": (0.0, 11_000.0), "garage": (4_000.0, None), "house": (2_000.0, -1_500.0)}
    steered = {
        name: SimpleNamespace(setpoints=SimpleNamespace(discharge_wish_w=wish_w, measured_w=own_w))
        for name, (wish_w, own_w) in wishes.items()
    }
    monkeypatch.setattr(gateway.devices, "controls", steered)
    carport, garage, house = (gateway.devices.by_id[name] for name in SKIS)
    assert gateway.devices.others(carport) == Others(2, -1_500.0, 6_000.0)
    assert gateway.devices.others(garage) == Others(1, -1_500.0, 2_000.0)
    assert gateway.devices.others(house) == Others(1, 0.0, 4_000.0)


async def test_a_device_whose_heartbeat_stops_is_not_available(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And again, once it comes again; what is said of its heartbeat turns with it."""
    monkeypatch.setattr(gateway.wallbox, "understood", lambda ski: True)
    assert isinstance(gateway.clock, FakeClock)
    link = gateway.wallbox.link(SKIS["carport"])
    tell(gateway, "carport", "lpc", "limit", LimitValue(4_200.0, True))

    async def after(seconds: float) -> dict[str, Any]:
        assert isinstance(gateway.clock, FakeClock)
        gateway.clock.advance(seconds)
        gateway.devices.handle_timer(gateway.clock.now())
        await asyncio.sleep(0)
        return documents(gateway, "carport")

    def beat() -> None:
        link.beat((1,), gateway.clock.now())

    beat()
    gateway.devices.mark(gateway.devices.by_id["carport"], "availability", "lpc")
    assert (await after(10))["availability"] == b"online"
    beat()
    assert (await after(119))["availability"] == b"online"
    late = await after(12)
    assert late["availability"] == b"offline"
    assert json.loads(late["lpc"])["heartbeat_ok"] is False
    assert json.loads(late["link"])["heartbeat"]["rx_ok"] is False
    beat()
    again = await after(11)
    assert again["availability"] == b"online"
    assert json.loads(again["lpc"])["heartbeat_ok"] is True


async def test_a_limit_of_a_device_that_is_gone_is_not_shown_as_in_force(gateway: Gateway) -> None:
    devices, carport = gateway.devices, gateway.devices.by_id["carport"]
    await asyncio.sleep(0)
    assert "lpc" not in documents(gateway, "carport")
    tell(gateway, "carport", "lpc", "limit", LimitValue(4_200.0, True))
    devices.mark(carport, "lpc")
    await asyncio.sleep(0)
    assert json.loads(documents(gateway, "carport")["lpc"])["limit_active"] is True
    devices.handle(carport, LinkDown(carport.ski, "lost", "gone"))
    await asyncio.sleep(0)
    gone = json.loads(documents(gateway, "carport")["lpc"])
    assert (gone["state"], gone["limit_active"], gone["heartbeat_ok"]) == (None, None, False)


@pytest.mark.parametrize("field", sorted(CAR_FIELDS))
async def test_what_only_a_car_can_follow_is_no_matter_of_a_house(
    gateway: Gateway, field: str
) -> None:
    """It would be told to plug the car in."""
    house = gateway.devices.by_id["house"]
    house.house = True
    now = gateway.clock.now()
    command = Command(1, "house", field, None, None, "c", "", Origin.MQTT, now, now + 30)
    gateway.tracker.submit(command, now)
    (execution,) = gateway.tracker.to_execute()
    gateway.devices.controls["house"].execute(execution.command, now)
    result = gateway.tracker.results()[-1]
    assert (result.state, result.reason) == (State.REJECTED, "usecase_unsupported")
