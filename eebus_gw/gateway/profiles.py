"""Documents for programs that expect a form of their own: Home Assistant, evcc, openWB (contract, MQTT)."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from eebus_gw.bridge import profiles
from eebus_gw.bridge.entities import Capability
from eebus_gw.bridge.homeassistant import DeviceModel, Discovery
from eebus_gw.bridge.outbox import DISCOVERY, METER, STATE, Outbox, to_bytes
from eebus_gw.bridge.topics import Topics
from eebus_gw.clock import Clock
from eebus_gw.gateway.device import Device
from eebus_gw.peers import Peer
from eebus_gw.settings import Settings
from usecases.commissioning import EVSECC

CAPABILITIES = {
    "evsoc": Capability.SOC,
    "opev": Capability.CURRENT_LIMIT,
    "lpc": Capability.CONSUMPTION_LIMIT,
    "dbevc": Capability.SETPOINT,
}
Json = dict[str, Any]


class Profiles:
    """Publishes what the configured programs want, from the documents of the contract."""

    def __init__(
        self, settings: Settings, topics: Topics, outbox: Outbox, clock: Clock, gateway_id: str
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._outbox = outbox
        self._clock = clock
        self._discovery = Discovery(topics, f"eebus-{gateway_id}", version("eebus-gw"))
        self._documents: dict[str, dict[str, Json]] = {}
        self._capabilities: dict[str, frozenset[Capability]] = {}

    def announce_gateway(self) -> None:
        """The gateway's own discovery document, which the others refer to."""
        if self._settings.homeassistant.enabled:
            self._put(self._discovery.gateway_topic(), self._discovery.gateway())

    def announce_grid(self) -> None:
        """The discovery document of the grid side."""
        self._put(self._discovery.topic("grid"), self._discovery.grid())

    def discovery_topic(self, device_id: str) -> str:
        """Where the discovery document of a device is or was."""
        return self._discovery.topic(device_id)

    def announce(self, device: Device, peer: Peer, usable: Iterable[str]) -> None:
        """The discovery document of a device: entities for what it has announced so far.

        A car that leaves takes no entities with it: they become unknown, not gone.
        """
        if not self._settings.homeassistant.enabled:
            return
        found = {CAPABILITIES[code] for code in usable if code in CAPABILITIES}
        known = self._capabilities.get(device.id, frozenset())
        self._capabilities[device.id] = known | found
        manufacturer = device.value(EVSECC.code, "manufacturer")
        permitted = device.permitted()
        highest = [a for a in permitted.each("highest") if a is not None] if permitted else []
        model = DeviceModel(
            device.id,
            peer.label,
            self._capabilities[device.id],
            manufacturer=peer.brand,
            model=peer.model,
            serial=peer.serial,
            software=manufacturer.software_revision if manufacturer is not None else None,
            hardware=manufacturer.hardware_revision if manufacturer is not None else None,
            max_current_a=max(highest, default=32),
        )
        self._put(self._discovery.topic(device.id), self._discovery.device(model))

    def document(self, device_id: str, leaf: str, content: Json) -> None:
        """A document changed: the scalar leaves that rest on it follow."""
        wanted = self._settings.profiles
        if not (wanted.evcc or wanted.openwb) or leaf not in ("ev", "meter", "limits", "lpc"):
            return
        documents = self._documents.setdefault(device_id, {})
        documents[leaf] = content
        if not {"ev", "meter", "limits"} <= documents.keys():
            return
        ev, meter, limits = documents["ev"], documents["meter"], documents["limits"]
        if wanted.evcc:
            leaves = profiles.evcc(ev, meter, limits, documents.get("lpc"))
            self._leaves(device_id, "evcc", leaves)
        if wanted.openwb:
            self._leaves(device_id, "openwb", profiles.openwb(ev, meter))

    def forget(self, device_id: str) -> None:
        """A device was removed."""
        self._documents.pop(device_id, None)
        self._capabilities.pop(device_id, None)
        self._outbox.clear(self._discovery.topic(device_id))

    def _leaves(self, device_id: str, profile: str, leaves: Json) -> None:
        now = self._clock.now()
        for leaf, value in leaves.items():
            topic = self._topics.device(device_id, f"{profile}/{leaf}")
            delivery = METER if leaf.startswith(("power", "current", "voltage")) else STATE
            self._outbox.put(topic, value, delivery, now)

    def _put(self, topic: str, content: Json) -> None:
        # As bytes, for these documents are large and hardly ever change.
        self._outbox.put(topic, to_bytes(content), DISCOVERY, self._clock.now())
