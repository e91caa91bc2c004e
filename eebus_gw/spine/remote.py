"""A peer as it was discovered, with a cache of its data. It never answers anything."""

from __future__ import annotations

from dataclasses import dataclass, field

from eebus_gw.errors import DatagramError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.error_numbers import OVERLOAD
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.wire.fold import Structure

GENERIC = "Generic"
"""Feature type that may stand for any other one (recorded devices; SPINE resource specification)."""
MAX_ENTRIES_HELD = 16_384
"""Far more than any device has to tell; what a peer sends beyond that is not kept."""

EntityPath = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Operations:
    """What a peer announces for one function."""

    read: bool = False
    read_partial: bool = False
    write: bool = False
    write_partial: bool = False


@dataclass(slots=True, eq=False)
class RemoteFeature:
    """One feature of a remote entity; ``data`` holds what was read or notified, by function name."""

    entity: EntityPath
    number: int
    type: str
    role: str
    operations: dict[str, Operations] = field(default_factory=dict)
    max_response_delay_s: float | None = None
    data: dict[str, Structure] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class RemoteEntity:
    """One entity of a peer, for instance ``EVSE`` at ``(1,)`` or ``EV`` at ``(1, 1)``."""

    path: EntityPath
    type: str
    features: dict[int, RemoteFeature] = field(default_factory=dict)
    """What is announced for the entity; other features make another entity."""
    label: str | None = None
    _servers: dict[str, RemoteFeature] | None = field(default=None, init=False, repr=False)

    def server(self, feature_type: str, function: str | None = None) -> RemoteFeature | None:
        """The server feature of a type; a ``Generic`` one stands in if it announces ``function``."""
        if self._servers is None:
            servers = [f for f in self.features.values() if f.role == "server"]
            self._servers = {feature.type: feature for feature in reversed(servers)}
        found = self._servers.get(feature_type)
        if found is None and function is not None:
            for feature in self.features.values():
                generic = feature.type == GENERIC and feature.role == "server"
                if generic and function in feature.operations:
                    return feature
        return found

    def data(self, feature_type: str, function: str) -> Structure | None:
        """What the peer said last about ``function``, or ``None`` if it never did."""
        feature = self.server(feature_type, function)
        return feature.data.get(function) if feature is not None else None

    def operations(self, feature_type: str, function: str) -> Operations | None:
        """What may be done with ``function``, or ``None`` if it is not announced."""
        feature = self.server(feature_type, function)
        return feature.operations.get(function) if feature is not None else None


@dataclass(frozen=True, slots=True)
class AnnouncedUseCase:
    """One use case of a peer under one actor name; ``entity`` is ``None`` where the peer gives no address."""

    actor: str
    name: str
    version: str | None
    scenarios: tuple[int, ...]
    entity: EntityPath | None
    available: bool | None


@dataclass(slots=True)
class RemoteDevice:
    """Everything known about the peer of one connection; made new with each connection."""

    address: str | None = None
    type: str | None = None
    feature_set: str | None = None
    specification_versions: tuple[str, ...] = ()
    entities: dict[EntityPath, RemoteEntity] = field(default_factory=dict)
    use_cases: tuple[AnnouncedUseCase, ...] = ()
    discovered: bool = False
    use_cases_known: bool = False

    def feature(self, entity: EntityPath, number: int | None) -> RemoteFeature | None:
        """The feature at an address, if it was discovered."""
        found = self.entities.get(entity)
        return found.features.get(number) if found is not None and number is not None else None

    def children(self, entity: EntityPath) -> list[RemoteEntity]:
        """Direct children of an entity, in address order."""
        length = len(entity) + 1
        return [
            self.entities[path]
            for path in sorted(self.entities)
            if len(path) == length and path[: len(entity)] == entity
        ]

    def hold(self, feature: RemoteFeature, function: str, data: Structure) -> None:
        """Keeps what was told; raises ``DatagramError`` 3 when that would be too much in all."""
        growth = _entries(function, data) - _entries(function, feature.data.get(function))
        if growth > 0 and self.entries_held() + growth > MAX_ENTRIES_HELD:
            raise DatagramError(OVERLOAD, "this is more data than any device has")
        feature.data[function] = data

    def entries_held(self) -> int:
        """List entries of all functions; a single value counts as one."""
        return sum(
            _entries(function, data)
            for entity in self.entities.values()
            for feature in entity.features.values()
            for function, data in feature.data.items()
        )

    def address_of(self, feature: RemoteFeature) -> FeatureAddress:
        """The full address of one of its features."""
        return FeatureAddress(self.address, feature.entity, feature.number)


def _entries(function: str, data: Structure | None) -> int:
    return 0 if data is None else max(1, len(FUNCTIONS[function].entries(data)))
