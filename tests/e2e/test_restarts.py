"""Whatever ends, and whenever: everything comes back by itself, and nothing has to be power-cycled."""

from __future__ import annotations

import asyncio
import random
import shutil

import pytest

from tests.e2e.side_by_side import Outcomes, Scenario
from tests.e2e.site import Site, build_site
from tests.support.broker import Mosquitto
from tests.support.processes import Gateway, Plant, connections, eventually

# More than once, for a slow machine may have nobody who looks when the car leaves for the first time.
SCRIPT = "\n".join(
    f"[[step]]\nat = {at}\nunplug = true\n[[step]]\nat = {at + 2}\nplug = true"
    for at in (8, 18, 28)
)


async def wish(site: Site, ampere: float, device: str | None = None) -> None:
    """A limit that has to hold whatever happens next."""
    device = device or site.device
    result = await site.mqtt.command(device, f"wish-{ampere}", max_current_a=ampere)
    assert result["state"] == "applied", result


async def in_force(site: Site, ampere: float) -> None:
    """The wallbox offers what was wished, its documents say so, and there is one of everything."""
    await eventually(lambda: site.box.now.get("limit_a") == ampere, f"{ampere} A again")
    await eventually(
        lambda: (
            (limits := site.mqtt.document(f"{site.device}/limits").get("obligation"))
            and limits["value_a"] == [ampere] * 3
        ),
        "the limit is reported again",
    )
    await eventually(lambda: site.mqtt.document("bridge/devices")[0]["connected"], "the list knows")
    assert [entry["id"] for entry in site.mqtt.document("bridge/devices")] == list(site.devices)
    await eventually(lambda: connections(site.box.port) == 1, "one connection")


async def the_gateway_is_killed_again_and_again(plant: Plant, broker: Mosquitto) -> None:
    """At any phase: starting, in TLS, in the SHIP handshake, in discovery, at the first write."""
    site = await build_site(plant, broker)
    await wish(site, 10)
    site.gateway.kill()
    await eventually(lambda: site.mqtt.text("bridge/state") == "offline", "the last will")
    moments = random.Random(2)
    for _ in range(4):
        await asyncio.to_thread(site.gateway.start)
        await asyncio.sleep(moments.uniform(0, 0.4))  # the moment of the crash, not a wait
        site.gateway.kill()
    mark = len(site.mqtt.messages)
    await asyncio.to_thread(site.gateway.start)
    await site.back(mark)
    await in_force(site, 10)
    await wish(site, 9)
    await in_force(site, 9)


async def the_wallbox_is_killed_again_and_again(plant: Plant, broker: Mosquitto) -> None:
    """At any phase; other wallboxes at the same gateway do not notice."""
    site = await build_site(plant, broker, boxes=3)
    for ampere, device in zip((10, 11, 12), site.devices, strict=True):
        await wish(site, ampere, device)
    site.box.kill()
    await eventually(lambda: not site.online(), "offline")
    await eventually(
        lambda: site.mqtt.document(f"{site.device}/ev")["connected"] is False, "no car is known"
    )
    result = await site.mqtt.command(site.device, "meanwhile", max_current_a=12)
    assert (result["state"], result["reason"]) == ("rejected", "device_offline")
    moments = random.Random(3)
    for _ in range(4):
        await asyncio.to_thread(site.box.start)
        await site.gateway.ask("device/reconnect", id=site.device)
        await asyncio.sleep(moments.uniform(0, 0.4))  # the moment of the crash, not a wait
        site.box.kill()
    for ampere, device in zip((13, 14), site.devices[1:], strict=True):
        await wish(site, ampere, device)
    await asyncio.to_thread(site.box.start)
    await site.ready()
    await in_force(site, 10)
    for device in site.devices[1:]:
        assert site.mqtt.document(f"{device}/link")["reconnects"] == 0
    await eventually(
        lambda: [box.now["limit_a"] for box in site.boxes] == [10.0, 13.0, 14.0], "each its own"
    )


async def the_broker_restarts_in_the_middle(plant: Plant, broker: Mosquitto) -> None:
    site = await build_site(plant, broker)
    for ampere, end in ((10, broker.kill), (9, broker.stop)):
        await wish(site, ampere)
        await in_force(site, ampere)
        before = set(site.mqtt.state)
        end()
        site.mqtt.state.clear()
        mark = len(site.mqtt.messages)
        broker.start()
        await site.back(mark)
        await eventually(lambda: before <= site.mqtt.state.keys(), "all is retained again")  # noqa: B023
        await in_force(site, ampere)
    link = site.mqtt.document(f"{site.device}/link")
    assert link["reconnects"] == 0, "the EEBUS side does not notice"
    await wish(site, 8)
    await in_force(site, 8)


async def everything_is_killed_at_once(plant: Plant, broker: Mosquitto) -> None:
    site = await build_site(plant, broker)
    await wish(site, 10)
    for each in (site.gateway, site.box, broker):
        each.kill()
    site.mqtt.state.clear()
    mark = len(site.mqtt.messages)
    await asyncio.to_thread(site.gateway.start)  # before there is a broker or a wallbox
    await asyncio.to_thread(site.box.start)
    broker.start()
    await site.back(mark)
    await in_force(site, 10)


