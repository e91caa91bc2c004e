"""What a paired device does at this moment, in one flat object, for people who watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from eebus_gw.bridge.results import time_text
from eebus_gw.gateway.device import Device

if TYPE_CHECKING:
    from eebus_gw.gateway.gateway import Gateway

PERIOD_S = 1.0
Json = dict[str, Any]


async def live_values(
    gateway: Gateway, device_id: str | None, period_s: float
) -> AsyncGenerator[Json, None]:
    """One object a device and period, of one device or all; goes on until it is closed."""
    while True:
        for device in list(gateway.devices):
            if device_id in (None, device.id):
                yield snapshot(gateway, device)
        await asyncio.sleep(period_s)


def snapshot(gateway: Gateway, device: Device) -> Json:
    """The newest values from the device's documents; ``limit_w`` is the tightest limit that holds."""
    meter, car, limits, session, setpoint, battery, pv = (
        gateway.publisher.document(device.id, leaf) or {}
        for leaf in ("meter", "ev", "limits", "session", "setpoint", "battery", "pv")
    )
    peer = gateway.wallbox.peers.get(device.ski)
    link = gateway.wallbox.link(device.ski)
    lpc = gateway.publisher.document(device.id, "lpc") or {}
    limit_a = _active(limits.get("obligation"))
    usual_v = gateway.settings.site.voltage_v
    volts = [measured or usual_v for measured in meter.get("voltage_v") or [None] * 3]
    return {
        "ts": time_text(gateway.clock.wall()),
        "id": device.id,
        "alias": peer.alias if peer is not None else None,
        "kind": "house" if device.house else "wallbox",
        "connected": link.connected,
        "phase": link.phase,
        "charge_state": None if device.house else car.get("charge_state"),
        "power_w": meter.get("power_w"),
        "source": meter.get("source"),
        "current_a": meter.get("current_a"),
        "battery_w": battery.get("power_w"),
        "pv_w": pv.get("production_w"),
        "soc_percent": battery.get("soc_percent") if device.house else car.get("soc_percent"),
        "limit_a": limit_a,
        "limit_w": _tightest(limit_a, volts, lpc),
        "recommended_a": _active(limits.get("recommendation")),
        "setpoint_w": setpoint.get("applied_w"),
        "limited_by": setpoint.get("limited_by") if device.house else meter.get("limited_by"),
        "energy_kwh": session.get("energy_kwh"),
    }


def _active(limits: Json | None) -> list[float | None] | None:
    """The limits in force per phase; ``None`` where none is."""
    if limits is None or not any(limits["active"]):
        return None
    return [
        value if active else None
        for value, active in zip(limits["value_a"], limits["active"], strict=True)
    ]


def _tightest(limit_a: list[float | None] | None, volts: list[float], lpc: Json) -> float | None:
    bounds = []
    if limit_a is not None:
        bounds.append(sum(a * v for a, v in zip(limit_a, volts, strict=True) if a is not None))
    if lpc.get("limit_active") and lpc.get("limit_w") is not None:
        bounds.append(lpc["limit_w"])
    return round(min(bounds), 1) if bounds else None
