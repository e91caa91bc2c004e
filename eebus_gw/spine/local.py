"""This node as a SPINE device: entities, features, their data, and who is to be told of a change.

There is one ``LocalDevice`` a node; each connection has a ``Session`` that attaches to it. A change of local data marks
the sessions of all subscribers; the node sends what they have to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from eebus_gw.errors import LocalProtocolError
from eebus_gw.spine.address import FeatureAddress
from eebus_gw.spine.model.functions import FUNCTIONS
from eebus_gw.spine.relations import Kind, Registry, Relation
from eebus_gw.spine.remote import EntityPath, Operations
from eebus_gw.wire.fold import Structure

DEVICE_INFORMATION: EntityPath = (0,)
NODE_MANAGEMENT = 0
Keys = frozenset[tuple[object, ...]]


@dataclass(slots=True, eq=False)
class LocalFeature:
    """One feature of ours; ``operations`` is what peers may do with each function."""

    entity: EntityPath
    number: int
    type: str
    role: str
    needs_binding: bool = True
    operations: dict[str, Operations] = field(default_factory=dict)
    data: dict[str, Structure] = field(default_factory=dict)

    def allow(self, function: str, *, write: bool = False) -> None:
        """Announces ``function``; allowing it twice unites the operations and keeps the data."""
        known = self.operations.get(function, Operations())
        writable = known.write or write
        self.operations[function] = Operations(
            read=True, write=writable, write_partial=writable and bool(FUNCTIONS[function].keys)
        )


@dataclass(slots=True, eq=False)
class LocalEntity:
    """One entity of ours."""

    path: EntityPath
    type: str
    features: dict[int, LocalFeature] = field(default_factory=dict)

    def feature(self, feature_type: str, role: str) -> LocalFeature:
        """The feature of this type and role, made if missing: an entity has at most one (RS Table 21)."""
        for feature in self.features.values():
            if feature.type == feature_type and feature.role == role:
                return feature
        number = max(self.features, default=NODE_MANAGEMENT) + 1
        made = LocalFeature(self.path, number, feature_type, role)
        self.features[number] = made
        return made

    def server(self, feature_type: str) -> LocalFeature | None:
        """The server feature of a type, if the entity has one."""
        for feature in self.features.values():
            if feature.type == feature_type and feature.role == "server":
                return feature
        return None

    def data(self, feature_type: str, function: str) -> Structure | None:
        """Our own data of ``function``, or ``None`` if there is none yet."""
        feature = self.server(feature_type)
        return feature.data.get(function) if feature is not None else None


@dataclass(frozen=True, slots=True)
class LocalUseCase:
    """One use case as this device announces it."""

    entity: EntityPath
    actor: str
    name: str
    version: str
    sub_revision: str
    scenarios: tuple[int, ...]


class Subscriber(Protocol):
    """The side of a session that a local change reaches."""

    def data_changed(
        self, feature: LocalFeature, function: str, keys: Keys | None, relation: Relation
    ) -> None:
        """Local data changed; ``keys`` names the entries, ``None`` stands for the whole function."""
        ...

    def entity_changed(self, entity: LocalEntity, change: str, relation: Relation) -> None:
        """A local entity was ``added`` or ``removed``."""
        ...

    def entity_gone(self, entity: LocalEntity) -> None:
        """A local entity went away: relations of its client features end."""
        ...

    def use_cases_changed(self, relation: Relation) -> None:
        """The announced use cases changed."""
        ...


class LocalDevice:
    """This node's device tree, data and registry of relations."""

    def __init__(self, address: str, device_type: str) -> None:
        self.address = address
        self.type = device_type
        self.entities: dict[EntityPath, LocalEntity] = {}
        self.use_cases: list[LocalUseCase] = []
        self.relations = Registry()
        self.sessions: dict[str, Subscriber] = {}
        self.touched: set[str] = set()
        self.before_read: Callable[[LocalFeature, str, float], None] | None = None
        """Lets the owner bring data up to date that changes by itself, like the time that remains."""
        self._refreshing = False
        information = self._enter(LocalEntity(DEVICE_INFORMATION, "DeviceInformation"))
        management = LocalFeature(
            DEVICE_INFORMATION, NODE_MANAGEMENT, "NodeManagement", "special", needs_binding=False
        )
        information.features[NODE_MANAGEMENT] = management

    def add_entity(self, entity_type: str, *, parent: EntityPath = ()) -> LocalEntity:
        """A new entity at the lowest free address below ``parent``; call ``announce`` once it is complete."""
        number = 1
        while (*parent, number) in self.entities:
            number += 1
        return self._enter(LocalEntity((*parent, number), entity_type))

    def announce(self, entity: LocalEntity) -> None:
        """Tells subscribers of node management that ``entity`` was added (7.1)."""
        for relation in self._management_subscribers():
            self._to(relation).entity_changed(entity, "added", relation)

    def remove_entity(self, entity: LocalEntity) -> None:
        """Removes an entity with its descendants, use cases and relations, and tells the subscribers."""
        doomed = [p for p in self.entities if p[: len(entity.path)] == entity.path]
        subscribers = self._management_subscribers()
        self.use_cases = [u for u in self.use_cases if u.entity not in doomed]
        for path in sorted(doomed, reverse=True):
            gone = self.entities.pop(path)
            self.relations.remove(lambda r, path=path: r.server.entity == path)  # type: ignore[misc]
            for session in self.sessions.values():
                session.entity_gone(gone)
        for relation in subscribers:
            self._to(relation).entity_changed(entity, "removed", relation)
            self._to(relation).use_cases_changed(relation)

    def announce_use_cases(self, use_cases: Iterable[LocalUseCase]) -> None:
        """Replaces the announced use cases and tells the subscribers of node management."""
        wanted = list(use_cases)
        if wanted == self.use_cases:
            return
        self.use_cases = wanted
        for relation in self._management_subscribers():
            self._to(relation).use_cases_changed(relation)

    def put(
        self,
        feature: LocalFeature,
        function: str,
        data: Structure,
        keys: Keys | None,
        *,
        only: str | None = None,
    ) -> None:
        """Replaces the data of a function and notifies every subscriber of the entries ``keys``.

        ``keys`` is ``None`` for values and for changes that cannot be told as single entries (a removal).
        ``only`` is the peer that is notified, if not all are.
        """
        if function not in feature.operations:
            raise LocalProtocolError(f"{feature.type} {feature.entity} does not offer {function}")
        feature.data[function] = data
        if self._refreshing:
            return
        server = FeatureAddress(self.address, feature.entity, feature.number)
        for relation in self.relations.of_server(Kind.SUBSCRIPTION, server):
            if only not in (None, relation.peer):
                continue
            self._to(relation).data_changed(feature, function, keys, relation)

    def refresh(self, feature: LocalFeature, function: str, now: float) -> None:
        """A peer is about to read: what ``before_read`` puts meanwhile is no change to tell anybody."""
        if self.before_read is None:
            return
        self._refreshing = True
        try:
            self.before_read(feature, function, now)
        finally:
            self._refreshing = False

    def feature(self, entity: EntityPath, number: int | None) -> LocalFeature | None:
        """The feature at an address of ours."""
        found = self.entities.get(entity)
        return found.features.get(number) if found is not None and number is not None else None

    def _enter(self, entity: LocalEntity) -> LocalEntity:
        self.entities[entity.path] = entity
        return entity

    def _management_subscribers(self) -> list[Relation]:
        server = FeatureAddress(self.address, DEVICE_INFORMATION, NODE_MANAGEMENT)
        return self.relations.of_server(Kind.SUBSCRIPTION, server)

    def _to(self, relation: Relation) -> Subscriber:
        self.touched.add(relation.peer)
        return self.sessions[relation.peer]
