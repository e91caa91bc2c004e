"""Who steers an entity of ours: the client that bound it, and whether it is alive (TC_SPINE_RTS_003).

A device may have several clients that fit; only the one that requests the binding counts, and its entity is the one
whose heartbeat and operating state are followed.
"""

from __future__ import annotations

from dataclasses import dataclass

from eebus_gw.spine.local import LocalEntity
from eebus_gw.spine.remote import EntityPath
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.functions import HEARTBEAT, STATE

FEATURE = HEARTBEAT.feature


@dataclass(frozen=True, slots=True)
class Guard:
    """The remote entity that holds the binding on one of ours."""

    ski: str
    entity: EntityPath


class Guards:
    """The guards of all local entities."""

    def __init__(self) -> None:
        self._by_entity: dict[EntityPath, Guard] = {}

    def of(self, entity: EntityPath) -> Guard | None:
        """Who steers ``entity`` now."""
        return self._by_entity.get(entity)

    def steered_by(self, guard: Guard) -> list[EntityPath]:
        """The entities of ours that ``guard`` steers."""
        return [path for path, known in self._by_entity.items() if known == guard]

    def bound(self, local: LocalEntity, guard: Guard, session: Session, now: float) -> bool:
        """A binding was granted; True if the guard is a new one. Follows its heartbeat and state."""
        new = self._by_entity.get(local.path) != guard
        self._by_entity[local.path] = guard
        self.follow(local, session, now)
        return new

    def follow(self, local: LocalEntity, session: Session, now: float) -> None:
        """Subscribes and reads the guard's diagnosis, as soon as its entity is known."""
        guard = self._by_entity.get(local.path)
        remote = session.remote.entities.get(guard.entity) if guard is not None else None
        feature = remote.server(FEATURE, HEARTBEAT.name) if remote is not None else None
        if feature is None:
            return
        client = local.feature(FEATURE, "client")
        if session.subscribe(client, feature, now) is None:
            return
        for function in (HEARTBEAT.name, STATE.name):
            if function in feature.operations or function == HEARTBEAT.name:
                session.read(client, feature, function, now)

    def unbound(self, entity: EntityPath, guard: Guard) -> bool:
        """The last binding of ``guard`` on ``entity`` is gone; True if it was the guard."""
        if self._by_entity.get(entity) != guard:
            return False
        del self._by_entity[entity]
        return True

    def lost(self, ski: str) -> list[tuple[EntityPath, Guard]]:
        """The connection to a peer is gone: entities that lose their guard with it."""
        gone = [(path, guard) for path, guard in self._by_entity.items() if guard.ski == ski]
        for path, _ in gone:
            del self._by_entity[path]
        return gone

    def forget(self, entity: EntityPath) -> None:
        """An entity of ours went away."""
        self._by_entity.pop(entity, None)
