"""Home Assistant device discovery documents, generated from the table of entities.

Pure and deterministic: the same model gives the same document, member order included, so that an
unchanged model changes nothing in the registry of Home Assistant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eebus_gw.bridge.entities import ENTITIES, HOUSE, Capability, Entity, Place
from eebus_gw.bridge.topics import Topics


@dataclass(frozen=True, slots=True)
class DeviceModel:
    """What a discovery document says of one device.

    The ranges bound the entities that take commands; currents in A, powers in W. A value outside of
    them, also one that the device reports, is refused by Home Assistant.
    """

    id: str
    alias: str
    capabilities: frozenset[Capability] = frozenset({Capability.WALLBOX})
    manufacturer: str | None = None
    model: str | None = None
    serial: str | None = None
    software: str | None = None
    hardware: str | None = None
    max_current_a: float = 32
    current_step_a: float = 1
    max_power_w: float = 22_000
    setpoint_min_w: float = -22_000
    setpoint_max_w: float = 22_000


@dataclass(frozen=True, slots=True)
class Discovery:
    """Makes the documents of one gateway; ``gateway_id`` is persistent, like ``eebus-gw-4f1c``."""

    topics: Topics
    gateway_id: str
    version: str

    def gateway_topic(self) -> str:
        return self.topics.discovery(self.gateway_id)

    def topic(self, device: str) -> str:
        """Where the document of ``device`` (or of ``grid``) is published."""
        return self.topics.discovery(self._identifier(device))

    def gateway(self, *, pairing: bool) -> dict[str, Any]:
        """The gateway's own document; to be published before all others, which refer to it.

        The switch of the pairing window is there only where it is obeyed.
        """
        device = {
            "identifiers": [self.gateway_id],
            "name": "EEBUS gateway",
            "manufacturer": "eebus-gw",
            "sw_version": self.version,
        }
        entities = [entity for entity in ENTITIES if entity.place is Place.GATEWAY]
        components = {e.key: self._component(e, self.gateway_id, "bridge") for e in entities}
        if not pairing:
            components["pairing"] = _removed(components["pairing"]["platform"])
        return self._document(device, [self.topics.bridge_state], components)

    def grid(self) -> dict[str, Any]:
        """The document of the grid side.

        It stays available while the control box is away, because that is when failsafe counts.
        """
        identifier = self._identifier("grid")
        device = {
            "identifiers": [identifier],
            "name": "Grid connection",
            "via_device": self.gateway_id,
        }
        entities = [entity for entity in ENTITIES if entity.place is Place.GRID]
        components = {e.key: self._component(e, identifier, "grid") for e in entities}
        return self._document(device, [self.topics.bridge_state], components)

    def device(self, model: DeviceModel) -> dict[str, Any]:
        """The document of one device."""
        identifier = self._identifier(model.id)
        device = {
            "identifiers": [identifier],
            "name": model.alias,
            "manufacturer": model.manufacturer,
            "model": model.model,
            "sw_version": model.software,
            "hw_version": model.hardware,
            "serial_number": model.serial,
            "via_device": self.gateway_id,
        }
        components = {
            entity.key: self._component(entity, identifier, model.id) | _ranges(entity, model)
            for entity in ENTITIES
            if entity.place is Place.DEVICE and _offered(entity, model)
        }
        if Capability.WALLBOX not in model.capabilities:
            # It was taken for a wallbox until its use cases were known.
            components |= {
                entity.key: _removed(entity.platform)
                for entity in ENTITIES
                if entity.key not in components and _of_wallboxes_only(entity)
            }
        availability = [self.topics.bridge_state, self.topics.device(model.id, "availability")]
        return self._document(device, availability, components)

    def _identifier(self, device: str) -> str:
        return f"{self.gateway_id}-{device}"

    def _document(
        self,
        device: Mapping[str, Any],
        availability: list[str],
        components: Mapping[str, Mapping[str, Any]],
    ) -> dict[str, Any]:
        return {
            "device": {name: value for name, value in device.items() if value is not None},
            "origin": {"name": "eebus-gw", "sw_version": self.version},
            "availability": [{"topic": topic} for topic in availability],
            "availability_mode": "all",
            "qos": 1,
            "components": components,
        }

    def _component(self, entity: Entity, identifier: str, branch: str) -> dict[str, Any]:
        slug = f"{_branch_in_ids(entity, identifier, branch)}_{entity.key}".replace("-", "_")
        members: dict[str, Any] = {
            "platform": entity.platform,
            "unique_id": f"{identifier}-{entity.key}",
            "default_entity_id": f"{entity.platform}.{slug}",
            "name": entity.name,
            "device_class": entity.device_class,
            "state_class": entity.state_class,
            "unit_of_measurement": entity.unit,
            "entity_category": entity.category,
        }
        component = {name: value for name, value in members.items() if value is not None}
        if not entity.enabled:
            component["enabled_by_default"] = False
        if entity.leaf:
            component["state_topic"] = f"{self.topics.base}/{branch}/{entity.leaf}"
        if entity.template:
            component["value_template"] = entity.template
        if entity.without_device:
            component["availability"] = [{"topic": self.topics.bridge_state}]
        for name, value in entity.extra.items():
            component[name] = self._filled(value, branch)
        return component

    def _filled(self, value: Any, branch: str) -> Any:
        if not isinstance(value, str):
            return value
        filled = value.replace("{id}", branch)
        if filled.startswith("{topic:"):
            return f"{self.topics.base}/{filled.removeprefix('{topic:').removesuffix('}')}"
        return filled


def _branch_in_ids(entity: Entity, identifier: str, branch: str) -> str:
    if entity.place is Place.DEVICE:
        return branch
    return identifier.removesuffix("-grid") if entity.key.startswith("grid_") else identifier


def _removed(platform: str) -> dict[str, Any]:
    """Home Assistant keeps what a document merely leaves out; nothing but a platform removes it."""
    return {"platform": platform}


def _of_wallboxes_only(entity: Entity) -> bool:
    return entity.place is Place.DEVICE and bool(entity.needs) and HOUSE.isdisjoint(entity.needs)


def _offered(entity: Entity, model: DeviceModel) -> bool:
    return not entity.needs or any(need in model.capabilities for need in entity.needs)


def _ranges(entity: Entity, model: DeviceModel) -> dict[str, float]:
    match entity.key:
        case "max_current":
            return {"min": 0, "max": model.max_current_a, "step": model.current_step_a}
        case "lpc_limit" | "lpc_failsafe":
            return {"min": 0, "max": model.max_power_w, "step": 1}
        case "setpoint":
            return {"min": model.setpoint_min_w, "max": model.setpoint_max_w, "step": 1}
    return {}
