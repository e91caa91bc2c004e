"""What Home Assistant is told of gateway, grid side and devices, so that it finds them by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel

from eebus_gw.bridge.entities import Capability
from eebus_gw.bridge.homeassistant import DeviceModel, Discovery
from eebus_gw.bridge.outbox import DISCOVERY, Outbox, to_bytes
from eebus_gw.bridge.topics import Topics
from eebus_gw.clock import Clock
from eebus_gw.gateway.device import Device
from eebus_gw.gateway.home_battery import battery_power
from eebus_gw.gateway.vehicle import power_range
from eebus_gw.peers import Peer
from eebus_gw.retained import Retained
from eebus_gw.vocabulary.values import LimitValue, PhaseLimits
from usecases.commissioning import EVSECC
from usecases.curtailment import OPEV
from usecases.limitation import LPC

CAPABILITIES = {
    "evsoc": Capability.SOC,
    "opev": Capability.CURRENT_LIMIT,
    "lpc": Capability.CONSUMPTION_LIMIT,
    "dbevc": Capability.SETPOINT,
    "mgcp": Capability.GRID_METER,
    "mpc": Capability.APPLIANCE_METER,
    "vabd": Capability.BATTERY,
    "cob": Capability.BATTERY_SETPOINT,
    "vapd": Capability.PV,
}
RANGED = frozenset({"evse", "limits", "lpc", "setpoint"})
"""Documents whose news may change what a device lets itself be set to."""
TOLD = ("software", "hardware", "max_current_a", "max_power_w", "setpoint_min_w", "setpoint_max_w")
"""Members of the model that a device tells while it is there, and that hold until it tells others."""
UNKNOWN_MAXIMUM_W = 22_000.0
SECTION = "homeassistant"
Json = dict[str, Any]


class StoredCapabilities(BaseModel):
    """Use case codes that each device ever had."""

    devices: dict[str, list[str]]


class HomeAssistant:
    """Keeps the discovery documents up to date; without ``enabled`` there are none."""

    def __init__(
        self,
        topics: Topics,
        outbox: Outbox,
        clock: Clock,
        gateway_id: str,
        retained: Retained,
        *,
        enabled: bool = True,
    ) -> None:
        self._enabled = enabled
        self._outbox = outbox
        self._clock = clock
        self._retained = retained
        self._discovery = Discovery(topics, f"eebus-{gateway_id}", version("eebus-gw"))
        stored = retained.get(SECTION, StoredCapabilities)
        self._codes = {d: set(codes) for d, codes in stored.devices.items()} if stored else {}
        self._announced: dict[str, Callable[[], DeviceModel]] = {}
        self._models: dict[str, DeviceModel] = {}

    def announce_gateway(self, *, pairing: bool) -> None:
        """The gateway's own discovery document, which the others refer to.

        ``pairing``: whether the pairing window may be opened over MQTT.
        """
        if self._enabled:
            self._put(self._discovery.gateway_topic(), self._discovery.gateway(pairing=pairing))

    def announce_grid(self) -> None:
        """The discovery document of the grid side."""
        if self._enabled:
            self._put(self._discovery.topic("grid"), self._discovery.grid())

    def discovery_topic(self, device_id: str) -> str:
        """Where the discovery document of a device is or was."""
        return self._discovery.topic(device_id)

    def announce(self, device: Device, peer: Peer, usable: Iterable[str]) -> None:
        """The discovery document of a device: entities for what it has announced so far.

        A car that leaves takes no entities with it, also not over a restart of the gateway: they become unknown.
        """
        if not self._enabled:
            return
        self._remember(device.id, CAPABILITIES.keys() & set(usable))
        self._announced[device.id] = partial(self._model, device, peer)
        self._follow(device.id)

    def changed(self, device_id: str, leaf: str) -> None:
        """A document of the device changed: what it lets itself be set to may have, too."""
        if leaf in RANGED and device_id in self._announced:
            self._follow(device_id)

    def forget(self, device_id: str) -> None:
        """A device was removed."""
        self._announced.pop(device_id, None)
        self._models.pop(device_id, None)
        if self._codes.pop(device_id, None) is not None:
            self._store()
        self._outbox.clear(self._discovery.topic(device_id))

    def _remember(self, device_id: str, codes: set[str]) -> None:
        known = self._codes.setdefault(device_id, set())
        if not codes <= known:
            known |= codes
            self._store()

    def _store(self) -> None:
        devices = {device: sorted(codes) for device, codes in self._codes.items() if codes}
        self._retained.put(SECTION, StoredCapabilities(devices=devices), self._clock.now())

    def _follow(self, device_id: str) -> None:
        """Announces a device anew if anything is different from the last time."""
        model = self._announced[device_id]()
        if model != self._models.get(device_id):
            self._models[device_id] = model
            self._put(self._discovery.topic(device_id), self._discovery.device(model))

    def _model(self, device: Device, peer: Peer) -> DeviceModel:
        codes = self._codes.get(device.id, set())
        offered = {CAPABILITIES[code] for code in codes if code in CAPABILITIES}
        if not device.house:
            offered |= {Capability.WALLBOX}
        if not device.house or Capability.GRID_METER in offered:
            offered -= {Capability.APPLIANCE_METER}  # its measurements are shown as what else it is
        plain = DeviceModel(
            device.id,
            peer.label,
            frozenset(offered),
            manufacturer=peer.brand,
            model=peer.model,
            serial=peer.serial,
        )
        known = self._models.get(device.id)
        kept = {name: getattr(known, name) for name in TOLD} if known is not None else {}
        return replace(plain, **kept | _told(device))

    def _put(self, topic: str, content: Json) -> None:
        # As bytes, for these documents are large and hardly ever change.
        self._outbox.put(topic, to_bytes(content), DISCOVERY, self._clock.now())


def _told(device: Device) -> Json:
    manufacturer = device.value(EVSECC.code, "manufacturer")
    power = battery_power(device) if device.house else power_range(device)
    told = {
        "software": manufacturer.software_revision if manufacturer is not None else None,
        "hardware": manufacturer.hardware_revision if manufacturer is not None else None,
        "max_current_a": _highest_a(device),
        "max_power_w": _highest_w(device),
        "setpoint_min_w": -power.discharge_max_w if power is not None else None,
        "setpoint_max_w": power.charge_max_w if power is not None else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _highest_a(device: Device) -> float | None:
    permitted = device.permitted()
    limits: PhaseLimits | None = device.value(OPEV.code, OPEV.limit_a.key)
    stated = permitted.each("highest") if permitted is not None else ()
    # A wallbox may report more than it permits.
    reported = limits.amperes if limits is not None else ()
    return max((a for a in (*stated, *reported) if a is not None), default=None)


def _highest_w(device: Device) -> float | None:
    limit: LimitValue | None = device.value(LPC.code, LPC.limit.key)
    failsafe_w = device.value(LPC.code, LPC.failsafe_w.key)
    nominal_w = device.value(LPC.code, LPC.nominal_max_w.key)
    reported = (limit.watts if limit is not None else None, failsafe_w)
    known = [watts for watts in (nominal_w, *reported) if watts is not None]
    if not known:
        return None
    return max(known) if nominal_w is not None else max(UNKNOWN_MAXIMUM_W, *known)
