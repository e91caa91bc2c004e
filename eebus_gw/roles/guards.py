"""Who steers an entity of ours: the client that bound it, and whether it is alive (TC_SPINE_RTS_003).

A device may have several clients that fit; only the one that requests the binding counts, and its entity is the one
whose heartbeat and operating state are followed.
"""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.spine.local import LocalDevice, LocalEntity
from eebus_gw.spine.relations import Kind, Relation
from eebus_gw.spine.remote import EntityPath
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.functions import HEARTBEAT, LIMITS, STATE

FEATURE = HEARTBEAT.feature


@dataclass(frozen=True, slots=True)
class Guard:
    """The remote entity that holds the binding on one of ours."""

    ski: str
    entity: EntityPath


class Guards:
    """The guards of all local entities."""

    def __init__(self, device: LocalDevice) -> None:
        self._device = device
        self._by_entity: dict[EntityPath, Guard] = {}

    def of(self, entity: EntityPath) -> Guard | None:
        """Who steers ``entity`` now."""
        return self._by_entity.get(entity)

    def steered_by(self, guard: Guard) -> list[EntityPath]:
        """The entities of ours that ``guard`` steers."""
        return [path for path, known in self._by_entity.items() if known == guard]

    def update(
        self, local: LocalEntity, *, lost: str | None = None
    ) -> tuple[Guard | None, Guard | None]:
        """Bindings on an entity changed, or the peer ``lost`` went away: its guard before and now.

        Who bound the limits steers the entity, without such a one the first that bound anything.
        """
        bindings = [
            relation
            for relation in self._device.relations
            if relation.kind is Kind.BINDING
            and relation.server.entity == local.path
            and relation.peer != lost
        ]
        holder = min(bindings, key=lambda r: (not self._is_about_limits(r), r.number), default=None)
        former = self._by_entity.pop(local.path, None)
        if holder is None:
            return former, None
        guard = self._by_entity[local.path] = Guard(holder.peer, holder.client.entity)
        return former, guard

    def follow(self, local: LocalEntity, session: Session, now: float) -> None:
        """Subscribes and reads the guard's diagnosis, as soon as its entity is known."""
        guard = self._by_entity.get(local.path)
        if guard is None or guard.ski != session.peer:
            return
        remote = session.remote.entities.get(guard.entity)
        feature = remote.server(FEATURE, HEARTBEAT.name) if remote is not None else None
        if feature is None:
            return
        client = local.feature(FEATURE, "client")
        if session.subscribe(client, feature, now) is None:
            return
        for function in (HEARTBEAT.name, STATE.name):
            if function in feature.operations or function == HEARTBEAT.name:
                session.read(client, feature, function, now)

    def forget(self, entity: EntityPath) -> None:
        """An entity of ours went away with its descendants."""
        for path in [path for path in self._by_entity if path[: len(entity)] == entity]:
            del self._by_entity[path]

    def _is_about_limits(self, relation: Relation) -> bool:
        feature = self._device.feature(relation.server.entity, relation.server.feature)
        return feature is not None and feature.type == LIMITS.feature
