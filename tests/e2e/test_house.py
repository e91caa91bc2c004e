"""Grid meter, home battery and PV system become topics, and the battery follows setpoints under the feed-in rule
(contract §3, devices of the house)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.broker import Mosquitto
from tests.support.processes import Gateway, House, Observer, Plant, eventually

LOAD_W = 3_000.0
METER = {"power_w", "energy_import_kwh", "energy_export_kwh", "current_a", "voltage_v", "ts"}
BATTERY = {"power_w", "soc_percent", "control_mode", "max_charge_w", "max_discharge_w", "ts"}
PV = {"production_w", "peak_w", "energy_yield_kwh", "ts"}


@dataclass
class Evening:
    """A house that draws 3 kW without sun, its gateway, and who watches."""

    gateway: Gateway
    house: House
    mqtt: Observer

    def of(self, leaf: str) -> Any:
        return self.mqtt.document(f"house/{leaf}")

    async def at_w(self, watts: float, within_w: float = 60.0) -> None:
        """Returns once the battery's power is near ``watts``, by the house's own account."""
        await eventually(
            lambda: abs(self.house.now["battery_w"] - watts) <= within_w,
            f"the battery at {watts} W",
        )


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    directory = tmp_path_factory.mktemp("house")
    with Mosquitto(directory) as broker, Plant(directory) as plant:
        mqtt = plant.observer(broker.port)
        house = House(directory / "house", "--pv", "0", "--load", f"{LOAD_W:g}", "--soc", "60")
        gateway = Gateway(directory / "gateway", mqtt=broker.port)
        plant.start(house, gateway)
        asyncio.run(gateway.pair(house, "house"))
        yield Evening(gateway, house, mqtt)


async def test_everything_it_tells_is_published(evening: Evening) -> None:
    await eventually(lambda: evening.mqtt.text("house/availability") == "online", "online")
    await eventually(
        lambda: all(evening.of(leaf) for leaf in ("meter", "battery", "pv", "setpoint")),
        "documents",
    )
    assert evening.of("meter").keys() >= METER
    assert evening.of("battery").keys() >= BATTERY
    assert evening.of("pv").keys() >= PV
    await eventually(lambda: evening.of("battery")["max_discharge_w"] == 5_000, "what it can do")
    await eventually(lambda: evening.of("pv")["production_w"] == 0, "no sun")


async def test_it_is_no_wallbox(evening: Evening) -> None:
    def entry() -> Any:
        devices = evening.mqtt.document("bridge/devices")
        return next((device for device in devices if device["kind"] == "house"), None)

    await eventually(entry, "known as a house")
    assert {use_case["code"] for use_case in entry()["use_cases"]} == {
        "mgcp",
        "vabd",
        "vapd",
        "cob",
    }
    for leaf in ("ev", "evse", "limits", "session"):
        await eventually(lambda leaf=leaf: not evening.of(leaf), f"no {leaf}")  # type: ignore[misc]


async def test_the_battery_covers_the_house_and_no_more(evening: Evening) -> None:
    """``site.feed_in`` is forbidden by default: the meter (MGCP) tells what the house draws."""
    await eventually(lambda: evening.of("setpoint").get("discharge_allowed"), "may discharge")
    wish = {"setpoint_w": -2_000, "duration_s": 600}
    result = await evening.mqtt.command("house", "wish-1", setpoint=wish)
    assert (result["state"], result["reason"]) == ("applied", None)
    await evening.at_w(-2_000)
    assert evening.house.now["mode"] == "power"
    more = {"setpoint_w": -5_000, "duration_s": 600}
    result = await evening.mqtt.command("house", "wish-2", setpoint=more)
    assert result["state"] == "applied"
    await evening.at_w(-(LOAD_W - 100))  # less the margin of the rule
    assert evening.of("setpoint")["limited_by"] in ("feed_in", "ramp")
    await eventually(lambda: evening.of("meter")["power_w"] < 200, "the meter follows")
    assert min(line["grid_w"] for line in evening.house.lines[1:]) >= 0


async def test_what_is_fed_over_mqtt_goes_before_the_meter(evening: Evening) -> None:
    """A second look at the connection that knows of 2,500 W less load: the battery gives way to it at once."""
    measured = evening.house.now["battery_w"]
    feed = {"power_w": measured + 500.0, "ts": datetime.now(UTC).isoformat()}
    evening.mqtt.publish("grid/meter/set", feed)
    await eventually(lambda: evening.house.now["battery_w"] >= -400, "less is discharged")
    await evening.at_w(-(LOAD_W - 100))  # ten seconds later the feed is no longer fresh


async def test_the_end_leaves_the_inverter_to_itself(evening: Evening) -> None:
    result = await evening.mqtt.command("house", "end", setpoint={"active": False})
    assert result["state"] == "applied"
    await eventually(lambda: evening.of("battery")["control_mode"] == "auto", "auto")
    await eventually(lambda: evening.house.now["state"] == "auto_control", "on its own")
    await evening.at_w(-LOAD_W)


async def test_after_a_restart_it_is_still_known(evening: Evening) -> None:
    mark = len(evening.mqtt.messages)
    evening.gateway.stop()
    evening.gateway.start()
    await eventually(
        lambda: evening.mqtt.on("house/meter", mark) and evening.mqtt.on("house/battery", mark),
        "documents again",
    )
    assert not evening.mqtt.on("house/ev", mark)
    await evening.at_w(-LOAD_W)
