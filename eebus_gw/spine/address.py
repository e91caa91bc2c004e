"""Addresses of devices, entities and features (SPINE protocol 4.2)."""

from __future__ import annotations

from typing import NamedTuple

from eebus_gw.spine.model.common_data_types import FeatureAddressType

EntityAddress = tuple[int, ...]
"""Index path of an entity: ``(1, 1)`` is the first child of entity ``(1,)``."""


class FeatureAddress(NamedTuple):
    """A feature of a device; ``None`` and an empty path stand for parts that were not stated."""

    device: str | None
    entity: EntityAddress
    feature: int | None

    @classmethod
    def of(cls, wire: FeatureAddressType) -> FeatureAddress:
        """The address a peer sent."""
        return cls(wire.device, tuple(wire.entity or ()), wire.feature)

    def to_wire(self) -> FeatureAddressType:
        """The address as it is sent, without the parts that are not stated."""
        return FeatureAddressType(
            device=self.device, entity=list(self.entity) or None, feature=self.feature
        )

    def __str__(self) -> str:
        entity = ".".join(map(str, self.entity))
        feature = "" if self.feature is None else f"/{self.feature}"
        return f"{self.device or ''}[{entity}]{feature}"
