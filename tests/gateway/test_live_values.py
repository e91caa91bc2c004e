"""The flat object that ``monitor`` shows, from the device's documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eebus_gw.gateway.gateway import Gateway
from eebus_gw.gateway.live_values import live_values, snapshot
from eebus_gw.home import Home
from eebus_gw.settings import Settings, ShipSettings

SKI = "7c1e0b94a2d35f68017be4c9d2f06a81b35e7d40"
OBLIGATION = {"value_a": [10.0, 10.0, None], "active": [True, True, None]}


@pytest.fixture
async def gateway(tmp_path: Path) -> Any:
    settings = Settings(ship=ShipSettings(port=0, mdns=False))
    async with Gateway(Home.open(tmp_path), settings, host="127.0.0.1") as gateway:
        await gateway.verbs.dispatch("pair", {"ski": SKI, "device_id": "carport"})
        yield gateway


def values(gateway: Gateway, **documents: dict[str, Any]) -> dict[str, Any]:
    for leaf, content in documents.items():
        gateway.publisher.device("carport", leaf, content)
    return snapshot(gateway, gateway.devices.by_id["carport"])


async def test_before_the_first_connection(gateway: Gateway) -> None:
    shown = values(gateway)
    assert (shown["id"], shown["connected"], shown["limit_w"]) == ("carport", False, None)


async def test_members_of_the_documents(gateway: Gateway) -> None:
    shown = values(
        gateway,
        meter={"power_w": 4600.0, "current_a": [10.0, 10.0, None], "limited_by": "ramp"},
        ev={"charge_state": "active", "soc_percent": 50.0},
        session={"energy_kwh": 1.5},
        setpoint={"applied_w": -3000},
    )
    assert (shown["power_w"], shown["charge_state"]) == (4600.0, "active")
    assert (shown["soc_percent"], shown["energy_kwh"]) == (50.0, 1.5)
    assert (shown["setpoint_w"], shown["limited_by"]) == (-3000, "ramp")


@pytest.mark.parametrize(
    ("limits", "lpc", "limit_a", "limit_w"),
    [
        (None, {}, None, None),
        ({**OBLIGATION, "active": [False, False, None]}, {}, None, None),
        (OBLIGATION, {}, [10.0, 10.0, None], 4600.0),
        (OBLIGATION, {"limit_active": True, "limit_w": 4200.0}, [10.0, 10.0, None], 4200.0),
        (OBLIGATION, {"limit_active": False, "limit_w": 4200.0}, [10.0, 10.0, None], 4600.0),
        (None, {"limit_active": True, "limit_w": 0.0}, None, 0.0),
    ],
)
async def test_the_tightest_limit(
    gateway: Gateway,
    limits: dict[str, Any] | None,
    lpc: dict[str, Any],
    limit_a: list[float | None] | None,
    limit_w: float | None,
) -> None:
    shown = values(gateway, limits={"obligation": limits, "recommendation": None}, lpc=lpc)
    assert (shown["limit_a"], shown["limit_w"]) == (limit_a, limit_w)


async def test_without_a_measured_voltage_the_site_s_counts(gateway: Gateway) -> None:
    site = gateway.settings.site.model_copy(update={"voltage_v": 220.0})
    gateway.settings = gateway.settings.model_copy(update={"site": site})
    shown = values(
        gateway,
        meter={"power_w": 0.0, "voltage_v": [None, 225.0, None]},
        limits={"obligation": OBLIGATION, "recommendation": None},
    )
    assert shown["limit_w"] == 4450.0


async def test_a_measured_voltage_counts(gateway: Gateway) -> None:
    shown = values(
        gateway,
        meter={"power_w": 0.0, "voltage_v": [240.0, 240.0, 240.0]},
        limits={"obligation": OBLIGATION, "recommendation": None},
    )
    assert shown["limit_w"] == 4800.0


async def test_one_object_a_device_and_period(gateway: Gateway) -> None:
    await gateway.verbs.dispatch(
        "pair", {"ski": "a9cfa5fac0e5631cb87f09ce726103519eff0fa6", "device_id": "garage"}
    )
    stream = live_values(gateway, None, 0.01)
    assert [(await anext(stream))["id"] for _ in range(4)] == ["carport", "garage"] * 2
    await stream.aclose()
    only = live_values(gateway, "garage", 0.01)
    assert [(await anext(only))["id"] for _ in range(2)] == ["garage"] * 2
    await only.aclose()


async def test_members_of_a_house(gateway: Gateway) -> None:
    gateway.devices.by_id["carport"].house = True
    shown = values(
        gateway,
        meter={"power_w": -1200.0},
        battery={"power_w": 2000.0, "soc_percent": 61.5},
        pv={"production_w": 4300.0},
        setpoint={"applied_w": 2000, "limited_by": "feed_in"},
    )
    assert (shown["kind"], shown["charge_state"]) == ("house", None)
    assert (shown["power_w"], shown["battery_w"], shown["pv_w"]) == (-1200.0, 2000.0, 4300.0)
    assert (shown["soc_percent"], shown["setpoint_w"]) == (61.5, 2000)
    assert shown["limited_by"] == "feed_in"