async def a_wallbox_with_another_key_is_no_device_of_ours(plant: Plant, broker: Mosquitto) -> None:
    site = await build_site(plant, broker)
    old = site.box.ski
    site.box.kill()
    shutil.rmtree(site.box.home)
    await asyncio.to_thread(site.box.start)
    assert site.box.ski != old
    events = await eventually(lambda: site.mqtt.events("ski_changed"), "the event")
    assert events[0]["expected"] == old
    assert events[0]["found"] == site.box.ski
    assert connections(site.box.port) == 0
    await eventually(lambda: not site.mqtt.document("bridge/devices")[0]["connected"], "not it")
    assert [entry["ski"] for entry in site.mqtt.document("bridge/devices")] == [old]
    assert not site.online()
    await eventually(
        lambda: site.box.ski in site.mqtt.document(f"{site.device}/link")["last_error"]["text"],
        "the link document says so",
    )


async def the_car_leaves_and_comes_back(plant: Plant, broker: Mosquitto) -> None:
    script = plant.directory / "script.toml"
    script.write_text(SCRIPT)
    site = await build_site(plant, broker, "--scenario", str(script))
    await site.mqtt.command(
        site.device, "wish", max_current_a=10
    )  # kept if the car is gone already
    await eventually(lambda: site.mqtt.events("ev_unplugged"), "unplugged")
    await eventually(lambda: len(site.mqtt.events("ev_plugged")) > 1, "plugged again")
    await site.ready()
    await in_force(site, 10)
    ev = next(
        d for m in site.mqtt.on(f"{site.device}/ev") if (d := m.json)["charge_state"] == "unplugged"
    )
    assert (ev["connected"], ev["status_letter"], ev["soc_percent"]) == (False, "A", None)
    assert [
        meter["current_a"]
        for m in site.mqtt.on(f"{site.device}/meter")
        if (meter := m.json)["power_w"] == 0 and meter["source"] is not None
    ][-1] == [0, 0, 0]
    assert site.mqtt.document(f"{site.device}/link")["reconnects"] == 0


async def three_wallboxes_in_one_process(plant: Plant, broker: Mosquitto) -> None:
    """The simulator's ``--count``: ports and homes of their own."""
    mqtt = plant.observer(broker.port)
    fleet = plant.wallbox("fleet", "--count", "3")
    gateway = plant.gateway(mqtt=broker.port)
    await eventually(lambda: len(fleet.lines) >= 3, "three ready lines")
    ready = fleet.lines[:3]
    assert [line["port"] for line in ready] == [fleet.port + number for number in range(3)]
    assert len({line["ski"] for line in ready}) == 3
    devices = [f"box-{line['box']}" for line in ready]
    for line, device in zip(ready, devices, strict=True):
        address = f"127.0.0.1:{line['port']}"
        await gateway.ask("pair", ski=line["ski"], alias=device, address=address)
    await eventually(
        lambda: all(mqtt.document(f"{d}/limits").get("obligation") for d in devices), "all there"
    )
    for ampere, device in zip((8, 9, 10), devices, strict=True):
        assert (await mqtt.command(device, "each", max_current_a=ampere))["state"] == "applied"

    def offered() -> dict[int, float]:
        return {line["box"]: line["limit_a"] for line in fleet.lines[-3:] if "limit_a" in line}

    await eventually(lambda: offered() == {1: 8.0, 2: 9.0, 3: 10.0}, "each its own limit")


async def two_nodes_that_dial_each_other(plant: Plant, broker: Mosquitto) -> None:
    """Both dial at once, again after each restart: in the end there is one connection (SHIP §12.2.2)."""
    first, second = Gateway(plant.directory / "first"), Gateway(plant.directory / "second")
    plant.start(first, second)
    for one, other in ((first, second), (second, first)):
        address = f"127.0.0.1:{other.port}"
        await one.ask("pair", ski=other.ski, alias="twin", address=address)
    await one_connection(first, second)
    second.kill()
    await asyncio.to_thread(second.start)
    await one_connection(first, second)


async def one_connection(*gateways: Gateway) -> None:
    """Returns when there has been one connection of the two for ten looks in a row."""
    looks = 0

    async def look() -> bool:
        connected = [(await gateway.peer("twin"))["connected"] for gateway in gateways]
        return all(connected) and sum(connections(gateway.port) for gateway in gateways) == 1

    async with asyncio.timeout(60):
        while looks < 10:
            looks = looks + 1 if await look() else 0
            await asyncio.sleep(0.05)


SCENARIOS = (
    the_gateway_is_killed_again_and_again,
    the_wallbox_is_killed_again_and_again,
    the_broker_restarts_in_the_middle,
    everything_is_killed_at_once,
    a_wallbox_with_another_key_is_no_device_of_ours,
    the_car_leaves_and_comes_back,
    three_wallboxes_in_one_process,
    two_nodes_that_dial_each_other,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_restart(scenario: Scenario, outcomes: Outcomes) -> None:
    outcomes.check(scenario)
