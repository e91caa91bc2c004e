"""Runs the use cases of one device: clients towards its peers, servers on its entities.

Pure: events of sessions go in, role events come out; what has to be sent stands in the sessions, and ``touched`` names
the peers whose session has something to say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eebus_gw.clock import earliest
from eebus_gw.errors import LocalProtocolError
from eebus_gw.roles.client_side import ClientSide
from eebus_gw.roles.consumer import Consumer
from eebus_gw.roles.events import EntityChanged, Heartbeat, PeerMute, RoleEvent
from eebus_gw.roles.guards import Guards
from eebus_gw.roles.partner import Partner
from eebus_gw.roles.provider import Provider
from eebus_gw.roles.server_side import ServerSide
from eebus_gw.spine import events as spine
from eebus_gw.spine.heartbeat import Heartbeats
from eebus_gw.spine.local import DEVICE_INFORMATION, LocalDevice, LocalEntity, LocalUseCase
from eebus_gw.spine.relations import Kind
from eebus_gw.spine.remote import EntityPath
from eebus_gw.spine.session import Session
from eebus_gw.vocabulary.behaviour import Action, Behaviour
from eebus_gw.vocabulary.definition import Point, UseCase
from eebus_gw.vocabulary.functions import HEARTBEAT, STATE
from eebus_gw.vocabulary.points.state import HeartbeatPoint, ManufacturerPoint, StatePoint
from eebus_gw.vocabulary.shelf import Shelf
from eebus_gw.vocabulary.values import Manufacturer, OperatingState, Reading

NORMAL_OPERATION = OperatingState("normalOperation")
HEARTBEAT_TIMEOUT_S = 60.0
"""Announced for a heartbeat whose use case asks for none of its own."""


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity this device is made of, and what it is the client of."""

    type: str
    client: tuple[UseCase, ...] = ()
    heartbeat_timeout_s: float | None = None
    """Overrides the time-out its use cases ask for."""


