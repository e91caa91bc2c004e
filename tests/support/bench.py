"""A client and a wallbox with a plugged car, joined in memory, for the use cases a test names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eebus_gw.roles.events import Reported, WriteDone, Written
from eebus_gw.roles.host import Entity
from eebus_gw.roles.provider import Provider
from eebus_gw.spine.local import LocalEntity
from eebus_gw.vocabulary.behaviour import Behaviour
from eebus_gw.vocabulary.definition import Point, UseCase
from tests.support.pair import Pair


class Bench(Pair):
    """``client`` runs on a CEM entity; servers are added with ``provide`` before ``open``."""

    def __init__(
        self, client: Iterable[UseCase], *, server: str = "EV", client_entity: str = "CEM"
    ) -> None:
        super().__init__()
        self.cem.host.add_entity(Entity(client_entity, tuple(client)), self.now)
        self.cem.host.announce()
        box = self.box.host
        self.evse = box.add_entity(Entity("EVSE"), self.now)
        if server == "EVSE":
            self.entity: LocalEntity = self.evse
        elif server == "EV":
            self.entity = box.add_entity(Entity("EV"), self.now, parent=self.evse.path)
        else:
            self.entity = box.add_entity(Entity(server), self.now)

    def provide(
        self,
        use_case: UseCase,
        behaviour: Behaviour | None = None,
        **values: Any,
    ) -> Provider:
        """A server on the entity, with values of its points by key."""
        host = self.box.host
        provider = host.provide(use_case, self.entity, self.now, behaviour=behaviour)
        for key, value in values.items():
            provider.put(use_case.point(key), value)
        return provider

    def open(self) -> None:
        """Announces everything and connects."""
        self.box.host.announce()
        self.connect()
        self.advance(0.1)

    def read(self, use_case: UseCase, key: str) -> Any:
        """What the client reads, ``None`` while there is nothing."""
        reading = self.cem.host.get("box", use_case, use_case.point(key))
        return reading.value if reading is not None else None

    def write(self, use_case: UseCase, key: str, value: Any) -> WriteDone:
        """Writes and returns the outcome."""
        token = self.cem.host.write("box", use_case, use_case.point(key), value, self.now)
        self.settle()
        done: WriteDone = next(d for d in self.cem.of(WriteDone) if d.token == token)
        return done

    def wish(self, use_case: UseCase, key: str, value: Any) -> None:
        """Hands a wish to the client's behaviour."""
        self.cem.host.wish("box", use_case, use_case.point(key), value, self.now)
        self.settle()

    def asked(self) -> list[tuple[str, Any, bool]]:
        """What the server was asked for so far: point, value and whether it was accepted."""
        return [(w.point.key, w.value, w.answer.accepted) for w in self.box.of(Written)]

    def reports(self, end: str, name: str) -> list[dict[str, Any]]:
        """Data of the reports of one name."""
        events = (self.cem if end == "cem" else self.box).of(Reported)
        return [dict(event.data) for event in events if event.name == name]

    def serve(self, point: Point[Any]) -> Any:
        """What the server publishes for a point of its own."""
        for provider in self.box.host.providers:
            if point in provider.points:
                reading = provider.get(point)
                return reading.value if reading is not None else None
        return None