class Host:
    """The use cases of one device."""

    def __init__(
        self,
        device: LocalDevice,
        manufacturer: Manufacturer,
        wall: Callable[[], datetime],
    ) -> None:
        self.device = device
        self.heartbeats = Heartbeats(device, wall)
        self._events: deque[RoleEvent] = deque()
        self._client = ClientSide(device, self.heartbeats, self._events.append)
        self._server = ServerSide(device, self.heartbeats, self._events.append)
        information = Shelf(device, device.entities[DEVICE_INFORMATION])
        ManufacturerPoint("manufacturer").publish(information, manufacturer)

    @property
    def partners(self) -> dict[str, Partner]:
        """The connected peers as this device's servers, by SKI."""
        return self._client.partners

    @property
    def clients(self) -> dict[UseCase, LocalEntity]:
        """The use cases this device is the client of, and on which of its entities."""
        return self._client.use_cases

    @property
    def providers(self) -> list[Provider]:
        """The use cases this device is the server of."""
        return self._server.providers

    @property
    def guards(self) -> Guards:
        """Who steers the entities of this device."""
        return self._server.guards

    # --- building the device

    def add_entity(self, wanted: Entity, now: float, *, parent: EntityPath = ()) -> LocalEntity:
        """An entity with the client side of its use cases; announce it once its servers are added."""
        entity = self.device.add_entity(wanted.type, parent=parent)
        for use_case in wanted.client:
            self.clients[use_case] = entity
            for point in use_case.points:
                for use in point.uses:
                    entity.feature(use.function.feature, "client")
            self._hold_client_points(use_case, entity, wanted, now)
        return entity

    def provide(
        self,
        use_case: UseCase,
        entity: LocalEntity,
        now: float,
        *,
        scenarios: Iterable[int] | None = None,
        behaviour: Behaviour | None = None,
    ) -> Provider:
        """The server side of a use case on an entity of ours, with the use case's own behaviour if none is given."""
        if behaviour is None and use_case.server_behaviour is not None:
            behaviour = use_case.server_behaviour()
        provider = Provider(use_case, self.device, entity, scenarios=scenarios, behaviour=behaviour)
        if use_case.client_points:
            entity.feature(HEARTBEAT.feature, "client")
        if any(isinstance(point, HeartbeatPoint) for point in provider.points):
            self.heartbeats.start(entity, use_case.heartbeat_timeout_s or HEARTBEAT_TIMEOUT_S, now)
        self._server.add(provider, now)
        return provider

    def announce(self, entity: LocalEntity | None = None) -> None:
        """Tells peers of a new entity (if given) and of the use cases as they are now."""
        if entity is not None:
            self.device.announce(entity)
        self.device.announce_use_cases(self._announced())

    def remove_entity(self, entity: LocalEntity) -> None:
        """Takes an entity away with its descendants, for instance a car that was unplugged."""
        path = entity.path
        gone = [e for e in self.device.entities.values() if e.path[: len(path)] == path]
        for each in gone:
            self.heartbeats.stop(each)
        for use_case in [u for u, where in self.clients.items() if where in gone]:
            del self.clients[use_case]
        self._server.remove(entity)
        self.device.remove_entity(entity)

    def restrict(self, provider: Provider, scenarios: Iterable[int]) -> None:
        """Announces fewer (or again more) scenarios of a use case, for instance [OSCEV-009]."""
        provider.scenarios = tuple(scenarios)
        self.announce()

    # --- what the program around asks for

    def consumer(self, ski: str, use_case: UseCase, entity: EntityPath | None = None) -> Consumer:
        """The client side of a use case with a peer; raises ``NotConnected`` or ``NotReady``."""
        return self._client.consumer(ski, use_case, entity)

    def get(
        self, ski: str, use_case: UseCase, point: Point[Any], entity: EntityPath | None = None
    ) -> Reading[Any] | None:
        """The newest reading of a peer, ``None`` while there is none."""
        partner = self.partners.get(ski)
        consumer = partner.find(use_case, entity) if partner is not None else None
        return consumer.readings.get(point.key) if consumer is not None else None

    def write(
        self,
        ski: str,
        use_case: UseCase,
        point: Point[Any],
        value: Any,
        now: float,
        entity: EntityPath | None = None,
    ) -> int:
        """Writes at once; the outcome comes as ``WriteDone`` with the returned token."""
        return self._client.write(ski, self.consumer(ski, use_case, entity), point, value, now)

    def wish(
        self,
        ski: str,
        use_case: UseCase,
        point: Point[Any],
        value: Any,
        now: float,
        entity: EntityPath | None = None,
    ) -> None:
        """Hands a wish to the behaviour of the use case, which decides when to write it."""
        consumer = self.consumer(ski, use_case, entity)
        if consumer.behaviour is None:
            raise LocalProtocolError(f"{use_case.code} has no behaviour to hold a wish")
        self._client.wish(ski, consumer, point, value, now)

    def put(self, provider: Provider, point: Point[Any], value: Any) -> None:
        """Publishes a value of our own."""
        provider.put(point, value)

    def carry_out_at(self, provider: Provider, actions: Iterable[Action], now: float) -> None:
        """Does what a server behaviour answered to the program around us."""
        self._server.carry_out(provider, actions, now)

    # --- stimuli

    def link_up(self, ski: str, session: Session, now: float) -> None:
        """A connection reached data exchange; its session replaces an earlier one."""
        self.link_down(ski, now)
        self._client.link_up(ski, session)

    def link_down(self, ski: str, now: float) -> None:
        """The connection is gone: everything of the peer is forgotten, which is not an unplugged car."""
        self._client.link_down(ski, now)
        self._server.link_down(ski, now)

    def session_event(self, ski: str, session: Session, event: spine.Event, now: float) -> None:
        """Handles what a session reports."""
        partner = self.partners.get(ski)
        if partner is None or partner.session is not session or not session.open:
            return
        match event:
            case spine.DataChanged():
                self._client.data_changed(ski, partner, event, now)
                remote = session.remote.entities.get(event.feature.entity)
                if event.function == STATE.name and remote is not None:
                    self._server.guard_state(ski, remote, now)
            case spine.HeartbeatReceived(entity, timeout_s):
                self._events.append(Heartbeat(ski, entity.path, timeout_s))
                self._server.heartbeat(ski, entity.path, now)
                self._client.heartbeat(ski, partner, entity.path, now)
            case spine.WriteRequested():
                self._server.write_requested(ski, session, event, now)
            case spine.Answered():
                self._client.answered(ski, partner, event, now)
            case spine.Settled():
                self._client.settled(ski, partner, now)
                for local in list(self.device.entities.values()):
                    self.guards.follow(local, session, now)
            case spine.EntityAdded(entity):
                self._events.append(EntityChanged(ski, entity, True))
            case spine.EntityRemoved():
                self._client.entity_removed(ski, partner, event)
            case spine.RelationChanged():
                self._relation_changed(ski, session, event, now)
            case spine.Mute(waited_s):
                self._events.append(PeerMute(ski, waited_s))

    def handle_timer(self, now: float) -> None:
        """Handles every deadline of heartbeats and behaviours that passed."""
        self.heartbeats.handle_timer(now)
        self._server.handle_timer(now)
        self._client.handle_timer(now)

    def next_deadline(self) -> float | None:
        """The earliest deadline of heartbeats and behaviours."""
        return earliest(
            self.heartbeats.next_deadline(),
            self._server.next_deadline(),
            self._client.next_deadline(),
        )

    def next_event(self) -> RoleEvent | None:
        """Drains the events."""
        return self._events.popleft() if self._events else None

    def take_touched(self) -> set[str]:
        """Peers whose sessions have something to send since the last call."""
        touched, self.device.touched = self.device.touched, set()
        return touched

    def _relation_changed(
        self, ski: str, session: Session, event: spine.RelationChanged, now: float
    ) -> None:
        local = self.device.entities.get(event.feature.entity)
        if local is None:
            return
        if event.kind == Kind.BINDING:
            self._server.bindings_changed(local, session, now)
        elif event.granted and event.feature.type == HEARTBEAT.feature:
            # A guard that waits for a notify gets one at once.
            self.heartbeats.beat_now(local.path, now, only=ski)
            self._client.heartbeat_subscribed(ski, local, now)

    # --- announcing

    def _hold_client_points(
        self, use_case: UseCase, entity: LocalEntity, wanted: Entity, now: float
    ) -> None:
        shelf = Shelf(self.device, entity)
        for point in use_case.client_points:
            point.describe(shelf)
            if isinstance(point, StatePoint):
                point.publish(shelf, NORMAL_OPERATION)
            if isinstance(point, HeartbeatPoint):
                timeout_s = wanted.heartbeat_timeout_s or use_case.heartbeat_timeout_s
                self.heartbeats.start(entity, timeout_s or HEARTBEAT_TIMEOUT_S, now)

    def _announced(self) -> list[LocalUseCase]:
        return [
            LocalUseCase(
                entity.path,
                actor,
                use_case.name,
                use_case.version,
                use_case.sub_revision,
                scenarios,
            )
            for use_case, entity, actor, scenarios in self._sides()
        ]

    def _sides(self) -> Iterable[tuple[UseCase, LocalEntity, str, tuple[int, ...]]]:
        for use_case, entity in self.clients.items():
            for actor in use_case.clients:
                yield use_case, entity, actor.name, use_case.client_numbers(actor)
        for provider in self.providers:
            use_case = provider.use_case
            yield use_case, provider.entity, use_case.server.name, provider.scenarios
